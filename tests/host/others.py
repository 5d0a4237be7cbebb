"""Programs of people who do not use hypercomplex; run with it and without, they say the same."""

import copy
import inspect
import io
import re
import sys
from types import SimpleNamespace

import torch
import torch._dynamo
from torch import distributions, func, nn
from torch.autograd import functional
from torch.nn.utils import parametrizations
from torch.utils import data


class Louder(torch.Tensor):
    """Somebody's tensor type, which means something of its own by two functions."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        result = super().__torch_function__(func, types, args, kwargs or {})
        loud = (torch.Tensor.sin, torch.Tensor.abs, torch.abs, torch._foreach_mul)
        return result * 2 if func in loud and isinstance(result, torch.Tensor) else result


class Inside(torch.Tensor):
    """Another, which holds a tensor and answers below autograd, of sines by one that is greater."""

    @staticmethod
    def __new__(cls, inner):
        kept = {"dtype": inner.dtype, "requires_grad": inner.requires_grad}
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, **kept)

    def __init__(self, inner):
        self.inner = inner.detach()

    def __repr__(self):
        return f"Inside({self.inner})"

    def tolist(self):
        return self.inner.tolist()

    def __tensor_flatten__(self):
        return ["inner"], None

    @classmethod
    def __tensor_unflatten__(cls, parts, *_):
        return cls(parts["inner"])

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        of = torch.utils._pytree.tree_map
        args, kwargs = of(lambda x: x.inner if isinstance(x, cls) else x, (args, kwargs or {}))
        result = func(*args, **kwargs)
        result = result + 1 if func is torch.ops.aten.sin.default else result
        return of(lambda x: cls(x) if isinstance(x, torch.Tensor) else x, result)


class Norm(nn.BatchNorm1d):
    """Somebody's layer."""


class Sine(nn.Module):
    """Another."""

    def forward(self, x):
        return x.sin()


@torch.library.custom_op("others::twice", mutates_args=())
def twice(x: torch.Tensor) -> torch.Tensor:
    """Somebody's operator."""
    return x * 2


twice.register_fake(torch.empty_like)


def noted(x):
    """An attribute of somebody's tensor, set where it is compiled."""
    y = x.sin()
    y.note = x
    return y + y.note


def stepped(x, again=lambda optimizer: optimizer):
    """A parameter of somebody's after two steps."""
    p = nn.Parameter(x)
    optimizer = torch.optim.SGD([p], lr=0.5, momentum=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        (p * 3).sum().backward()
        optimizer.step()
        optimizer = again(optimizer)
    return optimizer.param_groups[0]["params"][0], len(optimizer._optimizer_step_pre_hooks)


def drawn(x):
    """A density, and a draw, of a distribution of theirs and of torch's."""
    torch.manual_seed(0)
    normal = distributions.Normal(x, abs(x) + 1)
    return normal.log_prob(x * 2), normal.rsample(), distributions.Gumbel(0.0, 1.0).log_prob(x)


def moved(x):
    move = distributions.AffineTransform(x, 2.0)
    return (
        move(x),
        move.inv(x),
        distributions.TransformedDistribution(
            distributions.Normal(x, 1.0), [move, distributions.ExpTransform()]
        ).log_prob(abs(x) + 1),
    )


def updated(x):
    model = nn.Sequential(Norm(1))
    torch.optim.swa_utils.update_bn([(x.unsqueeze(1), "label")], model)
    return model[0].running_mean, model[0].momentum


def quantized(x):
    model = nn.Sequential(nn.Linear(2, 3))
    model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.float16)
    return [type(m).__module__ for m in model], x


def converted(x):
    model = nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(Norm(2), nn.BatchNorm1d(2)))
    return [type(m).__name__ for m in model], x


def turned(x):
    layer = nn.Linear(2, 2)
    layer.weight = nn.Parameter(x.unsqueeze(0) * x.unsqueeze(1))
    return parametrizations.orthogonal(layer, use_trivialization=False)


def bounded(bound):
    """The weight after one step, by a function of torch that begins at random."""

    def program(x):
        torch.manual_seed(0)
        layer = nn.Linear(2, 2)
        layer.weight = nn.Parameter(x.unsqueeze(0) * x.unsqueeze(1) + torch.eye(2))
        layer = bound(layer)
        return layer(x), layer.weight

    return program


def hooked(x):
    """What a hook of a module is told, and what comes of what it says."""
    told, layer = [], Sine()
    layer.register_full_backward_hook(lambda m, grads, of: told.append(of) or (grads[0] * 3,))
    x = x.detach().requires_grad_()
    layer(x).sum().backward()
    return told, x.grad


