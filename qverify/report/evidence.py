"""What stands beside the variances in the answer of `qverify plateau`: advice, capacity, the fall through time."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qverify.errors import counted
from qverify.report.text import interval, plain
from qverify.trainability.answer import Advice, Capacity, Plateau, Remedy, Row, ThroughTime, Worth
from qverify.trainability.moment import power

MOST_NAMES = 12
_MARKS = {"passes": ("PASSES", "green"), "fails": ("FAILS", "red"), "undecided": ("UNDECIDED", "yellow")}


def evidence_value(answer: Plateau) -> dict[str, object]:
    """The keys "advice", "capacity" and "through_time", where they were asked for."""
    value: dict[str, object] = {}
    if answer.advice is not None:
        value["advice"] = _advice_value(answer.advice)
    if answer.capacity is not None:
        worths = {name: getattr(answer.capacity, name) for name in answer.capacity.__struct_fields__}
        value["capacity"] = {name: _worth_value(worth) for name, worth in worths.items()}
    if answer.through_time is not None:
        lags = answer.through_time.lags
        value["through_time"] = [{"lag": g.lag, "value": g.value, "lo": g.lo, "hi": g.hi} for g in lags]
        value["through_time_method"] = answer.through_time.method
    return value


def _advice_value(advice: Advice) -> dict[str, object]:
    return {
        "threshold": advice.threshold,
        "source": advice.source,
        "observable": advice.observable,
        "verdict": advice.verdict,
        "confidence": advice.confidence,
        "largest": _row_value(advice.top),
        "below": list(advice.below),
        "dead": list(advice.dead),
        "remedies": [
            {
                "kind": r.kind,
                "change": r.change,
                "observable": r.observable,
                "law": r.law,
                "verdict": r.verdict,
                "largest": None if r.top is None else _row_value(r.top),
                "method": r.message,
            }
            for r in advice.remedies
        ],
    }


def _row_value(row: Row) -> dict[str, object]:
    value, lo, hi = (_power(end) for end in (row.log2, row.log2_lo, row.log2_hi))
    return {"parameter": row.name, "log2": row.log2, "sided": row.sided, "value": value, "lo": lo, "hi": hi}


def _worth_value(worth: Worth) -> dict[str, object]:
    found: dict[str, object] = {"value": worth.value, "lo": worth.lo, "hi": worth.hi, "method": worth.method}
    return {**found, "names": list(worth.names)} if worth.names else found


def _power(log2: float | None) -> float:
    return 0.0 if log2 is None else power(log2)


def print_evidence(answer: Plateau, console: Console) -> None:
    """The same for people."""
    if answer.advice is not None:
        _print_advice(answer.advice, console)
    if answer.capacity is not None:
        _print_capacity(answer.capacity, console)
    if answer.through_time is not None:
        _print_lags(answer.through_time, console)


def _print_advice(advice: Advice, console: Console) -> None:
    top = advice.top
    head = Text.assemble("\n", _MARKS[advice.verdict], f"  {plain(advice.observable)}: the largest variance over ")
    head.append(f"||O||**2, of {plain(top.name)}, is {_ends(top)}; {advice.threshold:.3g} is asked for")
    console.print(head.append(f" by {plain(advice.source)}"))
    for names, what in ((advice.below, "surely below it"), (advice.dead, "dead, zero for all angles")):
        if names:
            shown = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
            console.print(Text(f"{counted(len(names), 'weight')} {what}: {plain(shown)}"))
    if not advice.remedies:
        return
    table = Table("what helps", "change", "largest variance", "of", "", box=None)
    for remedy in advice.remedies:
        table.add_row(remedy.kind, *_cells(remedy))
    console.print(table)
    for reason in dict.fromkeys(r.message for r in advice.remedies if r.top is None):
        console.print(Text(f"not measured: {plain(reason)}"))
    console.print(Text(f"each measured, a tree as its own circuit; together at confidence {advice.confidence:g}"))
    best = next((r for r in advice.remedies if r.verdict == "passes"), None)
    if best is None:
        console.print(Text("nothing that was tried passes"))


def _cells(remedy: Remedy) -> tuple[Text, str, str, Text]:
    if remedy.top is None:
        return Text(plain(remedy.change)), "not measured", "", Text("")
    return Text(plain(remedy.change)), _ends(remedy.top), plain(remedy.top.name), Text(*_MARKS[remedy.verdict])


def _ends(row: Row) -> str:
    """The interval, or the number where only rounding is between its ends."""
    if row.sided == "exact":
        return f"{_power(row.log2):.3g}"
    lo = f"{_power(row.log2_lo):.3g}"
    return f">= {lo}" if row.sided == "lower" else f"[{lo}, {_power(row.log2_hi):.3g}]"


def _print_capacity(capacity: Capacity, console: Console) -> None:
    table = Table("\nfor information", "\nvalue", "\ninterval", "\nmethod", box=None)
    named = (
        ("redundant weights", capacity.redundant),
        ("expressibility, nats from Haar", capacity.expressibility),
        ("entangling capability, 0 to 1", capacity.entangling),
    )
    for name, worth in named:
        if worth.value is None or worth.lo is None or worth.hi is None:
            table.add_row(name, "", "", Text(plain(worth.method)))
        else:
            ends = interval(worth.lo, worth.hi)
            table.add_row(name, f"{worth.value:.4g}", ends, Text(plain(worth.method)))
    console.print(table)
    if capacity.redundant.names:
        console.print(Text(f"redundant beside the others: {plain(', '.join(capacity.redundant.names))}"))


def _print_lags(found: ThroughTime, console: Console) -> None:
    console.print(Text(f"\nthrough time, E (d {plain(found.observable)} / d x)**2: {plain(found.method)}"))
    if not found.lags:
        return
    table = Table("lag", "input", "value", "interval", box=None)
    for g in found.lags:
        table.add_row(str(g.lag), plain(", ".join(g.features)), f"{g.value:.4g}", f"[{g.lo:.4g}, {g.hi:.4g}]")
    console.print(table)
