"""Algebras, exact and without torch.

- *algebra*: `Algebra`, a value made of its table;
- *bilinear*: `Bilinear`, the products and all maps that are made like one;
- *constructions*: the algebras that have names, and the ways to make others;
- *tables*: what a table may hold;
- *sparse*: exact elements with few coefficients, for proofs;
- *plans*: how numbers multiply fast and turn vectors;
- *laws*, *division*: what holds in an algebra, decided;
- *files*: the algebras that files hold.
"""

from hypercomplex.algebra.algebra import Algebra, Coefficient, Product
from hypercomplex.algebra.bilinear import Bilinear

__all__ = ["Algebra", "Bilinear", "Coefficient", "Product"]

Algebra.__module__ = __name__  # the name that files have
