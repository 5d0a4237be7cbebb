"""Plans for fast products and rotations are exact, and found where they exist."""

import sympy as sp

from hypercomplex.algebra.plans import cross_product, pair_plan
from tests.cases import ALGEBRAS, SEDENION, every_small_algebra


@every_small_algebra
def test_plans_are_exact(algebra):
    n = algebra.dimension
    x, y = (sp.symbols(f"{name}:{n}", real=True) for name in "xy")
    plan = pair_plan(algebra.product)
    if plan is not None:
        z, w = ([v[i] + sp.I * v[i + 1] for i in range(0, n, 2)] for v in (x, y))
        for row, (re, im) in zip(plan, batched(algebra.multiply(x, y)), strict=True):
            total = sum(
                c * (z[p].conjugate() if cp else z[p]) * (w[q].conjugate() if cq else w[q])
                for p, q, cp, cq, c in row
            )
            assert sp.expand(total - re - sp.I * im) == 0
    across = cross_product(algebra)
    if across is not None:
        v = (0, *y[1:])
        cross = lambda a, b: across(a[1:], b[1:])
        t = (0, *cross(x, v))
        turned = [
            algebra.norm(x) * a + 2 * (x[0] * b + c)
            for a, b, c in zip(v[1:], t[1:], cross(x, t), strict=True)
        ]
        sandwich = algebra.multiply(algebra.multiply(x, v), algebra.conjugate(x))
        assert [sp.expand(a - b) for a, b in zip(turned, sandwich[1:], strict=True)] == [0] * (
            n - 1
        )
        assert sp.expand(sandwich[0]) == 0


def batched(values):
    return zip(values[::2], values[1::2], strict=True)


def test_which_algebras_have_plans():
    pairs = {a.name for a in ALGEBRAS if pair_plan(a.product)}
    assert pairs == {"COMPLEX", "QUATERNION", "OCTONION", "SPLIT_QUATERNION"}
    assert pair_plan(SEDENION.product)
    turning = {a.name for a in ALGEBRAS if cross_product(a)}
    assert {"QUATERNION", "OCTONION", "SPLIT_QUATERNION"} <= turning
    assert not cross_product(SEDENION)
