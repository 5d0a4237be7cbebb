"""Whole models from hypercomplex to real layers and back, and real models made hypercomplex."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Tolerance, checked, state_width
from hypercomplex.lowering import AnyProduct, disarrange, operator, structure, unfold, unfold_groups
from hypercomplex.lowering.block import Side
from hypercomplex.nn.activation import Cardioid, ModReLU, ModTanh
from hypercomplex.nn.adapters import (
    AllComponents,
    FeaturesToImaginary,
    FeaturesToNumbers,
    LearnedReadout,
    LearnedVector,
    Modulus,
    RealPart,
)
from hypercomplex.nn.affine import Affine, NoStockLayerError
from hypercomplex.nn.attention import MultiheadAttention
from hypercomplex.nn.cells import GRUCell, LSTMCell, RNNCell
from hypercomplex.nn.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from hypercomplex.nn.dropout import Dropout, Dropout1d, Dropout2d, Dropout3d
from hypercomplex.nn.equivariant import (
    EquivariantLayerNorm,
    FullyConnectedProduct,
    GeometricBilinear,
    GradeGate,
    GradeNorm,
    WeightedProduct,
)
from hypercomplex.nn.equivariant_attention import EquivariantAttention
from hypercomplex.nn.instance_norm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from hypercomplex.nn.ligru import LiGRU, LiGRUCell
from hypercomplex.nn.linear import Linear
from hypercomplex.nn.normalization import GroupNorm, LayerNorm
from hypercomplex.nn.permutation import ChannelPermutation
from hypercomplex.nn.pooling import (
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from hypercomplex.nn.recurrent import GRU, LSTM, RNN
from hypercomplex.nn.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from hypercomplex.nn.written import Bidirectional, Recurrence

__all__ = [
    "BUILDERS",
    "NO_STOCK_LAYER",
    "Conversion",
    "ConversionReport",
    "convert",
    "from_real",
    "to_real",
]

Builder = Callable[..., nn.Module]


# ---------------------------------------------------------------------- to real layers


@checked
def to_real(model: nn.Module, *, strict: bool = False) -> nn.Module:
    """A copy of the model with stock torch layers for hypercomplex ones, equal on folded input.

    Every layer that has a `to_real()` is replaced by it, wherever the model refers to it, so a
    shared layer stays shared; everything else is copied. Weights that several layers
    share become independent. The copy needs this library only for what has no stock layer, and
    for orders of channels; `NO_STOCK_LAYER` lists what has none, and batch normalisation has one
    in evaluation mode only. The output of a bidirectional recurrent layer is put in order.

    Args:
        model: any model; it is not changed.
        strict: whether to refuse a layer of numbers without a stock one, rather than keep it.

    Raises:
        ValueError: if `strict` is set and layers would be kept; it names them and says why.

    Example:
        >>> model = torch.nn.Sequential(
        ...     hc.nn.QuaternionLinear(3, 5), hc.nn.Split(torch.nn.ReLU()), torch.nn.Linear(20, 1)
        ... )
        >>> to_real(model)
        Sequential(
          (0): Linear(in_features=12, out_features=20, bias=True)
          (1): ReLU()
          (2): Linear(in_features=20, out_features=1, bias=True)
        )
    """
    memo: dict[int, Any] = {}  # what `deepcopy` takes for the copies that it has made already
    found, kept = _stock_layers(model)
    if strict and kept:
        reasons = "".join(f"\n  {name}: {reason}" for name, reason in kept.items())
        raise ValueError(f"`model` holds layers of numbers without a stock layer:{reasons}")
    for layer, real in found.items():
        held = any(real is module for module in layer.modules())  # an activation in its Split
        memo[id(layer)] = copy.deepcopy(real, memo) if held else real
    return copy.deepcopy(model, memo)


def _stock_layers(model: nn.Module) -> tuple[dict[nn.Module, nn.Module], dict[str, str]]:
    """The outermost layers that have a stock one, with it; and why others of ours are kept."""
    found: dict[nn.Module, nn.Module] = {}
    kept: dict[str, str] = {}

    def visit(name: str, module: Any, parent: nn.Module | None) -> None:
        if module in found:
            return
        ours = any(_is_ours(cls) for cls in type(module).__mro__)
        reason = _why_kept(module, parent) if ours else None
        if ours and reason is None and hasattr(module, "to_real"):
            try:
                found[module] = _in_order(module, module.to_real())
                return
            except NoStockLayerError as error:
                reason = str(error)
        if reason is not None:
            kept[name or "(model)"] = f"{type(module).__name__}, {reason}"
        for child, inside in module.named_children():
            visit(f"{name}.{child}" if name else child, inside, module)

    visit("", model, None)
    return found, kept


def _why_kept(layer: nn.Module, parent: nn.Module | None) -> str | None:
    """Why a layer has no stock one, wherever it is a matter of its type or its place."""
    layers = TransformerEncoderLayer, TransformerDecoderLayer
    if isinstance(layer, MultiheadAttention) and isinstance(parent, layers):
        return f"{type(parent).__name__} may call it with `is_causal` and no mask"
    return next((why for cls, why in NO_STOCK_LAYER.items() if isinstance(layer, cls)), None)


def _in_order(layer: nn.Module, real: nn.Module) -> nn.Module:
    """The real layer with outputs as in the layer of numbers."""
    if not (isinstance(layer, (RNN, LSTM, GRU)) and layer.bidirectional):
        return real
    n, numbers = layer.algebra.product.shape[2], 2 * layer.hidden_size
    ordered = LSTMDirectionsInOrder if isinstance(layer, LSTM) else DirectionsInOrder
    return real if n == 1 else ordered(real, n, numbers, layer.weights[0].device)


class DirectionsInOrder(nn.Module):
    """A real bidirectional recurrent layer that gives whole numbers component-major.

    Torch gives `[forward folded | backward folded]`; the states are the same.
    """

    def __init__(
        self, layer: nn.Module, dimension: int, numbers: int, device: torch.device
    ) -> None:
        super().__init__()
        self.layer = layer
        self.order = ChannelPermutation(
            dimension * numbers, dimension, 2, -1, inverse=True, device=device
        )
        self.train(layer.training)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        output, states = self.layer(input, hx)
        return self.ordered(output), states

    def ordered(self, output: Tensor) -> Tensor:
        """The output, of padded or of packed sequences, as whole numbers."""
        if isinstance(output, PackedSequence):
            return output._replace(data=self.order(output.data))  # type: ignore[unreachable]
        return self.order(output)


class LSTMDirectionsInOrder(DirectionsInOrder):
    """The same with the two states of an LSTM, whose type TorchScript must know."""

    def forward(  # type: ignore[override]
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        output, states = self.layer(input, hx)
        return self.ordered(output), states


_BY_KIND: dict[str, tuple[type[nn.Module], ...]] = {
    "which chooses whole numbers by modulus": (
        AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d, MaxPool1d, MaxPool2d, MaxPool3d,
    ),
    "which acts on moduli": (Cardioid, ModReLU, ModTanh),
    "which drops whole numbers": (Dropout, Dropout1d, Dropout2d, Dropout3d),
    "whose mean and variance are those of numbers": (
        GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, LayerNorm,
    ),
    "which stands between real features and numbers": (
        AllComponents, FeaturesToImaginary, FeaturesToNumbers, LearnedReadout, LearnedVector,
        Modulus, RealPart,
    ),
    "which torch does not have": (LiGRU, LiGRUCell),
    "which is an equation of one step": (Bidirectional, Recurrence),
    "whose normalisations are those of numbers": (
        TransformerDecoderLayer, TransformerEncoderLayer,
    ),
    "which multiplies its inputs": (FullyConnectedProduct, GeometricBilinear, WeightedProduct),
    "which acts on invariants": (
        EquivariantAttention, EquivariantLayerNorm, GradeGate, GradeNorm,
    ),
}  # fmt: skip

NO_STOCK_LAYER: dict[type[nn.Module], str] = {
    cls: why for why, classes in _BY_KIND.items() for cls in classes
}
"""The layers that no stock layer stands for, and why; `to_real(model)` keeps them."""


def _is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == __name__.partition(".")[0]


# ---------------------------------------------------------------------- from a real layer


@checked
def from_real(
    layer: nn.Module,
    algebra: Algebra,
    *,
    side: Side = "left",
    project: bool = False,
    tolerance: Tolerance = 1e-5,
) -> nn.Module:
    """The hypercomplex layer whose `to_real()` is this one: its weight read off the blocks.

    Args:
        layer: a stock linear, convolution or transposed-convolution layer on folded channels, or
            a grouped convolution between `ChannelPermutation`s as `to_real` gives it.
        algebra: the algebra of the numbers.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        project: whether to take the nearest weight (least squares) where there is none.
        tolerance: by how much a block may differ from a number's, relative to the largest entry.

    Raises:
        TypeError: if the layer is of no kind that has a counterpart.
        ValueError: if a width is no multiple of the dimension, or the weight does not have the
            blocks of the algebra and `project` is not set.

    Example:
        >>> layer = hc.nn.QuaternionLinear(3, 5)
        >>> bool((from_real(layer.to_real(), hc.QUATERNION).weight == layer.weight).all())
        True
    """
    core = _between_permutations(layer, algebra)
    if type(core) not in _COUNTERPARTS:
        raise TypeError(
            f"`layer` (={type(core).__name__}) must be one of "
            f"{', '.join(cls.__name__ for cls in _COUNTERPARTS)}"
        )
    numbers = _affine(core, algebra, side=side, device="meta").to_empty(device=core.weight.device)
    blocks = disarrange(core.weight.detach(), algebra.dimension, numbers.groups)
    blocks = blocks.transpose(0, 1) if numbers.transposed else blocks
    find = _nearest if project else partial(_exact, tolerance=tolerance)
    with torch.no_grad():
        numbers.weight.copy_(find(blocks, algebra, side))
        if numbers.bias is not None:
            bias = unfold_groups(core.bias, 0, algebra.dimension, numbers.groups)
            numbers.bias.copy_(unfold(bias, 0, algebra.dimension))
    return numbers


def _between_permutations(layer: Any, algebra: Algebra) -> Any:
    """The real layer itself, after checking that its groups hold whole numbers."""
    core, around = layer, []
    if isinstance(layer, nn.Sequential) and len(layer) == 3:
        first, core, last = layer
        around = [first, last]
    groups = getattr(core, "groups", 1)
    whole = around and all(
        isinstance(p, ChannelPermutation) and (p.dimension, p.groups) == (algebra.dimension, groups)
        for p in around
    )
    if not whole and (around or (groups > 1 and algebra.dimension > 1)):
        raise ValueError(
            f"`layer` (={type(layer).__name__}) with `groups` (={groups}) must stand between two "
            f"ChannelPermutations of {algebra} with as many groups, so that a group holds whole "
            "numbers; to_real() of a grouped layer gives them"
        )
    return core


def _exact(blocks: Tensor, algebra: Algebra, side: Side, tolerance: float) -> Tensor:
    """The numbers of which the blocks are the matrices: what the blocks make of 1."""
    numbers = blocks[:, 0].movedim(0, -1)
    deviation = float((operator(numbers, algebra.product, side) - blocks).abs().max())
    largest = float(blocks.abs().max())
    if not deviation <= tolerance * largest:
        raise ValueError(
            f"`layer`: its weight is no block matrix over {algebra}, since a block is off by "
            f"{deviation:.3g} (the largest entry is {largest:.3g}); `project=True` takes the "
            "nearest one"
        )
    return numbers


def _nearest(blocks: Tensor, algebra: Algebra, side: Side) -> Tensor:
    """The numbers whose matrices are nearest to the blocks, by least squares."""
    flat = blocks.flatten(0, 1).flatten(1).double()
    solution = torch.linalg.pinv(structure(algebra.product, side, flat)) @ flat
    return solution.t().reshape(*blocks.shape[2:], -1).to(blocks.dtype)


# ---------------------------------------------------------------------- builders

_COUNTERPARTS: dict[type[nn.Module], type[Affine]] = {
    nn.Linear: Linear,
    nn.Conv1d: Conv1d,
    nn.Conv2d: Conv2d,
    nn.Conv3d: Conv3d,
    nn.ConvTranspose1d: ConvTranspose1d,
    nn.ConvTranspose2d: ConvTranspose2d,
    nn.ConvTranspose3d: ConvTranspose3d,
}
_RECURRENT: dict[type[nn.Module], type[nn.Module]] = {
    nn.RNN: RNN,
    nn.LSTM: LSTM,
    nn.GRU: GRU,
    nn.RNNCell: RNNCell,
    nn.LSTMCell: LSTMCell,
    nn.GRUCell: GRUCell,
}
_TRANSFORMER: dict[type[nn.Module], type[nn.Module]] = {
    nn.TransformerEncoderLayer: TransformerEncoderLayer,
    nn.TransformerDecoderLayer: TransformerDecoderLayer,
}
_WIDTHS = (
    "in_features", "out_features", "in_channels", "out_channels", "input_size", "hidden_size",
    "embed_dim", "kdim", "vdim",
)  # fmt: skip


def _affine(real: Any, algebra: AnyProduct, **options: Any) -> Any:
    """A fresh layer with the real one's arguments, its widths counted in numbers."""
    cls = _COUNTERPARTS[type(real)]
    arguments = _arguments(cls, real, algebra) | {"bias": real.bias is not None}
    return cls(**{**arguments, "algebra": algebra, **options}).train(real.training)


