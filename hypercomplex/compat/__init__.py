"""Doors for the users of other libraries."""

from hypercomplex.compat import speechbrain

__all__ = ["speechbrain"]
