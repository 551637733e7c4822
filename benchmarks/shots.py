"""What do shots and noise do to a trained cell that measures, and what does training for shots give back?

The cell is trained on exact values, then trained on for the expected squared error at a number of shots
(qlstm/shots.py), and both are run as real dynamic circuits on qiskit-aer. Noise: P after gates on two wires, P / 10
on one, P at each readout; T1 = T2 for wires that wait while another is measured or reset, and for the branch.
`refit`: gain and offset fitted on noisy forecasts of training windows.
Usage: python -m benchmarks.shots RUN [--windows 26] [--aware 4096 ...] [--epochs 40] [--output FILE]
       [--circuits DIR --certificates DIR --policy FILE]        RUN: what `qlstm train --cell mcmc` wrote
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from benchmarks.families import Output  # noqa: E402  # threads are counted when a library is loaded
from qlstm.measured_cell import MeasuredCell  # noqa: E402
from qlstm.noise import Noise, of_strength  # noqa: E402
from qlstm.precision import float64  # noqa: E402
from qlstm.rerun import Run, evaluated, load_run  # noqa: E402
from qlstm.shots import train_for_shots  # noqa: E402

SHOTS = (256, 1024, 4096)
NOISES = {
    "P 1e-3": of_strength(1e-3),
    "P 1e-2": of_strength(1e-2),
    "readout 1e-2": Noise(readout=1e-2),
    "T1 = T2 = 100 us": Noise(t1=1e5, t2=1e5),
    "T1 = T2 = 300 us": Noise(t1=3e5, t2=3e5),
    "P 1e-3, 100 us": of_strength(1e-3, 1e5, 1e5),
}


def line(trained: str, what: str, values: dict[str, Any]) -> str:
    """One row."""
    kinds = "  ".join(
        f"{values[kind]['mse']:9.2e} {values[kind]['one_minus_mape']:7.3f} {values[kind]['within_2_5']:6.3f}"
        if values[kind]
        else " " * 24
        for kind in ("exact", "sampled", "refit")
    )
    expected = values["expected"]
    told = f"{expected['mse_exact'] + expected['mse_from_shots']:9.2e}" if expected else ""
    return f"{trained:16}{what:22}{kinds}  {told}"


def rows(run: Run, trained: str, windows: int, noisy: bool) -> Iterator[str]:
    """The table of one set of weights."""
    for shots in SHOTS:
        yield line(trained, f"{shots} shots", evaluated(run, shots, Noise(), 0, windows))
    for name, noise in NOISES.items() if noisy else ():
        yield line(trained, f"{SHOTS[-1]}, {name}", evaluated(run, SHOTS[-1], noise, 0, windows))


def main() -> None:
    """Train on, run, print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("run", type=Path)
    options.add_argument("--windows", type=int, default=26, help="test windows, evenly spread; 0 for all")
    options.add_argument("--aware", type=int, nargs="*", default=[4096, 256], help="shots to train for")
    options.add_argument("--epochs", type=int, default=40, help="of training for shots, by Adam")
    options.add_argument("--without-noise", action="store_true")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    options.add_argument("--circuits", type=Path, default=Path("circuits"))
    options.add_argument("--certificates", type=Path, default=Path("reports/certificates"))
    options.add_argument("--policy", type=Path, default=Path("circuits/policy.toml"))
    choice = options.parse_args()
    float64()
    run = load_run(choice.run, choice.circuits, choice.certificates, choice.policy)
    if not isinstance(run.cell, MeasuredCell):
        raise SystemExit("this run's cell does not measure; give a run of one that does")
    output = Output(choice.output)
    columns = "  ".join(f"{kind + ': MSE':>9} {'1-MAPE':>7} {'2.5 %':>6}" for kind in ("exact", "shots", "refit"))
    output.line(f"{'weights':16}{'run with':22}{columns}  expected")
    for text in rows(run, "exact", choice.windows, not choice.without_noise):
        output.line(text)
    config = replace(run.config, optimizer="adam", epochs=choice.epochs, learning_rate=0.01)
    for shots in choice.aware:
        parameters, losses = train_for_shots(run.cell, run.split.train, config, shots, run.parameters)
        if not math.isfinite(losses[-1]):
            raise SystemExit(f"training for {shots} shots diverged")
        aware = replace(run, parameters=parameters)
        for text in rows(aware, f"for {shots}", choice.windows, not choice.without_noise):
            output.line(text)


if __name__ == "__main__":
    main()
