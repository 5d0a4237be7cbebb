"""Charged bodies: an equivariant network and a plain one, over the number of samples.

`python -m hypercomplex.demo.bodies` trains both to say where four charges are after a while, from
where they are, how they move and what they carry. All they can go by is how the straight path of a
body is bent by the others. Space has no preferred direction: the equivariant network, over Cl(3),
knows that, and the plain one must learn it, if need be from turned copies of its samples.

The data are made here, in the manner of T. Kipf et al., *Neural Relational Inference for
Interacting Systems*, ICML 2018, in three dimensions as V. Garcia Satorras et al., *E(n) Equivariant
Graph Neural Networks*, ICML 2021, have them; the network is after D. Ruhe et al., *Clifford Group
Equivariant Neural Networks*, NeurIPS 2023.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex.demo.__main__ import Parser, positive

SPACE = hc.clifford(3)
CHARGES, SOFTENING = 4, 0.3
DURATION, STEPS = 1.0, 200
LAYERS, NUMBERS, WIDTH = 2, 8, 26
RATE, BATCH = 1e-2, 32
HELD_OUT = 200

# ---------------------------------------------------------------------- bodies


@dataclass(frozen=True)
class Bodies:
    """Where charges are, how they move, what they carry, and by how much they are deflected."""

    positions: Tensor
    """`(N, 4, 3)`, as the others, from the centre of all."""
    velocities: Tensor
    charges: Tensor
    """`(N, 4, 1)`, 1 or −1."""
    deflections: Tensor
    """Where they are later, less where they would be without forces."""

    def __getitem__(self, index: Tensor | slice) -> Bodies:
        """Some of the samples."""
        return Bodies(
            self.positions[index],
            self.velocities[index],
            self.charges[index],
            self.deflections[index],
        )

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.positions)

    def turned(self, turn: Tensor) -> Bodies:
        """All of it, turned or reflected by orthogonal matrices that are applied from the right."""
        moved = (x @ turn for x in (self.positions, self.velocities, self.deflections))
        positions, velocities, deflections = moved
        return Bodies(positions, velocities, self.charges, deflections)


def simulate(samples: int, generator: torch.Generator) -> Bodies:
    """Random charges that attract and repel each other, by the method of Störmer and Verlet.

    Unit masses, float64; forces are softened, so that the nearest encounters are within the steps.
    """
    shape, double = (samples, CHARGES, 3), torch.float64
    start = torch.randn(shape, generator=generator, dtype=double)
    velocity = torch.randn(shape, generator=generator, dtype=double) / 2
    start, velocity = (x - x.mean(1, keepdim=True) for x in (start, velocity))
    signs = torch.randint(0, 2, (samples, CHARGES, 1), generator=generator)
    charges = 2.0 * signs.to(double) - 1
    place, moving, step = start, velocity, DURATION / STEPS
    force = forces(place, charges)
    for _ in range(STEPS):
        half = moving + force * (step / 2)
        place = place + half * step
        force = forces(place, charges)
        moving = half + force * (step / 2)
    deflection = place - start - DURATION * velocity
    return Bodies(*(x.float() for x in (start, velocity, charges, deflection)))


def forces(place: Tensor, charges: Tensor) -> Tensor:
    """Coulomb's, softened: `Σⱼ qᵢ qⱼ (xᵢ − xⱼ) / (|xᵢ − xⱼ|² + ε²)^{3/2}`."""
    apart = place.unsqueeze(2) - place.unsqueeze(1)
    strength = (apart.square().sum(-1, keepdim=True) + SOFTENING**2).pow(-1.5)
    return (charges.unsqueeze(2) * charges.unsqueeze(1) * strength * apart).sum(2)


# ---------------------------------------------------------------------- networks


