"""Every operation of torch's database answers for COMPLEX as torch does for complex128."""

from collections import defaultdict
from functools import cache

import pytest
import torch

from hypercomplex.door.registry import resolve
from tests.rules import operators
from tests.rules.differences import DIFFERENCES
from tests.torches import WRITTEN_FOR, is_removed

PARTS = 8
SAMPLES = 3  # of each operation and way; all where the table has rows, and in the nightly profile


@cache
def operations():
    database = pytest.importorskip(
        "torch.testing._internal.common_methods_invocations",
        reason="torch's operator database needs the packages of the extra `test`",
        exc_type=ImportError,
    )
    return [op for op in database.op_db if torch.complex128 in op.dtypes]


def some(samples):
    return samples[:: -(-len(samples) // SAMPLES) or 1]


def differences(op, rows, whole):
    """What differs in any way of calling, with the row that means it so, or None."""
    plain = operators.samples(op)
    asked = [(way, plain) for way in operators.WAYS]
    asked += [(operators.with_gradients, operators.samples(op, recorded=True))]
    asked += [(operators.wrongly, operators.wrong_samples(op))]
    for way, samples in asked:
        for sample in samples if whole or rows else some(samples):
            for place, text in enumerate(way(op, sample, operators.whole)):
                if text and not refused_by_name(text):
                    yield row_of(text, rows, lambda seen: list(way(op, sample, seen))[place]), text  # noqa: B023


def refused_by_name(text):
    return "is refused for ComplexTensor" in text and "it has no rule" not in text


def row_of(text, rows, through):
    for row in rows:
        means_it = kind(text) in row.kinds.split() or not row.kinds
        if means_it and (row.seen is None or through(row.seen) is None):
            return row
    return None


def kind(text):
    return text.split(":")[0]


def test_the_table_names_operations():
    """But for those of operations that this torch has no more, or not yet."""
    names = {name for row in DIFFERENCES for name in row.names.split()}
    missing = names - {op.full_name for op in operations()}
    there = {name for name in missing if resolve(name) and not is_removed(resolve(name))}
    assert not (missing if WRITTEN_FOR else there)


@pytest.mark.no_cover  # other tests tell more
@pytest.mark.parametrize("part", range(PARTS))
def test_answers_are_those_of_complex_numbers(part, nightly):
    wrong = defaultdict(set)
    for op in operations()[part::PARTS]:
        rows = [row for row in DIFFERENCES if op.full_name in row.names.split()]
        seen = set()
        for row, text in differences(op, rows, nightly):
            seen |= {(row, kind(text))}
            wrong[op.full_name] |= set() if row else {text}
        for row in rows if WRITTEN_FOR else ():
            gone = set(row.kinds.split()) - {word for owner, word in seen if owner is row}
            wrong[op.full_name] |= {f"no longer differs: {word}: {row.reason}" for word in gone}
    wrong = {name: sorted(texts) for name, texts in wrong.items() if texts}
    assert wrong == {}, wrong
