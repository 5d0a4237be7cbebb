"""Arithmetic of quaternions against the libraries of the package index, in one run.

Run with `python -m benchmarks.tensors`; the peers come with `pip install -e ".[peers]"`, and those
that are absent are named and left out. Every contender is first checked against the same result.
Times are medians, interleaved; the last columns are medians of ratios taken round by round (in
brackets the ratio of the fastest rounds). The floor is the time to copy as many bytes as the
operation must move, a copy that of the first argument, measured in the same rounds. A last table
has what a call costs that has next to nothing to compute.
"""

from __future__ import annotations

import argparse
import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from torch import Tensor

import hypercomplex as hc
from benchmarks.timing import Work, ratio, samples, seconds

PRODUCT, ROTATE, SLERP, EXP, LOG = "product", "rotate", "slerp", "exp", "log"
TO_MATRIX, FROM_MATRIX, MATMUL = "to matrix", "from matrix", "matmul"
INVERSE, ABS = "inverse", "abs"
ARGUMENTS = {  # q: unit quaternions, v: vectors, R: rotation matrices, A: matrices of quaternions
    PRODUCT: "qq", ROTATE: "qv", SLERP: "qq", EXP: "v", LOG: "q", TO_MATRIX: "q", FROM_MATRIX: "R",
    MATMUL: "AA", INVERSE: "q", ABS: "q",
}  # fmt: skip
T = 0.3
Call = Callable[..., Any]
IDENTITY: Call = lambda x: x  # noqa: E731


@dataclass(frozen=True)
class Library:
    """How to call one library: `enter` and `leave` are its own type, if it has one."""

    calls: dict[str, Call]
    enter: dict[str, Call]
    leave: Call = IDENTITY
    scalar_first: bool = True
    differentiable: bool = True
    compiles: bool = False


# ---------------------------------------------------------------------- ours


def ours() -> Library:
    f, r = hc.functional, hc.rotations
    return Library(
        {
            PRODUCT: lambda p, q: f.product(p, q, hc.QUATERNION),
            ROTATE: lambda q, v: f.rotate(q, v, hc.QUATERNION),
            SLERP: lambda p, q: r.slerp(p, q, T),
            EXP: r.from_rotvec,
            LOG: r.to_rotvec,
            TO_MATRIX: r.to_matrix,
            FROM_MATRIX: r.from_matrix,
            MATMUL: lambda a, b: f.matmul(a, b, hc.QUATERNION),
            INVERSE: lambda q: f.inverse(q, hc.QUATERNION),
            ABS: f.norm,
        },
        {},
        compiles=True,
    )


def typed() -> Library:
    r = hc.rotations
    return Library(
        {
            PRODUCT: lambda p, q: p * q,
            ROTATE: lambda q, v: q.rotate(v),
            SLERP: lambda p, q: r.slerp(p, q, T),
            LOG: r.to_rotvec,
            TO_MATRIX: r.to_matrix,
            MATMUL: lambda a, b: a @ b,
            INVERSE: lambda q: q.inverse(),
            ABS: lambda q: q.abs(),
        },
        {"q": hc.QuaternionTensor, "A": hc.QuaternionTensor},
        lambda x: x.components if isinstance(x, hc.QuaternionTensor) else x,
        compiles=True,
    )


# ---------------------------------------------------------------------- peers


def roma() -> Library:
    m = importlib.import_module("roma")
    calls = {
        PRODUCT: m.quat_product,
        ROTATE: lambda q, v: m.quat_action(q, v, is_normalized=True),
        SLERP: lambda p, q: m.unitquat_slerp(p, q, torch.tensor(T)),
        EXP: m.rotvec_to_unitquat,
        LOG: m.unitquat_to_rotvec,
        TO_MATRIX: m.unitquat_to_rotmat,
        FROM_MATRIX: m.rotmat_to_unitquat,
        MATMUL: lambda a, b: m.quat_product(*torch.broadcast_tensors(a.unsqueeze(2), b)).sum(1),
    }
    return Library(calls, {}, scalar_first=False)


def pypose() -> Library:
    m = importlib.import_module("pypose")
    calls = {
        PRODUCT: lambda p, q: p * q,
        ROTATE: lambda q, v: q.Act(v),
        SLERP: lambda p, q: p * m.so3(T * (p.Inv() * q).Log()).Exp(),
        EXP: lambda v: m.so3(v).Exp(),
        LOG: lambda q: q.Log(),
        TO_MATRIX: lambda q: q.matrix(),
        FROM_MATRIX: lambda R: m.mat2SO3(R, check=False),
    }
    return Library(calls, {"q": m.SO3}, lambda x: x.tensor() if isinstance(x, m.LieTensor) else x, scalar_first=False)  # fmt: skip


