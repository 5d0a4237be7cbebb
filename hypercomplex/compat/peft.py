"""For users of PEFT: LoRA of linear layers of numbers, with factors of numbers.

`register(config)` has a `LoraConfig` take `hypercomplex.nn.Linear` where its `target_modules` name
one. All else is PEFT's: several adapters, `save_pretrained`, `merge_and_unload`, `disable_adapter`.
It needs PEFT, `pip install 'hypercomplex-torch[peft]'`, and its hook for layers of others, which
PEFT calls experimental. `hypercomplex.nn.lora` needs no PEFT, and takes convolutions, too.
"""

from __future__ import annotations

import copy
import math
import warnings
from typing import TYPE_CHECKING, Any

import torch
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn

from hypercomplex.functional.arguments import checked
from hypercomplex.nn.dropout import Dropout
from hypercomplex.nn.linear import Linear
from hypercomplex.nn.lora import change_of_weight

__all__ = ["LoraLinear", "register"]

_PLAIN = ("use_dora", "lora_bias", "alora_invocation_tokens", "arrow_config", "loftq_config")


@checked
def register(config: LoraConfig) -> LoraConfig:
    """Have a configuration of PEFT take linear layers of numbers where it names one.

    Example:
        >>> from peft import LoraConfig, get_peft_model
        >>> model = torch.nn.Sequential(hc.nn.QuaternionLinear(64, 64))
        >>> adapted = get_peft_model(model, register(LoraConfig(r=2, target_modules=["0"])))
        >>> sum(p.numel() for p in adapted.parameters() if p.requires_grad)
        1024
    """
    config._register_custom_module({Linear: LoraLinear})
    return config


class LoraLinear(nn.Module, LoraLayer):  # type: ignore[misc]
    r"""`Linear` beside a change of low rank for each adapter: $y = W x + b + s B (A x)$.

    PEFT makes it of a layer and a configuration. $A$ is `Linear(in_features, r)` and $B$ is
    `Linear(r, out_features)`, without bias, on the side of the layer. `lora_dropout` drops whole
    numbers.

    Raises:
        ValueError: if the algebra is not associative, so that $B (A x)$ is not $(B A) x$, or the
            configuration asks for a variant of LoRA.
    """

    if TYPE_CHECKING:  # what PEFT's class has

        def __getattr__(self, name: str) -> Any: ...

    def __init__(
        self,
        base_layer: Linear,
        adapter_name: str,
        config: LoraConfig,
        r: int = 0,
        lora_alpha: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        LoraLayer.__init__(self, base_layer, **kwargs)
        self._active_adapter = adapter_name
        self.update_layer(adapter_name, r, lora_alpha, config=config, **kwargs)

    def update_layer(
        self, adapter_name: str, r: int, lora_alpha: int, config: LoraConfig, **kwargs: Any
    ) -> None:
        """Make the factors of an adapter; PEFT calls it."""
        base = self.get_base_layer()
        if not getattr(base.algebra, "is_associative", False):
            raise ValueError(
                f"`base_layer` (={base}) must be over an associative algebra; "
                "hypercomplex.nn.lora takes any algebra, but no rule that is learned"
            )
        asked = [name for name in _PLAIN if getattr(config, name, None)]
        if asked or config.init_lora_weights not in (True, False):
            asked = asked or ["init_lora_weights"]
            raise ValueError(f"`config`: {asked[0]} (={getattr(config, asked[0])!r}) is for reals")
        self.r[adapter_name] = r
        self.lora_alpha[adapter_name] = lora_alpha
        self.use_rslora[adapter_name] = config.use_rslora
        self.scaling[adapter_name] = lora_alpha / (math.sqrt(r) if config.use_rslora else r)
        dropout = Dropout(config.lora_dropout, algebra=base.algebra, dim=-1)
        self.lora_dropout[adapter_name] = dropout if config.lora_dropout else nn.Identity()
        kind = {"algebra": base.algebra, "side": base.side, "bias": False}
        kind |= {"init": "isotropic", "device": base.weight.device, "dtype": base.weight.dtype}
        self.lora_A[adapter_name] = Linear(base.in_features, r, criterion="he", **kind)
        self.lora_B[adapter_name] = Linear(r, base.out_features, **kind)
        if config.init_lora_weights:
            nn.init.zeros_(self.lora_B[adapter_name].weight)
        self.set_adapter(self.active_adapters, inference_mode=config.inference_mode)

    def get_delta_weight(self, adapter: str) -> Tensor:
        """The change of the weight, `(out_features, in_features, n)`."""
        base, a, b = self.get_base_layer(), self.lora_A[adapter], self.lora_B[adapter]
        change = change_of_weight(b.weight, a.weight, base.algebra, base.side == "left")
        return self.scaling[adapter] * change

    @torch.no_grad()
    def merge(self, safe_merge: bool = False, adapter_names: list[str] | None = None) -> None:
        """Add the changes of adapters to the weight."""
        base = self.get_base_layer()
        for adapter in adapter_names or self.active_adapters:
            if adapter in self.lora_A and adapter not in self.merged_adapters:
                weight = base.weight + self.get_delta_weight(adapter)
                if safe_merge and not weight.isfinite().all():
                    raise ValueError(f"`adapter_names`: {adapter!r} makes an infinite weight")
                base.weight.copy_(weight)
                self.merged_adapters.append(adapter)

    @torch.no_grad()
    def unmerge(self) -> None:
        """Take the changes out of the weight."""
        if not self.merged:
            warnings.warn("no adapter is merged", stacklevel=2)
        while self.merged_adapters:
            self.get_base_layer().weight.sub_(self.get_delta_weight(self.merged_adapters.pop()))

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """`y = W x + b + s B (A x)`, summed over the active adapters."""
        self._check_forward_args(x, *args, **kwargs)
        if kwargs.pop("adapter_names", None) is not None:
            raise ValueError("`adapter_names`: layers of numbers take one adapter for a batch")
        if self.disable_adapters and self.merged:
            self.unmerge()
        y = self.base_layer(x, *args, **kwargs)
        if self.disable_adapters or self.merged:
            return y
        for adapter in self.active_adapters:
            if adapter in self.lora_A:
                inner = self.lora_A[adapter](self.lora_dropout[adapter](x))
                y = y + self.scaling[adapter] * self.lora_B[adapter](inner)
        return y

    def to_real(self) -> nn.Module:
        """The stock layer with the changes of the active adapters."""
        whole = copy.deepcopy(self)
        if not self.disable_adapters:
            whole.merge()
        elif self.merged:
            whole.unmerge()
        return whole.get_base_layer().to_real()