def _recurrent(real: Any, algebra: AnyProduct, **options: Any) -> Any:
    """A fresh recurrent layer or cell; dropout between layers is left out where there is one."""
    cls = _RECURRENT[type(real)]
    if getattr(real, "proj_size", 0):
        raise ValueError(f"`proj_size` (={real.proj_size}) must be 0: {cls.__name__} has none")
    _check_options(cls, options)
    arguments = _arguments(cls, real, algebra)
    if getattr(real, "num_layers", None) == 1:
        arguments["dropout"] = 0.0
    return cls(**{**arguments, "algebra": algebra, **options}).train(real.training)


def _attention(real: Any, algebra: AnyProduct, **options: Any) -> Any:
    """Fresh attention with as many heads, each of whole numbers."""
    _check_options(MultiheadAttention, options)
    if real.bias_k is not None or real.add_zero_attn:
        raise ValueError(
            "`add_bias_kv` and `add_zero_attn` must be False: MultiheadAttention has none"
        )
    arguments = _arguments(MultiheadAttention, real, algebra)
    arguments["bias"] = real.in_proj_bias is not None
    return MultiheadAttention(**{**arguments, "algebra": algebra, **options}).train(real.training)


def _transformer(real: Any, algebra: AnyProduct, **options: Any) -> Any:
    """A fresh layer of a transformer, with the real one's activation and probabilities."""
    cls = _TRANSFORMER[type(real)]
    _check_options(cls, options)
    _check_stock_parts(real)
    arguments: dict[str, Any] = {
        "d_model": numbers_in("d_model", real.linear1.in_features, algebra),
        "nhead": real.self_attn.num_heads,
        "dim_feedforward": numbers_in("dim_feedforward", real.linear1.out_features, algebra),
        "activation": copy.deepcopy(real.activation),
        "batch_first": real.self_attn.batch_first,
        "norm_first": real.norm_first,
        "bias": real.linear1.bias is not None,
        "device": real.linear1.weight.device,
        "dtype": real.linear1.weight.dtype,
        "algebra": algebra,
    }
    layer = cls(**{**arguments, **options})
    for name, part in real.named_children():
        setting = _SETTINGS.get(type(part))
        if setting is not None:
            setattr(layer.get_submodule(name), setting, getattr(part, setting))
    return layer.train(real.training)


