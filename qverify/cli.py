"""The command line: words in, values out. Nothing scientific is imported until a command needs it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qverify.registry import check_names, explain
from qverify.words import Format, FormatOption, Input, NoColor, Notion, Quiet, app, color_of, console_of

if TYPE_CHECKING:
    pass

DEFAULT_CERTIFICATES = Path("reports/certificates")


@app.command()
def audit(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Circuits, or folders of circuits.")],
    policy: Annotated[Path | None, typer.Option(help="Policy file; else policy.toml at the root of PATH.")] = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="Run only these checks, and those they wait for.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="CHECK", help="Do not run these checks.")] = None,
    output: Annotated[list[str] | None, typer.Option(metavar="FMT=FILE", help="Also write a report.")] = None,
    certificates: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write certificates here (default reports/certificates, if it is a folder)."
        ),
    ] = None,
    allow_python: Annotated[bool, typer.Option("--allow-python", help="Run Python builders.")] = False,
    jobs: Annotated[int | None, typer.Option("-j", min=1, metavar="N", help="Circuits at a time.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds for one circuit.")] = 300.0,
    memory: Annotated[int, typer.Option(min=256, metavar="MIB", help="Memory for one circuit.")] = 8192,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show passing checks too.")] = False,
    format_: FormatOption = Format.RICH,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Run every check on every circuit below PATH, judge by the policy, and report."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # workers share the cores; set before numpy is imported
    from qverify.audit import Limits
    from qverify.session import Request, run_audit

    if certificates is None and DEFAULT_CERTIFICATES.is_dir():
        certificates = DEFAULT_CERTIFICATES
    limits = Limits(timeout, memory, jobs) if jobs else Limits(timeout, memory)
    request = Request(
        tuple(paths),
        policy,
        tuple(select or ()),
        tuple(ignore or ()),
        tuple(output or ()),
        certificates,
        allow_python,
        seed,
    )
    report = run_audit(request, limits, console_of(sys.stderr, no_color) if not quiet else None)
    if format_ is Format.JSON:
        from qverify.report.as_json import as_json

        sys.stdout.write(as_json(report))
    else:
        from qverify.report.terminal import print_report

        print_report(report, console_of(sys.stdout, no_color), verbose=verbose)
    raise typer.Exit(report.exit_code)


@app.command()
def equiv(
    a: Annotated[str, typer.Argument(metavar="A", help="A circuit.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another circuit.")],
    notion: Annotated[
        Notion | None, typer.Option(help="What `the same` means; default unitary or instrument.")
    ] = None,
    input_: Annotated[Input | None, typer.Option("--input", help="From which inputs; default any.")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="Distance that still counts as equal.")] = 1e-8,
    ancilla: Annotated[list[int] | None, typer.Option(metavar="WIRE", help="Wire of B that starts in |0>.")] = None,
    discard: Annotated[list[int] | None, typer.Option(metavar="WIRE", help="Wire of B that is traced out.")] = None,
    allow_python: Annotated[bool, typer.Option("--allow-python", help="Run Python builders.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds, then undecided.")] = 300.0,
    memory: Annotated[int, typer.Option(min=256, metavar="MIB", help="Memory.")] = 8192,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 0,
    second_opinion: Annotated[bool, typer.Option("--second-opinion", help="Ask MQT QCEC too.")] = False,
    format_: FormatOption = Format.RICH,
    quiet: Quiet = False,  # noqa: ARG001  # there is no progress to silence
    no_color: NoColor = False,
) -> None:
    """Are two circuits the same? Equivalent, different with a counterexample, or undecided."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from qverify.pairs import EXIT_CODES, Pair, compare

    pair = Pair(a, b, notion, input_, tolerance, tuple(ancilla or ()), tuple(discard or ()), seed, second_opinion)
    answer = compare(pair, timeout, memory, allow_python=allow_python)
    if format_ is Format.JSON:
        from qverify.report.answer import answer_json

        sys.stdout.write(answer_json(answer))
    else:
        from qverify.report.answer import print_answer

        print_answer(answer, console_of(sys.stdout, no_color))
    raise typer.Exit(EXIT_CODES[answer.verdict])