class Messages(nn.Module):
    """Each body hears all others, and moves its features by the mean of what it heard."""

    def __init__(self, linear: Callable[[], nn.Module], block: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.receive, self.send = linear(), linear()
        self.message, self.update = block(), block()

    def forward(self, features: Tensor) -> Tensor:
        """`(N, 4, F)` → `(N, 4, F)`."""
        pairs = self.receive(features).unsqueeze(2) + self.send(features).unsqueeze(1)
        heard: Tensor = self.update(features + self.message(pairs).mean(2))
        return features + heard


class Product(nn.Module):
    """What a layer of geometric products does: scale, multiply, gate, mix."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = hc.nn.EquivariantLayerNorm(NUMBERS, algebra=SPACE)
        self.other = hc.nn.EquivariantLinear(NUMBERS, NUMBERS, algebra=SPACE)
        self.product = hc.nn.FullyConnectedProduct(NUMBERS, NUMBERS, algebra=SPACE)
        self.gate = hc.nn.GradeGate(NUMBERS, algebra=SPACE)
        self.mix = hc.nn.EquivariantLinear(NUMBERS, NUMBERS, algebra=SPACE)

    def forward(self, x: Tensor) -> Tensor:
        """Folded multivectors."""
        scaled = self.norm(x)
        mixed: Tensor = self.mix(self.gate(x + self.product(scaled, self.other(scaled))))
        return mixed


class Equivariant(nn.Module):
    """Places and velocities are vectors of Cl(3), charges scalars, and so is what is between."""

    def __init__(self) -> None:
        super().__init__()
        linear = hc.nn.EquivariantLinear
        self.body = nn.Sequential(
            linear(3, NUMBERS, algebra=SPACE),
            *(
                Messages(lambda: linear(NUMBERS, NUMBERS, algebra=SPACE), Product)
                for _ in range(LAYERS)
            ),
            linear(NUMBERS, 1, algebra=SPACE),
        )

    def forward(self, bodies: Bodies) -> Tensor:
        """The deflections `(N, 4, 3)`."""
        vectors = torch.stack((bodies.positions, bodies.velocities), -2)
        numbers = torch.cat(
            (
                hc.geometric.embed_grade(vectors, 1, SPACE),
                hc.geometric.embed_grade(bodies.charges.unsqueeze(-1), 0, SPACE),
            ),
            -2,
        )
        found = self.body(hc.as_hypercomplex(numbers, SPACE).folded())
        return hc.geometric.extract_grade(found, 1, SPACE)


class Plain(nn.Module):
    """The same messages between seven real numbers a body."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()

        def block() -> nn.Module:
            return nn.Sequential(
                nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width)
            )

        self.body = nn.Sequential(
            nn.Linear(7, width),
            *(Messages(lambda: nn.Linear(width, width), block) for _ in range(LAYERS)),
            nn.Linear(width, 3),
        )

    def forward(self, bodies: Bodies) -> Tensor:
        """The deflections `(N, 4, 3)`."""
        found: Tensor = self.body(
            torch.cat((bodies.positions, bodies.velocities, bodies.charges), -1)
        )
        return found


# ---------------------------------------------------------------------- learning


@dataclass(frozen=True)
class Contender:
    """A network, and whether it learns from turned copies, too."""

    build: Callable[[], Equivariant | Plain]
    steps: int = 1
    """Steps for one of the equivariant network: in the same time, about as many are made."""
    turned: bool = False


CONTENDERS = {
    "equivariant": Contender(Equivariant),
    "plain": Contender(Plain, steps=4),
    "plain, turned copies": Contender(Plain, steps=4, turned=True),
}


