r"""The language of laws: equations between products of variables, read from text.

    law       sentence and sentence …
    sentence  sum = sum = …
    sum       terms, with + and -
    term      a number, and one factor or two side by side: 2xy, x(yz)/3; three need parentheses
    factor    a letter; (sum); factor^2, its square; [sum, sum], the commutator ab - ba;
              (sum, sum, sum), the associator (ab)c - a(bc); x̄ or conj(sum), the conjugate;
              Re(sum), the real part; N(sum), the norm Re(a ā)
    number    2, 1/2; alone in a term, so many times 1

A side is read as a polynomial: trees of products, with coefficients. Real parts and norms are
numbers, which may stand before other factors.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn
from unicodedata import normalize

__all__ = [
    "ONE",
    "Polynomial",
    "Tree",
    "degrees",
    "homogeneous",
    "leaves",
    "sentences",
    "variables",
]

Tree = tuple[Any, ...]
"""`(letter,)`, `("1",)`, `("product", a, b)`, `("conj", a)` or `("Re", a)`; `a`, `b` are trees."""
Polynomial = dict[Tree, Fraction]
ONE: Tree = ("1",)

_TOKENS = re.compile(r"conj\b|Re\b|N(?=\s*\()|\d+|[a-z]|\S")
_SPELLINGS = {"²": "^2", "−": "-", "·": "*", "\u0305": "\u0304"}


@lru_cache(256)
def sentences(law: str) -> tuple[Polynomial, ...]:
    """What must vanish for a law to hold, sentence by sentence.

    Raises:
        ValueError: if it cannot be read, or means more than one thing.
        TypeError: if it is no text.

    Example:
        >>> sentences("xy = yx and x^2 = 0")[1]
        {('product', ('x',), ('x',)): Fraction(1, 1)}
    """
    if not isinstance(law, str):
        raise TypeError(f'`law` (={law!r}) must be a text such as "x(xy) = (xx)y"')
    text = normalize("NFD", law)
    for spelling, meaning in _SPELLINGS.items():
        text = text.replace(spelling, meaning)
    found: list[Polynomial] = []
    for sentence in re.split(r"\band\b", text):
        sides = [_Reader(law, side).whole() for side in sentence.split("=")]
        if len(sides) < 2:
            raise ValueError(f"`law` (={law!r}) must be made of equations, such as xy = yx")
        found += [_sum(sides[0], side, -1) for side in sides[1:]]
    return tuple(found)


def leaves(tree: Tree) -> Iterable[str]:
    """The letters of a tree, from left to right."""
    if len(tree) == 1:
        return () if tree == ONE else tree
    return (letter for branch in tree[1:] for letter in leaves(branch))


def variables(polynomial: Polynomial) -> tuple[str, ...]:
    """The letters of a polynomial, by the alphabet."""
    return tuple(sorted({letter for tree in polynomial for letter in leaves(tree)}))


def degrees(tree: Tree) -> tuple[tuple[str, int], ...]:
    """How often each letter is a factor."""
    return tuple(sorted(Counter(leaves(tree)).items()))


def homogeneous(polynomial: Polynomial) -> list[Polynomial]:
    """The parts in which each variable has one degree: all vanish where the sum always does."""
    parts: dict[tuple[tuple[str, int], ...], Polynomial] = {}
    for tree, c in polynomial.items():
        parts.setdefault(degrees(tree), {})[tree] = c
    return list(parts.values())


# ---------------------------------------------------------------------- polynomials


def _sum(a: Polynomial, b: Polynomial, factor: Any = 1) -> Polynomial:
    total = {tree: a.get(tree, 0) + factor * b.get(tree, Fraction(0)) for tree in {**a, **b}}
    return {tree: c for tree, c in total.items() if c}


def _product(a: Polynomial, b: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for s, c in a.items():
        for t, d in b.items():
            tree = t if s == ONE else s if t == ONE else ("product", s, t)
            total = _sum(total, {tree: c * d})
    return total


def _applied(what: str, a: Polynomial) -> Polynomial:
    return {(what, tree): c for tree, c in a.items()}


def _is_number(a: Polynomial) -> bool:
    """Whether the values are multiples of 1, which commute and associate with everything."""
    return all(tree == ONE or tree[0] == "Re" or _is_scaled(tree) for tree in a)


def _is_scaled(tree: Tree) -> bool:
    return tree[0] == "product" and all(_is_number({t: Fraction(1)}) for t in tree[1:])


@dataclass
class _Reader:
    """Reads one side of an equation, by descent."""

    law: str
    side: str

    def __post_init__(self) -> None:
        self.tokens = _TOKENS.findall(self.side)
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def took(self, *tokens: str) -> bool:
        found = bool(self.next) and self.next in tokens
        self.at += found
        return found

    def fail(self, why: str) -> NoReturn:
        if not self.tokens:
            raise ValueError(f"`law` (={self.law!r}) has nothing on one side of an equation")
        before = "".join(self.tokens[: self.at])
        place = f"after {before + '…'!r}" if before else f"where {self.side.strip()!r} begins"
        raise ValueError(f"`law` (={self.law!r}) {why}, {place}")

    def expect(self, token: str) -> None:
        if not self.took(token):
            self.fail(f"must have {token!r}, not {self.next or 'its end'!r}")

    def whole(self) -> Polynomial:
        found = self.sum()
        if self.next:
            self.fail(f"cannot have {self.next!r} there")
        return found

    def sum(self) -> Polynomial:
        sign = -1 if self.took("-") else 1
        self.took("+")
        total = _sum({}, self.term(), sign)
        while self.next in ("+", "-") and self.next:
            sign = 1 if self.took("+") else -1
            self.took("-")
            total = _sum(total, self.term(), sign)
        return total

    def term(self) -> Polynomial:
        coefficient, number, factors = Fraction(1), {ONE: Fraction(1)}, []
        start = self.at
        while True:
            if self.next.isdigit():
                coefficient *= int(self.next)
                self.at += 1
            elif self.took("/"):
                coefficient /= self.divisor()
            elif (factor := self.factor()) is None:
                break
            elif _is_number(factor):
                number = _product(number, factor)
            else:
                factors.append(factor)
            self.took("*")
        if len(factors) > 2:
            self.crowded("".join(self.tokens[start : self.at]), len(factors))
        if self.at == start:
            self.fail("must have a term there")
        if factors:
            number = _product(number, _product(*factors) if len(factors) == 2 else factors[0])
        return _sum({}, number, coefficient)

    def crowded(self, text: str, factors: int) -> NoReturn:
        raise ValueError(
            f"`law` (={self.law!r}) has {factors} factors side by side, {text!r}: products are of "
            "two, as in (xy)z = x(yz)"
        )

    def divisor(self) -> int:
        found = int(self.next) if self.next.isdigit() else 0
        if not found:
            self.fail("can be divided by positive integers only")
        self.at += 1
        return found

    def factor(self) -> Polynomial | None:
        found = self.atom()
        while found is not None and self.took("^"):
            if not self.took("2"):
                self.fail("has a power other than ^2: write (xx)x or x(xx)")
            found = _product(found, found)
        return found

    def atom(self) -> Polynomial | None:
        token = self.next
        if re.fullmatch("[a-z]", token):
            self.at += 1
            letter: Polynomial = {(token,): Fraction(1)}
            return _applied("conj", letter) if self.took("\u0304") else letter
        if self.took("conj", "Re", "N"):
            self.expect("(")
            inside = self.sum()
            self.expect(")")
            if token == "N":
                return _applied("Re", _product(inside, _applied("conj", inside)))
            return _applied(token, inside)
        if self.took("["):
            a, b = self.sums(2, "]")
            return _sum(_product(a, b), _product(b, a), -1)
        if self.took("("):
            first, *rest = self.sums(3, ")", 1)
            if not rest:
                return first
            b, c = rest
            return _sum(_product(_product(first, b), c), _product(first, _product(b, c)), -1)
        return None

    def sums(self, most: int, end: str, least: int | None = None) -> list[Polynomial]:
        """Several sums with commas between."""
        found = [self.sum()]
        while self.took(","):
            found.append(self.sum())
        if len(found) not in (most, least):
            self.fail(f"has {len(found)} terms between brackets: take [x, y] or (x, y, z)")
        self.expect(end)
        return found