def kornia() -> Library:
    g = importlib.import_module("kornia.geometry")
    q = importlib.import_module("kornia.geometry.quaternion").Quaternion
    so3 = importlib.import_module("kornia.geometry.liegroup").So3
    calls = {
        PRODUCT: lambda a, b: a * b,
        ROTATE: lambda a, v: so3(a) * v,
        SLERP: lambda a, b: a.slerp(b, T),
        EXP: g.axis_angle_to_quaternion,
        LOG: lambda a: g.quaternion_to_axis_angle(a.data),
        TO_MATRIX: lambda a: g.quaternion_to_rotation_matrix(a.data),
        FROM_MATRIX: g.rotation_matrix_to_quaternion,
    }
    return Library(calls, {"q": q}, lambda x: x.data if isinstance(x, q) else x)


def quatorch() -> Library:
    q = importlib.import_module("quatorch").Quaternion
    calls = {
        PRODUCT: lambda a, b: a * b,
        ROTATE: lambda a, v: a.rotate_vector(v),
        SLERP: lambda a, b: a.slerp(b, T),
        EXP: lambda v: q(torch.nn.functional.pad(v / 2, (1, 0))).exp(),
        LOG: lambda a: 2 * a.log().as_subclass(Tensor)[..., 1:],
        TO_MATRIX: lambda a: a.to_rotation_matrix(),
        FROM_MATRIX: q.from_rotation_matrix,
    }
    return Library(calls, {"q": q}, lambda x: x.as_subclass(Tensor))


def numpy_quaternion() -> Library:
    m = importlib.import_module("quaternion")
    calls = {
        PRODUCT: lambda a, b: a * b,
        ROTATE: lambda a, v: m.as_float_array(a * m.from_vector_part(v) * a.conjugate())[..., 1:],
        SLERP: lambda a, b: m.slerp_evaluate(a, b, T),
        EXP: m.from_rotation_vector,
        LOG: m.as_rotation_vector,
        TO_MATRIX: m.as_rotation_matrix,
        FROM_MATRIX: lambda R: m.from_rotation_matrix(R, nonorthogonal=False),
    }
    leave = lambda x: m.as_float_array(x) if x.dtype == m.quaternion else x  # noqa: E731
    return _on_numpy(calls, m.as_quat_array, leave)


def quaternionic() -> Library:
    array = importlib.import_module("quaternionic").array
    calls = {
        PRODUCT: lambda a, b: a * b,
        ROTATE: lambda a, v: (a * array.from_vector_part(v) * a.conjugate()).vector,
        EXP: array.from_rotation_vector,
        LOG: lambda a: a.to_rotation_vector,
        TO_MATRIX: lambda a: a.to_rotation_matrix,
        FROM_MATRIX: array.from_rotation_matrix,
    }
    return _on_numpy(calls, array, lambda x: getattr(x, "ndarray", x))


def scipy() -> Library:
    r = importlib.import_module("scipy.spatial.transform").Rotation
    calls = {
        PRODUCT: lambda a, b: a * b,
        ROTATE: lambda a, v: a.apply(v),
        SLERP: lambda a, b: a * r.from_rotvec(T * (a.inv() * b).as_rotvec()),
        EXP: r.from_rotvec,
        LOG: lambda a: a.as_rotvec(),
        TO_MATRIX: lambda a: a.as_matrix(),
        FROM_MATRIX: r.from_matrix,
    }
    leave = lambda x: x.as_quat() if isinstance(x, r) else x  # noqa: E731
    return _on_numpy(calls, r.from_quat, leave, scalar_first=False)


def _on_numpy(
    calls: dict[str, Call], enter: Call, leave: Call, scalar_first: bool = True
) -> Library:
    """NumPy's libraries know float64 only and no gradients; no torch peers, but a yardstick."""
    array = lambda x: x.double().numpy()  # noqa: E731
    entries = {"q": lambda x: enter(array(x)), "v": array, "R": array}
    return Library(calls, entries, lambda x: torch.as_tensor(leave(x)).float(), scalar_first, False)


PEERS: dict[str, Callable[[], Library]] = {
    "roma": roma, "pypose": pypose, "kornia": kornia, "quatorch": quatorch,
    "numpy-quaternion": numpy_quaternion, "quaternionic": quaternionic, "scipy": scipy,
}  # fmt: skip


