"""The command `qlstm`: words in, files and one answer out.

Exit codes: 0 done; 1 a circuit is not admitted; 2 wrong usage; 3 an input cannot be read; 130 interrupted.
Progress goes to stderr, the answer to stdout. Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import math
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from qlstm.commands import compare_command, evaluate_command, forecast_command

if TYPE_CHECKING:
    from types import FrameType

    from qlstm.config import Config
    from qlstm.run import Report

app = typer.Typer(
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help needs no import of rich
    no_args_is_help=True,
    help="Train quantum LSTMs out of circuits that qverify let through.",
)


@app.callback()
def _commands() -> None:
    """Keep `train` a word of its own."""


@app.command("train")
def train_command(
    cell: Annotated[str, typer.Option(help="Cell to assemble by claimed roles: chen2020, mcmc, or your own.")],
    data: Annotated[
        str,
        typer.Option(
            help="A .csv file, or sine, damped_shm, bessel_j2, delayed_control, population_inversion, "
            "mackey_glass, narma10."
        ),
    ],
    target: Annotated[str | None, typer.Option(help="Column of the .csv file.")] = None,
    circuits: Annotated[Path, typer.Option(help="Folder of circuits; all must be certified.")] = Path("circuits"),
    certificates: Annotated[Path, typer.Option(help="Folder of certificates.")] = Path("reports/certificates"),
    policy: Annotated[Path, typer.Option(help="Policy the certificates must meet.")] = Path("circuits/policy.toml"),
    out: Annotated[Path | None, typer.Option(help="Folder to write to; runs/<cell>-<data>-seed<seed>.")] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Passes over the training part, in all; rmsprop 100, adam 150, adam+lm 120."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the initial weights.")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="Windows per update.")] = 10,
    optimizer: Annotated[
        Literal["rmsprop", "adam", "adam+lm"] | None,
        typer.Option(help="As published, or better; adam+lm for cells that measure, rmsprop for others."),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Of the first-order part; rmsprop 0.01, adam 0.03.")
    ] = None,
    clip: Annotated[float, typer.Option(min=0.0, help="Largest norm of a gradient; 0 for any.")] = 0.0,
    patience: Annotated[
        int, typer.Option(min=0, help="Epochs without progress on the last fifth, kept apart; 0 to use it all.")
    ] = 0,
    window: Annotated[int, typer.Option(min=1, max=32, help="Past values that a forecast sees.")] = 4,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in --out.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False,
    form: Annotated[Literal["rich", "json"], typer.Option("--format", help="Of the answer on stdout.")] = "rich",
) -> None:
    """Train a cell on a series, beside persistence, AR and a classical LSTM."""
    from qlstm.config import Config

    for option, value in (("--learning-rate", learning_rate), ("--clip", clip or None)):
        if value is not None and not (math.isfinite(value) and value > 0):
            from qlstm.errors import BadUsage

            raise BadUsage(f"{option} must be a positive number, but is {value}")
    config = Config(cell, data, target, window=window, batch=batch, clip=clip, patience=patience, seed=seed)
    wanted = {"optimizer": optimizer, "learning_rate": learning_rate, "epochs": epochs}
    folder = out or Path("runs") / f"{cell}-{Path(data).stem}-seed{seed}"
    try:
        _train(
            config,
            {name: value for name, value in wanted.items() if value is not None},
            circuits=circuits,
            certificates=certificates,
            policy=policy,
            out=folder,
            resume=resume,
            quiet=quiet,
            no_color=no_color,
            form=form,
        )
    except KeyboardInterrupt:
        raise typer.Exit(
            _say("interrupted; --resume continues from the last checkpoint, if one was written", 130)
        ) from None


app.command("evaluate")(evaluate_command)
app.command("compare")(compare_command)
app.command("forecast")(forecast_command)


def _train(
    config: Config,
    wanted: dict[str, object],
    *,
    circuits: Path,
    certificates: Path,
    policy: Path,
    out: Path,
    resume: bool,
    quiet: bool,
    no_color: bool,
    form: str,
) -> None:
    from rich.console import Console

    from qlstm.usage import check_cell, check_folder

    check_cell(config.cell, circuits)
    check_folder(out)

    from qlstm.precision import float64
    from qlstm.progress import bars
    from qlstm.results import as_json, as_table
    from qlstm.run import configured, load_series, train_and_compare, verified_cell
    from qverify.errors import counted

    float64()
    stderr = Console(stderr=True, quiet=quiet, no_color=no_color or None, highlight=False)
    series = load_series(config)
    assembled = verified_cell(config.cell, circuits, certificates, policy, config.seed)
    config = configured(config, assembled, wanted)
    stderr.print(config)
    with bars(stderr, config.epochs) as shown:
        result, rows, split = train_and_compare(config, series, assembled, out, resume, _interruptible(shown))
    if form == "json":
        sys.stdout.write(as_json(result) + "\n")
        return
    stdout = Console(no_color=no_color or None, highlight=False)
    if not stdout.is_terminal:
        stdout.width = 140  # a pipe has no width of its own
    stdout.print(
        as_table(
            f"{config.data}, {counted(config.epochs, 'epoch')} of {config.optimizer}, seed {config.seed}",
            rows,
            split,
        )
    )
    stdout.print(f"checkpoint, result and picture in {out}", soft_wrap=True)


def _interruptible(report: Report) -> Report:
    """The same report, which also ends the run where an interrupt came but was lost in a library's callback."""
    pending: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        pending.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)

    def reported(model: str, epochs: int, loss: float) -> None:
        report(model, epochs, loss)
        if pending:
            raise KeyboardInterrupt

    return reported


def main() -> None:
    """Run the command line; every refusal is one sentence on stderr and an exit code."""
    from qlstm.errors import TranslationDiffers
    from qverify.errors import Unusable

    try:
        app()
    except OSError as fault:
        name = fault.filename or "a file"
        raise SystemExit(_say(f"{name}: cannot be used ({fault.strerror}); choose another place", 3)) from None
    except (Unusable, TranslationDiffers) as refusal:
        raise SystemExit(_say(str(refusal), _exit_code(refusal))) from None


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(f"qlstm: {sentence}\n")
    return code


def _exit_code(refusal: Exception) -> int:
    from qlstm.errors import BadUsage
    from qverify.errors import BadPolicy, NotAdmitted

    if isinstance(refusal, NotAdmitted):
        return 1
    return 2 if isinstance(refusal, BadUsage | BadPolicy) else 3


if __name__ == "__main__":
    main()
