"""The words that arguments may be; where the reference takes any word, it does so in `strict()`."""

from __future__ import annotations

from typing import Annotated, Literal

from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.door.signatures import Limits

__all__ = [
    "Bounded",
    "Criterion",
    "Nonlinearity",
    "Normalization",
    "Padding",
    "PaddingMode",
    "PlanePadding",
    "PoolType",
    "WeightInit",
]


def _word(*known: str) -> Limits:
    *most, last = map(repr, known)
    phrase = f"{', '.join(most)} or {last}"
    return Limits(phrase, phrase, lambda word: is_strict() or word in known)


Bounded = Annotated[str, _word("tanh", "relu")]
Criterion = Annotated[str, _word("glorot", "he")]
Nonlinearity = Annotated[str, _word("tanh", "leaky_relu", "relu")]
Normalization = Annotated[str, _word("batchnorm", "layernorm", "none")]
Padding = Annotated[str, _word("same", "valid", "causal")]
PaddingMode = Literal["constant", "reflect", "replicate", "circular"]
PlanePadding = Annotated[str, _word("same", "valid")]
PoolType = Annotated[str, _word("avg", "max")]
WeightInit = Literal["quaternion", "unitary"]