def installed() -> Iterator[tuple[str, Library]]:
    for name, peer in PEERS.items():
        library = _imported(name, peer)
        if library is not None:
            yield name, library


def _imported(name: str, peer: Callable[[], Library]) -> Library | None:
    try:
        return peer()
    except Exception as error:  # a peer that breaks on import is as good as absent
        print(f"{name} is left out: {type(error).__name__}: {error}")
        return None


# ---------------------------------------------------------------------- measuring


def inputs(operation: str, size: int) -> tuple[Tensor, ...]:
    """Random arguments, scalar part first."""
    units = torch.nn.functional.normalize(torch.randn(2, size, 4), dim=-1)
    if operation == SLERP:  # near each other, for the same reason
        units[1] = torch.nn.functional.normalize(units[0] + units[1] / 2, dim=-1)
    make: dict[str, Call] = {
        "q": lambda i: (
            units[i] * units[0 if operation == SLERP else i, :, :1].sign()
        ),  # so that all agree about the shortest arc
        "v": lambda i: torch.randn(size, 3),
        "R": lambda i: matrices(units[i]),
        "A": lambda i: torch.randn(size, size, 4),
    }
    return tuple(make[kind](i) for i, kind in enumerate(ARGUMENTS[operation]))


def matrices(q: Tensor) -> Tensor:
    """The images of the basis as columns."""
    return hc.functional.rotate(q.unsqueeze(-2), torch.eye(3), hc.QUATERNION).mT.contiguous()


def work(library: Library, operation: str, arguments: Sequence[Tensor], backward: bool) -> Work:
    """A timed call: the library's own types are entered beforehand, unless gradients need them."""
    call, kinds = library.calls[operation], ARGUMENTS[operation]
    enter = lambda xs: [library.enter.get(k, IDENTITY)(x) for k, x in zip(kinds, xs, strict=True)]  # noqa: E731
    if not backward:
        entered = enter(arguments)
        return lambda: call(*entered)
    leaves = [x.clone().requires_grad_() for x in arguments]
    seed = torch.randn_like(library.leave(call(*enter(arguments))))

    def forward_backward() -> tuple[Tensor, ...]:
        return torch.autograd.grad(library.leave(call(*enter(leaves))), leaves, seed)

    return forward_backward


def in_order(library: Library, operation: str, arguments: Sequence[Tensor]) -> list[Tensor]:
    last = [1, 2, 3, 0]
    return [
        x if library.scalar_first or kind not in "qA" else x[..., last].contiguous()
        for kind, x in zip(ARGUMENTS[operation], arguments, strict=True)
    ]


def agrees(library: Library, operation: str, arguments: Sequence[Tensor], expected: Tensor) -> bool:
    """Whether the result is the expected one, up to the order and the sign of quaternions."""
    given = in_order(library, operation, arguments)
    entered = [
        library.enter.get(k, IDENTITY)(x) for k, x in zip(ARGUMENTS[operation], given, strict=True)
    ]
    result = library.leave(library.calls[operation](*entered)).detach()
    if not library.scalar_first and result.shape[-1] == 4:
        result = result[..., [3, 0, 1, 2]]
    tolerance = 2e-3 * (1 + expected.abs().amax().item())
    if operation in (FROM_MATRIX, PRODUCT, SLERP):
        result = result * torch.sign((result * expected).sum(-1, keepdim=True))
    return bool(torch.allclose(result, expected, atol=tolerance, rtol=1e-3))


def bytes_moved(arguments: Sequence[Tensor], result: Tensor, backward: bool) -> int:
    read, written = sum(x.nbytes for x in arguments), result.nbytes
    return read + written + backward * (written + 2 * read)


