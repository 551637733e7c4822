"""What every qubit does, as JSON and for people."""

from __future__ import annotations

import json

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from qverify.errors import counted
from qverify.report.text import plain
from qverify.wires.findings import Found
from qverify.wires.idle import Idle

SHOWN = 6  # findings of a kind, steps of the path, qubits that begin later
_STYLES = {"busy": "", "untouched": "bold red", "dead": "bold red", "constant": "yellow"}

_STARTS = {"zero": "|0>", "any": "any state", "zero on claimed wires": "|0> where claimed, else in any state"}


def idle_json(found: Idle) -> str:
    """One JSON object with the promised keys."""
    value = msgspec.to_builtins(found)
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def print_idle(found: Idle, console: Console) -> None:
    """The qubits with their lives, then what does nothing, then where the time goes."""
    t = found.totals
    console.print(
        Text.assemble(
            (counted(t.declared, "qubit"), "bold"), f", {t.live} needed; {counted(t.operations, 'operation')}"
        )
    )
    console.print(_qubits(found))
    for kind, number in found.found.items():
        if number and kind not in ("untouched", "dead", "constant"):
            console.print(Text.assemble((f"{number} x {kind}", "yellow")))
            _list(console, [f for f in found.findings if f.kind == kind], number)
    for each in found.reusable[:SHOWN]:
        other = ", ".join(f"q{k}" for k in each.other[:SHOWN]) + (", ..." if len(each.other) > SHOWN else "")
        condition = f", if {each.condition}" if each.condition else ""
        console.print(Text(plain(f"q{each.index} is free after {each.after} for {other}{condition}")))
    _time(found, console)


def _qubits(found: Idle) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("qubit", justify="right")
    table.add_column("does")
    for name in ("idle, layers", "idle, time", "waits"):
        table.add_column(name, justify="right")
    table.add_column("life, layer by layer", no_wrap=True)
    lives = dict(enumerate(found.lifetimes))
    for use in found.qubits[: len(lives)]:
        shares = (use.idle_layers, use.idle_fraction, use.waits)
        status = Text(use.status, style=_STYLES[use.status])
        table.add_row(str(use.index), status, *(f"{x:.0%}" for x in shares), lives[use.index])
    if len(found.qubits) > len(lives):
        table.add_row("...", f"{len(found.qubits) - len(lives)} more")
    return table


def _list(console: Console, findings: list[Found], number: int) -> None:
    for each in findings[:SHOWN]:
        console.print(Padding(Text(plain(f"{each.where}: {each.reason}")), (0, 0, 0, 2)))
    if number > SHOWN:
        console.print(Padding(Text(f"and {number - SHOWN} more", style="dim"), (0, 0, 0, 2)))


def _time(found: Idle, console: Console) -> None:
    t, path = found.totals, found.critical_path
    console.print(
        f"{t.layers:g} layers, two-qubit depth {t.two_qubit_depth:g}, {t.duration:g} ns ({found.durations} "
        f"durations); busy {t.busy_share:.0%} of qubits times time, {t.busy_layers:.0%} of qubits times layers"
    )
    slow = sorted((step for step in path.steps if step.duration), key=lambda step: -step.duration)[:SHOWN]
    console.print(f"longest chain: {counted(path.operations, 'operation')}; its slowest:")
    for step in slow:
        words = f"{step.where}: {step.duration:g} ns from {step.start:g} ns"
        console.print(Padding(Text(plain(words)), (0, 0, 0, 2)))
    for wait in found.feed_forward[:SHOWN]:
        bits = ", ".join(f"c{b}" for b in wait.bits)
        console.print(Text(plain(f"waits for {bits}: {wait.where}, from {wait.start:g} ns")))
    for name, places in found.encodings.items():
        console.print(Text(plain(f"{name} enters {counted(len(places), 'time')}: {', '.join(places[:SHOWN])}")))
    console.print(f"wires start in {_STARTS[found.input]}", style="dim")
