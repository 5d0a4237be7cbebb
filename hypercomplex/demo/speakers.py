"""Who is speaking: wide quaternion networks and real ones, which listen to recorded speech.

`python -m hypercomplex.demo.speakers` trains recurrent networks of one width to tell nine speakers
from short utterances of different lengths. A quaternion holds one cepstral coefficient and its
first three derivatives in time, as in the QRNN paper; a real network sees the same 48 numbers in
each frame. All have the same data in the same order, and each the rate that was best for it on
utterances held out of training. They listen frame by frame, and can be asked after each.

After T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, and M. Ravanelli et
al., *Light Gated Recurrent Units for Speech Recognition*, 2018. The data are described and licensed
in `japanese_vowels.md`.
"""

from __future__ import annotations

import argparse
import copy
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_sequence

import hypercomplex as hc
from hypercomplex.demo.__main__ import Parser, positive

COEFFICIENTS, SPEAKERS = 12, 9
FRAME = 4 * COEFFICIENTS
HELD_OUT = 5
"""Utterances of each speaker that say when and how fast a network learns best."""
BATCH, NOISE, DROPOUT = 15, 0.25, 0.5
RATES = (1e-3, 3e-3, 1e-2)
"""Those among which `--choose` chooses."""

# ---------------------------------------------------------------------- recordings


@dataclass(frozen=True)
class Utterances:
    """Recordings as folded quaternions `(T, 48)`, and who spoke."""

    frames: list[Tensor]
    speakers: Tensor

    def __getitem__(self, index: Tensor) -> Utterances:
        """Some of the utterances."""
        return Utterances([self.frames[i] for i in index.tolist()], self.speakers[index])

    def __len__(self) -> int:
        """How many utterances there are."""
        return len(self.frames)

    def packed(self) -> PackedSequence:
        """All of them, without padding between."""
        return pack_sequence(self.frames, enforce_sorted=False)

    def batches(self, generator: torch.Generator) -> list[Utterances]:
        """All of them, shuffled and blurred by noise."""
        order = torch.randperm(len(self), generator=generator)
        return [self[some]._blurred(generator) for some in order.split(BATCH)]

    def _blurred(self, generator: torch.Generator) -> Utterances:
        noise = (torch.randn(x.shape, generator=generator) for x in self.frames)
        frames = [x + NOISE * n for x, n in zip(self.frames, noise, strict=True)]
        return Utterances(frames, self.speakers)


def recordings() -> tuple[Utterances, Utterances]:
    """Utterances for training and for testing, scaled by what training has."""
    archive = np.load(Path(__file__).with_name("japanese_vowels.npz"))
    parts = []
    for name in ("train", "test"):
        cepstra = torch.from_numpy(archive[f"{name}_frames"])
        lengths = archive[f"{name}_lengths"].tolist()
        frames = [_with_derivatives(utterance) for utterance in cepstra.split(lengths)]
        parts.append((frames, torch.from_numpy(archive[f"{name}_speakers"]).long()))
    everything = torch.cat(parts[0][0])
    mean, deviation = everything.mean(0), everything.std(0)
    train, test = (
        Utterances([(frame - mean) / deviation for frame in frames], speakers)
        for frames, speakers in parts
    )
    return train, test


def _with_derivatives(cepstra: Tensor) -> Tensor:
    """`c + c' i + c'' j + c''' k` of each coefficient, folded: `(T, 12)` → `(T, 48)`."""
    parts = [cepstra]
    for _ in range(3):
        parts.append(torch.gradient(parts[-1], dim=0)[0])
    return torch.cat(parts, dim=1)


def split(utterances: Utterances, generator: torch.Generator) -> tuple[Utterances, Utterances]:
    """Those to learn from, and a few of each speaker that are held out."""
    order = torch.randperm(len(utterances), generator=generator)
    spoken = [order[utterances.speakers[order] == speaker] for speaker in range(SPEAKERS)]
    learned, held_out = (
        torch.cat([own[part] for own in spoken])
        for part in (slice(HELD_OUT, None), slice(HELD_OUT))
    )
    return utterances[learned], utterances[held_out]


# ---------------------------------------------------------------------- networks


class Recogniser(nn.Module):
    """A recurrent layer over frames, and a real readout of its last state."""

    def __init__(self, recurrent: nn.Module, width: int) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.dropout = nn.Dropout(DROPOUT)
        self.readout = nn.Linear(width, SPEAKERS)

    def forward(self, frames: Tensor | PackedSequence, state: Any = None) -> tuple[Tensor, Any]:
        """The scores of the speakers `(N, 9)`, and the state from which to listen on.

        Frames are packed, or `(T, N, 48)` of sequences that all go on.
        """
        _, state = self.recurrent(frames, state)
        last = state[0] if isinstance(state, tuple) else state
        scores: Tensor = self.readout(self.dropout(last[-1]))
        return scores, state


