"""Algebras, exact and without torch.

- *algebra*: `Algebra`, a value made of its table;
- *bilinear*: `Bilinear`, the products and all maps that are made like one;
- *constructions*: doubling, and the classical algebras;
- *clifford*, *composites*, *parts*: algebras of quadratic spaces, made of others, inside others;
- *presented*, *relations*, *written*: of polynomials, groups and matrices; of generators and
  relations; from tables and rules (*texts*);
- *named*: other algebras that have names; *arguments*: what is given to make them, checked;
- *tables*: what a table may hold; *involution*, *conjugations*: what a conjugation may be, and
  those of what is made of algebras;
- *forms*, *adapted*: the unit, the norm and the real part, and the basis in which they are simple;
- *blades*, *grades*: Clifford numbers by their grades; *rotors*, *equivariance*: what functions of
  them are made of, and what commutes with rotations and reflections;
- *sparse*: exact elements with few coefficients, for proofs;
- *linear*: exact linear algebra; *rational*: quadratic forms over the rational numbers;
- *plans*: how numbers multiply fast and turn vectors;
- *schemes*: bilinear maps in fewer products, of components that may be matrices;
- *stored*, *fewest*: those that are stored, in `schemes.txt`, and the best for any map;
- *bounds*: what no scheme goes below;
- *gradings*: what an algebra is made of, as its signs tell;
- *degrees*: whole numbers that add in products, and the automorphisms that they make;
- *additions*, *matrices*: exact matrices, applied in few additions;
- *identities*: the language of laws;
- *evaluation*: polynomials with many exact elements at once;
- *laws*, *division*, *isotopes*: what holds in an algebra, decided; *generic*: the polynomial that
  every number satisfies;
- *representations*: matrices that multiply as elements do;
- *structure*, *wedderburn*: what an algebra is made of, as exact bases and in words;
- *ideals*, *peirce*: its ideals and series of them, and what idempotents make of it;
- *elements*, *tabular*: exact elements with operators; tables as text and in LaTeX;
- *isomorphisms*: maps that keep products, or what tells algebras from each other; *modules*: those
  of semisimple algebras;
- *files*: the algebras that files hold.
"""

from hypercomplex.algebra.algebra import Algebra, Coefficient, Product
from hypercomplex.algebra.bilinear import Bilinear

Algebra.__module__ = __name__  # the name that files have

from hypercomplex.algebra.fewest import alternatives, scheme  # noqa: E402 (its module makes algebras)
from hypercomplex.algebra.schemes import Scheme  # noqa: E402

__all__ = ["Algebra", "Bilinear", "Coefficient", "Product", "Scheme", "alternatives", "scheme"]
