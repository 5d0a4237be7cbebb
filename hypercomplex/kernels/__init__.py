"""Numbers by the million: each operation its formula, faster variants of it, and where each serves.

One operation a file; `operation` is the one place that chooses, by what `host.mode` says of the
moment. `use` forces a variant, to look for a fault or to measure; `compile_large` has torch's
compiler make loops for large tensors.
"""

from hypercomplex.kernels.large import compile_large
from hypercomplex.kernels.operation import OPERATIONS, Operation, Variant, rows, use

__all__ = ["OPERATIONS", "Operation", "Variant", "compile_large", "rows", "use"]
