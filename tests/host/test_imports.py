"""However and wherever the library is imported: right, or a clear error."""

import subprocess
import sys
import textwrap


def run(*programs, options=()):
    code = "".join(map(textwrap.dedent, programs))
    process = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout


USE = """
    q = hc.QuaternionTensor([[0.0, 1, 0, 0], [0, 0, 1, 0]])
    assert (q[0] * q[1]).tolist() == [0.0, 0, 0, 1]
"""


def test_after_names_of_torch():
    """Functions that were imported before know numbers, too; without assertions and with timings."""
    out = run(
        """
        from torch import fx, nn
        from torch.autograd.functional import hessian, jacobian
        from torch.func import grad, hessian as hess, jacfwd, jacrev, jvp, linearize, vjp, vmap
        from torch.nn.utils.parametrizations import orthogonal, spectral_norm
        from torch.optim import SGD
        from torch.optim.swa_utils import update_bn
        from torch.utils.data import default_collate

        import hypercomplex as hc

        q = hc.QuaternionTensor([[0.0, 1, 0, 0], [0, 0, 1, 0]])
        one, square, length = q[0], lambda q: q * q, lambda q: q.abs().square().sum()
        layer = hc.nn.QuaternionLinear(2, 2)
        model = nn.Sequential(layer, hc.nn.QuaternionBatchNorm1d(2))
        p = nn.Parameter(q.clone())
        optimizer = SGD([p], lr=0.5)
        length(p).backward()
        optimizer.step()
        print(
            vmap(square)(q).tolist() == square(q).tolist(),
            type(grad(length)(q)).__name__,
            jvp(square, (one,), (one,))[1].tolist(),
            vjp(square, one)[1](one)[0].tolist(),
            linearize(square, one)[1](one).tolist(),
            [tuple(f(square)(one).shape) for f in (jacrev, jacfwd, hess)],
            tuple(jacobian(square, one).shape),
            tuple(hessian(length, one).shape),
            type(default_collate([one, one])).__name__,
            p.count_nonzero().item(),
            len(fx.symbolic_trace(model).graph.nodes),
            orthogonal(layer) is layer,
            type(spectral_norm(layer).parametrizations.weight[1]).__module__,
            update_bn([q.folded(0).new_ones(3, 8)], model),
        )
        """,
        options=["-O", "-X", "importtime"],
    )
    assert out.split("\n") == [
        "True QuaternionTensor [-2.0, 0.0, 0.0, 0.0] [2.0, 0.0, 0.0, 0.0] [-2.0, 0.0, 0.0, 0.0] "
        "[(4, 4), (4, 4), (4, 4, 4)] (4, 4) (4, 4) QuaternionTensor 0 4 True hypercomplex.nn.spectral None",
        "",
    ]


def test_in_many_threads_at_once():
    """Others wait for the package, are told of its modules, and use torch meanwhile."""
    run(
        """
        import importlib, sys, threading
        import torch

        others, told, over = threading.Event(), threading.Event(), threading.Event()
        answers, custom_op = [], torch.library.custom_op

        def halfway(*args, **options):
            if not others.is_set():
                others.set()
                told.wait(60)
            return custom_op(*args, **options)

        def load():
            answers.append(importlib.import_module("hypercomplex").QuaternionTensor)

        def load_a_module():
            others.wait(60)
            try:
                importlib.import_module("hypercomplex.notebook")
            except ImportError as error:
                answers.append(str(error))
            told.set()

        def use():
            x = torch.arange(3.0)
            while not over.is_set():
                ours = torch.func.vmap(torch.sin)(x), torch.func.jacrev(torch.exp)(x)
                if not (ours[0].equal(x.sin()) and ours[1].equal(x.exp().diag())):
                    answers.append("wrong")

        torch.library.custom_op = halfway
        loaders = [threading.Thread(target=f) for f in (load, load, load_a_module, load)]
        user = threading.Thread(target=use)
        for thread in (user, *loaders):
            thread.start()
        for thread in loaders:
            thread.join()
        over.set()
        user.join()
        import hypercomplex as hc
        assert len(answers) == 4, answers
        assert "while another thread imports hypercomplex" in answers[0]
        assert answers[1:] == [hc.QuaternionTensor] * 3
        """,
        USE,
    )


def test_a_second_copy_is_told():
    """Whoever takes away modules and finders, as a test runner may, is not given other types."""
    run(
        """
        import sys
        finders = list(sys.meta_path)
        import hypercomplex as hc
        import torch

        sys.meta_path[:] = finders
        for name in [name for name in sys.modules if name.startswith("hypercomplex")]:
            del sys.modules[name]
        for _ in range(2):
            try:
                import hypercomplex
            except ImportError as error:
                assert "two copies would not combine; start a new process" in str(error)
            else:
                raise AssertionError
        """,
        USE,
        """
        x = torch.arange(3.0)
        assert torch.func.jacrev(torch.exp)(x).equal(x.exp().diag())
        assert torch.func.vmap(lambda q: q * q)(q).real.tolist() == [-1, -1]
        """,
    )


def test_again_after_it_failed():
    """An import that something broke off is taken up again."""
    run(
        """
        import sys, types
        sys.modules["hypercomplex.quaternion"] = None
        for _ in range(2):
            try:
                import hypercomplex
            except ImportError as error:
                assert "hypercomplex.quaternion" in str(error)
        del sys.modules["hypercomplex.quaternion"]
        import hypercomplex as hc
        import torch
        """,
        USE,
        """
        assert torch.func.vmap(lambda q: q * q)(q).real.tolist() == [-1, -1]
        """,
    )
