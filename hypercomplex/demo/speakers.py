"""Who is speaking: a quaternion LSTM and its real twin on recorded speech.

`python -m hypercomplex.demo.speakers` trains both to tell nine speakers from short utterances of
different lengths. A quaternion holds one cepstral coefficient and its first three derivatives in
time, as in the QRNN paper; the real network sees the same 48 numbers in each frame.

After T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019. The data are described
and licensed in `japanese_vowels.md`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import hypercomplex as hc
from hypercomplex.demo.__main__ import Parser, positive, save_curves

COEFFICIENTS, SPEAKERS, NUMBERS = 12, 9, 16


class Recogniser(nn.Module):
    """A recurrent layer over frames, and a real readout of its last state."""

    def __init__(self, recurrent: nn.Module) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.readout = nn.Linear(4 * NUMBERS, SPEAKERS)

    def forward(self, frames: PackedSequence) -> Tensor:
        """The scores of the speakers, `(N, 9)`."""
        _, (last, _) = self.recurrent(frames)
        scores: Tensor = self.readout(last[-1])
        return scores


def quaternion_recogniser() -> Recogniser:
    """12 quaternions a frame, 16 in the state."""
    return Recogniser(hc.nn.QuaternionLSTM(COEFFICIENTS, NUMBERS))


def real_recogniser() -> Recogniser:
    """Its twin of equal width: 48 reals a frame, 64 in the state."""
    return Recogniser(nn.LSTM(4 * COEFFICIENTS, 4 * NUMBERS))


@dataclass(frozen=True)
class Utterances:
    """Recordings as folded quaternions `(T, 48)`, and who spoke."""

    frames: list[Tensor]
    speakers: Tensor

    def batch(self, indices: Tensor) -> tuple[PackedSequence, Tensor]:
        """Some of the utterances, packed."""
        chosen = [self.frames[i] for i in indices.tolist()]
        return pack_sequence(chosen, enforce_sorted=False), self.speakers[indices]


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


def learn(net: Recogniser, train: Utterances, test: Utterances, epochs: int) -> list[float]:
    """The share of right answers on the test after every epoch of Adam."""
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    curve = []
    for _ in range(epochs):
        for indices in torch.randperm(len(train.frames)).split(30):
            frames, speakers = train.batch(indices)
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(frames), speakers).backward()
            optimizer.step()
        with torch.no_grad():
            frames, speakers = test.batch(torch.arange(len(test.frames)))
            curve.append((net(frames).argmax(1) == speakers).float().mean().item())
    return curve


def main(arguments: list[str] | None = None) -> None:
    """Train both networks from several seeds, print the table and save the plot."""
    parser = Parser(prog="hypercomplex.demo.speakers", description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=positive, default=40, help="passes over the data (40)")
    parser.add_argument("--seeds", type=positive, default=3, help="runs of each network (3)")
    parser.add_argument("--output", type=Path, default=Path("speakers.png"), help="the plot")
    options: argparse.Namespace = parser.parse_args(arguments)
    parser.check_output(options.output)

    train, test = recordings()
    curves: dict[str, Tensor] = {}
    print(f"{'network':12}{'parameters':>12}{'right':>9}{'seconds':>10}")
    for name, build in (("quaternion", quaternion_recogniser), ("real", real_recogniser)):
        started, runs = time.perf_counter(), []
        for seed in range(options.seeds):
            torch.manual_seed(seed)
            net = build()
            runs.append(learn(net, train, test, options.epochs))
        seconds = (time.perf_counter() - started) / options.seeds
        curves[name] = torch.tensor(runs)
        parameters = sum(p.numel() for p in net.parameters())
        right = curves[name][:, -1].mean()
        print(f"{name:12}{parameters:>12,}{right:>9.1%}{seconds:>10.1f}")
    save_curves(options.output, curves, xlabel="epoch", ylabel="right on the test")
    print(f"\nright answers by epoch, mean of {options.seeds}: {options.output.resolve()}")


if __name__ == "__main__":
    main()