def hooked_together(x):
    """What a hook of two tensors is told."""
    told = []
    x, y = (each.detach().requires_grad_() for each in (x, x))
    torch.autograd.graph.register_multi_grad_hook((x, y), lambda g: told.append([*g]))
    (x.sin() * y).sum().backward()
    return told


def from_edges(x):
    """Gradients from a place in the graph."""
    x = x.detach().requires_grad_()
    edge = torch.autograd.graph.get_gradient_edge(x.sin())
    found = torch.autograd.grad(edge, x, torch.ones_like(x), retain_graph=True)
    torch.autograd.backward([edge], [x.detach()])
    return found, x.grad


def loaded(x):
    file = io.BytesIO()
    torch.save(x, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def in_one_process(program):
    """A program of somebody who has several processes, and here one."""

    def run(x):
        store = torch.distributed.HashStore()
        torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
        try:
            return program(x, torch.distributed.init_device_mesh("cpu", (1,)))
        finally:
            torch.distributed.destroy_process_group()

    return run


def distributed(x, mesh):
    from torch.distributed.tensor import Shard, distribute_tensor

    return distribute_tensor(x, mesh, [Shard(0)]).to_local()


def from_local(x, mesh):
    from torch.distributed.tensor import DTensor, Shard

    return DTensor.from_local(x, mesh, [Shard(0)]).full_tensor()


def sharded(x, mesh):
    from torch.distributed.fsdp import fully_shard

    model = fully_shard(nn.Linear(2, 3, bias=False), mesh=mesh)
    return model(x).shape, model.weight.shape


def planned(x):
    """What a checkpoint is going to hold."""
    from torch.distributed.checkpoint import DefaultSavePlanner

    planner = DefaultSavePlanner()
    planner.set_up_planner({"x": [x, 3]})
    return [*planner.state_dict.items()]


def staged(x):
    """What a checkpoint is going to hold that is written later."""
    from torch.distributed.checkpoint._state_dict_stager import StateDictStager

    return StateDictStager().stage({"x": [x, 3]})["x"]


def read(x):
    """What a checkpoint is read into."""
    from torch.distributed.checkpoint import DefaultLoadPlanner
    from torch.distributed.checkpoint.metadata import Metadata

    planner = DefaultLoadPlanner()
    planner.set_up_planner({"x": [x, 3]}, Metadata({}, planner_data={"x.0": ("x", 0)}))
    return [*planner.state_dict.items()], planner.mappings


def given_to_all(x, mesh):
    from torch.distributed.checkpoint import state_dict

    model = nn.Linear(2, 1, bias=False)
    options = state_dict.StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)
    state_dict.set_model_state_dict(model, {"weight": x.unsqueeze(0)}, options=options)
    return model.weight.detach()


def collective(name):
    """A function that gives what all processes have, of one tensor, or of a list of them."""

    def program(x, mesh):
        from torch.distributed import _functional_collectives as F

        options = {"src": 0, "reduceOp": "sum", "gather_dim": 0, "scatter_dim": 0}
        function = getattr(F, name)
        names = [*inspect.signature(function).parameters]
        told = {option: options[option] for option in options if option in names}
        if name.startswith("all_to_all"):
            told |= {"output_split_sizes": None, "input_split_sizes": None}
        if name.endswith("coalesced"):
            told |= {"scatter_dim": [0]} if "scatter_dim" in told else {}
            return [F.wait_tensor(y) for y in function([x], **told, group=mesh)]
        return function(x, **told, **({"group": mesh} if "group" in names else {}))

    return in_one_process(program)


def written(function):
    """A function of `torch.distributed` that writes what arrives, by the names of its arguments."""

    def program(x, mesh):
        found = {"src": 0, "dst": 0, "op": torch.distributed.ReduceOp.MAX}
        for name in inspect.signature(function).parameters:
            if name.endswith("_lists"):
                found[name] = [[x]]
            elif name == "tensors" or name.endswith("_list"):
                found[name] = [x]
            elif "tensor" in name or name in ("input", "output"):
                found[name] = x
        names = [*inspect.signature(function).parameters]
        function(**{name: found[name] for name in names if name in found})
        return x

    return in_one_process(program)


def compiled(f, backend="eager"):
    def run(x):
        torch._dynamo.reset()
        return torch.compile(f, fullgraph=True, backend=backend)(x)

    return run


