"""What do a published quantum LSTM and the one that measures cost on a machine, a time step and a window of four?

Chen, Yoo and Fang (2020) on six registers and on one, and the cell of `circuits/mcmc`, counted and scheduled by
`qverify idle` (as soon as possible; its assumed durations: gate 32 ns, two wires 68, turns about Z 0, measure and
reset 1000, feed-forward 650). All six blocks are counted in every step, also of the last one's those whose outcome
nobody reads. Idle shares are of qubits times layers, and of qubits times time.

"No idle qubit" is required as: every qubit is in a two-qubit gate of every cell, and none is a spectator. The other
two shares are reported, also where the cell that measures is worse: its memory waits while the work wire is read.
Usage: python -m benchmarks.cells_table [--format json] [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from benchmarks.families import Output  # noqa: E402  # threads are counted when a library is loaded
from qlstm.compose import compose, window  # noqa: E402
from qlstm.resources import Resources, hybrid_step, resources  # noqa: E402
from qlstm.roles import ROLES  # noqa: E402
from qverify import load_subject  # noqa: E402

CIRCUITS = Path(__file__).parents[1] / "circuits"
STEPS = 4
HEADINGS = ("qubits", "enc", "CX", "meas", "reset", "branch", "stage", "depth", "us", "idle l", "idle t")


def table() -> Iterator[tuple[str, str, Resources]]:
    """(cell, step or window, what it costs)."""
    subjects = {role: load_subject(str(CIRCUITS / "chen2020" / f"{role}.qasm")) for role in ROLES}
    blocks = {role: s.circuit for role, s in subjects.items()}
    features = {role: s.claims.features for role, s in subjects.items()}
    for name, shared in (("chen2020, six registers", False), ("chen2020, one register", True)):
        for what, steps in (("step", 1), ("window", STEPS)):
            # between the first four circuits and the last two, and between a step and the next
            yield name, what, resources(*hybrid_step(blocks, features, shared, steps), stages=2 * steps - 1)
    measured = {role: load_subject(str(CIRCUITS / "mcmc" / f"{role}.qasm")) for role in ROLES}
    step = compose({role: s.circuit for role, s in measured.items()})
    names = tuple(dict.fromkeys(f for s in measured.values() for f in s.claims.features))
    yield "mcmc", "step", resources(step, names)
    every = tuple(f"{name}_{t}" for t in range(STEPS) for name in names)
    yield "mcmc", "window", resources(window(step, STEPS, names), every)


def line(name: str, what: str, r: Resources) -> str:
    """One row."""
    counted = (r.qubits, r.encodings, r.cx, r.measurements, r.resets, r.feed_forward, r.stages, r.depth)
    return (
        f"{name:24}{what:8}"
        + "".join(f"{n:7}" for n in counted)
        + f"{r.time / 1000:8.1f}{r.idle_layers:8.0%}{r.idle_time:8.0%}"
    )


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--format", choices=("text", "json"), default="text")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    choice = options.parse_args()
    rows = list(table())
    if choice.format == "json":
        print(json.dumps([{"cell": name, "of": what, **asdict(r)} for name, what, r in rows], indent=2))
        return
    output = Output(choice.output)
    output.line(
        f"{'cell':24}{'a':8}" + "".join(f"{h:>7}" for h in HEADINGS[:8]) + "".join(f"{h:>8}" for h in HEADINGS[8:])
    )
    for row in rows:
        output.line(line(*row))


if __name__ == "__main__":
    main()
