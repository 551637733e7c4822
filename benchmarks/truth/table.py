"""The records of judged pairs as a table: one row a kind of change."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator

from .judge import Record
from .pairs import KEEPING, MISTAKES

SLOW_S = 5.0
LISTED = 300
COLUMNS = (
    "pairs", "equal", "differ", "near", "| equiv", "diff", "undec", "crash", "| false=", "false#", "missed",
    "beside", "| weak", "none", "| median", "max s",
)  # fmt: skip
HEAD = f"{'kind of change':32}" + "".join(f"{name:>9}" for name in COLUMNS)


def counts(records: list[Record]) -> dict[str, float]:
    """The numbers of a row."""
    truly, said = Counter(r.truly for r in records), Counter(r.verdict for r in records)
    faults, shown = Counter(f for r in records for f in r.faults), Counter(r.shown for r in records)
    times = [r.seconds for r in records]
    return {
        "pairs": len(records), "equal": truly["equal"], "differ": truly["different"], "near": truly["near"],
        "equivalent": said["equivalent"], "different": said["different"], "undecided": said["undecided"],
        "crash": said["crash"], "false equivalent": faults["false equivalent"],
        "false different": faults["false different"], "missed": faults["interval missed"],
        "beside": sum(faults[f] for f in faults if f.endswith(" wrong")),
        "weak": shown["weak"], "none": shown["none"],
        "median": statistics.median(times), "max": max(times),
    }  # fmt: skip


def row(name: str, records: list[Record]) -> str:
    """One line of the table."""
    found = counts(records)
    cells = [f"{v:9.3f}" if k in ("median", "max") else f"{v:9}" for k, v in found.items()]
    return f"{name:32}" + "".join(cells)


def table(records: list[Record]) -> Iterator[str]:
    """All rows, the totals, the methods and the pairs that need a look."""
    yield HEAD
    for title, kinds in (("keeps the unitary", KEEPING), ("mistakes", MISTAKES)):
        yield f"-- {title}"
        for kind in kinds:
            mine = [r for r in records if r.kind == kind]
            if mine:
                yield row(kind, mine)
    yield "-- all"
    for name, some in (
        ("bound", [r for r in records if r.bound]),
        ("parameterised", [r for r in records if not r.bound]),
        ("all", records),
    ):
        if some:
            yield row(name, some)
    yield ""
    yield from _summary(records)
    yield ""
    yield from _to_look_at(records)


def _summary(records: list[Record]) -> Iterator[str]:
    found = counts(records)
    ways = Counter((r.verdict, r.method, r.strength) for r in records)
    for (verdict, method, strength), count in sorted(ways.items(), key=lambda item: -item[1]):
        yield f"{count:7}  {verdict:11} {strength:10} {method}"
    other = Counter(f for r in records for f in r.faults)
    yield f"faults of answers: {dict(other) or 'none'}"
    yield f"undecided or crashed: {(found['undecided'] + found['crash']) / len(records):.2%}"
    yield f"slower than {SLOW_S:g} s: {sum(r.seconds > SLOW_S for r in records)}"
    yield f"digests of the checker: {', '.join(sorted({r.checker for r in records}))}"


def needs_a_look(r: Record) -> bool:
    """Wrong, undecided, crashed, or different without a counterexample that shows it."""
    return bool(r.faults) or r.verdict in ("undecided", "crash") or r.shown in ("weak", "none")


def _to_look_at(records: Iterable[Record]) -> Iterator[str]:
    some = [r for r in records if needs_a_look(r) or r.seconds > SLOW_S]
    yield f"pairs to look at (replay one with --pair N): {len(some)}"
    order = sorted(some, key=lambda r: (not r.faults, r.verdict != "crash", r.verdict != "undecided", r.number))
    yield from map(line, order[:LISTED])
    if len(some) > LISTED:
        yield f"and {len(some) - LISTED} more"


def line(r: Record) -> str:
    """One record on one line."""
    size = f"{r.wires} wires, {'bound' if r.bound else 'parameters'}, tolerance {r.tolerance:g}"
    interval = "" if r.interval is None else f" [{r.interval[0]:.6g}, {r.interval[1]:.6g}]"
    more = f" + {', '.join(r.more)}" if r.more else ""
    words = "; ".join(filter(None, [*r.faults, f"counterexample {r.shown}" if r.shown else "", r.message]))
    truth = f"{r.truly} {r.truth:.6g}"
    return (
        f"{r.number:6} {r.kind}{more} ({size}): truth {truth}; said {r.verdict}{interval} by {r.method} "
        f"in {r.seconds:.2f} s; {words}"
    )
