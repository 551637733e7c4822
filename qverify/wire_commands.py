"""Commands that look at wires, or write the same computation on other wires: `defer`, `reuse`, `idle`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from qverify.words import Format, FormatOption, Input, NoColor, Quiet, app, console_of


@app.command("defer")
def defer_measurements(
    circuit: Annotated[str, typer.Argument(metavar="CIRCUIT", help="A circuit that measures.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="File to write: .qasm or .qpy.")],
    allow_undecided: Annotated[
        bool, typer.Option("--allow-undecided", help="Write it also where equality is not decided.")
    ] = False,
    allow_python: Annotated[bool, typer.Option("--allow-python", help="Run Python builders.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds, then undecided.")] = 300.0,
    memory: Annotated[int, typer.Option(min=256, metavar="MIB", help="Memory.")] = 8192,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 0,
    format_: FormatOption = Format.RICH,
    quiet: Quiet = False,  # noqa: ARG001  # there is no progress to silence
    no_color: NoColor = False,
) -> None:
    """Write the deferred-measurement form: static, with fresh ancillas, every measurement at the end."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from qverify.pairs import EXIT_CODES
    from qverify.rewriting import deferred_file

    done = deferred_file(
        circuit, out, seconds=timeout, memory=memory, seed=seed, options=(allow_python, allow_undecided)
    )
    if format_ is Format.JSON:
        from qverify.report.answer import answer_value

        value = {"ancillas": list(done.ancillas), "equivalence": answer_value(done.equivalence)}
        sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")
    else:
        from qverify.report.answer import print_answer

        console = console_of(sys.stdout, no_color)
        print_answer(done.equivalence, console)
        said = f"wrote {out}: wires {list(done.ancillas)} start in |0> and are traced out"
        console.print(said if done.written else f"nothing was written to {out}", markup=False)
    raise typer.Exit(EXIT_CODES[done.equivalence.verdict])


@app.command("reuse")
def reuse_wires(
    circuit: Annotated[str, typer.Argument(metavar="CIRCUIT", help="A circuit that measures.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="File to write: .qasm or .qpy.")],
    notion: Annotated[
        Literal["instrument", "outcomes"],
        typer.Option(help="instrument: unmeasured wires are outputs; outcomes: only classical bits are."),
    ] = "instrument",
    discard: Annotated[list[int] | None, typer.Option(metavar="WIRE", help="Wire that nobody uses after.")] = None,
    allow_undecided: Annotated[
        bool, typer.Option("--allow-undecided", help="Write it also where equality is not decided.")
    ] = False,
    allow_python: Annotated[bool, typer.Option("--allow-python", help="Run Python builders.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds, then undecided.")] = 300.0,
    memory: Annotated[int, typer.Option(min=256, metavar="MIB", help="Memory.")] = 8192,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 0,
    format_: FormatOption = Format.RICH,
    quiet: Quiet = False,  # noqa: ARG001  # there is no progress to silence
    no_color: NoColor = False,
) -> None:
    """Write the same computation on fewer wires: measure, reset and use again, from |0...0>."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from qverify.reusing import Request, exit_code, reused_file

    request = Request(circuit, notion, tuple(discard or ()), seed, allow_python, allow_undecided)
    done = reused_file(request, out, timeout, memory)
    if format_ is Format.JSON:
        from qverify.report.reuse import reused_json

        sys.stdout.write(reused_json(done))
    else:
        from qverify.report.reuse import print_reused

        print_reused(done, str(out), console_of(sys.stdout, no_color))
    raise typer.Exit(exit_code(done))


@app.command("idle")
def idle_qubits(
    circuit: Annotated[str, typer.Argument(metavar="CIRCUIT", help="A circuit.")],
    input_: Annotated[Input | None, typer.Option("--input", help="What wires start in; else as claimed.")] = None,
    target: Annotated[str, typer.Option(metavar="FILE.PY:FUNCTION", help="A Qiskit Target, for durations.")] = "",
    allow_python: Annotated[bool, typer.Option("--allow-python", help="Run Python builders.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds.")] = 300.0,
    memory: Annotated[int, typer.Option(min=256, metavar="MIB", help="Memory.")] = 8192,
    format_: FormatOption = Format.RICH,
    quiet: Quiet = False,  # noqa: ARG001  # there is no progress to silence
    no_color: NoColor = False,
) -> None:
    """What every qubit does, which operations do nothing, and where the time goes."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from qverify.idling import Request, idle_file
    from qverify.report.idle import idle_json, print_idle

    found = idle_file(Request(circuit, input_ or "", target, allow_python), timeout, memory)
    if format_ is Format.JSON:
        sys.stdout.write(idle_json(found))
    else:
        print_idle(found, console_of(sys.stdout, no_color))
