"""Stock layers of a model of numbers under a plan of torch's tensor parallelism."""

from pathlib import Path

import pytest
import torch
from torch import multiprocessing, nn
from torch.distributed import destroy_process_group, init_device_mesh, init_process_group
from torch.distributed.tensor import parallel

import hypercomplex as hc

PROCESSES = 2


def split(rank: int, folder: Path) -> None:
    """Half of the columns, then half of the rows, in each process."""
    torch.set_num_threads(1)
    init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=PROCESSES
    )
    model, x, expected = torch.load(folder / "model.pt", weights_only=False)
    plan = {"0": parallel.ColwiseParallel(), "2": parallel.RowwiseParallel()}
    parallel.parallelize_module(model, init_device_mesh("cpu", (PROCESSES,)), plan)
    assert model[0].weight.to_local().shape[0] == model[0].weight.shape[0] // PROCESSES
    torch.testing.assert_close(model(x), expected)
    destroy_process_group()


@pytest.mark.nightly
def test_stock_layers_are_split_over_processes(tmp_path: Path) -> None:
    model = nn.Sequential(
        hc.nn.QuaternionLinear(4, 8), hc.nn.SplitReLU(), hc.nn.QuaternionLinear(8, 3)
    )
    x = torch.randn(5, 16)
    with torch.no_grad():
        torch.save((hc.nn.to_real(model), x, model(x)), tmp_path / "model.pt")
    multiprocessing.spawn(split, (tmp_path,), PROCESSES)
