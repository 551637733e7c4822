"""The report as Markdown, for a pull-request comment or a job summary."""

from __future__ import annotations

from qverify.registry import explain
from qverify.report.model import Report
from qverify.report.text import interval, plain


def _cell(text: str) -> str:
    """Text that cannot break out of a table cell or become markup."""
    safe = plain(text).replace("\n", " ")
    for mark in "\\`*_{}[]<>#|!":
        safe = safe.replace(mark, f"\\{mark}")
    return safe


def as_markdown(report: Report) -> str:
    """A table of circuits, then every finding that is not a pass."""
    lines = ["# Circuit audit", "", "| verdict | circuit | content |", "| --- | --- | --- |"]
    for s in report.subjects:
        lines.append(f"| {s.verdict} | {_cell(s.path)} | {s.digest.removeprefix('sha256:')[:12]} |")
    for s in report.subjects:
        shown = [j for j in s.judged if j.verdict not in ("pass", "not_applicable")]
        if shown or s.message:
            lines += ["", f"## {_cell(s.path)}", ""]
        if s.message:
            lines.append(_cell(s.message))
        for j in shown:
            waived = f" (waived until {j.waiver.expires}: {_cell(j.waiver.reason)})" if j.waiver else ""
            said = explain(j.finding.check).claim if j.finding.state == "measured" else j.finding.message
            lines.append(f"- **{j.verdict}** {_cell(j.finding.check)}{waived}: {_cell(said)}")
            lines += [
                f"  - {_cell(e.quantity)}: {_cell(interval(e.lo, e.hi))}, bound {_cell(j.bound)}; {_cell(e.where)}"
                for e in j.finding.evidence
            ]
    lines += ["", f"Policy {_cell(report.policy_source)}, seed {report.seed}, exit code {report.exit_code}.", ""]
    return "\n".join(lines)
