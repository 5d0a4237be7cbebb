"""Functions that mean what they always do: their rules know only how many components there are."""

from __future__ import annotations

from hypercomplex.door.registry import (
    Meaning,
    Rule,
    by_grade,
    meaning_by_grade,
    meanings,
    rule_of,
    spellings,
)
from hypercomplex.host import transforms  # noqa: F401 (whose functions have rules)

__all__ = ["register"]

_FAMILIES = ("shape", "linear", "metadata")
"""The families whose rules ask for nothing but the number of components."""
_LENGTHS = (
    "abs absolute sgn sgn_ linalg.vector_norm nn.functional.normalize renorm renorm_ dist cdist "
    "pdist norm_except_dim native_norm resolve_conj nn.functional.l1_loss nn.functional.mse_loss "
    "nn.functional.smooth_l1_loss nn.functional.huber_loss nn.functional.softsign"
)
"""Functions of lengths and differences, of which the same is true."""


def register() -> None:
    """Give these functions their rules, unless they have one by grade."""
    for function in spellings(_LENGTHS):
        by_grade(function, Meaning("involution", rule_of(function)))  # type: ignore[arg-type]
    for function, meaning in meanings():
        if getattr(function, "__name__", "").startswith("_foreach_"):  # what each function means
            by_grade(function, Meaning("graded", meaning.rule))
        elif meaning_by_grade(function) is None and _is_the_same(function, meaning):
            by_grade(function, meaning)


def _is_the_same(function: Rule, meaning: Meaning) -> bool:
    """Whether the rule is of one of these families, or a function of ours about tensors as such."""
    module = str(getattr(function, "__module__", ""))
    return meaning.family in _FAMILIES or module.startswith("hypercomplex.host")
