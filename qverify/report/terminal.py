"""The report for people: one line a circuit when all is well, and everything needed to act where it is not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from qverify.errors import counted
from qverify.finding import Counterexample, Evidence
from qverify.policy import Judged, Waiver
from qverify.registry import explain
from qverify.report.model import Report, SubjectReport
from qverify.report.text import interval, plain

_MARKS = {
    "pass": ("PASS", "green"),
    "fail": ("FAIL", "bold red"),
    "inconclusive": ("UNDECIDED", "yellow"),
    "error": ("ERROR", "bold magenta"),
    "not_applicable": ("n/a", "dim"),
}
_WORDS = {0: "everything required holds", 1: "something required does not hold", 5: "nothing was audited"}


def print_report(report: Report, console: Console, *, verbose: bool = False) -> None:
    """Print the report.

    Args:
        verbose: list every check of every circuit, passes too.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(report.subjects), header_style="dim")
    table.add_column("verdict", no_wrap=True)
    table.add_column("circuit", overflow="fold")
    table.add_column("checks", no_wrap=True)
    table.add_column("content", style="dim", no_wrap=True)
    for subject in report.subjects:
        table.add_row(_mark(subject.verdict), Text(plain(subject.path)), _counts(subject), _short(subject.digest))
    console.print(table)
    for subject in report.subjects:
        shown = list(_details(subject, verbose))
        if shown:
            console.print()
            console.print(Text(plain(subject.path), style="bold"))
            console.print(Padding(Group(*shown), (0, 0, 0, 2)))
    console.print()
    console.print(_summary(report))


def _mark(verdict: str) -> Text:
    word, style = _MARKS[verdict]
    return Text(word, style=style)


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]


def _counts(subject: SubjectReport) -> Text:
    passed = sum(j.verdict == "pass" for j in subject.judged)
    waived = sum(j.waiver is not None for j in subject.judged)
    asked = sum(j.verdict != "not_applicable" for j in subject.judged)
    text = Text(f"{passed} of {asked} pass" if asked else "none ran")
    if waived:
        text.append(f", {waived} waived", style="yellow")
    return text


def _details(subject: SubjectReport, verbose: bool) -> Iterator[RenderableType]:
    if subject.message:
        yield Text(plain(subject.message), style="magenta")
    for judged in subject.judged:
        quiet = judged.verdict in ("pass", "not_applicable")
        if verbose or not quiet:
            yield from _finding(judged, subject.path)


def _finding(judged: Judged, path: str) -> Iterator[RenderableType]:
    finding, meaning = judged.finding, explain(judged.finding.check)
    mark = _mark(judged.verdict) if judged.waiver is None else Text("WAIVED", style="yellow")
    head = Text.assemble(mark, "  ", (finding.check, "bold"), "  ")
    if judged.waiver is None and not judged.required:
        head.append("not required  ", style="dim")
    head.append(plain(meaning.claim if finding.state == "measured" else finding.message))
    yield head
    for evidence in finding.evidence:
        yield Padding(_evidence(evidence, judged), (0, 0, 0, 6))
    if judged.waiver is not None:
        yield Padding(Text(plain(_waived(judged.waiver)), style="yellow"), (0, 0, 0, 6))
    if judged.verdict == "fail" and judged.waiver is None:
        for evidence in finding.evidence:
            if evidence.counterexample is not None:
                yield Padding(counterexample_panel(evidence.counterexample), (0, 0, 0, 6))
        fix = meaning.fix.replace("CIRCUIT", shlex.quote(path))
        step = f"next: {fix} More: qverify explain {finding.check}"
        yield Padding(Text(plain(step), style="cyan"), (0, 0, 0, 6))


def _waived(waiver: Waiver) -> str:
    return f"waived until {waiver.expires}: {waiver.reason}"


def _evidence(evidence: Evidence, judged: Judged) -> Text:
    unit = "" if evidence.unit == "1" else f" {evidence.unit}"
    text = Text.assemble(
        (f"{evidence.quantity}: "),
        (interval(evidence.lo, evidence.hi) + unit, "bold"),
        (f"  bound {judged.bound}" if judged.bound else ""),
        (f"  ({evidence.strength})", "dim"),
    )
    text.append(f"\n{plain(evidence.where)}", style="dim")
    text.append(f"; {plain(evidence.method)}", style="dim")
    return text


def counterexample_panel(found: Counterexample) -> RenderableType:
    """Angles, input, record, both sides, and the lines that replay it."""
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    away = {p: v for p, v in found.values.items() if v != 0.0}
    angles = ", ".join(f"{p} = {v:.6g}" for p, v in away.items()) or "all zero"
    if len(away) < len(found.values) and away:
        angles += ", all others 0"
    facts.add_row("angles", plain(angles))
    facts.add_row("input", plain(f"{found.input}  (wire 0 first)"))
    if found.record:
        facts.add_row("record", plain(f"{found.record}  (bit 0 last)"))
    facts.add_row("expected", plain(found.expected))
    facts.add_row("observed", plain(found.observed))
    code = Syntax(
        plain(found.snippet).rstrip(), "python", theme="ansi_dark", word_wrap=True, background_color="default"
    )
    return Panel(
        Group(facts, Text(""), code), title="simplest counterexample found", title_align="left", border_style="red"
    )


def _summary(report: Report) -> Text:
    counts = {v: sum(s.verdict == v for s in report.subjects) for v in ("pass", "fail", "inconclusive", "error")}
    words = ", ".join(f"{n} {_MARKS[v][0].lower()}" for v, n in counts.items() if n) or "no circuit"
    waived = sum(j.waiver is not None for s in report.subjects for j in s.judged)
    meaning = _WORDS.get(report.exit_code, "something could not be read or crashed")
    text = Text.assemble(
        (words, "bold"), f", {counted(waived, 'finding')} waived" if waived else "", f"; {meaning}."
    )
    text.append(
        f"\npolicy {plain(report.policy_source)} {_short(report.policy.digest)}, seed {report.seed}", style="dim"
    )
    if report.certificates:
        text.append(f", {counted(len(report.certificates), 'certificate')} written", style="dim")
    return text
