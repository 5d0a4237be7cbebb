"""Typed parameters and buffers as plain arrays: in files, and for tools that know plain tensors."""

from hypercomplex.state.components import algebras, from_components, metadata, to_components
from hypercomplex.state.parameters import AsNumbers, plain_parameters

__all__ = [
    "AsNumbers",
    "algebras",
    "from_components",
    "metadata",
    "plain_parameters",
    "to_components",
]
