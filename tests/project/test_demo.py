"""The demo: exact parameter counts, a short run, and bad arguments in one line."""

import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from hypercomplex.demo import __main__ as cli
from hypercomplex.demo import colour, speakers


def test_parameter_counts_are_those_of_the_paper():
    assert [painter.parameters for painter in colour.painters(0)] == [6444, 24875]


def test_pixels_go_in_and_out_unchanged():
    image = torch.rand(8, 12, 3)
    for painter in colour.painters(0):
        assert torch.equal(painter.decode(painter.encode(image)), image)
    assert torch.equal(colour.to_quaternions(image).real, torch.zeros(1, 1, 8, 12))


def test_the_training_photograph_is_grey_and_the_others_are_not():
    grey = colour.training_photograph()
    assert grey.std(-1).max() < 1e-6
    for name, photograph in colour.test_photographs().items():
        assert photograph.std(-1).mean() > 0.02, name
        assert photograph.shape[0] % 4 == photograph.shape[1] % 4 == 0


def test_scores_of_a_copy_and_of_its_grey():
    photograph = torch.rand(32, 32, 3)
    copy = colour.score(photograph + 1e-6, photograph)
    assert copy.psnr > 100
    assert copy.ssim > 0.999
    assert abs(copy.chroma - 1) < 1e-6
    grey = photograph.mean(-1, keepdim=True).expand(-1, -1, 3)
    assert colour.score(grey, photograph).chroma < 1e-6


def test_quaternions_keep_colours_that_they_never_saw():
    """Sixty steps on a small grey patch tell the two networks apart."""
    colours = colour.test_photographs()["coffee"][100:228, 200:328]
    grey = colour.training_photograph()[100:228, 150:278]
    chroma = {}
    for painter in colour.painters(0):
        painter.learn(grey, range(60))
        chroma[painter.name] = colour.score(painter.paint(colours), colours).chroma
    assert chroma["quaternion"] > 0.8
    assert chroma["real"] < 0.3


def test_a_run_prints_the_table_and_saves_the_picture(tmp_path, capsys):
    own = tmp_path / "own photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (19, 33, 3), np.uint8)).save(own)
    picture = tmp_path / "out.png"
    cli.main(["--steps", "1", "--image", str(own), "--output", str(picture), "--threads", "1"])
    printed = capsys.readouterr().out
    assert re.search(r"quaternion +6,444 +\d", printed)
    assert re.search(r"real +24,875 +\d", printed)
    assert re.search(r"own photo.png +quaternion +[\d.]+ dB +-?[\d.]+ +[\d.]+", printed)
    assert str(picture) in printed
    with Image.open(picture) as image:
        assert image.width > 900


def text_file(folder):
    path = folder / "text.png"
    path.write_text("no image")
    return path


def small_image(folder):
    path = folder / "small.png"
    Image.new("RGB", (40, 8)).save(path)
    return path


def flat_image(folder):
    path = folder / "flat.png"
    Image.new("RGB", (3000, 20)).save(path)
    return path