_SETTINGS: dict[type[nn.Module], str] = {
    nn.MultiheadAttention: "dropout",
    nn.LayerNorm: "eps",
    nn.Dropout: "p",
}  # which may have changed since the layer was made


def _check_stock_parts(real: nn.Module) -> None:
    """Whether a layer of a transformer still consists of what torch makes it of."""
    for name, part in real.named_children():
        if name != "activation" and type(part) not in (nn.Linear, *_SETTINGS):
            raise ValueError(f"`{name}` (={type(part).__name__}) is not what torch puts there")


def _check_options(cls: type[nn.Module], options: dict[str, Any]) -> None:
    """Whether a class has the options that linear layers have; others are errors everywhere."""
    for name, value in options.items():
        if name in signature(Linear).parameters and name not in signature(cls).parameters:
            raise ValueError(f"`{name}` (={value!r}) is not an argument of {cls.__name__}")


def _arguments(cls: type[nn.Module], real: Any, algebra: AnyProduct) -> dict[str, Any]:
    """The arguments of a class that a real layer has as attributes, where it lives and its type."""
    arguments = {
        name: getattr(real, name) for name in signature(cls).parameters if hasattr(real, name)
    }
    for name in _WIDTHS:
        if name in arguments:
            arguments[name] = numbers_in(name, arguments[name], algebra)
    like = next(real.parameters())
    return arguments | {"device": like.device, "dtype": like.dtype}