@app.command("plateau")
def plateau_command(
    circuit: Annotated[str, typer.Argument(metavar="[CIRCUIT]", help="A circuit; none with --family.")] = "",
    observable: Annotated[str, typer.Option(metavar="O", help="As Z0 or zeros; default the first claimed.")] = "",
    law: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=LAW", help="How a weight is drawn, * for all: *=normal(0, 0.1)."),
    ] = None,
    family: Annotated[str, typer.Option(metavar="F", help="Shipped family or module:function of n.")] = "",
    qubits: Annotated[str, typer.Option(metavar="N,N,...", help="Sizes of the family.")] = "",
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999999, help="Of all intervals together.")] = 0.95,
    relative_error: Annotated[float, typer.Option(min=0.001, help="Of the largest variance.")] = 0.05,
    advise: Annotated[bool, typer.Option("--advise", help="Measure what helps if it is too small.")] = False,
    shots: Annotated[int, typer.Option(min=0, help="With --advise: 1/N is enough; else the policy's bound.")] = 0,
    capacity: Annotated[bool, typer.Option("--capacity", help="Redundant weights, expressibility.")] = False,
    through_time: Annotated[bool, typer.Option("--through-time", help="A window: gradient by lag.")] = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Also draw it: .svg or .png.")] = None,
    allow_python: Annotated[bool, typer.Option("--allow-python", help="Run Python builders.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds, then undecided.")] = 300.0,
    memory: Annotated[int, typer.Option(min=256, metavar="MIB", help="Memory.")] = 8192,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 0,
    format_: FormatOption = Format.RICH,
    quiet: Quiet = False,  # noqa: ARG001  # there is no progress to silence
    no_color: NoColor = False,
) -> None:
    """The variance of every gradient with its interval, and how it falls with the number of qubits."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from qverify.plateau import Request, picture_form, plateau, sizes_of, split_laws

    if plot is not None:
        picture_form(plot)  # refused before anything is worked out
    request = Request(
        circuit,
        observable,
        split_laws(law or ()),
        family,
        sizes_of(qubits, circuit, family),
        confidence,
        relative_error,
        seed,
        allow_python,
        advise,
        shots,
        capacity,
        through_time,
    )
    answer = plateau(request, timeout, memory)
    if plot is not None and answer.sizes:
        from qverify.plateau import write_figure

        write_figure(answer, plot)
    if format_ is Format.JSON:
        from qverify.report.plateau import plateau_json

        sys.stdout.write(plateau_json(answer))
    else:
        from qverify.report.plateau import print_plateau

        print_plateau(answer, console_of(sys.stdout, no_color))
    raise typer.Exit(0 if answer.verdict == "decided" else 4)


@app.command()
def checks(format_: FormatOption = Format.RICH, no_color: NoColor = False) -> None:
    """List the checks and what each claims."""
    rows = [explain(name) for name in check_names()]
    if format_ is Format.JSON:
        typer.echo(json.dumps([{"check": r.check, "claim": r.claim} for r in rows], indent=2))
        return
    wide = max(len(row.check) for row in rows) + 2
    for row in rows:
        typer.echo(typer.style(row.check.ljust(wide), bold=True) + row.claim, color=color_of(no_color))


@app.command("explain")
def explain_check(
    check: Annotated[str, typer.Argument(help="Name of a check.")],
    format_: FormatOption = Format.RICH,
    no_color: NoColor = False,
) -> None:
    """One check: what it claims, why, its formula and source, its limits, a failure and its fix."""
    from qverify.errors import BadPolicy

    if check not in check_names():
        raise BadPolicy(f"there is no check `{check}`{_nearest(check)}; `qverify checks` lists them")
    found = explain(check)
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    if format_ is Format.JSON:
        typer.echo(json.dumps(fields, indent=2))
        return
    typer.echo(typer.style(found.check, bold=True), color=color_of(no_color))
    for name, text in fields.items():
        if name != "check" and text:
            lines = textwrap.wrap(text, width=min(100, shutil.get_terminal_size().columns) - 10)
            typer.echo(f"{name:8}  " + f"\n{'':10}".join(lines))


@app.command()
def doctor(format_: FormatOption = Format.RICH) -> None:
    """Versions and machine."""
    import platform

    from qverify.versions import versions

    facts = {**versions(), "machine": platform.machine(), "system": platform.system(), "cores": str(os.cpu_count())}
    if format_ is Format.JSON:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        typer.echo(f"{name:12} {value}")


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, check_names(), n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


from qverify import wire_commands as _wire_commands  # noqa: E402, F401  # adds its commands below those above


def main() -> None:
    """Entry point: inputs that cannot be used become one sentence and an exit code."""
    from qverify.errors import BadPolicy, CannotCompare, CannotWrite, NotAdmitted, Unusable

    os.environ.setdefault("RUST_BACKTRACE", "0")
    for library in ("OMP", "OPENBLAS", "MKL"):  # small matrices, several processes; and the same sums every time
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    try:
        app()
    except (BadPolicy, CannotCompare, CannotWrite) as fault:
        _fail(fault, 2)
    except NotAdmitted as fault:
        _fail(fault, 1)
    except Unusable as fault:
        _fail(fault, 3)
    except BrokenPipeError:
        sys.stdout = None  # the reader left; nothing more can be said
        sys.exit(141)


def _fail(fault: Exception, code: int) -> None:
    from qverify.report.text import plain

    sys.stderr.write(f"qverify: {plain(str(fault))}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
