r"""Which grades a number holds, and which come out of what is done to it.

Numbers that hold some grades only are multiplied by the blades of these alone. What comes out of a
product follows from the table; of $x\,y\,\tilde x$ and of functions of one number, from reversal
besides: whatever $x$ is, it is reversed as $y$ is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import Bilinear, trusted

__all__ = [
    "GradedProduct",
    "function_grades",
    "named_grades",
    "product",
    "sandwich_grades",
]

Grades = tuple[int, ...]


class GradedProduct(NamedTuple):
    """A product of numbers of some grades, on their components alone, and the grades it gives."""

    map: Bilinear
    grades: Grades


def named_grades(algebra: Algebra, grades: int | str | Iterable[int]) -> Grades:
    """Grades in order: one, several, or a word.

    Raises:
        ValueError: if the algebra has no such grade, or none is given.
        TypeError: if a grade is no integer.

    Example:
        >>> named_grades(hc.clifford(3), "even"), named_grades(hc.clifford(3), [2, 1])
        ((0, 2), (1, 2))
    """
    highest = algebra.blades.generators
    if isinstance(grades, str):
        found = words(highest).get(grades, ())
    else:
        found = (grades,) if isinstance(grades, int) else tuple(grades)
    if not all(isinstance(grade, int) and not isinstance(grade, bool) for grade in found):
        raise TypeError(f"`grades` (={grades!r}) must be integers, or a word such as 'even'")
    if not found or not all(0 <= grade <= highest for grade in found):
        raise ValueError(
            f"`grades` (={grades!r}) must be some of those of {algebra}, from 0 to {highest}, or "
            f"one of {', '.join(words(highest))}"
        )
    return tuple(sorted({*found}))


def words(highest: int) -> dict[str, Grades]:
    """What grades are called where there are so many, in the order in which a name is looked for.

    Example:
        >>> words(2)["even"], words(2)["bivector"]
        ((0, 2), (2,))
    """
    every = range(highest + 1)
    single = zip(("scalar", "vector", "bivector", "trivector"), every)
    return {word: (grade,) for word, grade in single} | {
        "pseudoscalar": (highest,),
        "even": tuple(every[::2]),
        "odd": tuple(every[1::2]),
        "multivector": tuple(every),
    }


@lru_cache(maxsize=4096)
def product(
    algebra: Algebra, name: str, left: Grades, right: Grades, keep: Grades | None = None
) -> GradedProduct:
    """The product of that name of the algebra or its blades, for numbers of these grades; of its
    parts those of the grades that are kept. A product that is always 0 is of grade 0.

    Example:
        >>> rotors_times_vectors = product(hc.CGA, "product", (0, 2, 4), (1,))
        >>> rotors_times_vectors.map.shape, rotors_times_vectors.grades
        ((16, 5, 16), (1, 3, 5))
    """
    blades = algebra.blades
    whole = algebra.product if name == "product" else getattr(blades, name)
    if keep is not None:
        of = blades.of
        constants = tuple(each for each in whole.constants if of[each[2]] in keep)
        whole = trusted(whole.shape, constants, whole.name)
    map_, grades = blades.between(whole, left, right)
    if not grades:
        return GradedProduct(trusted((*map_.shape[:2], 1), (), map_.name), (0,))
    return GradedProduct(map_, grades)


@lru_cache(maxsize=4096)
def sandwich_grades(algebra: Algebra, versor: Grades, other: Grades) -> Grades:
    r"""The grades of $x\,y\,\tilde x$: those of the product which are reversed as $y$ is, since
    $\widetilde{x y \tilde x} = x \tilde y \tilde x$.

    Example:
        >>> sandwich_grades(hc.CGA, (0, 2, 4), (1,))  # of versors only grade 1 is not 0
        (1, 5)
    """
    found: set[int] = set()
    for grade in other:
        half = product(algebra, "product", versor, (grade,)).grades
        whole = product(algebra, "product", half, versor).grades
        found |= {k for k in whole if _is_reversed(k) == _is_reversed(grade)}
    return tuple(sorted(found)) or (0,)


@lru_cache(maxsize=1024)
def function_grades(algebra: Algebra, grades: Grades) -> Grades:
    r"""The grades of $f(x)$ for a power series f with real coefficients: those of powers of x, and
    of these the ones that reversal keeps, if it keeps x.

    Example:
        >>> function_grades(hc.CGA, (2,)), function_grades(hc.CGA, (1,))
        ((0, 2, 4), (0, 1, 4, 5))
    """
    closed: Grades = tuple(sorted({0, *grades}))
    while (wider := product(algebra, "product", closed, closed).grades) != closed:
        closed = wider
    if any(map(_is_reversed, grades)):
        return closed
    return tuple(grade for grade in closed if not _is_reversed(grade))


def _is_reversed(grade: int) -> bool:
    """Whether reversal changes the sign of a grade."""
    return grade % 4 > 1