def numbers_in(argument: str, width: int, algebra: AnyProduct) -> int:
    """How many numbers a width of a real layer holds; for builders."""
    n = state_width(algebra.product)
    if width % n:
        raise ValueError(
            f"`{argument}` (={width}) must be a multiple of {n}, the dimension of {algebra}"
        )
    return width // n


BUILDERS: dict[type[nn.Module], Builder] = {
    **dict.fromkeys(_COUNTERPARTS, _affine),
    **dict.fromkeys(_RECURRENT, _recurrent),
    **dict.fromkeys(_TRANSFORMER, _transformer),
    nn.MultiheadAttention: _attention,
}
"""For each convertible type, what builds its counterpart: `builder(layer, algebra, **options)`.

It raises a `ValueError` with the reason where there is none.
"""


# ---------------------------------------------------------------------- whole real models


@dataclass(frozen=True)
class Conversion:
    """What became of one layer: its name and type, its parameters, and why it was left, if so."""

    name: str
    kind: str
    before: int
    after: int
    reason: str | None = None

    def __str__(self) -> str:
        name = f"{self.name or '(model)'} ({self.kind})"
        if self.reason:
            return f"{name}: left, {self.reason}"
        return f"{name}: {self.before:,} → {self.after:,} parameters"


@dataclass(frozen=True)
class ConversionReport:
    """What `convert` did: a row for each layer that it looked at, and the parameters in all.

    Attributes:
        rows: a `Conversion` for each linear, convolution … layer of the model, in order.
        before: parameters of the real model.
        after: parameters of the hypercomplex model.
    """

    algebra: AnyProduct
    rows: tuple[Conversion, ...]
    before: int
    after: int

    @property
    def converted(self) -> tuple[str, ...]:
        """The names of the layers that became hypercomplex."""
        return tuple(row.name for row in self.rows if row.reason is None)

    @property
    def skipped(self) -> dict[str, str]:
        """The names of the layers that were left, with the reasons."""
        return {row.name: row.reason for row in self.rows if row.reason is not None}

    def __str__(self) -> str:
        head = f"{len(self.converted)} of {len(self.rows)} layers over {self.algebra}"
        total = f"in all: {self.before:,} → {self.after:,} parameters"
        return "\n  ".join([head, *map(str, self.rows), total])


