"""A hundred steps without a NaN or a leak; `benchmarks.stability` runs thousands."""

import pytest
import torch

from benchmarks import stability


@pytest.mark.parametrize("name", stability.models())
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "bf16 autocast"])
def test_training_stays_finite_and_keeps_no_graph(name, autocast):
    model, x = stability.models()[name]
    report = stability.endure(model, x, 100, autocast)
    first, last = (float(t) for t in report.split("loss")[1].split("all")[0].split("→"))
    assert last < first
    assert "all finite: True" in report
    assert stability.graph_nodes(model) == 0
    assert all(not b.requires_grad for b in model.buffers())
    assert torch.isfinite(model(x)).all()
