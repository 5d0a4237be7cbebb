"""Rotations with quaternions: conversions, interpolation, means, motion and alignment.

Every function takes plain tensors `(…, 4)`, real part first, or a `QuaternionTensor`, and gives
back the kind it was given; matrices, angles and vectors are always plain. A rotation is active,
`v ↦ q v q⁻¹`; `q`, `-q` and `2q` are the same one, and lengths never matter. First and second
derivatives are exact wherever they exist, and finite where a convention has to be taken.
"""

from hypercomplex.rotations.alignment import align_points, align_vectors
from hypercomplex.rotations.averages import karcher_mean, mean, median
from hypercomplex.rotations.directions import from_two_vectors, look_at, rotate, swing_twist
from hypercomplex.rotations.distances import chordal_distance, geodesic_distance
from hypercomplex.rotations.euler import (
    GimbalLockWarning,
    from_davenport,
    from_euler,
    to_davenport,
    to_euler,
)
from hypercomplex.rotations.groups import create_group, reduce
from hypercomplex.rotations.interpolation import nlerp, slerp, squad, squad_controls, unroll
from hypercomplex.rotations.keys import Slerp, piecewise_slerp
from hypercomplex.rotations.kinematics import angular_rates, angular_velocity, integrate
from hypercomplex.rotations.matrices import from_6d, from_9d, from_matrix, to_6d, to_9d, to_matrix
from hypercomplex.rotations.order import canonicalize, reorder
from hypercomplex.rotations.random import random
from hypercomplex.rotations.spline import spline, spline_rates
from hypercomplex.rotations.vectors import (
    angle,
    from_axis_angle,
    from_gibbs,
    from_mrp,
    from_rotvec,
    to_axis_angle,
    to_gibbs,
    to_mrp,
    to_rotvec,
)

__all__ = [
    "GimbalLockWarning",
    "Slerp",
    "align_points",
    "align_vectors",
    "angle",
    "angular_rates",
    "angular_velocity",
    "canonicalize",
    "chordal_distance",
    "create_group",
    "from_6d",
    "from_9d",
    "from_axis_angle",
    "from_davenport",
    "from_euler",
    "from_gibbs",
    "from_matrix",
    "from_mrp",
    "from_rotvec",
    "from_two_vectors",
    "geodesic_distance",
    "integrate",
    "karcher_mean",
    "look_at",
    "mean",
    "median",
    "nlerp",
    "piecewise_slerp",
    "random",
    "reduce",
    "reorder",
    "rotate",
    "slerp",
    "spline",
    "spline_rates",
    "squad",
    "squad_controls",
    "swing_twist",
    "to_6d",
    "to_9d",
    "to_axis_angle",
    "to_davenport",
    "to_euler",
    "to_gibbs",
    "to_matrix",
    "to_mrp",
    "to_rotvec",
    "unroll",
]
