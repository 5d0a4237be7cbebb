"""Two processes that talk by gloo, for tests of what torch does between processes."""

import traceback
import warnings
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist


def in_two(checks, directory, *args):
    """Run checks, functions of the rank and of these arguments, in two processes; tell failures."""
    names = [(check.__module__, check.__name__) for check in checks]
    torch.multiprocessing.spawn(_process, (names, str(directory), args), nprocs=2)
    found = [Path(directory, f"{rank}.txt").read_text() for rank in range(2)]
    assert not any(found), "\n".join(found)


def _process(rank, names, directory, args):
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", category=FutureWarning)  # of torch, about its own names
    store, patience = f"file://{directory}/store", timedelta(seconds=60)
    dist.init_process_group("gloo", store, patience, world_size=2, rank=rank)
    told = ""
    for module, name in names:
        torch.manual_seed(0)
        try:
            getattr(__import__(module, fromlist=[name]), name)(rank, *args)
        except BaseException:  # what pytest.raises raises is no Exception
            told += f"--- {name} in process {rank}\n{traceback.format_exc()}"
        dist.barrier()
    Path(directory, f"{rank}.txt").write_text(told)
    dist.destroy_process_group()