def copying(size: int) -> Work:
    source = torch.zeros(max(size // 8, 1))
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def repeats_for(works: dict[str, Work], budget: float) -> int:
    once = sum(seconds(work, lambda: None) for work in works.values())
    return max(7, min(501, int(budget / once)))


def contenders(
    libraries: dict[str, Library], operation: str, arguments: Sequence[Tensor], backward: bool
) -> dict[str, Work]:
    reference = libraries["ours"].calls[operation](*arguments)
    works: dict[str, Work] = {}
    for name, library in libraries.items():
        if operation not in library.calls or (backward and not library.differentiable):
            continue
        try:
            if agrees(library, operation, arguments, reference):
                works[name] = work(
                    library, operation, in_order(library, operation, arguments), backward
                )
            else:
                print(f"{name} disagrees about {operation}")
        except Exception as error:
            print(f"{name} fails at {operation}: {type(error).__name__}: {error}"[:300])
    works["floor"] = copying(bytes_moved(arguments, reference, backward))
    works["copy"] = copying(2 * arguments[0].nbytes)
    return works


def compiled(library: Library) -> Library:
    calls = {name: torch.compile(call, fullgraph=True) for name, call in library.calls.items()}
    return Library(calls, library.enter, library.leave)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row")
    parser.add_argument("--sizes", type=int, nargs="*", default=[3, 10_000, 1_000_000])
    parser.add_argument("--matrices", type=int, nargs="*", default=[64, 256])
    parser.add_argument("--operations", nargs="*", default=list(ARGUMENTS))
    parser.add_argument("--eager", action="store_true", help="compile nothing")
    parser.add_argument("--large", action="store_true", help="with kernels.compile_large()")
    options, _ = parser.parse_known_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.large:
        hc.kernels.compile_large()
    libraries = {"ours": ours(), "typed": typed()}
    if not options.eager:
        libraries["compiled"] = compiled(ours())
        libraries["typed compiled"] = compiled(typed())
    libraries |= dict(installed())
    print(f"torch {torch.__version__}, cpu, {options.threads} threads, float32\n")
    head = [
        *libraries,
        "best torch peer ÷ ours",
        "÷ typed",
        "÷ compiled",
        "compiled × floor",
        "ours × copy",
    ]
    print("| operation | N | " + " | ".join(head) + " |")
    print("|---|--:|" + "--:|" * len(head))
    for operation in options.operations:
        for size in options.matrices if operation == MATMUL else options.sizes:
            arguments = inputs(operation, size)
            for backward in (False, True):
                label = operation + (", and back" if backward else "")
                print(row(label, size, libraries, contenders(libraries, operation, arguments, backward), options.seconds), flush=True)  # fmt: skip
    print_overheads()


def overheads() -> dict[str, Work]:
    """Calls of 8 quaternions, beside a product of as many real numbers."""
    a, b, v = torch.randn(8, 4), torch.randn(8, 4), torch.randn(8, 3)
    q, r = hc.QuaternionTensor(a), hc.QuaternionTensor(b)
    return {
        "a * b": lambda: a * b,
        "q + r": lambda: q + r,
        "q * r": lambda: q * r,
        "functional.product(a, b)": lambda: hc.functional.product(a, b, hc.QUATERNION),
        "q.rotate(v)": lambda: q.rotate(v),
        "functional.rotate(a, v)": lambda: hc.functional.rotate(a, v, hc.QUATERNION),
        "q.abs()": lambda: q.abs(),
        "q.inverse()": lambda: q.inverse(),
    }


def print_overheads(repeats: int = 101) -> None:
    works = overheads()
    times = samples(works, repeats)
    print("\n| 8 quaternions | time | × a * b |\n|---|--:|--:|")
    for name, each in times.items():
        print(f"| `{name}` | {duration(median(each))} | {compare(times, name, 'a * b')} |")


def row(label: str, size: int, libraries: dict[str, Library], works: dict[str, Work], budget: float) -> str:  # fmt: skip
    for w in works.values():
        w()  # compile
    times = samples(works, repeats_for(works, budget))
    middle = {name: median(t) for name, t in times.items()}
    rivals = [n for n in middle if n in PEERS and libraries[n].differentiable]
    best = min(rivals, key=middle.__getitem__, default=None)
    cells = [duration(middle.get(name)) for name in libraries]
    cells += [compare(times, best, name) for name in ("ours", "typed", "compiled")]
    cells.append(compare(times, "compiled", "floor") if size > 1000 else "–")
    cells.append(compare(times, "ours", "copy") if size > 1000 else "–")
    return f"| {label} | {size} | " + " | ".join(cells) + " |"


def compare(times: dict[str, list[float]], name: str | None, base: str) -> str:
    if name not in times or base not in times:
        return "–"
    assert name is not None
    return f"{ratio(times[name], times[base]):.2f} ({min(times[name]) / min(times[base]):.2f}) {name if name in PEERS else ''}".strip()  # fmt: skip


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    exponent = min(0, max(-2, math.floor(math.log10(seconds) / 3)))
    return f"{seconds * 10 ** (-3 * exponent):.3g} {('s', 'ms', 'µs')[-exponent]}"


if __name__ == "__main__":
    main()
