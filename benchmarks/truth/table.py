"""The records of judged pairs as a table: one row a kind of change."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator

from benchmarks.judged import Told, by_kind, faults, slow, to_look_at, totals, ways

from .judge import Record
from .pairs import KEEPING, MISTAKES

COLUMNS = (
    "pairs", "equal", "differ", "near", "| equiv", "diff", "undec", "crash", "| false=", "false#", "missed",
    "beside", "| weak", "none", "| median", "max s",
)  # fmt: skip
HEAD = f"{'kind of change':32}" + "".join(f"{name:>9}" for name in COLUMNS)


def counts(records: list[Record]) -> dict[str, float]:
    """The numbers of a row."""
    truly, said = Counter(r.truly for r in records), Counter(r.verdict for r in records)
    wrong, shown = Counter(f for r in records for f in r.faults), Counter(r.shown for r in records)
    times = [r.seconds for r in records]
    return {
        "pairs": len(records), "equal": truly["equal"], "differ": truly["different"], "near": truly["near"],
        "equivalent": said["equivalent"], "different": said["different"], "undecided": said["undecided"],
        "crash": said["crash"], "false equivalent": wrong["false equivalent"],
        "false different": wrong["false different"], "missed": wrong["interval missed"],
        "beside": sum(wrong[f] for f in wrong if f.endswith(" wrong")),
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
    yield from by_kind(records, TOLD, (("keeps the unitary", KEEPING), ("mistakes", MISTAKES)))
    yield from totals(records, TOLD)
    yield ""
    for part in (ways, faults, slow):
        yield from part(records)
    yield ""
    yield from to_look_at(records, TOLD)


def needs_a_look(r: Record) -> bool:
    """Wrong, undecided, crashed, or different without a counterexample that shows it."""
    return bool(r.faults) or r.verdict in ("undecided", "crash") or r.shown in ("weak", "none")


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


TOLD = Told(Record, row, line, needs_a_look)