def learn(
    contender: Contender, train: Bodies, held_out: Bodies, test: Bodies, steps: int
) -> tuple[nn.Module, float]:
    """A trained network, and its error on the test where that on the samples held out was least.

    Adam on small batches, with a rate that rises and falls once; five looks at what is held out.
    """
    net = contender.build()
    for parameter in net.body[-1].parameters():  # the straight path is where all begin
        nn.init.zeros_(parameter)
    steps *= contender.steps
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    best, found = float("inf"), float("inf")
    for step in range(1, steps + 1):
        batch = train[torch.randperm(len(train))[:BATCH]]
        if contender.turned:
            batch = batch.turned(orthogonal())
        optimizer.zero_grad()
        nn.functional.mse_loss(net(batch), batch.deflections).backward()
        optimizer.step()
        schedule.step()
        if step % (steps // 5 or 1) == 0:
            now = error(net, held_out)
            if now < best:
                best, found = now, error(net, test)
    return net, found


@torch.no_grad()
def error(net: nn.Module, bodies: Bodies) -> float:
    """Root mean square of what is wrong, as a share of that of the deflections."""
    wrong = net(bodies) - bodies.deflections
    return (wrong.square().mean() / bodies.deflections.square().mean()).sqrt().item()


def orthogonal() -> Tensor:
    """A turn, or a turn and a reflection, each as likely as any other."""
    q, r = torch.linalg.qr(torch.randn(3, 3))
    return q * r.diagonal().sign()


# ---------------------------------------------------------------------- the job

Errors = dict[str, Tensor]
"""Of each contender `(sizes, seeds)`."""


def main(arguments: list[str] | None = None) -> None:
    """Train all on more and more samples, print the table and save the plot."""
    parser = Parser(prog="hypercomplex.demo.bodies", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="less of everything: a minute")
    parser.add_argument("--steps", type=positive, help="steps of the equivariant one (200)")
    parser.add_argument("--seeds", type=positive, help="runs of each network (3)")
    parser.add_argument("--samples", type=positive, nargs="+", help="sizes (30 100 300 1000)")
    parser.add_argument("--output", type=Path, default=Path("bodies.png"), help="the plot")
    options: argparse.Namespace = parser.parse_args(arguments)
    parser.check_output(options.output)
    steps = options.steps or (50 if options.quick else 200)
    seeds = options.seeds or (1 if options.quick else 3)
    sizes = sorted(options.samples or ([30, 300] if options.quick else [30, 100, 300, 1000]))

    torch.set_num_threads(1)
    bodies = simulate(sizes[-1] + 3 * HELD_OUT, torch.Generator().manual_seed(0))
    held_out, test, train = (
        bodies[:HELD_OUT],
        bodies[HELD_OUT : 3 * HELD_OUT],
        bodies[3 * HELD_OUT :],
    )
    print(f"{'network':22}{'parameters':>12}{'seconds':>9}" + "".join(f"{n:>18,}" for n in sizes))
    errors: Errors = {}
    for name, contender in CONTENDERS.items():
        started = time.process_time()
        errors[name] = torch.tensor(
            [
                [
                    trained(contender, train[:n], held_out, test, steps, seed)
                    for seed in range(seeds)
                ]
                for n in sizes
            ]
        )
        seconds = (time.process_time() - started) / errors[name].numel()
        count = sum(p.numel() for p in contender.build().parameters())
        print(f"{name:22}{count:>12,}{seconds:>9.1f}" + "".join(map(spread, errors[name])))
    save(options.output, sizes, errors)
    print(f"\nerror by samples, each of {seeds} seeds and their mean: {options.output.resolve()}")


def trained(
    contender: Contender, train: Bodies, held_out: Bodies, test: Bodies, steps: int, seed: int
) -> float:
    """The error on the test of a network that begins with this seed."""
    torch.manual_seed(seed)
    return learn(contender, train, held_out, test, steps)[1]


def spread(errors: Tensor) -> str:
    """The mean, and from where to where."""
    return f"{errors.mean():>8.3f} {errors.min():.2f}–{errors.max():.2f}"


def save(path: Path, sizes: list[int], errors: Errors) -> None:
    """Plot the error over the number of samples."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for colour, (name, each) in zip(COLOURS, errors.items(), strict=True):
        axes.plot(sizes, each.mean(1), color=colour, marker="o", label=name)
        axes.plot(sizes, each, color=colour, linestyle="", marker=".", alpha=0.5)
    axes.axhline(1, color="grey", linestyle=":", label="straight paths")
    axes.set(xscale="log", yscale="log", xlabel="samples in training")
    axes.set(ylabel="error, of the deflection")
    axes.set_xticks(sizes, [f"{n:,}" for n in sizes], minor=False)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:.1g}")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    figure.savefig(path, dpi=110)


COLOURS = ("tab:orange", "tab:blue", "tab:green")

if __name__ == "__main__":
    main()
