"""The answer about a circuit's gradients, as JSON and for people."""

from __future__ import annotations

import json
import math

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qverify.report.evidence import evidence_value, print_evidence
from qverify.trainability.answer import Plateau, Row, Size
from qverify.trainability.moment import power

MOST_ROWS = 24
NARROW = 1e-6  # of log2: ends that print alike


def plateau_json(answer: Plateau) -> str:
    """The keys of the largest size at the top, all sizes of a family below `sizes`; what no float holds is null."""
    value: dict[str, object] = {"verdict": answer.verdict, "message": answer.message}
    if answer.sizes:
        value |= _size_value(answer.sizes[-1])
    if answer.scaling is not None:
        s = answer.scaling
        value["scaling"] = {
            "class": s.klass,
            "rate": s.rate,
            "rate_hi": s.rate_hi,
            "qubits": list(s.qubits),
            "dropped": list(s.dropped),
            "reason": s.reason,
        }
        value["sizes"] = [_size_value(size) for size in answer.sizes]
    value |= evidence_value(answer)
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _size_value(size: Size) -> dict[str, object]:
    return {
        "qubits": size.qubits,
        "observable": size.observable,
        "method": size.method,
        "confidence": size.confidence,
        "route": list(size.route),
        "cost_second_moment": _moment(size.cost),
        "parameters": [
            {"name": row.name, "variance": _number(row.log2), "dead": row.dead, "sided": row.sided}
            | {key: value for key, value in _moment(row).items() if key != "value"}
            for row in size.rows
        ],
    }


def _moment(row: Row) -> dict[str, float | None]:
    return {"value": _number(row.log2), "lo": _number(row.log2_lo), "hi": _number(row.log2_hi), "log2": row.log2}


def _power(log2: float | None) -> float:
    return 0.0 if log2 is None else power(log2)


def _number(log2: float | None) -> float | None:
    """A number as JSON has it: 0 below the smallest float, null beyond the largest."""
    value = _power(log2)
    return value if math.isfinite(value) else None


def print_plateau(answer: Plateau, console: Console) -> None:
    """What was found, the largest variances first, and how it falls with the number of qubits."""
    if answer.verdict != "decided":
        console.print(Text(f"UNDECIDED  {answer.message}"))
        return
    if answer.scaling is None:
        _print_size(answer.sizes[0], console)
        print_evidence(answer, console)
        return
    table = Table("qubits", "followed", "variance", "log2", "interval of log2", "dead", "method", box=None)
    for size in answer.sizes:
        top, name = size.curve, size.rows[size.followed].name
        dead = f"{sum(row.dead for row in size.rows)} of {len(size.rows)}"
        table.add_row(str(size.qubits), name, _plain(top.log2), _log2(top.log2), _interval(top), dead, size.method)
    console.print(table)
    s = answer.scaling
    said = f"{s.klass.upper()} from {s.qubits[0]} to {s.qubits[1]} qubits: {s.reason}"
    console.print(Text(said))
    if s.rate_hi is not None:
        bits = s.rate_hi / math.log(2)
        console.print(Text(f"no exponential rate above {bits:.3g} halvings a qubit passes through the intervals"))


def _print_size(size: Size, console: Console) -> None:
    for step in size.route[:-1]:
        console.print(Text(f"  {step}"))
    console.print(Text(f"{size.observable} on {size.qubits} qubits: {size.method}, confidence {size.confidence:g}"))
    console.print(Text(f"E f**2 = {_plain(size.cost.log2)}  log2 {_log2(size.cost.log2)}  {_interval(size.cost)}"))
    table = Table("parameter", "variance", "log2", "interval of log2", box=None)
    live = sorted((r for r in size.rows if not r.dead), key=lambda r: -math.inf if r.log2 is None else -r.log2)
    for row in live[:MOST_ROWS]:
        table.add_row(Text(row.name), _plain(row.log2), _log2(row.log2), _interval(row))
    console.print(table)
    if len(live) > MOST_ROWS:
        console.print(Text(f"and {len(live) - MOST_ROWS} more; --format json has all of them"))
    dead = [row.name for row in size.rows if row.dead]
    if dead:
        shown = ", ".join(dead[:MOST_ROWS]) + (", ..." if len(dead) > MOST_ROWS else "")
        console.print(Text(f"dead, zero for all angles: {len(dead)} of {len(size.rows)}: {shown}"))


def _plain(log2: float | None) -> str:
    return f"{_power(log2):.4g}"


def _log2(log2: float | None) -> str:
    return "-inf" if log2 is None else f"{log2:.4f}"


def _interval(row: Row) -> str:
    if row.sided == "exact" and _narrow(row):
        return "exact"
    lo = "-inf" if row.log2_lo is None else f"{row.log2_lo:.3f}"
    hi = "no upper end" if row.sided == "lower" else _log2(row.log2_hi)
    return f"[{lo}, {hi}]"


def _narrow(row: Row) -> bool:
    """Whether rounding is all that the ends differ by."""
    if row.log2_lo is None or row.log2_hi is None:
        return row.log2_hi is None
    return row.log2_hi - row.log2_lo < NARROW