@dataclass(frozen=True)
class Contender:
    """A recurrent layer of some width in reals, and the rate at which it learns best."""

    layer: Callable[[int], nn.Module]
    rate: float

    def build(self, width: int) -> Recogniser:
        """A network with weights drawn anew."""
        return Recogniser(self.layer(width), width)


CONTENDERS = {
    "quaternion LiGRU": Contender(
        lambda width: hc.nn.QuaternionLiGRU(COEFFICIENTS, width // 4), rate=3e-3
    ),
    "real LiGRU": Contender(lambda width: hc.nn.LiGRU(FRAME, width, algebra=hc.REAL), rate=3e-3),
    "real GRU": Contender(lambda width: nn.GRU(FRAME, width), rate=3e-3),
    "quaternion LSTM": Contender(
        lambda width: hc.nn.QuaternionLSTM(COEFFICIENTS, width // 4), rate=3e-3
    ),
    "real LSTM": Contender(lambda width: nn.LSTM(FRAME, width), rate=1e-3),
}

# ---------------------------------------------------------------------- learning


@dataclass
class Learner:
    """A network that learns, and keeps the weights that were best on what is held out."""

    net: Recogniser
    rate: float
    steps: int
    losses: list[float] = field(default_factory=list)
    """On what is held out, after each epoch."""
    seconds: list[float] = field(default_factory=list)
    """Of training, in each epoch."""

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.Adam(self.net.parameters(), self.rate)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, self.steps)
        self.best = copy.deepcopy(self.net.state_dict())

    def learn(self, batches: Iterable[Utterances], held_out: Utterances) -> None:
        """One epoch."""
        started = time.perf_counter()
        self.net.train()
        for batch in batches:
            self.optimizer.zero_grad()
            scores, _ = self.net(batch.packed())
            nn.functional.cross_entropy(scores, batch.speakers).backward()
            self.optimizer.step()
            self.schedule.step()
        self.seconds.append(time.perf_counter() - started)
        self.losses.append(loss(self.net, held_out))
        if self.losses[-1] == min(self.losses):
            self.best = copy.deepcopy(self.net.state_dict())

    def finished(self) -> Recogniser:
        """The network at its best, ready to be used."""
        self.net.load_state_dict(self.best)
        return hc.nn.freeze(self.net.eval())


@torch.no_grad()
def loss(net: Recogniser, utterances: Utterances) -> float:
    """The cross-entropy of the speakers."""
    scores, _ = net.eval()(utterances.packed())
    return nn.functional.cross_entropy(scores, utterances.speakers).item()


@torch.no_grad()
def right_by_frame(net: Recogniser, utterances: Utterances) -> Tensor:
    """The share of right answers after 1, 2, … frames; who has stopped keeps the last answer."""
    frames = pad_sequence(utterances.frames)
    lengths = torch.tensor([len(x) for x in utterances.frames])
    answers, state, shares = torch.zeros(len(lengths), dtype=torch.long), None, []
    for heard, frame in enumerate(frames):
        scores, state = net.eval()(frame.unsqueeze(0), state)
        answers = torch.where(heard < lengths, scores.argmax(1), answers)
        shares.append((answers == utterances.speakers).float().mean())
    return torch.stack(shares)


def run(
    contenders: dict[str, Contender],
    train: Utterances,
    width: int,
    epochs: int,
    seed: int,
    done: Callable[[], object] = lambda: None,
) -> dict[str, Learner]:
    """Train all of them in turn, epoch by epoch, on the same batches."""
    generator = torch.Generator().manual_seed(seed)
    learned, held_out = split(train, generator)
    learners = {}
    for name, contender in contenders.items():
        torch.manual_seed(seed)
        steps = epochs * -(-len(learned) // BATCH)
        learners[name] = Learner(contender.build(width), contender.rate, steps)
    for epoch in range(epochs):
        batches = learned.batches(generator)
        for learner in learners.values():
            torch.manual_seed(seed + epoch)  # what is dropped does not depend on who else learns
            learner.learn(batches, held_out)
            done()
    return learners


@torch.no_grad()
def seconds_a_frame(nets: Iterable[Recogniser], repeats: int = 100) -> list[float]:
    """The time that each takes for one frame of one speaker, who is listened to as he speaks."""
    frame, taken = torch.randn(1, 1, FRAME), []
    states = [(net, net(frame)[1]) for net in nets]
    for _ in range(repeats):
        for net, state in states:
            started = time.perf_counter()
            net(frame, state)
            taken.append(time.perf_counter() - started)
    return [median(taken[i :: len(states)]) for i in range(len(states))]


# ---------------------------------------------------------------------- command line


def main(arguments: list[str] | None = None) -> None:
    """Train all networks from several seeds, print the table and save the plot."""
    parser = _parser()
    options: argparse.Namespace = parser.parse_args(arguments)
    parser.check_output(options.output)
    if options.width % 4:
        parser.error(f"--width: {options.width} is not divisible by 4")
    try:
        from tqdm import tqdm
    except ImportError as error:
        parser.error(f"{error}; install the extra: pip install 'hypercomplex-torch[demo]'")
    torch.set_num_threads(options.threads)
    train, test = recordings()
    if options.choose:
        choose(train, options.width, options.epochs, seed=options.seeds)
        return

    runs: dict[str, list[Learner]] = {name: [] for name in CONTENDERS}
    epochs = options.seeds * options.epochs * len(CONTENDERS)
    with tqdm(total=epochs, unit="epoch", ncols=80) as bar:
        for seed in range(options.seeds):
            learners = run(CONTENDERS, train, options.width, options.epochs, seed, bar.update)
            for name, learner in learners.items():
                runs[name].append(learner)
    right = {
        name: torch.stack([right_by_frame(each.finished(), test) for each in learners])
        for name, learners in runs.items()
    }
    print(table(runs, right))
    save(options.output, runs, right)
    print(f"\nhow they learned and how they listen: {options.output.resolve()}")


def _parser() -> Parser:
    parser = Parser(prog="hypercomplex.demo.speakers", description=__doc__.split("\n")[0])
    parser.add_argument("--width", type=positive, default=512, help="reals in a state (512)")
    parser.add_argument("--epochs", type=positive, default=20, help="passes over the data (20)")
    parser.add_argument("--seeds", type=positive, default=3, help="runs of each network (3)")
    parser.add_argument("--output", type=Path, default=Path("speakers.png"), help="the plot")
    parser.add_argument("--choose", action="store_true", help="only try rates of learning")
    parser.add_argument(
        "--threads", type=positive, default=os.cpu_count() or 1, help="CPU threads (all)"
    )
    return parser


def choose(train: Utterances, width: int, epochs: int, seed: int) -> None:
    """Print the least loss on what is held out by rates of learning, for a seed of its own."""
    print(f"{'network':16}" + "".join(f"{rate:>9g}" for rate in RATES))
    for name, contender in CONTENDERS.items():
        row = f"{name:16}"
        for rate in RATES:
            tried = {name: Contender(contender.layer, rate)}
            row += f"{min(run(tried, train, width, epochs, seed)[name].losses):>9.3f}"
        print(row, flush=True)


def table(runs: dict[str, list[Learner]], right: dict[str, Tensor]) -> str:
    """What each network has, knows and takes."""
    each_frame = seconds_a_frame([learners[0].finished() for learners in runs.values()])
    lines = ["", f"{'network':16}{'parameters':>11}{'right':>8}{'of seeds':>16}  s/epoch  ms/frame"]
    for (name, learners), frame in zip(runs.items(), each_frame, strict=True):
        count = sum(p.numel() for p in learners[0].net.parameters())
        last = right[name][:, -1]
        seeds = f"{last.min():.1%}–{last.max():.1%}"
        epoch = median(seconds for each in learners for seconds in each.seconds)
        lines.append(
            f"{name:16}{count:>11,}{last.mean():>8.1%}{seeds:>16}{epoch:>9.2f}{1e3 * frame:>10.2f}"
        )
    return "\n".join(lines)


def save(path: Path, runs: dict[str, list[Learner]], right: dict[str, Tensor]) -> None:
    """Plot the loss over the time of training, and right answers over the frames heard."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    learning, listening = figure.subplots(1, 2)
    for (name, learners), (color, linestyle) in zip(runs.items(), LINES, strict=True):
        line = {"color": color, "linestyle": linestyle, "label": name}
        losses = torch.tensor([each.losses for each in learners]).mean(0)
        clock = torch.tensor([each.seconds for each in learners]).median(0).values.cumsum(0)
        shares = right[name].mean(0)
        learning.plot(clock, losses, **line)
        listening.plot(range(1, len(shares) + 1), 100 * shares, **line)
    learning.set(xlabel="seconds of training", ylabel="loss on what is held out", yscale="log")
    listening.set(xlabel="frames heard", ylabel="right on the test, percent")
    for axes in (learning, listening):
        axes.grid(alpha=0.3, which="both")
    listening.legend()
    figure.savefig(path, dpi=110)


QUATERNION, REAL = "tab:orange", "tab:blue"
LINES = ((QUATERNION, "-"), (REAL, "-"), (REAL, ":"), (QUATERNION, "--"), (REAL, "--"))

if __name__ == "__main__":
    main()
