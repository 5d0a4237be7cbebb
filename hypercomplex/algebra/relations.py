"""Associative algebras of generators and relations, such as Hamilton's `i² = j² = k² = ijk = -1`.

A relation is an element of the free algebra, a sum of words. Relations are completed to a Gröbner
basis: each of its leading words, the longest and then the last in order, stands for the rest of its
relation, and where two of them overlap both ways of rewriting give the same. The words without a
leading word inside are then a basis of the algebra.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from heapq import heappop, heappush
from itertools import combinations, groupby, product
from typing import NoReturn

from hypercomplex.algebra import arguments, tables
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.conjugations import natural
from hypercomplex.algebra.laws import known
from hypercomplex.algebra.tables import Coefficient
from hypercomplex.algebra.texts import (
    NAME,
    NUMBER,
    SUPERSCRIPTS,
    check_named,
    equations,
    superscript,
)

__all__ = ["from_relations"]

_POWER = f"[{SUPERSCRIPTS}]+|(?:\\^|\\*\\*)\\d+"
_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_LARGEST = 512
_MOST_WORK = 1_000_000  # letters looked at, some seconds

Word = tuple[int, ...]
"""A product of generators, by their numbers; the empty one is 1."""
Sum = dict[Word, Fraction]


def from_relations(
    relations: str | Sequence[str],
    *,
    generators: Sequence[str] | None = None,
    commuting: bool = False,
    anticommuting: bool = False,
    name: str | None = None,
) -> Algebra:
    """The associative algebra with 1 that some generators generate, with relations between them.

    A relation is an equation between sums of words, products of generators such as `ijk` or `x²y`
    with numbers before them, or of `(ij)³` and such. The units are 1, the generators, and the words
    that the relations do not make sums of others, shortest first. The conjugation is
    `x ↦ 2 Re(x) − x` if that turns products round, else `x ↦ x` if products commute, else there is
    none; another is given to `Algebra` with the same units and products. So the relations of a
    group give numbers that multiply as those of its `group_algebra`, whose conjugation is
    `g ↦ g⁻¹`: the two are isomorphic, but seldom equal.

    Args:
        relations: the equations, as one text with commas, semicolons or line breaks between them,
            or one by one.
        generators: their names in order, the order of the relations if not given; needed where they
            are longer than a letter and digits.
        commuting: whether any two generators commute.
        anticommuting: whether `ba = −ab` for any two.
        name: what messages call the algebra; after its units if not given.

    Raises:
        ValueError: if a relation cannot be read, if generators vanish or are sums of others by the
            relations, or if more than 512 words are left, as where an algebra is infinite.
        TypeError: if an argument is of another kind.

    Example:
        >>> from_relations("i² = j² = k² = ijk = -1") == hc.QUATERNION
        True
        >>> from_relations("x³ = 2").units
        ('1', 'x', 'x²')
        >>> spacetime = from_relations("t² = 1, x² = y² = z² = -1", anticommuting=True)
        >>> spacetime.dimension, str(spacetime.wedderburn)
        (16, 'M₂(ℍ)')
        >>> from_relations("a² = b³ = (ab)² = 1").dimension  # the group of a triangle
        6
        >>> A = from_relations("a³ = 1")  # conj(a) = a
        >>> inverses = (1, 0, 0), (0, 0, 1), (0, 1, 0)  # conj(a) = a²
        >>> cyclic = hc.group_algebra([[0, 1, 2], [1, 2, 0], [2, 0, 1]])
        >>> A == cyclic, hc.Algebra(A.units, A.products, inverses) == cyclic
        (False, True)

    Source:
        T. Mora, *An introduction to commutative and noncommutative Gröbner bases*, Theoretical
        Computer Science 134 (1994), section 4.
    """
    arguments.check_signs(commuting, anticommuting)
    written = equations("relations", relations, "equation", "x³ = 2")
    given = [["".join(side.split()) for side in sides] for sides in written]
    found = dict.fromkeys(n for sides in given for side in sides for n in NAME.findall(side))
    if generators is None:
        check_named("relations", found, "x³ = 2")
    letters = tables.names(tuple(found) if generators is None else generators, "generators")
    read = _Reader(letters)
    vanishing = [_plus(read(side), read(sides[-1]), -1) for sides in given for side in sides[:-1]]
    sign = Fraction(anticommuting - commuting)
    if sign:
        pairs = combinations(range(len(letters)), 2)
        vanishing += [{(b, a): Fraction(1), (a, b): sign} for a, b in pairs]
    basis = _Basis(letters, vanishing)
    words = basis.normal_words()
    units = tuple(_written(word, letters) for word in words)
    constants = tuple(_products(words, basis))
    made = Algebra(units, constants, natural(constants, len(units)), name or tables.listed(units))
    return known(made, "associative")


class _Basis:
    """Relations, each as its leading word and what that is, in which overlaps agree."""

    def __init__(self, letters: Sequence[str], vanishing: Iterable[Sum]) -> None:
        self.letters = letters
        self.rest: dict[Word, Sum] = {}
        self.work = 0
        self._complete(vanishing)

    def _complete(self, vanishing: Iterable[Sum]) -> None:
        """Take what vanishes, and what follows from it, the shortest first."""
        waiting: list[tuple[int, int, Sum]] = []
        number = 0

        def wait(some: Iterable[Sum]) -> None:
            nonlocal number
            for relation in some:
                number += 1
                heappush(waiting, (max(map(len, relation), default=0), number, relation))

        wait(vanishing)
        while waiting:
            relation = self.reduced(heappop(waiting)[2])
            if not relation:
                continue
            lead = max(relation, key=_order)
            rest = {w: -c / relation[lead] for w, c in relation.items() if w != lead}
            self._check(lead, rest)
            older = [w for w in self.rest if _inside(lead, w)]
            wait(_plus({w: Fraction(1)}, self.rest.pop(w), -1) for w in older)
            self.rest[lead] = rest
            for other in self.rest:
                wait(self._overlaps(lead, other))
                if other != lead:
                    wait(self._overlaps(other, lead))

    def _check(self, lead: Word, rest: Sum) -> None:
        """A relation leaves 1 and the generators as they are."""
        if not lead:
            raise ValueError("`relations` contradict each other: that 1 is 0 follows from them")
        if len(lead) == 1:
            what = self.letters[lead[0]]
            value = _shown(rest, self.letters)
            raise ValueError(
                f"`relations` say that {what} is {value}: leave {what} out, or mend the relations"
            )

    def _overlaps(self, a: Word, b: Word) -> Iterator[Sum]:
        """Where `a` ends as `b` begins, the difference of both ways to rewrite the whole."""
        for m in range(1, min(len(a), len(b))):
            if a[-m:] == b[:m]:
                one = {w + b[m:]: c for w, c in self.rest[a].items()}
                yield _plus(one, {a[:-m] + w: c for w, c in self.rest[b].items()}, -1)

    def reduced(self, total: Sum) -> Sum:
        """The same element of the algebra, by words without a leading word inside."""
        done: Sum = {}
        left = dict(total)
        while left:
            word, c = left.popitem()
            self._count(1 + len(word))
            if (found := self._found(word)) is None:
                _add(done, {word: c})
                continue
            start, end = found
            rest = self.rest[word[start:end]]
            _add(left, {word[:start] + w + word[end:]: d for w, d in rest.items()}, c)
        return done

    def _count(self, more: int) -> None:
        self.work += more
        if self.work > _MOST_WORK:
            raise ValueError(
                "`relations` have consequences without end, or too many of them; add relations"
            )

    def _found(self, word: Word) -> tuple[int, int] | None:
        """Where a leading word stands inside a word."""
        places = ((i, i + m) for m in {*map(len, self.rest)} for i in range(len(word) - m + 1))
        return next((at for at in places if word[slice(*at)] in self.rest), None)

    def normal_words(self) -> list[Word]:
        """The words without a leading word inside, shortest first."""
        words: list[Word] = [()]
        longest = words
        while longest:
            more = [(*w, letter) for w in longest for letter in range(len(self.letters))]
            longest = [word for word in more if self._found(word) is None]
            words = [*words, *longest]
            if len(words) > _LARGEST:
                some = ", ".join(_written(w, self.letters) for w in longest[:3])
                raise ValueError(
                    f"`relations` leave more than {_LARGEST} words, such as {some}: the algebra is "
                    "infinite or too large; add relations"
                )
        return words


def _order(word: Word) -> tuple[int, Word]:
    return len(word), word


def _inside(part: Word, word: Word) -> bool:
    m = len(part)
    return any(word[i : i + m] == part for i in range(len(word) - m + 1))


def _plus(a: Sum, b: Sum, factor: Coefficient = 1) -> Sum:
    total = dict(a)
    _add(total, b, factor)
    return total


def _add(total: Sum, more: Sum, factor: Coefficient = 1) -> None:
    """Add to a sum, in place."""
    for word, c in more.items():
        total[word] = total.get(word, Fraction(0)) + factor * c
        if not total[word]:
            del total[word]


def _times(a: Sum, b: Sum) -> Sum:
    total: Sum = {}
    for word, c in a.items():
        _add(total, {word + w: d for w, d in b.items()}, c)
    return total


def _products(words: Sequence[Word], basis: _Basis) -> Iterator[tuple[int, int, int, Coefficient]]:
    """The products of words, each from that with one generator less on the right."""
    places = {word: i for i, word in enumerate(words)}
    times = {
        (word, letter): basis.reduced({(*word, letter): Fraction(1)})
        for word, letter in product(words, range(len(basis.letters)))
    }
    for left in words:
        row: dict[Word, Sum] = {(): {left: Fraction(1)}}
        for right in words:
            if right:
                row[right] = {}
                for word, c in row[right[:-1]].items():
                    _add(row[right], times[word, right[-1]], c)
            for word, c in row[right].items():
                yield places[left], places[right], places[word], plain(c)


# ---------------------------------------------------------------------- text


class _Reader:
    """Reads sums of words of some generators, by descent.

    sum      terms, with + and -
    term     a number, factors, or both: 2xy, x, 1/2
    factor   a generator or (sum), and a power of it: x², (xy)^3
    """

    def __init__(self, letters: Sequence[str]) -> None:
        self.places = {letter: i for i, letter in enumerate(letters)}
        longest_first = sorted(map(re.escape, letters), key=len, reverse=True)
        self.pattern = re.compile("|".join([*longest_first, _POWER, NUMBER, r"\S"]))

    def __call__(self, side: str) -> Sum:
        """The sum that a side of an equation is."""
        self.side, self.tokens = side, self.pattern.findall(side)[::-1]
        total = self._sum()
        if self.tokens:
            self._fail()
        return total

    def _next(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def _sum(self) -> Sum:
        total: Sum = {}
        while True:
            sign = 1
            while self._next() in ("+", "-"):
                sign *= -1 if self.tokens.pop() == "-" else 1
            total = _plus(total, self._term(), sign)
            if self._next() not in ("+", "-"):
                return total

    def _term(self) -> Sum:
        if re.fullmatch(NUMBER, self._next()):
            term: Sum = {(): Fraction(self.tokens.pop())}
        else:
            term = self._factor()
        while self._next() in ("(", "·", "*", *self.places):
            if self._next() in ("·", "*"):
                self.tokens.pop()
            term = _times(term, self._factor())
        return term

    def _factor(self) -> Sum:
        token = self.tokens.pop() if self.tokens else ""
        if token in self.places:
            base: Sum = {(self.places[token],): Fraction(1)}
        elif token == "(":
            base = self._sum()
            if not self.tokens or self.tokens.pop() != ")":
                self._fail()
        else:
            self._fail()
        power = 1
        if re.fullmatch(_POWER, self._next()):
            power = int(self.tokens.pop().lstrip("^*").translate(_DIGITS))
        one: Sum = {(): Fraction(1)}
        return reduce(_times, [base] * power, one)

    def _fail(self) -> NoReturn:
        raise ValueError(
            f"`relations`: {self.side!r} is no sum of words of {', '.join(self.places)} such as "
            "'2xy - 1/2 x³ + 1'"
        )


def _written(word: Word, letters: Sequence[str]) -> str:
    runs = ((letters[letter], len([*run])) for letter, run in groupby(word))
    return "".join(x if m == 1 else x + superscript(m) for x, m in runs) or "1"


def _shown(total: Sum, letters: Sequence[str]) -> str:
    terms = (
        str(plain(c)) if not word else ("" if c == 1 else f"{plain(c)}·") + _written(word, letters)
        for word, c in total.items()
    )
    return " + ".join(terms) or "0"
