"""The records of judged pairs as tables: kind of change, notion, method; and the pairs that need a look."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator

from benchmarks.judged import Told, by_kind, faults, slow, to_look_at, totals, ways

from .judge import Record
from .pairs import KEEPING, MISTAKES

COLUMNS = (
    "pairs", "equal", "differ", "near", "| equiv", "diff", "undec", "crash", "| false=", "false#", "missed",
    "| proved", "| median", "max s",
)  # fmt: skip
HEAD = f"{'kind of change':32}" + "".join(f"{name:>9}" for name in COLUMNS)


def row(name: str, records: list[Record]) -> str:
    """One line of the table. proved: equal pairs that deferral or the deferred normal form alone prove."""
    true, said = Counter(r.truly for r in records), Counter(r.verdict for r in records)
    wrong, times = Counter(f for r in records for f in r.faults), [r.seconds for r in records]
    numbers = [
        len(records), true["equal"], true["different"], true["near"] + true["within"], said["equivalent"],
        said["different"], said["undecided"], said["crash"], wrong["false equivalent"], wrong["false different"],
        wrong["interval missed"], sum(bool(r.proved.strip("-")) for r in records),
    ]  # fmt: skip
    return f"{name:32}" + "".join(f"{v:9}" for v in numbers) + f"{statistics.median(times):9.3f}{max(times):9.2f}"


def table(records: list[Record]) -> Iterator[str]:
    """All rows, the totals, the methods and the pairs that need a look."""
    yield HEAD
    yield from by_kind(records, TOLD, (("keep what the circuit does", KEEPING), ("mistakes", MISTAKES)))
    yield "-- notion and input"
    for asked in sorted({(r.notion, r.input) for r in records}):
        yield row(" from ".join(asked), [r for r in records if (r.notion, r.input) == asked])
    yield from totals(records, TOLD)
    yield ""
    yield from summary(records)
    yield ""
    yield from to_look_at(records, TOLD)


def share(records: Iterable[Record]) -> str:
    """The share of equal pairs that the two forms of deferral alone prove."""
    equal = [r for r in records if r.truly == "equal" and r.proved != "-"]
    by = Counter(r.proved or "neither" for r in equal)
    proved = len(equal) - by["neither"]
    return f"{proved}/{len(equal)} = {proved / max(1, len(equal)):.1%} {dict(by)}"


def summary(records: list[Record]) -> Iterator[str]:
    """Which methods answered, the share of deferral, the faults."""
    yield from ways(records)
    yield f"equal pairs that deferral alone proves: {share(records)}"
    for bound in (True, False):
        some = [r for r in records if r.bound is bound]
        yield f"    {'bound' if bound else 'with parameters'}: {share(some)}"
    yield from faults(records)
    yield f"counterexamples: {dict(Counter(r.shown for r in records if r.shown))}"
    yield from slow(records)


def needs_a_look(r: Record) -> bool:
    """Wrong, undecided, crashed, or different without a counterexample that shows it."""
    return bool(r.faults) or r.verdict in ("undecided", "crash") or r.shown in ("none", "not reproduced")


def line(r: Record) -> str:
    """One record on one line."""
    size = f"{r.wires} wires, {r.bits} bits, {'bound' if r.bound else 'parameters'}"
    interval = "" if r.interval is None else f" [{r.interval[0]:.3g}, {r.interval[1]:.3g}]"
    more = f" + {', '.join(r.more)}" if r.more else ""
    shown = f"counterexample {r.shown}" if r.shown else ""
    words = "; ".join(filter(None, [*r.faults, shown, r.message]))
    return (
        f"{r.number:6} {r.kind}{more} ({size}, {r.notion} from {r.input}, tolerance {r.tolerance:g}): "
        f"truth {r.truly} [{r.truth[0]:.3g}, {r.truth[1]:.3g}]; said {r.verdict}{interval} by {r.method} "
        f"in {r.seconds:.2f} s; {words}"
    )


TOLD = Told(Record, row, line, needs_a_look)
