r"""Tensors of numbers that store some grades only: a vector of Cl(4, 1) is 5 numbers, a rotor 16.

A type says its algebra and its grades. What comes out of a product follows from those of the
factors, and nothing is multiplied that is known to be 0: every result is that of all components,
`x.dense()`, without the zeros.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import count
from threading import RLock
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple
from weakref import WeakValueDictionary

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Bilinear
from hypercomplex.algebra import grades as planning
from hypercomplex.door.calls import Typed
from hypercomplex.door.keywords import call
from hypercomplex.door.registry import meaning_by_grade, meaning_of
from hypercomplex.door.values import alias
from hypercomplex.geometric import duality, products, versors
from hypercomplex.geometric import grades as parts
from hypercomplex.host.batches import batches_of
from hypercomplex.host.files import files_may_call
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.leaves import typed
from hypercomplex.host.mode import can_be_read, compiler_looks, compiler_reads
from hypercomplex.host.overrides import as_components
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering.constants import constant
from hypercomplex.rules import refusal
from hypercomplex.tensor import HypercomplexTensor, tensor_type
from hypercomplex.typed import TypedTensor, from_file, is_parameter

__all__ = ["MultivectorTensor", "graded", "multivector", "multivector_type"]

Grades = int | str | Iterable[int]


class MultivectorTensor(TypedTensor):
    r"""A tensor of multivectors that hold some grades only; `multivector_type` makes its subclass.

    `shape`, `len`, indices and axes count numbers. The components are those of the blades of these
    grades, in the order of the basis of the algebra; all others are 0, and neither stored nor
    multiplied.

    | operator | | method |
    |---|---|---|
    | `a * b` | the geometric product; real factors scale | |
    | `a ^ b` | the exterior product, $a \wedge b$ | `wedge` |
    | `a | b` | the inner product, grade $\lvert r - s \rvert$ | |
    | `a & b` | the regressive product, $a \vee b$ | `regressive` |
    | `a << b` | the left contraction, $a \rfloor b$ | `left_contraction` |
    | `a >> b` | the sandwich, $a\,b\,\tilde a$ | `sandwich` |
    | `~a` | the reverse, $\tilde a$ | `reverse` |
    | `a + b`, `a - b` | of all grades that one of them holds; a real number is of grade 0 | |
    | `a / b` | $a\,b^{-1}$ | `inverse` |
    | `a ** n` | whole powers | |
    | `a @ b` | the product of matrices of numbers, as everywhere in torch | |

    Attributes:
        algebra: the algebra.
        grades: the grades that are stored.
        places: where the components stand in the basis of the algebra.
        width: how many they are.

    Args:
        data: the components on the last axis, `(…, width)`, as a tensor (shared, not copied), an
            array or nested lists; or a list of tensors of this type, to stack.
        dtype: the floating-point type of the components.
        device: where they live.
        requires_grad: whether autograd records operations on the new leaf.

    Raises:
        TypeError: if the components are complex, `dtype` is not a floating-point type, or
            `MultivectorTensor` itself is called.
        ValueError: if the last axis does not hold `width` components.

    Example:
        >>> Vector = hc.multivector_type(hc.clifford(3), "vector")
        >>> a, b = Vector([1., 2, 0]), Vector([0., 1, 0])
        >>> a * b
        Cl_3_0Even(2+1*e12+0*e13+0*e23, shape=(), dtype=torch.float32)
        >>> a ^ b
        Cl_3_0Bivector(1*e12+0*e13+0*e23, shape=(), dtype=torch.float32)
    """

    made_by = "multivector_type(algebra, grades)(data)"
    grades: ClassVar[tuple[int, ...]]
    dense_type: ClassVar[type[HypercomplexTensor]]
    places: ClassVar[tuple[int, ...]]

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        meaning = meaning_by_grade(func)
        if meaning is None:
            raise refusal_by_grade(func, cls)
        if meaning.family == "metadata" and compiler_looks():
            with as_components():
                return func(*args, **(kwargs or {}))
        for other in types:
            if other is not cls and issubclass(other, Typed):
                _check_together(cls, other, meaning.family)
        with as_components():
            return call(meaning, func, cls, args, kwargs)

    # ------------------------------------------------------------------ grades

    def dense(self) -> Any:
        """All components, the missing ones 0: a `HypercomplexTensor`, which knows all of torch.

        Example:
            >>> hc.multivector([1., 2], hc.clifford(2), "vector").dense()
            Cl_2_0Tensor(0+1*e1+2*e2+0*e12, shape=(), dtype=torch.float32)
        """
        whole = kind_of(type(self), "multivector")
        return typed(whole.dense_type, regraded(self.components, type(self), whole.cls))

    def grade(self, grades: Grades) -> Any:
        """The part of these grades, 0 where they are not stored.

        Example:
            >>> rotor = hc.multivector([0.6, 0.8], hc.clifford(2), "even")
            >>> rotor.grade(2)
            Cl_2_0Bivector(0.8*e12, shape=(), dtype=torch.float32)
        """
        cls = kind_of(type(self), _hashable(grades)).cls
        return typed(cls, regraded(self.components, type(self), cls))

    def with_grades(self, grades: Grades) -> Any:
        """The same numbers in a type that holds more grades.

        Raises:
            ValueError: if a stored grade is not among them; `grade` leaves it out.

        Example:
            >>> hc.multivector([1., 2], hc.clifford(2), "vector").with_grades((0, 1))
            Cl_2_0Grades_0_1(0+1*e1+2*e2, shape=(), dtype=torch.float32)
        """
        cls = multivector_type(self.algebra, grades)
        if not {*self.grades} <= {*cls.grades}:
            raise ValueError(
                f"`grades` (={cls.grades}) leave out some of the {self.grades} that a "
                f"{type(self).__name__} holds; say so with q.grade(…)"
            )
        return self.grade(cls.grades)

    # ------------------------------------------------------------------ signs and duals

    def reverse(self) -> Any:
        r"""All factors in the opposite order, $\tilde x$; `geometric.reverse`."""
        return _ask(parts.reverse, self)

    def involute(self) -> Any:
        r"""All vectors reflected in the origin, $\hat x$; `geometric.involute`."""
        return _ask(parts.involute, self)

    def conjugate(self) -> Any:
        r"""The Clifford conjugate, $\bar x$; `geometric.conjugate`."""
        return _ask(parts.conjugate, self)

    def hodge(self) -> Any:
        """The complement, whatever the metric; `geometric.hodge`."""
        return _ask(duality.hodge, self)

    def unhodge(self) -> Any:
        """The inverse of `hodge`; `geometric.unhodge`."""
        return _ask(duality.unhodge, self)

    def dual(self) -> Any:
        """The dual that the algebra has; `geometric.dual`."""
        return _ask(duality.dual, self)

    def undual(self) -> Any:
        """The inverse of `dual`; `geometric.undual`."""
        return _ask(duality.undual, self)

    # ------------------------------------------------------------------ products

    def wedge(self, other: Any) -> Any:
        r"""The exterior product, $a \wedge b$; `geometric.wedge`."""
        return _ask(products.wedge, self, other)

    def regressive(self, other: Any) -> Any:
        r"""The regressive product, $a \vee b$; `geometric.regressive`."""
        return _ask(products.regressive, self, other)

    def left_contraction(self, other: Any) -> Any:
        r"""The left contraction, $a \rfloor b$; `geometric.left_contraction`."""
        return _ask(products.left_contraction, self, other)

    def right_contraction(self, other: Any) -> Any:
        r"""The right contraction, $a \lfloor b$; `geometric.right_contraction`."""
        return _ask(products.right_contraction, self, other)

    def scalar_product(self, other: Any) -> Any:
        r"""The scalar product, $\langle a b \rangle_0$, real; `geometric.scalar_product`."""
        return _ask(products.scalar_product, self, other)

    def commutator(self, other: Any) -> Any:
        """The commutator product, (ab - ba) / 2; `geometric.commutator`."""
        return _ask(products.commutator, self, other)

    def anticommutator(self, other: Any) -> Any:
        """The anticommutator product, (ab + ba) / 2; `geometric.anticommutator`."""
        return _ask(products.anticommutator, self, other)

    def sandwich(self, other: Any, grades: Grades | None = None) -> Any:
        r"""The product $x\,y\,\tilde x$, of the grades that can come out or of those asked for.

        A versor keeps every grade, so `grades` may be those of `other`; what is no versor need not.

        Example:
            >>> rotor = hc.multivector([0.6, 0.8], hc.clifford(2), "even")
            >>> rotor >> hc.multivector([1., 0], hc.clifford(2), "vector")
            Cl_2_0Vector(-0.28*e1-0.96*e2, shape=(), dtype=torch.float32)
        """
        if grades is None:
            return self >> other
        if not isinstance(other, MultivectorTensor):
            return (self >> other).grade(grades)
        return sandwiched(self, other, multivector_type(self.algebra, grades))

    def project(self, onto: Any) -> Any:
        r"""The projection onto a blade, $(a \cdot B)\, B^{-1}$; `geometric.project`."""
        return _ask(versors.project, self, onto)

    def inverse(self) -> Any:
        r"""The inverse, $x\,x^{-1} = 1$, of the grades that powers of x have.

        Example:
            >>> hc.multivector([0., 2], hc.clifford(2), "vector").inverse()
            Cl_2_0Vector(0*e1+0.5*e2, shape=(), dtype=torch.float32)
        """
        return self.reciprocal()

    # ------------------------------------------------------------------ Python's protocols

    def __rxor__(self, other: Any) -> Any:
        return _ask(products.wedge, other, self)

    def __ror__(self, other: Any) -> Any:
        return _ask(products.inner, other, self)

    def __rand__(self, other: Any) -> Any:
        return _ask(products.regressive, other, self)

    def __rlshift__(self, other: Any) -> Any:
        return _ask(products.left_contraction, other, self)

    def __rrshift__(self, other: Any) -> Any:
        return _ask(versors.sandwich, other, self)

    def _remade(self, components: Tensor) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        parts = (self.algebra, self.grades, components, self.requires_grad, is_parameter(self))
        return _rebuild_graded, parts


def multivector_type(algebra: Algebra, grades: Grades) -> type[MultivectorTensor]:
    """The type of multivectors of some grades: always the same class for equal arguments.

    Args:
        algebra: a Clifford algebra, such as `clifford(4, 1)`.
        grades: a grade, several, or a word: "scalar", "vector", "bivector", "trivector",
            "pseudoscalar", "even", "odd", or "multivector" for all of them.

    Raises:
        ValueError: if the algebra has no such grade, or no grades.
        TypeError: if `algebra` is not an `Algebra`, or a grade is no integer.

    Example:
        >>> Vector = hc.multivector_type(hc.clifford(4, 1), 1)
        >>> Vector(torch.zeros(10, 5)).shape
        torch.Size([10])
        >>> hc.multivector_type(hc.CGA, "even").width
        16
    """
    if not isinstance(algebra, Algebra):
        raise TypeError(f"`algebra` (={algebra!r}) must be an Algebra, such as clifford(3)")
    found = _prepared(algebra, _hashable(grades))
    kind: type[MultivectorTensor] = tensor_type(algebra).by_grades[found]  # type: ignore[attr-defined]
    return kind


def multivector(
    data: Any,
    algebra: Algebra,
    grades: Grades,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    requires_grad: bool = False,
) -> Any:
    """Multivectors of these components: `multivector_type(algebra, grades)(data)`.

    Example:
        >>> hc.multivector([1., 2, 3], hc.clifford(3), "vector")
        Cl_3_0Vector(1*e1+2*e2+3*e3, shape=(), dtype=torch.float32)
    """
    cls = multivector_type(algebra, grades)
    return cls(data, dtype=dtype, device=device, requires_grad=requires_grad)


def graded(q: HypercomplexTensor, grades: Grades, *, drop: bool = False) -> Any:
    """The numbers of a Clifford algebra in a type that stores these grades only.

    Args:
        q: typed numbers, of all components.
        grades: the grades to store.
        drop: whether what is of other grades is left out. If not, it must be 0.

    Raises:
        ValueError: if another component is not 0, or cannot be looked at, as in compiled code.

    Example:
        >>> q = hc.tensor_type(hc.clifford(2))([0., 3, 4, 0])
        >>> hc.geometric.graded(q, 1)
        Cl_2_0Vector(3*e1+4*e2, shape=(), dtype=torch.float32)
    """
    if not isinstance(q, HypercomplexTensor):
        raise TypeError(
            f"`q` is a {type(q).__name__}, but must be a HypercomplexTensor; for components call "
            "multivector(x, algebra, grades)"
        )
    if not isinstance(drop, bool):
        raise TypeError(f"`drop` (={drop!r}) must be True or False")
    whole = multivector_type(q.algebra, "multivector")(q.components)
    part = whole.grade(grades)
    if drop:
        return part
    if not can_be_read(part.components):
        raise ValueError(
            "`drop` must be True where components cannot be looked at, as in compiled code"
        )
    if bool((whole != part).any()):
        raise ValueError(
            f"`q` holds more than the grades {part.grades}; pass drop=True if the rest may be left "
            "out, or name all grades that it holds"
        )
    return part


# ---------------------------------------------------------------------- what rules share


def _ask(function: Callable[..., Any], *numbers: Any) -> Any:
    """A function of numbers, which know their algebra."""
    return function(*numbers)


class Planned(NamedTuple):
    """How numbers of two types are multiplied: the map of components, and the type it gives."""

    map: Bilinear
    kind: type[MultivectorTensor]


class Kind(NamedTuple):
    """A type and that of all components, as torch's compiler can read them."""

    cls: type[MultivectorTensor]
    dense_type: type[HypercomplexTensor]


