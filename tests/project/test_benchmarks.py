"""The benchmark runs, keeps what it measured, and compares it; its figures are no test's matter."""

import sys
from dataclasses import asdict, replace

import pytest
import torch

import hypercomplex as hc
from benchmarks import __main__ as bench
from benchmarks import algebras, calibrate, equivariant, geometric, gpu
from benchmarks.plots import plot
from benchmarks.report import Run, markdown, summary, table
from benchmarks.rows import rows, tessarines
from hypercomplex.lowering.machines import Constants
from hypercomplex.lowering.plan import Rows, costs
from hypercomplex.lowering.plans import PLANS
from tests.kernels import samples

SHORT = [row for row in rows() if row.seconds < 1e-3]


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def done():
    return bench.run([row for row in SHORT if row.name.endswith(("256, batch 1", "q * r"))], 0.01)


def test_algebras_are_measured_and_drawn(tmp_path):
    found = [algebras.in_a_process(1), algebras.measured(2)]
    assert [figures["dimension"] for figures in found] == [2, 4]
    assert len(algebras.table(found).splitlines()) == 4
    algebras.plot(found, tmp_path / "algebras.png")
    assert (tmp_path / "algebras.png").stat().st_size > 10_000


def test_products_of_multivectors_are_measured(capsys):
    geometric.main(["--quick", "--seconds", "0.01", "--only", "PGA"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| PGA")]
    assert [row.split("|")[1:3] for row in rows] == [
        [f" PGA, {operation} ", f" {batch} "]
        for operation in ("`a * b`", "vectors `a * b`", "`R * v * ~R`")
        for batch in ("1", "1,000")
    ]


def test_equivariant_products_are_measured_and_agree(capsys):
    equivariant.main(["--batch", "60", "--channels", "2", "--repeats", "1"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert len(rows) == 6
    assert rows[1].startswith("| `FullyConnectedProduct` | ")


def test_rows_have_names_of_their_own():
    names = [(row.group, row.name) for row in rows()]
    assert len(set(names)) == len(names)
    assert len(rows()) > 50


def test_tessarines_are_complex_numbers_with_split_complex_coefficients():
    T = tessarines()
    assert T.is_commutative
    assert T.is_associative
    assert hc.cayley_dickson(hc.COMPLEX, gamma=1) != T


def test_a_run_is_kept_as_json_and_read_again(done, tmp_path):
    done.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json") == done


def test_tables_name_what_is_missed_and_what_has_changed(done):
    row = replace(done.rows[0], ratio=3.0, limit=2.0)
    before = Run(done.machine, [replace(row, ratio=2.0)])
    text = table(Run(done.machine, [row]), before)
    assert "| **3.00** | 2.00 | 2.00 | +50% | missed |" in text
    assert "missed" not in table(Run(done.machine, [replace(row, limit=None)]))
    assert "0 of 1 limits hold" in summary(Run(done.machine, [row]))
    assert f"machine {done.machine['machine']}" in markdown(done)


def test_the_picture_is_drawn(done, tmp_path):
    pytest.importorskip("matplotlib")
    plot(done, tmp_path / "run.png")
    assert (tmp_path / "run.png").stat().st_size > 10_000


def test_the_command(monkeypatch, tmp_path, capsys):
    command = ["benchmarks", "--quick", "--only", "q * r", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", command)
    bench.main()
    monkeypatch.setattr(sys, "argv", [*command, "--compare", str(tmp_path / "benchmarks.json")])
    bench.main()
    assert "| q * r |" in capsys.readouterr().out
    assert "Before:" in (tmp_path / "benchmarks.md").read_text()


def test_calibration_writes_what_the_planner_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(calibrate, "SIZES", [(64, 1), (64, 16)])
    file = tmp_path / "machine.json"
    command = ["calibrate", "--dtypes", "float32", "--repeats", "2", "--out", str(file)]
    monkeypatch.setattr(sys, "argv", command)
    calibrate.main()
    hc.lowering.calibrated(file)
    try:
        (machine,) = hc.lowering.machines.calibration
        assert machine.of(torch.float32).multiplications > 1e6
    finally:
        hc.lowering.calibrated(None)


def test_constants_are_found_again_from_the_times_that_they_give():
    true = Constants(multiplications=4e10, thin=14.0, moved=9e9, call=3e-6)
    sizes = [Rows(batch, width // 4, width // 4) for width, batch in calibrate.SIZES]
    every = [c for each in sizes for c in costs(each, hc.QUATERNION.product, "step").values()]
    points = [(calibrate.terms(cost, 4), cost.seconds(true, 4)) for cost in every]
    points[3] = (points[3][0], 100 * points[3][1])  # what was disturbed
    found = calibrate.fitted(points)
    for name, value in asdict(true).items():
        assert getattr(found, name) == pytest.approx(value, rel=0.05)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(gpu, "ALGEBRAS", {"quaternion": hc.QUATERNION})
    monkeypatch.setattr(gpu, "ROWS", 5)
    some = {name: samples.SAMPLES[name] for name in ("rotate", "exponential")}
    monkeypatch.setattr(samples, "SAMPLES", some)


def test_what_is_checked_on_a_gpu_agrees_on_a_cpu(small, capsys):
    assert gpu.check("cpu")
    found = capsys.readouterr().out
    assert "WRONG" not in found
    assert {name.partition(",")[0] for name, _, _ in gpu.plans("cpu")} == {
        f"plan {p}" for p in PLANS
    }


def test_what_is_wrong_is_found(small, monkeypatch, capsys):
    literal = gpu.literal
    monkeypatch.setattr(gpu, "literal", lambda *a: [1.1 * t for t in literal(*a)])
    assert not gpu.check("cpu")
    assert "WRONG: plan block, quaternion, left, float32" in capsys.readouterr().out


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_nothing_is_claimed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu"])
    gpu.main()
    assert "nothing was run" in capsys.readouterr().out


def test_types_of_a_gpu_are_set_back():
    with gpu.setting("TF32"):
        assert torch.get_float32_matmul_precision() == "high"
    with gpu.setting("bfloat16") as dtype:
        assert torch.ones(()).dtype == dtype
    assert torch.get_float32_matmul_precision() == "highest"
    assert torch.ones(()).dtype == torch.float32
