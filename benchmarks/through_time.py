"""Through time: how strongly does a forecast feel a value that came `lag` steps before the end of its window?

The published cell (chen2020), the cell with mid-circuit measurement (mcmc) and a classical LSTM of like size, each
at its own random initialisation, over seeds. For every lag the root mean square of d forecast / d input over
windows (`qlstm.through_time`), exact; then over seeds its median, smallest and largest, and r of g ~ r**lag. The
mcmc cell reads its bits at every step, which gives early values a short way into the forecast; "last readout"
leaves those out and shows what its memory wires carry.

    python -m benchmarks.through_time [--seeds 5] [--length 12] [--output reports/benchmarks/through_time.txt]
        [--figure reports/benchmarks/through_time.png] [--circuits DIR --certificates DIR --policy FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

Real = NDArray[np.float64]
WINDOWS = 32


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--circuits", type=Path, default=Path("circuits"))
    parser.add_argument("--certificates", type=Path, default=Path("reports/certificates"))
    parser.add_argument("--policy", type=Path, default=Path("circuits/policy.toml"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--length", type=int, default=12, help="values in a window")
    parser.add_argument("--output", type=Path, default=None, help="also write the table here")
    parser.add_argument("--figure", type=Path, default=None, help="a .png")
    return parser.parse_args()


def measured(options: argparse.Namespace) -> dict[str, Real]:
    """Model -> gradient by lag, shape (seeds, length)."""
    import jax
    import jax.numpy as jnp

    from qlstm import cells
    from qlstm.lstm import LSTM166
    from qlstm.models import Model
    from qlstm.precision import float64
    from qlstm.through_time import gradient_by_lag
    from qverify import admit_folder

    float64()
    length = options.length

    def cell(name: str) -> cells.AnyCell:
        return cells.assemble(name, admit_folder(options.circuits / name, options.certificates, options.policy))

    whole = cells.model(cell("mcmc"), length)

    def last_readout(parameters: dict[str, jax.Array], windows: jax.Array) -> jax.Array:
        head = parameters["head"].at[:-1].set(0.0)
        return whole.forecast({**parameters, "head": head}, windows)

    models = {
        "chen2020": cells.model(cell("chen2020"), length),
        "mcmc": whole,
        "mcmc, last readout": Model("mcmc, last readout", whole.initial, last_readout),
        "LSTM": LSTM166,
    }
    found = {}
    for name, model in models.items():
        act = jax.jit(lambda p, x, model=model: gradient_by_lag(model, p, x))
        rows = []
        for seed in range(options.seeds):
            windows = jnp.asarray(np.random.default_rng(seed).uniform(-1, 1, (WINDOWS, length)))
            rows.append(np.asarray(act(model.initial(jax.random.key(seed)), windows)))
        found[name] = np.stack(rows)
    return found


def table(found: dict[str, Real], seeds: int) -> Iterator[str]:
    """Lines of text: a lag a row, a model a column."""
    from qlstm.through_time import fall_per_lag

    length = next(iter(found.values())).shape[1]
    yield f"gradient of the forecast by the value `lag` steps before the end; median [least, most] of {seeds} seeds"
    yield f"{'lag':>4}  " + "".join(f"{name:28}" for name in found)
    for lag in range(length):
        cells = (rows[:, lag] for rows in found.values())
        yield f"{lag:4}  " + "".join(f"{_said(values):28}" for values in cells)
    falls = (np.array([fall_per_lag(row) for row in rows]) for rows in found.values())
    yield f"{'r':>4}  " + "".join(f"{_fall(values):28}" for values in falls)
    yield f"r: g ~ r**lag, least squares over all {length} lags; a value one step earlier is felt r times as much"


def _said(values: Real) -> str:
    return f"{np.median(values):.2e} [{values.min():.0e}, {values.max():.0e}]"


def _fall(values: Real) -> str:
    return f"{np.median(values):.3f}    [{values.min():.2f}, {values.max():.2f}]"


def figure_png(found: dict[str, Real]) -> bytes:
    """Median and range over seeds against the lag."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for k, (name, rows) in enumerate(found.items()):
        lags = np.arange(rows.shape[1])
        axes.semilogy(
            lags, np.median(rows, axis=0), color=f"C{k}", linestyle=("-", "--", "-.", ":")[k % 4], label=name
        )
        axes.fill_between(lags, rows.min(axis=0), rows.max(axis=0), color=f"C{k}", alpha=0.15, linewidth=0)
    axes.set(
        title="what a forecast feels of an earlier value, at initialisation",
        xlabel="lag between input and forecast (steps)",
        ylabel="root mean square of d forecast / d input",
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    begin = time.perf_counter()
    found = measured(options)
    seconds = time.perf_counter() - begin
    lines = [*table(found, options.seeds), ""]
    lines.append(
        f"{WINDOWS} windows of {options.length} values uniform in [-1, 1], seeds 0 to {options.seeds - 1}; "
        f"{seconds:.0f} s, Python {platform.python_version()}"
    )
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.output:
        options.output.write_text(text)
    if options.figure:
        options.figure.write_bytes(figure_png(found))


if __name__ == "__main__":
    main()