@known_when_traced
def planned(
    left: type[MultivectorTensor],
    right: type[MultivectorTensor],
    name: str,
    keep: tuple[int, ...] | None = None,
) -> Planned:
    """The product of that name, of `Blades` or "product", for numbers of these types."""
    product = planning.product(left.algebra, name, left.grades, right.grades, keep)
    return Planned(product.map, multivector_type(left.algebra, product.grades))


@known_when_traced
def kind_of(cls: type[Typed], grades: int | str | tuple[int, ...] | None = None) -> Kind:
    """The type of some grades of the algebra that a type has; the type itself without any."""
    if grades is None and issubclass(cls, MultivectorTensor):
        return Kind(cls, cls.dense_type)
    kind = multivector_type(cls.algebra, "multivector" if grades is None else grades)
    return Kind(kind, kind.dense_type)


def algebra_of_type(cls: type[Typed]) -> Algebra:
    """The algebra of a type, as functions of ours may take it in code that is compiled, too: the
    compiler must know where an object stands.
    """
    if not compiler_reads():
        return cls.algebra
    found: Algebra = getattr(_traced, _to_be_traced(cls))
    return found


_traced = SimpleNamespace()


@known_when_traced
def _to_be_traced(cls: type[Typed]) -> str:
    setattr(_traced, cls.__name__, cls.algebra)
    return cls.__name__


