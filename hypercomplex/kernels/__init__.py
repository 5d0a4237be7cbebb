"""Numbers by the million: each operation its formula, faster variants of it, and where each serves.

One operation a file; `operation` is the one place that chooses, by what `host.mode` says of the
moment. `use` forces a variant, to look for a fault or to measure.
"""

from hypercomplex.kernels.operation import OPERATIONS, Operation, Variant, rows, use

__all__ = ["OPERATIONS", "Operation", "Variant", "rows", "use"]