BAD = [
    (lambda d: ["--steps", "0"], "argument --steps: 0 is not a positive integer"),
    (lambda d: ["--steps", "many"], "argument --steps: many is not a positive integer"),
    (lambda d: ["--image", d / "missing.png"], "cannot read .*missing.png: No such file"),
    (lambda d: ["--image", d], "cannot read .*: Is a directory"),
    (lambda d: ["--image", text_file(d)], "text.png is not an image"),
    (
        lambda d: ["--image", small_image(d)],
        "small.png: 40×8 pixels are too few; .* need at least 16",
    ),
    (lambda d: ["--output", d / "no" / "out.png"], "--output: there is no directory .*no"),
    (lambda d: ["--output", d / "out.xyz"], "out.xyz must be a file ending in .png"),
    (lambda d: ["--output", d], "must be a file ending in"),
    (lambda d: ["--seed", "9" * 20], "is not an integer from 0 to 2"),
    (lambda d: ["--image", flat_image(d)], "3000×20 pixels are too few; scaled to at most 1024"),
    (lambda d: ["--colour"], "unrecognized arguments: --colour"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_get_one_line_and_exit_code_two(arguments, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as exit:
        cli.main([str(a) for a in arguments(tmp_path)])
    assert exit.value.code == 2
    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert re.search(message, printed)


def test_it_is_a_command():
    command = [sys.executable, "-m", "hypercomplex.demo", "--steps", "-3"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "hypercomplex.demo: argument --steps: -3 is not a positive integer\n"


def test_sixteen_bits_of_grey_are_read_as_eight(tmp_path):
    values = np.linspace(0, 255, 64 * 64).reshape(64, 64).astype("uint8")
    eight, sixteen = tmp_path / "8.png", tmp_path / "16.png"
    Image.fromarray(values).save(eight)
    Image.fromarray(values.astype("uint16") * 257).save(sixteen)
    assert torch.equal(colour.load(eight), colour.load(sixteen))
    wide = tmp_path / "32.tiff"
    Image.fromarray(values.astype("int32") * 65536).save(wide)
    with pytest.raises(ValueError, match=r"mode I reach from 0 to .*8 or 16 bits"):
        colour.load(wide)


def test_a_grey_photograph_has_no_chroma():
    grey = colour.training_photograph()[:32, :32]
    found = colour.score(grey.mul(0.9), grey)
    assert found.chroma is None
    table = cli._table(colour.painters(0), {"grey.png": [found, found]})
    assert table.count("grey photograph") == 2
    assert "inf" not in table


def test_a_greyscale_file_is_a_photograph_too(tmp_path):
    path = tmp_path / "grey.png"
    Image.new("L", (20, 18), 128).save(path)
    assert colour.load(path).shape == (16, 20, 3)


def test_the_speech_job_learns(tmp_path, capsys):
    """Two passes over the recordings already beat guessing one of nine."""
    plot = tmp_path / "speakers.png"
    speakers.main(["--width", "48", "--epochs", "2", "--seeds", "1", "--output", str(plot)])
    printed = capsys.readouterr().out
    rows = re.findall(r"^(.+?) +([\d,]+) +([\d.]+)% +[\d.]+%–[\d.]+%", printed, re.MULTILINE)
    assert [(name, count) for name, count, _ in rows] == [
        ("quaternion LiGRU", "2,937"),
        ("real LiGRU", "9,849"),
        ("real GRU", "14,553"),
        ("quaternion LSTM", "5,433"),
        ("real LSTM", "19,257"),
    ]
    assert min(float(right) for _, _, right in rows) > 20
    assert plot.stat().st_size > 10_000


def test_rates_of_learning_are_chosen_without_the_test(monkeypatch, capsys):
    monkeypatch.setattr(speakers, "right_by_frame", None)
    monkeypatch.setattr(speakers, "RATES", (1e-3, 1e-2))
    speakers.main(["--choose", "--width", "8", "--epochs", "1"])
    rows = capsys.readouterr().out.splitlines()
    assert [row[:16].strip() for row in rows] == ["network", *speakers.CONTENDERS]
    assert rows[0].split()[1:] == ["0.001", "0.01"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "argument --epochs: 0 is not a positive integer"),
        (["--width", "30"], "--width: 30 is not divisible by 4"),
        (["--output", "speakers.xyz"], "speakers.xyz must be a file ending in .png"),
    ],
)
def test_bad_arguments_of_the_speech_job(arguments, message, capsys):
    with pytest.raises(SystemExit) as exit:
        speakers.main(arguments)
    assert exit.value.code == 2
    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert message in printed


def test_recordings_are_whole():
    train, test = speakers.recordings()
    assert (len(train.frames), len(test.frames)) == (270, 370)
    assert {frame.shape[1] for frame in train.frames} == {48}
    assert torch.bincount(train.speakers).tolist() == [30] * 9
    torch.testing.assert_close(torch.cat(train.frames).mean(0), torch.zeros(48), atol=1e-4, rtol=0)


def test_what_is_held_out_is_not_learned():
    train, _ = speakers.recordings()
    learned, held_out = speakers.split(train, torch.Generator().manual_seed(0))
    assert torch.bincount(held_out.speakers).tolist() == [speakers.HELD_OUT] * 9
    places = {id(frame) for frame in learned.frames} | {id(frame) for frame in held_out.frames}
    assert places == {id(frame) for frame in train.frames}
    assert len(learned) + len(held_out) == len(train)


@pytest.mark.parametrize("name", speakers.CONTENDERS)
def test_listening_frame_by_frame_is_hearing_all(name):
    _, test = speakers.recordings()
    some, net = test[torch.arange(0, 370, 20)], speakers.CONTENDERS[name].build(16).eval()
    with torch.no_grad():
        whole, _ = net(some.packed())
        for scores, frames in zip(whole, some.frames, strict=True):
            state = None
            for frame in frames:
                score, state = net(frame.expand(1, 1, -1), state)
            torch.testing.assert_close(score[0], scores, atol=1e-5, rtol=1e-4)
    right = (whole.argmax(1) == some.speakers).float().mean()
    assert speakers.right_by_frame(net, some)[-1] == right


def test_learners_do_not_depend_on_each_other_and_keep_their_best():
    train, _ = speakers.recordings()
    name = "quaternion LiGRU"
    pair = speakers.run(dict.fromkeys(("a", "b"), speakers.CONTENDERS[name]), train, 8, 3, seed=1)
    assert pair["a"].losses == pair["b"].losses
    learner = speakers.run({name: speakers.CONTENDERS[name]}, train, 8, 3, seed=1)[name]
    assert learner.losses == pair["a"].losses
    _, held_out = speakers.split(train, torch.Generator().manual_seed(1))
    assert speakers.loss(learner.finished(), held_out) == pytest.approx(min(learner.losses))


@pytest.mark.parametrize(
    "name", ["quaternion LiGRU", pytest.param("quaternion LSTM", marks=pytest.mark.nightly)]
)
def test_one_frame_is_exported_and_listens_on(name, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    net = speakers.CONTENDERS[name].build(16).eval()
    frames = torch.randn(4, 3, 48)
    with torch.no_grad():
        _, state = net(frames[:1])
    anyone = {1: torch.export.Dim("speakers")}
    states = anyone if isinstance(state, torch.Tensor) else (anyone, anyone)
    shapes = {"frames": anyone, "state": states}
    program = torch.onnx.export(net, (frames[:1], state), dynamo=True, dynamic_shapes=shapes)
    program.save(tmp_path / "frame.onnx")
    session = runtime.InferenceSession(tmp_path / "frame.onnx")
    names = [each.name for each in session.get_inputs()]
    state = None
    heard = [torch.zeros(1, 2, 16).numpy()] * (len(names) - 1)
    for frame in frames[:, :2].split(1):
        with torch.no_grad():
            expected, state = net(frame, state)
        scores, *heard = session.run(None, dict(zip(names, [frame.numpy(), *heard], strict=True)))
        torch.testing.assert_close(torch.from_numpy(scores), expected, atol=1e-5, rtol=1e-4)


def test_charges_keep_their_momentum_and_know_no_direction():
    from hypercomplex.demo import bodies

    some = bodies.simulate(5, torch.Generator().manual_seed(0))
    assert some.deflections.sum(1).abs().max() < 1e-5
    turn = bodies.orthogonal()
    again = bodies.forces(some.positions @ turn, some.charges)
    torch.testing.assert_close(again, bodies.forces(some.positions, some.charges) @ turn)


def test_the_equivariant_network_of_charges_is_that():
    from hypercomplex.demo import bodies

    some = bodies.simulate(5, torch.Generator().manual_seed(0))
    net, turn = bodies.Equivariant(), bodies.orthogonal()
    torch.testing.assert_close(net(some.turned(turn)), net(some) @ turn, atol=1e-4, rtol=1e-4)
    counts = [
        sum(p.numel() for p in each().parameters()) for each in (bodies.Equivariant, bodies.Plain)
    ]
    assert counts == [8713, 8713]


def test_the_job_of_charges_runs(tmp_path, capsys):
    from hypercomplex.demo import bodies

    plot = tmp_path / "bodies.png"
    options = ["--steps", "2", "--seeds", "1", "--samples", "8", "4", "--output", str(plot)]
    bodies.main(options)
    printed = capsys.readouterr().out
    assert re.findall(r"^(.+?)  +8,713", printed, re.MULTILINE) == list(bodies.CONTENDERS)
    assert plot.stat().st_size > 10_000