def regraded(x: Tensor, held: type[MultivectorTensor], wanted: type[MultivectorTensor]) -> Tensor:
    """The components that another type stores, 0 where this one holds none."""
    if wanted.places == held.places:
        return alias(x)
    index = x.new_empty((), dtype=torch.int64)
    places = constant(_places, algebra_of_type(held), index, held.places, wanted.places)
    missing = any(place not in held.places for place in wanted.places)
    return (torch.constant_pad_nd(x, (0, 1)) if missing else x).index_select(-1, places)


def _places(_: Algebra, held: tuple[int, ...], wanted: tuple[int, ...]) -> list[int]:
    """Where components stand among those that are held, or behind them."""
    return [held.index(place) if place in held else len(held) for place in wanted]


def signed(x: Tensor, held: type[MultivectorTensor], signs: str) -> Tensor:
    """Each component times its sign, among the signs of that name of `Blades`."""
    return x * constant(_signs, algebra_of_type(held), x, signs, _signs_of(held, signs))


@known_when_traced
def _signs_of(held: type[MultivectorTensor], signs: str) -> tuple[int, ...]:
    whole = getattr(held.algebra.blades, signs)
    return tuple(whole[place] for place in held.places)


def _signs(_: Algebra, __: str, signs: tuple[int, ...]) -> list[int]:
    return list(signs)


