"""No public callable takes a wrong argument in silence: each is given every wrong value in turn.

What is wrong follows from the signature: the annotation says the kind, the name the meaning. A
wrong value is refused by an error that names the argument, or that torch itself gives for it.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex import compat, fft, functional, geometric, linalg, rotations
from hypercomplex.nn import init

H = hc.QUATERNION
Q = hc.QuaternionTensor(torch.ones(2, 2, 4))
SEDENION = hc.cayley_dickson(hc.OCTONION, name="SEDENION")


def reals(*shape: int) -> Tensor:
    """Numbers that no function has trouble with, the same at every call."""
    return torch.linspace(0.1, 0.9, math.prod(shape)).reshape(shape)


def positive(size: int) -> Tensor:
    """A Hermitian, positive matrix of quaternions."""
    return torch.nn.functional.pad(torch.eye(size)[..., None], (0, 3)) * 3.0


def weights(gates: int) -> list[Tensor]:
    """Of one recurrent layer, from two quaternions to two, with the biases that it has."""
    shapes = [(gates * 2, 2, 4)] * 2 + [(gates * 2, 4)] * (1 if gates == 2 else 2)
    return [reals(*shape) for shape in shapes]


# ---------------------------------------------------------------------- one good call of each
#
# Arguments without a default, and optional tensors: what the row of a callable does not say is
# said by its home, and what that does not say by the names.

NAMES: dict[str, Any] = {
    "algebra": H, "axes": 1, "axis": (1.0, 0, 0), "channels": 2, "d_model": 2, "dim": 0,
    "embed_dim": 2, "embedding_dim": 2, "function": torch.tanh, "groups": 1, "hidden_size": 2,
    "in_channels": 2, "in_features": 2, "input": reals(3, 8), "input_size": 2, "kernel_size": 2,
    "nhead": 1, "normalized_shape": (2,), "num_channels": 2, "num_embeddings": 3,
    "num_features": 2, "num_groups": 1, "num_heads": 1, "out_channels": 2, "out_features": 2,
    "output_size": 2, "shape": (2, 2, 4), "tensor": reals(2, 2, 4),
}  # fmt: skip
HOMES: dict[str, dict[str, Any]] = {
    "functional": {
        **dict.fromkeys(("x", "a", "b", "axis", "q"), reals(2, 4)),
        "weight": reals(2, 2, 4), "bias": reals(2, 4), "v": reals(2, 3), "exponent": reals(2, 4),
    },
    "linalg": {
        **dict.fromkeys(("A", "B", "C", "L", "LU", "M"), positive(2)),
        **dict.fromkeys("abc", reals(2, 4)), "upper": True, "n": 2,
    },
    "geometric": {
        **dict.fromkeys(("a", "b", "x", "y", "mirror", "onto"), reals(2, 4)), "k": 1,
        "values": reals(3, 2), "B": torch.tensor([0, 0, 0, 0.3]), "R": torch.tensor([0.6, 0, 0, 0.8]),
    },
    "fft": {"input": reals(3, 6, 4), "other": reals(3, 6, 4), "axis": None},
    "rotations": {
        **dict.fromkeys(("a", "b", "q", "control_a", "control_b", "initial"), reals(3, 4)),
        **dict.fromkeys(("v", "g", "p", "axis", "direction", "angles", "rates", "up"), reals(3, 3)),
        "m": torch.eye(3).expand(3, 3, 3), "x": reals(3, 6), "angle": reals(3), "t": 0.5,
        "dt": 0.1, "weights": reals(3), "axes": torch.eye(3), "order": "intrinsic", "seq": "ZYX",
        "left": reals(2, 4), "right": reals(2, 4), "derivative": reals(3, 4),
    },
    "compat.speechbrain": {
        **{f"{c}_weight": reals(2, 2) for c in "rijk"}, "criterion": "he", "init_criterion": "he",
        "init_func": compat.speechbrain.quaternion_init, "input": reals(3, 8), "kernel_size": 3,
        "max_norm": 1.0, "n_neurons": 2, "input_shape": (3, 5, 8), "input_size": 8,
        "num_layers": 1, "batch_size": 3, "pool_type": "max", "stride": 1, "padding": 0,
        "dilation": 1, "conv1d": True, "bias": reals(8), "scale": None, "zero_kernel": None,
    },
}  # fmt: skip
SEQUENCE = {"input": reals(5, 3, 8)}
NETWORK = {**SEQUENCE, "h0": reals(1, 3, 8), "batch_sizes": None, "norms": None}
STEP = {"input": reals(3, 8), "h": reals(3, 8), "weight_ih": reals(8, 2, 4),
        "weight_hh": reals(8, 2, 4), "bias_ih": reals(8, 4), "bias_hh": reals(8, 4)}  # fmt: skip
IMAGE = {"input": reals(2, 8, 5, 5), "weight": reals(2, 2, 2, 2, 4)}
PAIR = {"input": reals(3, 8), "other": reals(3, 8)}
LINE = {"input": reals(2, 8, 5), "weight": reals(2, 2, 2, 4)}
SOLID = {"input": reals(2, 8, 3, 3, 3), "weight": reals(2, 2, 2, 2, 2, 4)}
SQUARE, WIDE = reals(2, 2, 4), {"a": reals(3, 3), "b": reals(3, 3)}
CALLS: dict[str, dict[str, Any]] = {
    "as_hypercomplex": {"components": reals(3, 8), "folded": -1},
    "multivector": {"data": reals(3, 2), "algebra": hc.clifford(2), "grades": 1},
    "multivector_type": {"algebra": hc.clifford(2), "grades": 1},
    "cayley_dickson": {},
    "nn.freeze": {"model": hc.nn.Linear(2, 2, algebra=hc.QUATERNION)},
    "nn.lora": {"layer": hc.nn.Linear(2, 2, algebra=hc.QUATERNION), "rank": 1},
    "nn.unfreeze": {"model": hc.nn.Linear(2, 2, algebra=hc.QUATERNION)},
    "clifford": {"p": 1},
    "tensor_product": {"algebras": (H, H)}, "direct_sum": {"algebras": (H, H)},
    "matrix_algebra": {"n": 2}, "hermitian": {"n": 2},
    "change_basis": {"basis": [(1, 0, 0, 0), "j", "i", "k"]},
    "subalgebra": {"generators": ["i"]}, "quotient": {"ideal": [(0, 0, 0, 0)]},
    "polynomial_quotient": {"coefficients": (1, 0, 1)},
    "group_algebra": {"table": [[0, 1], [1, 0]]},
    "from_matrices": {"matrices": [[[0, 1], [-1, 0]]]},
    "lambdify": {"expression": H.symbols("x"), "variables": [H.symbols("x")]},
    "from_table": {"table": "1 i\ni -1"}, "from_rules": {"rules": "i² = -1"},
    "from_relations": {"relations": "x³ = 2"},
    "functional.attention": dict.fromkeys(("query", "key", "value"), reals(1, 3, 8)),
    "functional.batch_norm": {"weight": reals(2, 10), "training": True,
        "running_mean": reals(2, 4), "running_cov": reals(2, 10)},
    "functional.cat_folded": {"tensors": [reals(3, 8), reals(3, 4)]},
    "functional.conv1d": LINE, "functional.conv2d": IMAGE, "functional.conv3d": SOLID,
    "functional.conv_transpose1d": LINE, "functional.conv_transpose2d": IMAGE,
    "functional.conv_transpose3d": SOLID,
    "functional.cosine_similarity": {"dim": 0},
    "functional.einsum": {"equation": "i,i->i", "operands": (reals(2, 4), reals(2, 4))},
    "functional.embedding": {"input": torch.tensor([0, 1]), "weight": reals(3, 2, 4)},
    "functional.equivariant_attention": dict.fromkeys(("query", "key", "value"), reals(1, 3, 8)),
    "functional.equivariant_layer_norm": {"weight": reals(2)},
    "functional.equivariant_linear": {"weight": reals(2, 2, 3), "bias": reals(2, 1)},
    "functional.feature_dropout": LINE,
    "functional.features_to_imaginary": {"input": reals(3, 6), "real_weights": (1.0, 0, 0)},
    "functional.from_polar": {"abs": reals(2), "angle": reals(2), "axis": reals(2, 4)},
    "functional.fully_connected_product": PAIR | {"weight": reals(2, 2, 10)},
    "functional.geometric_product": PAIR,
    "functional.grade_gate": {"weight": reals(2, 3), "bias": reals(2, 3)},
    "functional.grade_normalize": {"weight": reals(2, 3)},
    "functional.group_norm": {"weight": reals(2)},
    "functional.instance_norm": {**LINE, "weight": reals(2), "running_mean": reals(2, 4),
        "running_var": reals(2)},
    "functional.join": PAIR | {"reference": reals(3, 4)},
    "functional.layer_norm": {"normalized_shape": (2,), "weight": reals(2)},
    "functional.ligru": {**NETWORK, "weights": weights(2)},
    "functional.ligru_cell": {**STEP, "weight_ih": reals(4, 2, 4), "weight_hh": reals(4, 2, 4),
        "bias_ih": reals(4, 4), "norm": None},
    "functional.linear": {},
    "functional.matmul": {"a": reals(2, 2, 4), "b": reals(2, 2, 4)},
    "functional.matmul_real": {"a": reals(2, 2, 4), "b": reals(2, 2)},
    "functional.real_matmul": {"a": reals(2, 2), "b": reals(2, 2, 4)},
    "functional.mod_relu": {"bias": reals(2)},
    "functional.numberwise": {"function": functional.normalize},
    "functional.readout": {"function": functional.norm},
    "functional.avg_pool": LINE, "functional.max_pool": LINE,
    "functional.adaptive_avg_pool": LINE, "functional.adaptive_max_pool": LINE,
    "functional.real_power": {"exponent": 2.0},
    "functional.recurrent": {**NETWORK, "c0": reals(1, 3, 8), "weights": weights(4),
        "mode": "lstm"},
    "functional.recurrent_cell": {**STEP, "c": reals(3, 8), "mode": "lstm"},
    "functional.rms_norm": {"normalized_shape": (2,), "weight": reals(2)},
    "functional.rotation_conv1d": LINE | {"scale": reals(2, 2, 2)},
    "functional.rotation_conv2d": IMAGE | {"scale": reals(2, 2, 2, 2)},
    "functional.rotation_linear": {"scale": reals(2, 2)},
    "functional.cdist": {"a": SQUARE, "b": SQUARE}, "functional.pdist": {"x": SQUARE},
    "functional.tensordot": {"a": SQUARE, "b": SQUARE, "dims": 1},
    "rotations.align_points": WIDE, "rotations.align_vectors": WIDE,
    "rotations.from_two_vectors": WIDE,
    "functional.weighted_product": PAIR | {"weight": reals(2, 10)},
    "functional.variance_norm": {"weight": reals(2), "training": True,
        "running_mean": reals(2, 4), "running_var": reals(2)},
    "linalg.lu_solve": {"pivots": torch.tensor([1, 2], dtype=torch.int32)},
    "linalg.lu_unpack": {"pivots": torch.tensor([1, 2], dtype=torch.int32)},
    "linalg.multi_dot": {"tensors": [positive(2), positive(2)]},
    "linalg.svd_lowrank": {"q": 1},
    "linalg.pca_lowrank": {"q": 1},
    "linalg.tensorinv": {"A": positive(2).reshape(2, 2, 1, 4), "ind": 1},
    "linalg.tensorsolve": {"B": reals(2, 4)},
    "fft.istft": {"input": reals(4, 3, 4), "n_fft": 4},
    "fft.stft": {"n_fft": 4},
    "rotations.create_group": {"group": "C2", "axis": "Z"},
    "rotations.Slerp": {"times": [0.0, 1.0], "rotations": reals(2, 4)},
    **{f"rotations.{name}": {"times": reals(3), "t": reals(2)}
       for name in ("piecewise_slerp", "spline", "spline_rates")},
    "rotations.random": {"size": (2,)},
    "rotations.reorder": {"x": reals(3, 4), "from_": "xyzw", "to": "wxyz"},

    "Bilinear": {"shape": (2, 2, 1), "constants": ((0, 1, 0, 1), (1, 0, 0, -1)), "name": "area"},
    "LearnedBilinear": {"constants": reals(4, 4, 4)},
    "nn.ChannelPermutation": {"channels": 8, "dimension": 4, "groups": 1, "dim": 1},
    **{f"nn.{kind}Linear": {"n": 4, "in_features": 8, "out_features": 8}
       for kind in ("PHM", "LowRankPHM")},
    "functional.low_rank_linear": {"left": reals(3, 1, 4), "right": reals(1, 2, 4), "bias": None},
    **{f"nn.PHMConv{kind}{axes}d": {"n": 4, "in_channels": 8, "out_channels": 8}
       for kind in ("", "Transpose") for axes in "123"},
    "nn.convert": {"model": nn.Sequential(nn.Linear(8, 8))},
    "nn.from_real": {"layer": nn.Linear(8, 8), "project": True},
    "nn.max_norm_": {"layer_or_weight": reals(2, 2, 4), "max_norm": 1.0},
    "nn.orthogonal": {"layer": hc.nn.QuaternionLinear(2, 2)},
    "nn.spectral_norm": {"layer": hc.nn.QuaternionLinear(2, 2)},
    "nn.to_real": {"model": hc.nn.QuaternionLinear(2, 2)},
    "nn.update_bn": {"loader": [reals(3, 8)], "model": nn.Sequential(nn.Identity())},
    "compat.speechbrain.QConv2d": {"input_shape": (3, 5, 5, 8)},
    **{f"compat.speechbrain.Q{kind}_Layer": {"input_size": 8, "hidden_size": 8}
       for kind in ("RNN", "LSTM", "LiGRU")},
    "compat.speechbrain.affect_conv_init": {f"{c}_weight": reals(2, 2, 3) for c in "rijk"},
    "compat.speechbrain.check_quaternion_input": {"input_shape": (2, 8)},
    "compat.speechbrain.quaternion_conv_op": {"input": reals(2, 8, 5),
        **{f"{c}_weight": reals(2, 2, 3) for c in "rijk"}},
    "compat.speechbrain.quaternion_conv_rotation_op": {"input": reals(2, 8, 5),
        **{f"{c}_weight": reals(2, 2, 3) for c in "rijk"}},
    "compat.speechbrain.quaternion_init": {"in_features": 2, "out_features": 2},
    "compat.speechbrain.unitary_init": {"in_features": 2, "out_features": 2},
    "compat.layouts.from_four_weights": {
        "state": {f"{c}_weight": reals(2, 2) for c in "rijk"} | {"bias": reals(8)}},
    "compat.layouts.from_kronecker": {
        "state": {"A": functional.left_matrix(torch.eye(4), H), "S": reals(4, 2, 2)}},
}  # fmt: skip

# ---------------------------------------------------------------------- what is public

IMAGES = {"1d": reals(2, 8, 5), "2d": reals(2, 8, 5, 5), "3d": reals(2, 8, 3, 3, 3)}
NETWORKS = ("RNN", "LSTM", "LiGRU")
INPUTS: dict[str, dict[str, Any]] = {
    **{axes: {"input": image} for axes, image in IMAGES.items()},
    **{f"{kind}Cell": {"input": reals(3, 8)} for kind in (*NETWORKS, "GRU")},
    **dict.fromkeys((*NETWORKS, "GRU"), SEQUENCE),
    **{f"Q{kind}{layer}": {"x": reals(3, 5, 8)} for kind in NETWORKS for layer in ("", "_Layer")},
    "ChannelPermutation": {"input": reals(3, 8)},
    "Embedding": {"input": torch.tensor([0, 1])},
    "EquivariantAttention": {"query": reals(2, 3, 8)},
    "FeaturesToImaginary": {"input": reals(3, 6)},
    "LearnedBilinear": {"a": reals(3, 4), "b": reals(3, 4)},
    "LearnedVector": {"input": reals(2, 2, 5, 5)},
    "MultiheadAttention": dict.fromkeys(("query", "key", "value"), reals(3, 2, 8)),
    "TransformerDecoderLayer": {"tgt": reals(3, 2, 8), "memory": reals(4, 2, 8)},
    "TransformerEncoderLayer": {"src": reals(3, 2, 8)},
    "QConv1d": {"x": reals(3, 5, 8)}, "QConv2d": {"x": reals(3, 5, 5, 8)},
    "QPooling2d": {"x": reals(3, 5, 5, 8)}, "QLinear": {"x": reals(3, 5, 8)},
}  # fmt: skip
MODULES = {"": hc, "functional": functional, "geometric": geometric, "linalg": linalg, "fft": fft,
           "rotations": rotations, "nn": hc.nn, "nn.init": init, "compat.speechbrain": compat.speechbrain,
           "compat.layouts": compat.layouts}  # fmt: skip
WITHOUT = {
    "Algebra": "tables are checked exactly, see test_algebra",
    "Element": "coefficients of any ring; Algebra.element checks them, see test_elements",
    "nn.Bidirectional": "it takes layers that users write, see test_written",
    "nn.Equation": "the same", "nn.Recurrence": "the same",
    "explain": "it takes a function and whatever that takes, see test_explanation",
    "HypercomplexTensor": "data of every kind, see test_types",
    "MultivectorTensor": "the same, of a type that is made",
    "geometric.graded": "it takes tensors of numbers only, see test_multivectors",
    "QuaternionTensor": "the same",
    "compat.speechbrain.strict": "it takes nothing",
    "compat.speechbrain.is_strict": "it takes nothing",
    "compat.speechbrain.QuaternionLinearCustomBackward": "autograd calls it",
    "geometric.Basis": "`geometric.basis` makes it",
    "nn.init.Scheme": "a kind of argument", "nn.init.Criterion": "a kind of argument",
    "nn.ConversionReport": "a result", "rotations.GimbalLockWarning": "a warning",
}  # fmt: skip


class Public(NamedTuple):
    """A callable, arguments that fit, and what its signature says of each."""

    name: str
    target: Any
    call: Callable[..., Any]
    good: dict[str, Any]
    kinds: dict[str, str]
    defaults: dict[str, Any]


def public() -> Iterator[Public]:
    """All public callables; the `Quaternion…` layers are others with the algebra given."""
    for home, module in MODULES.items():
        for name in module.__all__:
            target, path = getattr(module, name), f"{home}.{name}".lstrip(".")
            if not callable(target) or path in WITHOUT or path.startswith("nn.Quaternion"):
                continue
            yield described(path, target, home)
            if inspect.isclass(target) and issubclass(target, nn.Module):
                yield forward(path, target, home)


def described(path: str, target: Callable[..., Any], home: str) -> Public:
    parameters = inspect.signature(target).parameters
    here = CALLS.get(path, {})
    known = {**NAMES, **HOMES.get(home, {}), **here}
    good = {
        name: known[name]
        for name, p in parameters.items()
        if name in here or (name in known and (p.default is p.empty or _is_told(name, p)))
    }
    kinds = {name: _kind(p) for name, p in parameters.items() if p.kind is not p.VAR_KEYWORD}
    defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    many = [name for name, p in parameters.items() if p.kind is p.VAR_POSITIONAL]

    def call(**given: Any) -> Any:
        if not many:
            return target(**given)
        each = given.pop(many[0], ())
        return target(*([given.pop("equation")] if "equation" in given else []),
                      *(each if isinstance(each, tuple | list) else [each]), **given)  # fmt: skip

    return Public(path, target, call, good, kinds, defaults)


def _kind(p: inspect.Parameter) -> str:
    return p.annotation if isinstance(p.annotation, str) else inspect.formatannotation(p.annotation)


def _is_told(name: str, p: inspect.Parameter) -> bool:
    """Whether an optional argument is given: tensors are, to be spoilt."""
    return "Tensor" in _kind(p) or name in ("algebra", "input_shape")


def forward(path: str, target: type[nn.Module], home: str) -> Public:
    made = described(path, target, home)
    name = path.rpartition(".")[2]
    inputs = INPUTS.get(name) or INPUTS.get(name[-2:]) or {"input": reals(3, 8)}
    parameters = inspect.signature(target.forward).parameters
    kinds = {n: _kind(p) for n, p in parameters.items() if n != "self"}

    def call(**given: Any) -> Any:
        return made.call(**made.good)(**given)

    return Public(f"{path}.forward", target.forward, call, inputs, kinds, {})


PUBLIC = {p.name: p for p in public()}


# ---------------------------------------------------------------------- what is wrong

KINDS: dict[str, Any] = {
    "None": None, "a string": "nonsense", "a list": [0.5], "an integer": 3, "a real": 2.5,
    "an object": object(), "a complex tensor": torch.ones(2, 4, dtype=torch.complex64),
}  # fmt: skip
MEANT: dict[str, set[str]] = {
    **{kind: set(KINDS) for kind in ("Any", "bool", "Device", "torch.device")},
    **{kind: {"an integer"} for kind in
       ("int", "Count", "Counts", "Amount", "Amounts", "Padding", "OutputSize")},
    **{kind: {"an integer", "a real"} for kind in ("float", "Tolerance")},
    "None": {"None"}, "Dims": {"None", "an integer"}, "Axis": {"None", "a list"},
    "Stamps": {"a list"}, "Sequence[float]": {"a list"},
}  # fmt: skip
SIZES = {
    "axes", "channels", "d_model", "dilation", "dim_feedforward", "dimension", "embed_dim",
    "embedding_dim", "groups", "hidden_size", "hop_length", "in_channels", "in_features",
    "input_size", "iterations", "kdim", "kernel_size", "multiplier", "n_fft", "n_neurons",
    "nhead", "normalized_shape", "num_channels", "num_embeddings", "num_features", "num_groups",
    "num_heads", "num_layers", "out_channels", "out_features", "stride", "vdim", "win_length",
}  # fmt: skip


def wrong(p: Public, name: str) -> Iterator[tuple[str, Any]]:
    """Every value that the annotation or the name of an argument says is wrong."""
    kind, right = p.kinds[name], p.good.get(name, p.defaults.get(name))
    meant = set().union(*(MEANT.get(word, set()) for word in kind.split(" | ")))
    if p.name.startswith("rotations.") and "Tensor" in kind:
        meant |= {"a list"}  # lists are data
    if "Tensor" not in kind and "Stamps" not in kind:
        meant |= {"a complex tensor"}
    yield from ((label, value) for label, value in KINDS.items() if label not in meant)
    tensors = [x for x in p.good.values() if isinstance(x, Tensor)]
    if isinstance(right, Tensor):
        yield "no axis", reals()
        yield "a wider axis", wider(right, 1 if name == "input" and has_points(p) else -1)
        if right.is_floating_point() and not p.name.startswith("rotations."):  # which convert
            yield "integers", right.mul(3).long()
            yield "truths", right > 0.5
        if len(tensors) > 1:
            yield "another device", right.to("meta")
    if name == "algebra" and tensors:
        yield "another algebra", SEDENION
    if "Probability" in kind:
        yield from [("-1", -1.0), ("2", 2.0), ("nan", math.nan)]
    if name == "dim":
        yield from [("99", 99), ("-99", -99)]
    if name in SIZES:
        yield from [("0", 0), ("-1", -1)]
        if inspect.isclass(p.target):
            yield "True", True
    if name == "padding":
        yield "-1", -1


def wider(x: Tensor, dim: int) -> Tensor:
    return torch.cat([x, x.narrow(dim, 0, 1)], dim)


def has_points(p: Public) -> bool:
    """Whether axes of points follow that of the channels."""
    words = ("conv", "pool", "instance_norm", "feature_dropout", "1d", "2d", "3d")
    return any(word in p.name for word in words) and not p.name.startswith("fft")


# ---------------------------------------------------------------------- what is allowed

TORCH_SAYS = re.compile(
    r"size of tensor a|need to be at least 1D|first two dimensions of batch2|expanded size|[Bb]roadcast|stack expects each tensor|cannot be multiplied"
    r"|Dimension out of range|Dimension specified as|Order \w+ not supported"
    r"|Invalid normalization mode|einsum\(\)|lives on"
)
OTHER_NAMES = {
    "r_weight": "`(i_weight|bias)",
    "hx": "`h",
    "rotations": "`q`",
    "algebra": "SEDENION",
    "axes": "`dim`",
}
WIDTHS = (
    r"functional\.(angle|axis|cardioid|is_pure|is_unit|mod_relu|mod_tanh|norm|normalize|pdist|polar"
    r"|squared_norm|matmul_real|real_matmul|from_polar|features_to_\w+|componentwise|embedding)"
    r"|fft\.i?fftshift|nn\.init\.\w+|nn\.max_norm_|nn\.Split\w*\.forward|nn\.Features\w+\.forward"
    r"|nn\.Embedding\.forward|nn\.LearnedVector\.forward|rotations\.\w+"
)
ALLOWED: list[tuple[str, str, str, str]] = [
    (WIDTHS, ".*", "a wider axis|no axis", "numbers of any algebra, features, times: any width"),
    (".*", ".*", "another device", "torch takes a tensor without values beside others in silence"),
    (r"nn\.\w+|.*QBatchNorm", "dim", "-?99", "how many axes there are is known with the input"),
    (r"rotations\..*", "weights|angle|t|q", "an integer|a real|no axis", "numbers are data"),
    ("LearnedBilinear", "constants", "a wider axis", "a map of any numbers of components"),
    (r"functional\.from_polar", "abs|angle", "a list|an integer|a real", "numbers are data"),
    (".*", "plan", "None", "has a plan chosen"),
    (r".*_rotation_op", "zero_kernel", ".*", "taken for the signature, and not used"),
    (r".*_rotation_op", "scale", "an integer|a real", "one factor for all"),
    (r"functional\.embedding", "norm_type", ".*", "torch reads it with max_norm only"),
    (r"functional\.mod_relu", "bias", "no axis", "one threshold for all"),
    (r"functional\.features_to_numbers", "algebra", "another algebra", "features fill any number"),
    (r"functional\.componentwise", "others", ".*", "spread by Python"),
    (r"functional\.(einsum|.*)|rotations\.random", "operands|size", ".*", "spread by Python"),
    (r"[a-z_]+|Bilinear", "name|variable", "a string", "any name"),
    ("group_algebra", "table|permutations", "None", "one of them is given"),
    (r"[a-z_]+", "name|units", "None", "is found"),
    ("from_table", "table", "a string", "the table of one idempotent"),
    (r"compat\.layouts\.from_four_weights", "bias", "a string", "any name of a key"),
    (r"nn\.update_bn", "loader", "a list", "this model has no statistics"),
    (r"nn\.\w+\.forward", "hx", "a complex tensor", "its shape is refused first"),
    (r"functional\.(ligru|recurrent)", "batch_sizes", "a complex tensor", "the input is, first"),
    (
        r"functional\.(ligru|recurrent)(_cell)?",
        "algebra",
        "another algebra",
        "the weights are refused, which it does not fit",
    ),
    (r"(functional|nn)\.(avg_pool|AvgPool.*)", "input", "integers", "whole means, as torch's"),
    (r"nn\.Learned(Readout|Vector)\.forward", "input", "integers|truths", "torch's own layers say"),
    (r"functional\.layer_norm", "algebra", "another algebra", "the bias is refused first"),
]


def is_allowed(name: str, argument: str, label: str) -> bool:
    return any(
        re.fullmatch(where, name) and re.fullmatch(what, argument) and re.fullmatch(how, label)
        for where, what, how, _ in ALLOWED
    )


def verdict(p: Public, name: str, value: Any) -> str | None:
    """What is wrong about the answer to a wrong value; None if nothing is."""
    torch.manual_seed(0)
    try:
        result = p.call(**{**p.good, name: value})
    except (ValueError, TypeError, IndexError, NotImplementedError, RuntimeError) as error:
        said = str(error)
        named = f"`{name}" in said or f"argument '{name}'" in said
        if named or TORCH_SAYS.search(said) or re.search(OTHER_NAMES.get(name, "$^"), said):
            return None
        return f"{type(error).__name__}: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if isinstance(value, Tensor) and not value.is_floating_point() and not value.is_complex():
        torch.manual_seed(0)
        if same(result, p.call(**{**p.good, name: value.float()})):
            return None
    return f"silence: {type(result).__name__}"


def same(a: Any, b: Any) -> bool:
    """Whether results are equal, whatever types hold them."""
    if isinstance(a, Tensor):
        return torch.allclose(a.double(), b.double(), equal_nan=True)
    if isinstance(a, list | tuple):
        return all(map(same, a, b))
    return type(a) is type(b)


@pytest.mark.parametrize("p", PUBLIC.values(), ids=list(PUBLIC))
def test_every_argument(p: Public) -> None:
    """The good call runs; of each argument every wrong value is refused, by its name."""
    torch.manual_seed(0)
    p.call(**p.good)
    answers = {
        f"{name}: {label}": verdict(p, name, value)
        for name in p.kinds
        for label, value in wrong(p, name)
        if not is_allowed(p.name, name, label)
    }
    assert {case: answer for case, answer in answers.items() if answer} == {}


def test_what_is_left_out_exists() -> None:
    for path in WITHOUT:
        home, _, name = path.rpartition(".")
        assert hasattr(MODULES[home], name)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Q * "x", TypeError, "__index__"),
        (lambda: [1] * Q, TypeError, "__index__"),
        (lambda: functional.exp(reals(2, 4), None), TypeError, "`algebra` .=None. must be an Alg"),
        (lambda: functional.product(Q, Q, hc.OCTONION), TypeError, "`algebra` .=OCTONION. is not"),
        (lambda: functional.left_divide(Q, Q, hc.OCTONION), TypeError, "`algebra` .=OCTONION. is"),
        (
            lambda: linalg.det(Q, algebra=hc.OCTONION),
            TypeError,
            "QUATERNION; leave it out, or pass q.components",
        ),
        (
            lambda: functional.linear(Q, reals(2, 2, 8), algebra=hc.OCTONION),
            TypeError,
            "QUATERNION; leave it out, take a layer over QUATERNION, or pass q.components",
        ),
        (lambda: functional.rotate(Q, reals(4), H), ValueError, "must hold vectors, 3 components"),
        (lambda: Q.rotate(reals(4)), ValueError, "must hold vectors, 3 components"),
        (
            lambda: functional.product(torch.ones(3, 4).long(), torch.ones(2, 4).long(), H),
            RuntimeError,
            r"`a` of shape .3, 4., `b` of shape .2, 4.: the shapes do not broadcast",
        ),
        (
            lambda: functional.einsum("i,i->i", *[torch.ones(2, 4).bool()] * 2, algebra=H),
            TypeError,
            r"`operands.0.` holds torch.bool, but must hold floating-point components; convert",
        ),
        (lambda: functional.prod(reals(1, 5), H), ValueError, "`x` of shape .1, 5. must have the"),
        (lambda: functional.cumprod(reals(2, 5), 0, H), ValueError, "`x` of shape .2, 5. must"),
        (lambda: functional.vander(reals(2, 5), H), ValueError, "`x` of shape .2, 5. must have"),
        (
            lambda: functional.einsum("ij->ij", reals(2, 3, 5), algebra=H),
            ValueError,
            r"`operands\[0\]` of shape .2, 3, 5. must have the 4 components",
        ),
        (lambda: hc.clifford(10**6), ValueError, "`p` . `q` . `r` .=1000000."),
        (lambda: compat.speechbrain.QLinear(0, 8), ValueError, "`n_neurons` .=0. must be a pos"),
        (lambda: compat.speechbrain.QBatchNorm(-8), ValueError, "`input_size` .=-8. must be a pos"),
        (lambda: compat.speechbrain.QBatchNorm(None), TypeError, "`input_size` .=None. must be"),
        (
            lambda: functional.recurrent(
                reals(7, 8), None, None, weights(4), mode="lstm", algebra=H, batch_sizes=[4, 3]
            ),
            TypeError,
            "`batch_sizes` .=.4, 3.. must be a tensor",
        ),
    ],
)
def test_known_mistakes(call: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