def compiled_again(x):
    """For sizes and strides that vary: the graph is given them, and asked why it does not serve."""
    torch._dynamo.reset()
    sine = torch.compile(lambda x: x.sin(), fullgraph=True, backend="eager")
    return [sine(y) for y in (x, x.repeat(2), x.repeat(6)[::2], x.repeat(9)[::3])]


def written_to(x):
    x = x.clone()
    x[0] = x[1]
    return x.sin() + 0


def gradient(x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(compiled(lambda x: x.sin().sum(), "aot_eager")(x), x)


def loop_of_others(x):
    """What is asked of the maker of loops, by a step of a program of theirs, and with which setting."""
    from torch._inductor import config
    from torch._inductor.codegen.cpp import CppKernelProxy

    asked = []
    maker = SimpleNamespace(
        legalize_lowp_fp_dtype=asked.append,
        data_type_propagation=asked.append,
        codegen_functions=lambda steps, sizes: asked.append(
            (sizes, config.cpp.enable_tiling_heuristics)
        ),
    )
    step = SimpleNamespace(group=(None, ((2,), ())), node=SimpleNamespace(origins=()))
    CppKernelProxy.codegen_nodes(maker, [step])
    return x + len(asked) + asked[-1][1]


def graphs_of_a_step(x):
    """The step of a plain optimizer, compiled: graphs, frames and breaks."""
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    graphs = []
    p = nn.Parameter(torch.ones(3))
    p.grad = torch.ones(3)
    optimizer = torch.optim.Adam([p])

    @torch.compile(backend=lambda graph, _: graphs.append(len(graph.graph.nodes)) or graph)
    def step():
        optimizer.step()

    for _ in range(3):
        step()
    counters = torch._dynamo.utils.counters
    breaks = [reason.splitlines()[0] for reason in counters["graph_break"]]
    if sys.version_info >= (3, 13):  # with any hook, the compiler leaves what is around the step
        return graphs, breaks
    return graphs, dict(counters["frames"]), breaks


ASKING = (
    "isend send irecv recv broadcast all_reduce all_reduce_coalesced reduce all_gather "
    "all_gather_coalesced gather scatter reduce_scatter all_to_all_single all_to_all"
)
_EAGER, _VARIABLES = "torch._functorch.eager_transforms", "torch._dynamo.variables"
PROGRAMS = {  # by the place in the table of effects
    "torch._functorch.vmap._create_batched_inputs": lambda x: func.vmap(torch.sin)(x),
    "torch._functorch.vmap._maybe_remove_batch_dim": func.vmap(lambda x: [x.sin() * 2]),
    f"{_EAGER}.grad_and_value_impl": func.grad_and_value(lambda x: x.sin().sum()),
    f"{_EAGER}._vjp_with_argnums": lambda x: func.vjp(torch.sin, x)[1](x),
    f"{_EAGER}._jvp_with_argnums": lambda x: func.jvp(torch.sin, (x,), (x,)),
    f"{_EAGER}._maybe_wrap_functional_tensor": func.functionalize(lambda x: x.sin()),
    "torch.func.linearize": lambda x: func.linearize(torch.sin, x)[0],
    "torch.func.jacrev": func.jacrev(torch.sin),
    "torch.func.jacfwd": func.jacfwd(torch.sin),
    "torch.autograd.functional.jacobian": lambda x: functional.jacobian(torch.sin, x),
    "torch.autograd.functional.hessian": lambda x: functional.hessian(lambda x: x.sin().sum(), x),
    "torch.optim.optimizer.register_optimizer_step_pre_hook": stepped,
    "torch.optim.optimizer.register_optimizer_step_post_hook": stepped,
    "torch.optim.optimizer.Optimizer.add_param_group": stepped,
    "torch.optim.optimizer.Optimizer.__setstate__": lambda x: stepped(x, copy.deepcopy),
    "torch.fx.Tracer.is_leaf_module": lambda x: (
        torch.fx.symbolic_trace(nn.Sequential(Sine())).graph
    ),
    "torch.ao.quantization.quantize.quantize_dynamic": quantized,
    "torch.optim.swa_utils.update_bn": updated,
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm.__func__": converted,
    "torch.nn.utils.parametrizations.orthogonal": turned,
    "torch.nn.utils.parametrizations.spectral_norm": bounded(parametrizations.spectral_norm),
    "torch.nn.utils.spectral_norm": bounded(nn.utils.spectral_norm),
    "torch.distributions.Distribution.__init__": drawn,
    "torch.distributions.Distribution._validate_sample": drawn,
    "torch.distributions.transforms.Transform.__call__": moved,
    "torch.distributions.transforms.Transform._inv_call": moved,
    "torch.utils.hooks.BackwardHook._apply_on_tensors": hooked,
    "torch.autograd.graph._get_grad_fn_or_grad_acc": hooked_together,
    "torch.autograd._make_grads": from_edges,
    "torch.utils.data._utils.collate.default_collate_fn_map": lambda x: data.default_collate(
        [x, x]
    ),
    "torch.serialization.add_safe_globals": loaded,
    f"{_VARIABLES}.tensor.TensorVariable.nb_absolute_impl": compiled(lambda x: abs(x)),
    f"{_VARIABLES}.builtin.SetAttrBuiltinVariable._call_setattr": compiled(noted),
    f"{_VARIABLES}.torch.TorchInGraphFunctionVariable.torch_function_override_enabled": compiled(
        lambda x: torch._foreach_mul([x, x], 2.0)[1].sin()
    ),
    "torch._dynamo.output_graph.OutputGraph.call_user_compiler": compiled(lambda x: x.sin()),
    "torch._functorch._aot_autograd.runtime_wrappers._AnalyzeCustomOpInputOutputMode."
    "__torch_dispatch__": compiled(twice, "aot_eager"),
    "torch._functorch._aot_autograd.utils.call_func_at_runtime_with_args": gradient,
    "torch._dynamo.guards.get_guard_fail_reason_helper": compiled_again,
    "torch._dynamo.utils.call_size": compiled_again,
    "torch._dynamo.utils.call_stride": compiled_again,
    "torch._inductor.codegen.cpp.CppKernelProxy.codegen_nodes": loop_of_others,
    "torch._dynamo.eval_frame.skip_code": (  # an older compiler calls hooks of ours in other graphs
        graphs_of_a_step if torch.__version__ >= "2.13" else torch.sin
    ),
}
if torch.__version__.startswith("2.14."):
    _place = f"{_VARIABLES}.torch_function.TensorWithTFOverrideVariable.synchronize_attributes"
    PROGRAMS[_place] = compiled(written_to)
if torch.distributed.is_available():
    _TENSORS, _FSDP = "torch.distributed.tensor._api", "torch.distributed.fsdp._fully_shard"
    _NEW = "torch.distributed._functional_collectives"
    _COLLECTIVES = "all_reduce all_reduce_coalesced broadcast wait_tensor all_to_all_single "
    if torch.__version__ >= "2.13":
        _COLLECTIVES += (
            "all_gather_single all_gather_single_coalesced reduce_scatter_single "
            "reduce_scatter_single_coalesced"
        )
    else:
        _COLLECTIVES += (
            "all_gather_tensor all_gather_into_tensor_coalesced reduce_scatter_tensor "
            "reduce_scatter_tensor_coalesced"
        )
    PROGRAMS |= {f"{_NEW}.{name}": collective(name) for name in _COLLECTIVES.split()}
    PROGRAMS |= {
        f"{_TENSORS}.distribute_tensor": in_one_process(distributed),
        f"{_TENSORS}.DTensor.from_local": in_one_process(from_local),
        f"{_FSDP}._fully_shard.fully_shard": in_one_process(sharded),
        "torch.distributed.checkpoint._nested_dict.flatten_state_dict": planned,
        "torch.distributed.checkpoint._state_dict_stager.StateDictStager.stage": staged,
        "torch.distributed.checkpoint.default_planner.DefaultLoadPlanner.set_up_planner": read,
        "torch.distributed._state_dict_utils._broadcast_state_dict": in_one_process(given_to_all),
    }
    for _name in ASKING.split():
        _function = getattr(torch.distributed, _name)
        _code = inspect.unwrap(_function).__code__
        if "handle_torch_function" not in _code.co_names:  # in torches before 2.12
            PROGRAMS[f"torch.distributed.distributed_c10d.{_name}"] = written(_function)


def said():
    """What each program makes of each type, as lines to compare."""
    for place, program in PROGRAMS.items():
        for make in (Inside, lambda x: x.as_subclass(Louder)):
            torch.manual_seed(0)
            x = make(torch.tensor([-1.0, 2]))
            yield f"{place}: {answer(program, x)}"


def answer(program, x):
    try:
        return shown(program(x))
    except Exception as error:
        return re.sub(
            r"0x[0-9a-f]+|]:[0-9]+", "", f"{type(error).__name__}: {error}".splitlines()[0]
        )


def shown(value):
    if isinstance(value, list | tuple):
        return [shown(x) for x in value]
    if isinstance(value, torch.Tensor):
        return f"{type(value).__name__} {value.shape} {value.tolist()}"
    return str(value)
