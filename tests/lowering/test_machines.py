"""The constants of machines: shipped, selected, read from a file, and what plans make of them."""

import json
from dataclasses import asdict, replace

import pytest
import torch

import hypercomplex as hc
from hypercomplex.lowering import machines
from hypercomplex.lowering.machines import Constants, Machine, machine_of
from hypercomplex.lowering.plan import planned

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def no_calibration():
    yield
    hc.lowering.calibrated(None)


def plan_of(rows, numbers):
    x, w = torch.empty(rows, 4, numbers), torch.empty(numbers, numbers, 4)
    return planned(x, w, hc.QUATERNION.product, "forward", None)


@pytest.mark.parametrize("capability", ["AVX2", "AVX512", "DEFAULT", "SVE256"])
def test_every_processor_has_constants_for_every_type(capability, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    machine = machine_of(CPU)
    assert machine.device == "cpu"
    assert capability not in ("AVX2", "AVX512") or machine.capability == capability
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        assert all(value > 0 for value in asdict(machine.of(dtype)).values())


@pytest.mark.parametrize("kind", ["cuda", "xpu", "mps"])
def test_accelerators_are_modelled_and_say_so(kind):
    machine = machine_of(torch.device(kind))
    assert machine.device == "cuda"
    assert "not measured" in machine.source


def test_rounded_factors_are_faster(monkeypatch):
    machine = machine_of(torch.device("cuda"))
    exact = machine.of(torch.float32)
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: "high")
    assert machine.of(torch.float32).multiplications > exact.multiplications
    assert machine_of(CPU).of(torch.float32) == machine_of(CPU).constants["float32"]


def test_what_a_file_says_is_what_plans_go_by(tmp_path):
    slow_copies = Constants(multiplications=1e12, thin=1.0, moved=1e6, call=1e-9)
    mine = Machine("mine", "made up", "cpu", "", {"float32": slow_copies})
    file = tmp_path / "machine.json"
    file.write_text(json.dumps([asdict(mine)]))
    before = plan_of(64, 64)
    assert plan_of(1, 64) == "input"
    hc.lowering.calibrated(file)
    assert machine_of(CPU) == mine
    assert plan_of(1, 64) == "input"  # one row is less to expand than a weight
    assert plan_of(1000, 8) == "block"  # and a thousand are more
    hc.lowering.calibrated(None)
    assert plan_of(64, 64) == before
    assert machine_of(CPU) != mine


def test_constants_of_another_device_do_not_count():
    mine = Machine("mine", "made up", "cuda", "", machine_of(CPU).constants)
    machines.calibration[:] = [replace(mine, capability="")]
    assert machine_of(CPU).name != "mine"
    assert machine_of(torch.device("cuda")).name == "mine"


@pytest.mark.parametrize("text", ["", "3", "{}", "[1]", '[{"name": "x"}]', "[[]]"])
def test_a_file_that_says_something_else_is_refused(text, tmp_path):
    file = tmp_path / "machine.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"is a list of name, source, device, capability"):
        hc.lowering.calibrated(file)
