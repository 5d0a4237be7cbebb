"""Functions without a meaning for numbers of an algebra, or without one yet: reason and remedy.

Nothing falls back to the components by itself: `relu` of the four components of a
quaternion is no function of the quaternion. Every function of torch that has no rule is
listed here by name, so that a function which a new torch brings is noticed by name; the door
refuses that one as well, without a special reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from torch import Tensor

from hypercomplex.door.registry import resolve
from hypercomplex.door.values import TensorType

__all__ = ["REFUSED", "Refusal", "refusal", "refused_functions", "spelled"]


class Refusal(NamedTuple):
    """Why some functions are refused, and what to do instead.

    A name stands for its spellings in torch, Tensor and the functional namespaces, in place too; a
    dotted name for itself.
    """

    reason: str
    remedy: str
    names: str


REFUSED = (
    Refusal(
        "numbers of {algebra} have no order",
        "compare abs(q), q.real or q.components",
        "sort argsort msort topk kthvalue max min amax amin aminmax argmax argmin maximum "
        "minimum fmax fmin median nanmedian mode quantile nanquantile cummax cummin lt le gt "
        "ge less less_equal greater greater_equal __lt__ __le__ __gt__ __ge__ clamp clamp_min "
        "clamp_max clip heaviside searchsorted bucketize histc histogram histogramdd "
        "isposinf isneginf signbit sign copysign nextafter hypot "
        "logaddexp2 sym_max sym_min "
        "fractional_max_pool2d fractional_max_pool3d fractional_max_pool2d_with_indices "
        "fractional_max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d",
    ),
    Refusal(
        "numbers of {algebra} have no order",
        "hypercomplex.functional.max_pool and the layers of hypercomplex.nn take the number of the "
        "greatest modulus",
        "max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices "
        "max_pool3d_with_indices adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d "
        "adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices "
        "adaptive_max_pool3d_with_indices",
    ),
    Refusal(
        "it would drop components, and not numbers of {algebra}",
        "hypercomplex.nn.Dropout and its kin drop whole numbers; or, if you mean it, use "
        "hypercomplex.functional.componentwise(f, q)",
        "native_dropout dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout "
        "feature_alpha_dropout",
    ),
    Refusal(
        "on each component by itself it would depend on the basis and be no function of {algebra}",
        "say so, if you mean it, with hypercomplex.functional.componentwise(f, q), or with "
        "hypercomplex.nn.Split(layer) in a network",
        "relu relu6 leaky_relu elu celu selu gelu mish glu softplus softshrink "
        "hardshrink hardtanh threshold prelu rrelu logsigmoid softmax "
        "hardsigmoid hardswish softmin log_softmax gumbel_softmax round floor ceil trunc fix frac "
        "deg2rad rad2deg nan_to_num logit xlogy xlog1py special.softmax special.log_softmax "
        "lp_pool1d lp_pool2d lp_pool3d",
    ),
    Refusal(
        "it takes two real parts of a complex number, and numbers of {algebra} are whole",
        "q.angle() is the angle to the real axis; q.polar() and from_polar go both ways",
        "atan2 arctan2 polar",
    ),
    Refusal(
        "it is torch's own helper for one order of a norm",
        "use torch.linalg.matrix_norm",
        "frobenius_norm nuclear_norm",
    ),
    Refusal(
        "its packed factors or reflectors are those of one LAPACK routine, and no routine packs "
        "numbers of {algebra} so",
        "use torch.linalg.qr, cholesky, lu or solve",
        "geqrf orgqr ormqr linalg.householder_product linalg.ldl_factor linalg.ldl_factor_ex "
        "linalg.ldl_solve",
    ),
    Refusal(
        "it compares numbers with zero while it iterates, and those of {algebra} have no order",
        "use torch.svd_lowrank or torch.linalg.eigh",
        "lobpcg",
    ),
    Refusal(
        "which root of -1 turns in the kernel, and on which side it stands, is not said",
        "use hypercomplex.fft.fft(q, axis=…, side=…), or the function of this name there",
        "fft.fft fft.fft2 fft.fftn fft.ifft fft.ifft2 fft.ifftn stft istft",
    ),
    Refusal(
        "half a spectrum is enough for real signals only, and numbers of {algebra} are none",
        "use the whole one, hypercomplex.fft.fft and ifft; q.real is a real signal",
        "fft.hfft fft.hfft2 fft.hfftn fft.ihfft fft.ihfft2 fft.ihfftn fft.irfft fft.irfft2 "
        "fft.irfftn fft.rfft fft.rfft2 fft.rfftn",
    ),
    Refusal(
        "strides count components, so a view by strides could cut numbers into pieces",
        "use expand, unfold or indices, or as_strided of q.components; for tools that take a "
        "model, call hypercomplex.state.plain_parameters(model) first",
        "as_strided as_strided_scatter as_strided_copy",
    ),
    Refusal(
        "numbers of {algebra} are no complex numbers of torch",
        "view their components, q.components, and make numbers of them by as_hypercomplex; for "
        "COMPLEX, torch.view_as_complex(q.components) goes there",
        "complex view_as_complex view_as_complex_copy cdouble cfloat chalf",
    ),
    Refusal(
        "the real and absolute values are no numbers of {algebra} to keep in place",
        "call the function without the underscore",
        "abs_ absolute_",
    ),
    Refusal(
        "it has no hypercomplex counterpart under this name",
        "use hypercomplex.functional and hypercomplex.nn",
        "conv_tbc convolution multi_head_attention_forward "
        "scaled_dot_product_attention lstm gru rnn_tanh rnn_relu lstm_cell gru_cell "
        "rnn_tanh_cell rnn_relu_cell miopen_convolution miopen_convolution_add_relu "
        "miopen_convolution_relu miopen_convolution_transpose miopen_depthwise_convolution "
        "miopen_rnn",
    ),
    Refusal(
        "its statistics and weights are those of real features, one by one",
        "use batch_norm, layer_norm, group_norm, instance_norm or rms_norm of "
        "hypercomplex.functional, or the layers of hypercomplex.nn",
        "batch_norm layer_norm group_norm instance_norm rms_norm native_batch_norm "
        "native_layer_norm native_group_norm batch_norm_stats batch_norm_elemt "
        "batch_norm_backward_elemt batch_norm_backward_reduce batch_norm_gather_stats "
        "batch_norm_gather_stats_with_counts batch_norm_update_stats miopen_batch_norm",
    ),
    Refusal(
        "the length that it divides by is one of real features",
        "use q.normalize() for units, or torch.nn.functional.normalize(q, dim=…) for vectors",
        "local_response_norm",
    ),
    Refusal(
        "a grid of places holds real numbers",
        "make it of plain matrices; torch.nn.functional.grid_sample takes q and that grid",
        "affine_grid affine_grid_generator",
    ),
    Refusal(
        "its targets are classes, probabilities, signs or real numbers, and not of {algebra}",
        "apply it to q.real or abs(q), or take l1_loss, mse_loss, smooth_l1_loss or huber_loss",
        "cross_entropy nll_loss kl_div ctc_loss binary_cross_entropy "
        "binary_cross_entropy_with_logits gaussian_nll_loss poisson_nll_loss "
        "hinge_embedding_loss margin_ranking_loss multi_margin_loss multilabel_margin_loss "
        "multilabel_soft_margin_loss soft_margin_loss linear_cross_entropy",
    ),
    Refusal(
        "a number of {algebra} is no real Python number and no number of NumPy",
        "convert q.components; q.tolist() and q.numpy() give components on the last axis",
        "__array_wrap__ Tensor.__cuda_array_interface__ __float__ __int__ __long__ __index__",
    ),
    Refusal(
        "it is defined for integers, truth values or real numbers only",
        "apply it to q.components, q.real or abs(q)",
        "byte char short int long __and__ __or__ __xor__ __invert__ __rand__ __ror__ "
        "__rxor__ __iand__ __ior__ __ixor__ __lshift__ __rshift__ __ilshift__ __irshift__ "
        "__rlshift__ __rrshift__ __mod__ __rmod__ __imod__ __floordiv__ __rfloordiv__ "
        "__ifloordiv__ bitwise_and bitwise_or "
        "bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift unravel_index "
        "floor_divide fmod remainder gcd lcm frexp bincount one_hot _sym_int sym_float "
        "sym_ite sym_not sym_sqrt sym_sum i0 digamma lgamma polygamma mvlgamma igamma igammac "
        "erf erfc erfinv airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t "
        "chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w entr erfcx "
        "gammainc gammaincc gammaln hermite_polynomial_h hermite_polynomial_he i0e i1 i1e "
        "laguerre_polynomial_l legendre_polynomial_p log_ndtr modified_bessel_i0 "
        "modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 multigammaln ndtr ndtri psi "
        "scaled_modified_bessel_k0 scaled_modified_bessel_k1 shifted_chebyshev_polynomial_t "
        "shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
        "shifted_chebyshev_polynomial_w spherical_bessel_j0 zeta",
    ),
    Refusal(
        "random numbers of {algebra} need a distribution to be named",
        "use torch.randn_like or normal_, or fill q.components",
        "rand_like randint_like uniform_ random_ exponential_ cauchy_ geometric_ log_normal_ "
        "bernoulli binomial multinomial poisson",
    ),
    Refusal(
        "torch's factories make real numbers",
        "write into q with q.zero_(), q.fill_(…) or q.copy_(…)",
        "arange empty eye full linspace logspace ones rand randint randn randperm zeros "
        "fft.fftfreq fft.rfftfreq",
    ),
    Refusal(
        "it reaches below the numbers, into storage or Python callbacks",
        "work on q.components",
        "resize resize_as set_ index hash_tensor slice_inverse apply_ map_ map2_ record_stream "
        "__setstate__ ipu mtia xpu _clear_non_serializable_cached_data autocast "
        "_autocast_to_full_precision _autocast_to_reduced_precision",
    ),
    Refusal(
        "sparse, nested and quantized layouts do not hold numbers of {algebra}",
        "work on q.components",
        "to_dense to_sparse to_sparse_bsc to_sparse_bsr to_sparse_csc to_sparse_csr "
        "to_padded_tensor to_mkldnn coalesce is_coalesced indices values crow_indices "
        "col_indices ccol_indices row_indices indices_copy values_copy crow_indices_copy "
        "col_indices_copy ccol_indices_copy row_indices_copy dense_dim sparse_dim sparse_mask "
        "sparse_resize_ sparse_resize_and_clear_ resize_as_sparse_ _coalesced_ _dimI _dimV "
        "_indices _values _nnz _to_dense _sparse_mask_projection _nested_tensor_size "
        "_nested_tensor_storage_offsets _nested_tensor_strides hspmm smm sspaddmm dequantize "
        "int_repr q_scale q_zero_point q_per_channel_axis q_per_channel_scales "
        "q_per_channel_zero_points qscheme quantize_per_channel quantize_per_tensor "
        "quantize_per_tensor_dynamic quantized_batch_norm quantized_gru_cell "
        "quantized_lstm_cell quantized_max_pool1d quantized_max_pool2d quantized_max_pool3d "
        "quantized_rnn_relu_cell quantized_rnn_tanh_cell fake_quantize_per_channel_affine "
        "fake_quantize_per_tensor_affine fused_moving_avg_obs_fake_quant "
        "choose_qparams_optimized fbgemm_linear_fp16_weight "
        "fbgemm_linear_fp16_weight_fp32_activation fbgemm_linear_int8_weight "
        "fbgemm_linear_int8_weight_fp32_activation fbgemm_linear_quantize_weight "
        "fbgemm_pack_gemm_matrix_fp16 fbgemm_pack_quantized_matrix",
    ),
)

_NAMESPACES = ("", "Tensor.", "functional.", "nn.functional.", "special.")
_UNKNOWN = Refusal("it has no rule", "work on q.components", "")


def refused_functions() -> Iterator[tuple[Callable[..., Any], str, Refusal]]:
    """Every listed function of the installed torch with its path and its refusal."""
    for entry in REFUSED:
        for name in entry.names.split():
            for path in spelled(name):
                function = resolve(path)
                if function is not None:
                    yield function, path, entry


def spelled(name: str) -> list[str]:
    """The paths that a listed name stands for."""
    if "." in name:
        return [name]
    if name.startswith("__"):
        return [f"Tensor.{name}"]
    return [space + spelling for space in _NAMESPACES for spelling in (name, f"{name}_")]


def _is_attribute(function: Callable[..., Any]) -> bool:
    return getattr(function, "__name__", "") == "__get__"


_by_function = {
    function: (f"torch.{path}", entry)
    for function, path, entry in refused_functions()
    if not _is_attribute(function)  # the compiler cannot hash these
}


def refusal(function: Callable[..., Any], cls: TensorType) -> Exception:
    """The error of a refused call: what, why, and what to do instead.

    Like torch for a dtype that a function lacks, it is a NotImplementedError (operators swallow a
    TypeError); an attribute is missing instead, so that `hasattr` answers, and Python, which asks
    for an index where a list or a string is repeated, is told by a TypeError that this is none.
    """
    unknown = (getattr(function, "__name__", "this function"), _UNKNOWN)
    name, entry = _by_function.get(function, unknown)
    reason = entry.reason.format(algebra=cls.algebra)
    message = f"{name} is refused for {cls.__name__}: {reason}; {entry.remedy}"
    if function is Tensor.__index__:
        return TypeError(message)
    return (AttributeError if _is_attribute(function) else NotImplementedError)(message)
