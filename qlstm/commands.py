"""The commands that take up finished runs, or make many: `evaluate`, `compare`, `forecast`.

Kept apart from cli.py, which registers them; nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

Circuits = Annotated[Path, typer.Option(help="Folder of circuits; all must be certified.")]
Certificates = Annotated[Path, typer.Option(help="Folder of certificates.")]
Policy = Annotated[Path, typer.Option(help="Policy the certificates must meet.")]
Folder = Annotated[Path, typer.Argument(help="Folder that `qlstm train` wrote.")]
Form = Annotated[Literal["rich", "json"], typer.Option("--format", help="Of the answer on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]
Plain = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")]
CIRCUITS, CERTIFICATES, POLICY = Path("circuits"), Path("reports/certificates"), Path("circuits/policy.toml")


def evaluate_command(  # noqa: PLR0913, PLR0917  # each parameter is one option
    run: Folder,
    shots: Annotated[int, typer.Option(min=1, max=1_000_000, help="Runs of every circuit.")] = 4096,
    noise: Annotated[
        float,
        typer.Option(help="P: depolarising after gates on two wires, P/10 on one; P flips of each readout."),
    ] = 0.0,
    t1: Annotated[float, typer.Option(help="T1 in microseconds of wires that wait; 0 for none.")] = 0.0,
    t2: Annotated[float, typer.Option(help="T2 in microseconds, at most 2 T1; 0 for none.")] = 0.0,
    windows: Annotated[int, typer.Option(min=0, help="Test windows, evenly spread; 0 for all.")] = 0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 2, help="Seed of the shots.")] = 0,
    circuits: Circuits = CIRCUITS,
    certificates: Certificates = CERTIFICATES,
    policy: Policy = POLICY,
    form: Form = "rich",
    quiet: Quiet = False,
    no_color: Plain = False,
) -> None:
    """Run a trained cell on qiskit-aer with shots and noise, exact beside sampled."""
    from qlstm.noise import of_strength

    asked = of_strength(noise, *(1000 * t if t else math.inf for t in (t1, t2)))
    stderr = _stderr(quiet, no_color)

    from qlstm.precision import float64
    from qlstm.rerun import evaluated, load_run

    float64()
    loaded = load_run(run, circuits, certificates, policy)
    stderr.print(f"running {loaded.cell.name} with {shots} shots on qiskit-aer")
    found = evaluated(loaded, shots, asked, seed, windows)
    if form == "json":
        sys.stdout.write(json.dumps(found, indent=2, allow_nan=False) + "\n")
        return
    rows = [(name, found[name]) for name in ("exact", "sampled", "refit") if found[name]]
    title = f"{found['cell']} on {found['data']}, {shots} shots, noise {noise:g}, {found['windows']} test windows"
    _print_rows(rows, title, no_color)


def compare_command(  # noqa: PLR0913, PLR0917  # each parameter is one option
    data: Annotated[list[str], typer.Option(help="A series' name or a .csv file; repeat for several.")],
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Seeds 0 .. N-1 of the initial weights.")] = 5,
    cells: Annotated[str, typer.Option(help="Cells, separated by commas; empty for none.")] = "mcmc,chen2020",
    classical: Annotated[
        str, typer.Option(help="lstm166, lstm100, lstm64, each also with -all for a head over all steps.")
    ] = "lstm166,lstm64,lstm64-all",
    target: Annotated[str | None, typer.Option(help="Column of the .csv file.")] = None,
    features: Annotated[str, typer.Option(help="Columns that windows hold instead, separated by commas.")] = "",
    optimizer: Annotated[Literal["rmsprop", "adam", "adam+lm"], typer.Option(help="For all models.")] = "adam",
    epochs: Annotated[int, typer.Option(min=1, help="For all models.")] = 150,
    batch: Annotated[int, typer.Option(min=1, help="Windows per update.")] = 10,
    learning_rate: Annotated[float | None, typer.Option(help="rmsprop 0.01, adam 0.03.")] = None,
    window: Annotated[int, typer.Option(min=1, max=32, help="Past values that a forecast sees.")] = 4,
    out: Annotated[Path, typer.Option(help="File of finished rows; what is there is not run again.")] = Path(
        "runs/compare.jsonl"
    ),
    circuits: Circuits = CIRCUITS,
    certificates: Certificates = CERTIFICATES,
    policy: Policy = POLICY,
    form: Form = "rich",
    quiet: Quiet = False,
    no_color: Plain = False,
) -> None:
    """Train every cell and baseline on the same splits with the same budget, over seeds."""
    from qlstm.errors import BadUsage
    from qlstm.usage import check_cell

    names = [name for name in cells.split(",") if name]
    for name in names:
        check_cell(name, circuits)
    if learning_rate is not None and not (math.isfinite(learning_rate) and learning_rate > 0):
        raise BadUsage(f"--learning-rate must be a positive number, but is {learning_rate}")

    from qlstm import comparing
    from qlstm.config import Config
    from qlstm.optimizers import LEARNING_RATES
    from qlstm.precision import float64

    float64()
    rate = LEARNING_RATES[optimizer] if learning_rate is None else learning_rate
    config = Config("", "", window=window, epochs=epochs, batch=batch, optimizer=optimizer, learning_rate=rate)
    asked = comparing.Asked(
        tuple(dict.fromkeys(data)),
        target,
        tuple(name for name in features.split(",") if name),
        tuple(names),
        tuple(name for name in classical.split(",") if name),
    )
    stderr = _stderr(quiet, no_color)

    def report(row: dict[str, Any]) -> None:
        stderr.print(f"{row['data']}  {row['model']}  seed {row['seed']}  mse {row['mse']:.3e}")

    rows = comparing.compared(asked, config, range(seeds), out, (circuits, certificates, policy), report)
    if form == "json":
        sys.stdout.write(json.dumps(rows, indent=2, allow_nan=False) + "\n")
        return
    for line in comparing.summary(rows):
        sys.stdout.write(line + "\n")


def forecast_command(  # noqa: PLR0913, PLR0917  # each parameter is one option
    run: Folder,
    steps: Annotated[int, typer.Option(min=1, max=100_000, help="Values to forecast.")] = 50,
    begin: Annotated[
        Literal["end", "test"], typer.Option("--from", help="Where the series ends, or where the test part begins.")
    ] = "end",
    out: Annotated[Path | None, typer.Option(help="Picture to write; RUN/closed_loop.png.")] = None,
    circuits: Circuits = CIRCUITS,
    certificates: Certificates = CERTIFICATES,
    policy: Policy = POLICY,
    form: Form = "rich",
    quiet: Quiet = False,
    no_color: Plain = False,
) -> None:
    """Forecast a series from its own forecasts, with a picture."""
    from qlstm.checkpoint import write_atomically
    from qlstm.plots import closed_loop_png
    from qlstm.precision import float64
    from qlstm.rerun import carried_on, load_run

    float64()
    loaded = load_run(run, circuits, certificates, policy)
    found, before = carried_on(loaded, steps, begin == "test")
    after = loaded.series[len(before) : len(before) + steps]
    picture = out or run / "closed_loop.png"
    write_atomically(picture, closed_loop_png(f"{loaded.config.data}: closed loop", before, found, after))
    if form == "json":
        answer = {"cell": loaded.cell.name, "data": loaded.config.data, "from": begin, "series": found.tolist()}
        sys.stdout.write(json.dumps(answer, indent=2, allow_nan=False) + "\n")
        return
    sys.stdout.writelines(f"{value:.10g}\n" for value in found)
    _stderr(quiet, no_color).print(f"picture in {picture}", soft_wrap=True)


def _stderr(quiet: bool, no_color: bool) -> Console:
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, no_color=no_color or None, highlight=False)


def _print_rows(rows: list[tuple[str, dict[str, float | None]]], title: str, no_color: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from qlstm.evaluate import METRICS
    from qlstm.results import HEADINGS

    table = Table(title=title, title_justify="left")
    for heading in ("", *(HEADINGS[name] for name in METRICS)):
        table.add_column(heading, justify="right")
    for name, values in rows:
        shown = [(metric, values[metric]) for metric in METRICS]
        table.add_row(name, *("-" if v is None else f"{v:.2e}" if m == "mse" else f"{v:.3f}" for m, v in shown))
    stdout = Console(no_color=no_color or None, highlight=False)
    if not stdout.is_terminal:
        stdout.width = 140
    stdout.print(table)
