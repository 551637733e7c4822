"""The tables of mutants: kind by check, kind by verdict, circuit by method; and the lists below them."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .dynamic import ALL_KINDS
from .outcome import OPEN, Outcome

BROKEN = ("refused", "timed out", "crashed")
UNDECIDED = ("undecided", *BROKEN)
WIDTH = 32


def code(check: str) -> str:
    """A column's head: the initials of a check's name."""
    return "".join(word[0] for word in check.split("_"))


def columns(rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Rows as text, the first column to the left, the others to the right, as wide as needed."""
    widths = [max(len(str(row[k])) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        cells = [
            (str(cell) if cell != 0 else ".").rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        yield "  ".join([str(row[0]).ljust(max(WIDTH, widths[0])), *cells]).rstrip()


def by_kind(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """The outcomes of each kind that has any, in the order of the kinds, and all of them."""
    everything = list(outcomes)
    for kind in ALL_KINDS:
        found = [o for o in everything if o.kind == kind]
        if found:
            yield kind, found
    if everything:
        yield "all", everything


def kill_table(outcomes: Sequence[Outcome], checks: Sequence[str]) -> Iterator[str]:
    """Mutants that differ: who kills them."""
    head = ["differ", "equiv", *map(code, checks), "fail", "open", "pass", "killed", "survive"]
    rows: list[list[object]] = [["kind", *head]]
    for kind, found in by_kind(o for o in outcomes if not o.equal):
        audits = Counter(o.audit for o in found)
        killed = sum(o.killed or o.audit == "fail" for o in found)
        kills = [sum(c in o.failed for o in found) for c in checks]
        ends = [audits["fail"], audits["open"], audits["pass"], killed, len(found) - killed]
        rows.append([kind, len(found), sum(o.killed for o in found), *kills, *ends])
    yield from columns(rows)


def equal_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Mutants that are equal: who accuses them."""
    head = ["equal", "equivalent", "undecided", "different", "pass", "open", "other gates", "accused"]
    rows: list[list[object]] = [["kind", *head]]
    for kind, found in by_kind(o for o in outcomes if o.equal):
        verdicts, audits = Counter(o.verdict for o in found), Counter(o.audit for o in found)
        accused = [o for o in found if set(o.accused_by) - {"equiv"}]
        said = [verdicts["equivalent"], sum(verdicts[v] for v in UNDECIDED), verdicts["different"]]
        other_gates = audits["fail"] - len(accused)
        rows.append([kind, len(found), *said, audits["pass"], audits["open"], other_gates, len(accused)])
    yield from columns(rows)


def verdict_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What `decide` says, by kind: those that differ, those that are equal, seconds."""
    head = ["differ", "killed", "undecided", "missed", "equal", "equivalent", "undecided", "accused"]
    rows: list[list[object]] = [["kind", *head, "median s", "max s"]]
    for kind, found in by_kind(outcomes):
        said = {equal: Counter(o.verdict for o in found if o.equal is equal) for equal in (False, True)}
        other = {equal: sum(said[equal][v] for v in UNDECIDED) for equal in said}
        differ = [said[False].total(), said[False]["different"], other[False], said[False]["equivalent"]]
        equal = [said[True].total(), said[True]["equivalent"], other[True], said[True]["different"]]
        rows.append([kind, *differ, *equal, *seconds(found)])
    yield from columns(rows)


def seconds(outcomes: Sequence[Outcome]) -> tuple[str, str]:
    """(median, largest) as text."""
    times = [o.seconds for o in outcomes]
    return f"{statistics.median(times):.3f}", f"{max(times):.2f}"


def method_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """For every circuit: mutants, seconds, and how often which method answered."""
    rows: list[list[object]] = [["circuit", "mutants", "median s", "max s"]]
    words = ["methods"]
    for name in dict.fromkeys(o.circuit for o in outcomes):
        found = [o for o in outcomes if o.circuit == name]
        rows.append([name, len(found), *seconds(found)])
        counts = Counter(f"{o.verdict}: {method(o)}" for o in found)
        words.append(", ".join(f"{said} {count}" for said, count in counts.most_common()))
    yield from (f"{line}  {said}" for line, said in zip(columns(rows), words, strict=True))


def method(outcome: Outcome) -> str:
    """The method without its numbers; of a refusal, that it is one."""
    if outcome.verdict in BROKEN:
        return "-"
    return outcome.method.replace(" at 24 drawn angles", " at drawn angles")


def listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A titled list, `none` where it is empty."""
    found = list(lines)
    yield f"{title}: {len(found) or 'none'}"
    yield from (f"  {line}" for line in found)


def said_of(outcome: Outcome) -> str:
    """One mutant in a line: its name, what `decide` says, what the checks say that do not pass."""
    claimed = ", equal as claimed" if outcome.equal_as_claimed and not outcome.equal else ""
    checks = ", ".join(f"{c} {v}" for c, v in outcome.checks.items() if v in ("fail", *OPEN))
    return f"{outcome.name} [{outcome.verdict}, {outcome.method}{claimed}{'; ' + checks if checks else ''}]"


def lists(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Survivors, accused, wrong and undecided, by name."""
    survivors = [o for o in outcomes if not o.equal and not o.killed and o.audit != "fail"]
    yield from listed("Differ and survive", map(said_of, survivors))
    accused = [f"{said_of(o)} accused by {', '.join(o.accused_by)}" for o in outcomes if o.accused_by]
    yield from listed("Equal and accused", accused)
    missed = [o for o in outcomes if not o.equal and o.verdict == "equivalent"]
    yield from listed("Differ and called equivalent", map(said_of, missed))
    broken = [o for o in outcomes if o.verdict in BROKEN or "error" in o.checks.values()]
    yield from listed("Refused, timed out or crashed", map(said_of, broken))
    undecided = [o for o in outcomes if o.equal and o.verdict == "undecided"]
    yield from listed("Equal and undecided", map(said_of, undecided))