def sandwiched(a: Any, b: Any, wanted: type[MultivectorTensor] | None = None) -> Any:
    r"""$a\,b\,\tilde a$, of the grades that can come out, or of some."""
    half, whole = _planned_sandwich(type(a), type(b), wanted)
    with as_components():
        left = multiply(a, b, half.map)
        result = multiply(left, signed(a, type(a), "reverse"), whole.map)
        if wanted is None:
            return typed(whole.kind, result)
        return typed(wanted, regraded(result, whole.kind, wanted))


@known_when_traced
def _planned_sandwich(
    a: type[MultivectorTensor],
    b: type[MultivectorTensor],
    wanted: type[MultivectorTensor] | None,
) -> tuple[Planned, Planned]:
    possible = planning.sandwich_grades(a.algebra, a.grades, b.grades)
    kept = tuple(k for k in possible if wanted is None or k in wanted.grades)
    half = planned(a, b, "product")
    return half, planned(half.kind, a, "product", kept)


def _check_together(cls: Any, other: Any, family: str) -> None:
    """Refuse other algebras, and other grades where they are not expected."""
    if _differ(cls, other):
        raise RuntimeError(
            f"{cls.__name__} and {other.__name__} do not combine: {cls.algebra} and "
            f"{other.algebra} are different algebras"
        )
    if family != "graded":
        raise RuntimeError(
            f"{cls.__name__} and {other.__name__} hold different grades; bring them to the same "
            "ones with q.with_grades(…), or q.dense()"
        )


