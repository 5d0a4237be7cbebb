"""The ways to multiply rows of numbers by a matrix of numbers, each with its gradients.

The constants of the product are contracted with the weight (`block`), with the input (`input`), or
with neither (`bilinear`). All three give the same to rounding; `lowering.plan` chooses. Images take
them in `convolution` and `bilinear_convolution`.
"""

from hypercomplex.lowering.plans.bilinear import Products
from hypercomplex.lowering.plans.block import Block
from hypercomplex.lowering.plans.input import Input
from hypercomplex.lowering.plans.plan import Plan

__all__ = ["PLANS", "Plan"]

PLANS: dict[str, Plan] = {"block": Block(), "input": Input(), "bilinear": Products()}
"""Every plan by its name."""