@checked
def convert(
    model: nn.Module,
    algebra: AnyProduct,
    *,
    names: str | Iterable[str] = "*",
    types: Iterable[type[nn.Module]] | None = None,
    keep: str | Iterable[str] = (),
    **options: Any,
) -> tuple[nn.Module, ConversionReport]:
    """A copy of a real model with hypercomplex layers, freshly drawn, for real ones.

    Widths stay, so a layer of `n·I` inputs and `n·O` outputs becomes one of `I` and `O` numbers,
    on folded input, with about `1/n` of the parameters. Other arguments are copied (stride,
    padding, groups, bias …). What cannot be converted is left, and the report says why.

    Layers of transformers and attention are converted as wholes, if their heads hold whole
    numbers; what is inside is then not looked at. Their normalisations are those of numbers.

    A bidirectional recurrent layer keeps its width, too, but gives whole numbers: the halves of
    its folded output are not its directions.

    Args:
        model: any model of stock layers; it is not changed.
        algebra: the algebra of the numbers; or a `LearnedBilinear` rule, which all layers share.
        names: patterns, as of file names, of the layers to convert.
        types: the types of layers to convert; all of `BUILDERS` if None.
        keep: `"first"`, `"last"` and patterns of the layers to leave real, and what they stand
            in. First and last are in the order in which the model holds its layers.
        **options: for every layer built, such as `side="right"` or `init="unitary"`.

    Returns:
        The model, and a `ConversionReport` to print.

    Raises:
        ValueError: if a type has no builder, or a pattern fits no layer.

    Example:
        >>> model = torch.nn.Sequential(
        ...     torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 5)
        ... )
        >>> model, report = convert(model, hc.COMPLEX)
        >>> print(report)
        1 of 2 layers over COMPLEX
          0 (Linear): 544 → 288 parameters
          2 (Linear): left, `out_features` (=5) must be a multiple of 2, the dimension of COMPLEX
          in all: 709 → 453 parameters
    """
    chosen_types = tuple(BUILDERS) if types is None else tuple(types)
    for kind in chosen_types:
        if kind not in BUILDERS:
            raise ValueError(
                f"`types`: {kind.__name__} must be one of {[cls.__name__ for cls in BUILDERS]}"
            )
    layers = {
        name: module for name, module in model.named_modules() if isinstance(module, chosen_types)
    }
    chosen = _fitting("names", names, layers)
    kept = {layers[name] for name in _fitting("keep", keep, layers)}
    replacements: dict[nn.Module, nn.Module] = {}
    gone: set[nn.Module] = set()
    rows = []
    for name, layer in layers.items():
        if layer in gone:
            continue
        reason = "as `keep` says" if kept.intersection(layer.modules()) else None
        reason = reason if name in chosen else "not among `names`"
        if reason is None:
            try:
                replacements[layer] = _build(layer, model, algebra, options)
                gone.update(layer.modules())
            except ValueError as error:
                reason = str(error)
        after = _count(replacements.get(layer, layer))
        rows.append(Conversion(name, type(layer).__name__, _count(layer), after, reason))
    memo: dict[int, Any] = {id(old): new for old, new in replacements.items()}
    converted = copy.deepcopy(model, memo)
    _without_fast_path(converted)
    return converted, ConversionReport(algebra, tuple(rows), _count(model), _count(converted))


