"""Does the cell that measures learn better than the published one, and than an LSTM of its size?

Every model is trained with one optimizer, one number of epochs, one batch size and one window, seed by seed, on the
same splits; persistence and autoregression by least squares stand beside them. Configurations were not chosen here,
and never on the test part. The verdicts are paired tests over seeds, corrected over the data sets
(qlstm/paired.py); `worse` means that the other model has the lower error, and the last lines say on how many sets
each model wins. An interrupted run continues where it stopped: finished rows are kept in --rows.
Usage: python -m benchmarks.learning [--seeds 30] [--epochs 150] [--data sine ...] [--rows FILE] [--output FILE]
       [--circuits DIR --certificates DIR --policy FILE]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402  # threads are counted when a library is loaded

from benchmarks.families import Output  # noqa: E402
from qlstm.compare import Row  # noqa: E402
from qlstm.comparing import Asked, compared, grouped, summary  # noqa: E402
from qlstm.config import Config  # noqa: E402
from qlstm.data import SERIES  # noqa: E402
from qlstm.optimizers import EPOCHS, LEARNING_RATES, OPTIMIZERS  # noqa: E402
from qlstm.precision import float64  # noqa: E402


def winners(rows: Sequence[Row]) -> Iterator[str]:
    """On how many sets each model has the lowest median error, and the set's winner."""
    groups = grouped(rows)
    best: dict[str, tuple[float, str]] = {}
    for (data, name), group in groups.items():
        error = float(np.median([row["mse"] for row in group]))
        best[data] = min(best.get(data, (np.inf, "")), (error, name))
    yield ""
    yield "lowest median test MSE: " + "; ".join(f"{data}: {name}" for data, (_, name) in best.items())
    for name, sets in Counter(name for _, name in best.values()).most_common():
        yield f"  {name} on {sets} of {len(best)} sets"


def main() -> None:
    """Run what is missing, print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=30)
    options.add_argument("--optimizer", choices=OPTIMIZERS, default="adam")
    options.add_argument("--epochs", type=int, help="of every model; the optimizer's usual number")
    options.add_argument("--data", nargs="+", choices=tuple(SERIES), default=list(SERIES))
    options.add_argument("--cells", default="mcmc,chen2020")
    options.add_argument("--classical", default="lstm166,lstm64,lstm64-all")
    options.add_argument("--rows", type=Path, default=Path("runs/learning.jsonl"))
    options.add_argument("--output", type=Path, help="also write what is printed here")
    options.add_argument("--circuits", type=Path, default=Path("circuits"))
    options.add_argument("--certificates", type=Path, default=Path("reports/certificates"))
    options.add_argument("--policy", type=Path, default=Path("circuits/policy.toml"))
    choice = options.parse_args()
    float64()
    epochs = choice.epochs or EPOCHS[choice.optimizer]
    rate = LEARNING_RATES[choice.optimizer]
    config = Config("", "", optimizer=choice.optimizer, epochs=epochs, learning_rate=rate)
    names = [tuple(name for name in text.split(",") if name) for text in (choice.cells, choice.classical)]
    asked = Asked(tuple(choice.data), None, (), *names)
    places = choice.circuits, choice.certificates, choice.policy

    def report(row: Row) -> None:
        sys.stderr.write(f"{row['data']}  {row['model']}  seed {row['seed']}  mse {row['mse']:.3e}\n")

    rows = compared(asked, config, range(choice.seeds), choice.rows, places, report)
    output = Output(choice.output)
    output.line(
        f"budget of every trained model: {config.optimizer}, {config.epochs} epochs, batch {config.batch}, "
        f"learning rate {rate}, window {config.window}, one configuration each, {choice.seeds} seeds"
    )
    for text in (*summary(rows), *winners(rows)):
        output.line(text)


if __name__ == "__main__":
    main()