@known_when_traced
def _differ(cls: Any, other: Any) -> bool:
    return bool(other.algebra != cls.algebra)


def refusal_by_grade(function: Callable[..., Any], cls: Any) -> Exception:
    """The error of a call that numbers of some grades refuse."""
    if meaning_of(function) is None:
        return refusal(function, cls)
    name = getattr(function, "__name__", "this function")
    return NotImplementedError(
        f"{name} is refused for {cls.__name__}: it is a function of all components of a number of "
        f"{cls.algebra}, not of some grades; call it with q.dense()"
    )


# ---------------------------------------------------------------------- the types

_named: WeakValueDictionary[str, type[MultivectorTensor]] = WeakValueDictionary()
_making = RLock()
_numbers = count(2)


def _hashable(grades: Grades) -> int | str | tuple[int, ...]:
    if isinstance(grades, (int, str)):
        return grades
    if isinstance(grades, Tensor) or not isinstance(grades, Iterable):
        raise TypeError(f"`grades` (={grades!r}) must be integers, or a word such as 'even'")
    return tuple(grades)


@known_when_traced
def _prepared(algebra: Algebra, grades: int | str | tuple[int, ...]) -> tuple[int, ...]:
    """The grades in order, and their type kept beside that of all components, if need be made."""
    dense, found = tensor_type(algebra), planning.named_grades(algebra, grades)
    with _making:
        if "by_grades" not in vars(dense):
            dense.by_grades = {}  # type: ignore[attr-defined]
        known = dense.by_grades  # type: ignore[attr-defined]
        if found not in known:
            known[found] = _make_type(dense, found)
    return found


def _make_type(dense: type[HypercomplexTensor], grades: tuple[int, ...]) -> Any:
    """A subclass named after the algebra and the grades, with a number where another is."""
    algebra, word = dense.algebra, _word(dense.algebra, grades)
    places = algebra.blades.places(grades)
    stem = re.sub(r"Tensor(_\d+)?$", "", dense.__name__)
    name = f"{stem}{word}"
    while name in _named or name in globals():
        name = f"{stem}{word}_{next(_numbers)}"
    body = {
        "algebra": algebra,
        "grades": grades,
        "places": places,
        "width": len(places),
        "kind": f"the grades {', '.join(map(str, grades))} of {algebra}",
        "dense_type": dense,
        "__module__": __name__,
        "__doc__": f"A tensor of the grades {grades} of {algebra}.",
    }
    cls = type(name, (MultivectorTensor,), body)
    _named[name] = cls
    return cls


def _word(algebra: Algebra, grades: tuple[int, ...]) -> str:
    """What the grades are called, or their numbers."""
    highest = algebra.blades.generators
    for word in planning.words(highest):
        if planning.named_grades(algebra, word) == grades:
            return word.title()
    return "_".join(["Grades", *map(str, grades)])


def __getattr__(name: str) -> Any:
    """The types that exist, for pickles of a type and for compilers."""
    known = _named.get(name)
    if known is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return known


# ---------------------------------------------------------------------- files


def _rebuild_graded(
    algebra: Any, grades: Any, components: Any, requires_grad: Any, parameter: Any
) -> Any:
    """What pickles; the type is found again."""
    type_of = partial(multivector_type, grades=grades)
    return from_file(type_of, algebra, components, requires_grad, parameter)


batches_of(MultivectorTensor)
files_may_call([_rebuild_graded])
