"""Duals."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypercomplex.geometric import duality
from hypercomplex.geometric.by_grade.parts import with_signs
from hypercomplex.geometric.by_grade.patterns import of_one
from hypercomplex.geometric.multivector import Kind, MultivectorTensor, kind_of, planned, signed
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.leaves import typed
from hypercomplex.kernels.product import multiply


def _complement(x: Any, signs_first: bool) -> Any:
    kind = _of_complements(type(x)).cls
    if signs_first:
        return typed(kind, signed(x, type(x), "complement_signs").flip(-1))
    return with_signs(typed(kind, x.flip(-1)), "complement_signs")


@known_when_traced
def _of_complements(cls: type[MultivectorTensor]) -> Kind:
    highest = cls.algebra.blades.generators
    return kind_of(cls, tuple(highest - k for k in cls.grades))


def _by_the_pseudoscalar(x: Any, which: str) -> Any:
    plan = planned(type(x), kind_of(type(x), 0).cls, which)
    return typed(plan.kind, multiply(x, x.new_ones(1), plan.map))


@known_when_traced
def _has_polarity(cls: type[MultivectorTensor]) -> bool:
    return bool(cls.algebra.blades.pseudoscalar_square)


def _dual(x: Any) -> Any:
    return _by_the_pseudoscalar(x, "polarity") if _has_polarity(type(x)) else _complement(x, True)


def _undual(x: Any) -> Any:
    if _has_polarity(type(x)):
        return _by_the_pseudoscalar(x, "unpolarity")
    return _complement(x, False)


of_one(duality.hodge, partial(_complement, signs_first=True))
of_one(duality.unhodge, partial(_complement, signs_first=False))
of_one(duality.polarity, partial(_by_the_pseudoscalar, which="polarity"))
of_one(duality.unpolarity, partial(_by_the_pseudoscalar, which="unpolarity"))
of_one(duality.dual, _dual)
of_one(duality.undual, _undual)