def _build(
    layer: nn.Module, model: nn.Module, algebra: AnyProduct, options: dict[str, Any]
) -> nn.Module:
    """The counterpart of a layer, or a `ValueError` that says why there is none."""
    for parent in model.modules():
        inside = layer is not parent and any(layer is m for m in parent.modules())
        if inside and isinstance(parent, _READ_THEIR_WEIGHTS):
            raise ValueError(f"{type(parent).__name__} reads its weight without calling it")
    if type(layer) not in BUILDERS:
        raise ValueError("its type is derived and may compute something else")
    return BUILDERS[type(layer)](layer, algebra, **options)


# Fast paths of these take the weights of the layers inside, whatever their forward does.
_READ_THEIR_WEIGHTS = (nn.MultiheadAttention, nn.TransformerEncoderLayer)


def _without_fast_path(model: nn.Module) -> None:
    """Stacks of layers that are not torch's do not hand them nested tensors."""
    for stack in model.modules():
        if isinstance(stack, nn.TransformerEncoder):
            stock = all(isinstance(layer, nn.TransformerEncoderLayer) for layer in stack.layers)
            stack.use_nested_tensor &= stock


def _fitting(
    argument: str, patterns: str | Iterable[str], layers: dict[str, nn.Module]
) -> set[str]:
    """The names that fit a pattern; "first" and "last" are names, too."""
    order = list(layers)
    words = {"first": order[:1], "last": order[-1:]} if argument == "keep" else {}
    fitting: set[str] = set()
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        fits = words.get(pattern) or [name for name in order if fnmatchcase(name, pattern)]
        if not fits and pattern != "*":
            raise ValueError(f"`{argument}`: {pattern!r} fits no layer among {order}")
        fitting.update(fits)
    return fitting


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
