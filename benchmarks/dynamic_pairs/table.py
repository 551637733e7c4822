"""The records of judged pairs as tables: kind of change, notion, method; and the pairs that need a look."""

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
    "| proved", "| median", "max s",
)  # fmt: skip
HEAD = f"{'kind of change':32}" + "".join(f"{name:>9}" for name in COLUMNS)


def row(name: str, records: list[Record]) -> str:
    """One line of the table. proved: equal pairs that deferral or the deferred normal form alone prove."""
    true, said = Counter(r.truly for r in records), Counter(r.verdict for r in records)
    faults, times = Counter(f for r in records for f in r.faults), [r.seconds for r in records]
    numbers = [
        len(records), true["equal"], true["different"], true["near"] + true["within"], said["equivalent"],
        said["different"], said["undecided"], said["crash"], faults["false equivalent"], faults["false different"],
        faults["interval missed"], sum(bool(r.proved.strip("-")) for r in records),
    ]  # fmt: skip
    return f"{name:32}" + "".join(f"{v:9}" for v in numbers) + f"{statistics.median(times):9.3f}{max(times):9.2f}"


def table(records: list[Record]) -> Iterator[str]:
    """All rows, the totals, the methods and the pairs that need a look."""
    yield HEAD
    for title, kinds in (("keep what the circuit does", KEEPING), ("mistakes", MISTAKES)):
        yield f"-- {title}"
        for kind in kinds:
            mine = [r for r in records if r.kind == kind]
            if mine:
                yield row(kind, mine)
    yield "-- notion and input"
    for asked in sorted({(r.notion, r.input) for r in records}):
        yield row(" from ".join(asked), [r for r in records if (r.notion, r.input) == asked])
    yield "-- all"
    for name, some in (
        ("bound", [r for r in records if r.bound]),
        ("parameterised", [r for r in records if not r.bound]),
        ("all", records),
    ):
        if some:
            yield row(name, some)
    yield ""
    yield from summary(records)
    yield ""
    yield from to_look_at(records)


def share(records: Iterable[Record]) -> str:
    """The share of equal pairs that the two forms of deferral alone prove."""
    equal = [r for r in records if r.truly == "equal" and r.proved != "-"]
    by = Counter(r.proved or "neither" for r in equal)
    proved = len(equal) - by["neither"]
    return f"{proved}/{len(equal)} = {proved / max(1, len(equal)):.1%} {dict(by)}"


def summary(records: list[Record]) -> Iterator[str]:
    """Which methods answered, the share of deferral, the faults."""
    ways = Counter((r.verdict, r.method, r.strength) for r in records)
    for (verdict, method, strength), count in sorted(ways.items(), key=lambda item: -item[1]):
        yield f"{count:7}  {verdict:11} {strength:10} {method}"
    yield f"equal pairs that deferral alone proves: {share(records)}"
    for bound in (True, False):
        some = [r for r in records if r.bound is bound]
        yield f"    {'bound' if bound else 'with parameters'}: {share(some)}"
    yield f"faults of answers: {dict(Counter(f for r in records for f in r.faults)) or 'none'}"
    open_ = sum(r.verdict in ("undecided", "crash") for r in records)
    yield f"undecided or crashed: {open_}/{len(records)} = {open_ / max(1, len(records)):.2%}"
    yield f"counterexamples: {dict(Counter(r.shown for r in records if r.shown))}"
    yield f"slower than {SLOW_S:g} s: {sum(r.seconds > SLOW_S for r in records)}"
    yield f"digests of the checker: {', '.join(sorted({r.checker for r in records}))}"


def needs_a_look(r: Record) -> bool:
    """Wrong, undecided, crashed, or different without a counterexample that shows it."""
    return bool(r.faults) or r.verdict in ("undecided", "crash") or r.shown in ("none", "not reproduced")


def to_look_at(records: Iterable[Record]) -> Iterator[str]:
    """The pairs that need a look, wrong ones first, and those that deferral does not prove."""
    some = [r for r in records if needs_a_look(r) or r.seconds > SLOW_S]
    yield f"pairs to look at (replay one with --pair N): {len(some)}"
    order = sorted(some, key=lambda r: (not r.faults, r.verdict != "crash", r.verdict != "undecided", r.number))
    yield from map(line, order[:LISTED])
    if len(some) > LISTED:
        yield f"and {len(some) - LISTED} more"


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
