"""Doors for the users of other libraries: their names, and their checkpoints."""

from hypercomplex.compat import layouts, speechbrain

__all__ = ["layouts", "speechbrain"]
