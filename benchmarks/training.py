"""What does a training step of the published quantum LSTM cost, here and in PennyLane?

Both train the same 149 weights on the same batches of a sine (batch 10, window 4, float64, RMSprop), in this
process, one after the other: `qlstm` with whole epochs compiled, PennyLane's default.qubit by backpropagation
with broadcasting over the batch, as in a plain training loop. Unit: microseconds per sample and time step,
forward, backward and update together; the smallest of the repetitions, which load disturbs least.

    python benchmarks/training.py [--circuits DIR --certificates DIR --policy FILE] [--format json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

WINDOWS, LENGTH, BATCH = 100, 4, 10
SAMPLE_STEPS = WINDOWS * LENGTH


def main() -> None:
    """Measure both and print."""
    options = arguments()
    before = os.getloadavg()
    ours, compiling, losses = qlstm_epoch(options)
    theirs = pennylane_update(options.pennylane_updates) if options.pennylane_updates else None
    result = {
        "qlstm_us_per_sample_step": ours,
        "qlstm_compile_seconds": compiling,
        "qlstm_last_loss": losses,
        "pennylane_us_per_sample_step": theirs,
        "ratio": None if theirs is None else theirs / ours,
        "load_before": before,
        "load_after": os.getloadavg(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("jax", "optax", "qiskit", "numpy", "pennylane")},
    }
    if options.format == "json":
        print(json.dumps(result, indent=2))
        return
    for name, value in result.items():
        print(f"{name:30} {value:.4g}" if isinstance(value, float) else f"{name:30} {value}")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--circuits", type=Path, default=Path("circuits"))
    parser.add_argument("--certificates", type=Path, default=Path("reports/certificates"))
    parser.add_argument("--policy", type=Path, default=Path("circuits/policy.toml"))
    parser.add_argument("--epochs", type=int, default=200, help="epochs of 10 updates timed here")
    parser.add_argument("--pennylane-updates", type=int, default=5, help="updates timed there; 0 for none")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser.parse_args()


def qlstm_epoch(options: argparse.Namespace) -> tuple[float, float, float]:
    """Microseconds per sample-step, seconds for the first epoch, last loss."""
    import jax

    from qlstm.cells import model
    from qlstm.config import Config
    from qlstm.data import sine
    from qlstm.precision import float64
    from qlstm.run import verified_cell
    from qlstm.train import epoch_function, start
    from qlstm.windows import Part, windowed

    float64()
    cell = verified_cell("chen2020", options.circuits, options.certificates, options.policy, 0)
    part = windowed(sine(), LENGTH).train
    part = Part(part.windows[:WINDOWS], part.targets[:WINDOWS])
    config = Config("chen2020", "sine", batch=BATCH)
    progress = start(model(cell, LENGTH), config, jax.random.key(0))
    state = (progress.parameters, progress.opt_state)
    epoch = epoch_function(model(cell, LENGTH), part, config)

    def one() -> float:
        nonlocal state
        *rest, loss = epoch(*state)
        state = tuple(rest)
        return float(loss)

    begin = time.perf_counter()
    loss = one()
    compiling = time.perf_counter() - begin
    seconds = smallest(one, options.epochs)
    loss = one()
    return 1e6 * seconds / SAMPLE_STEPS, compiling, loss


def pennylane_update(repetitions: int) -> float:
    """Microseconds per sample-step of an update on one batch."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.qlstm.pennylane_cell import losses

    rng = np.random.default_rng(0)
    weights = [0.01 * rng.normal(size=24) for _ in range(6)] + [rng.uniform(-0.5, 0.5, 4), np.array(0.1)]
    batch = (rng.uniform(-1, 1, (BATCH, LENGTH)), rng.uniform(-1, 1, BATCH))
    losses(weights, [batch])  # first use imports and caches
    return 1e6 * smallest(lambda: losses(weights, [batch]), repetitions) / (BATCH * LENGTH)


def smallest(act: Callable[[], object], repetitions: int) -> float:
    """The shortest of several durations, seconds."""
    durations = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        act()
        durations.append(time.perf_counter() - begin)
    return min(durations)


if __name__ == "__main__":
    main()
