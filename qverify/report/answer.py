"""The answer about two circuits, as JSON and for people."""

from __future__ import annotations

import json

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from qverify.equivalence.answer import Answer
from qverify.report.terminal import counterexample_panel
from qverify.report.text import interval, plain

_STYLES = {"equivalent": "green", "different": "bold red", "undecided": "yellow"}
_STRENGTHS = {
    "proof": "a proof",
    "exact": "exact, wrong with probability at most {bound:.2g}",
    "numerical": "numerical",
    "none": "",
}


def answer_value(answer: Answer) -> dict[str, object]:
    """The promised keys and their values."""
    value: dict[str, object] = msgspec.to_builtins(answer)
    value["strength"] = None if answer.strength == "none" else answer.strength
    return value


def answer_json(answer: Answer) -> str:
    """One JSON object with the promised keys."""
    return json.dumps(answer_value(answer), indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def print_answer(answer: Answer, console: Console) -> None:
    """The verdict, how strong it is, and what shows it."""
    head = Text.assemble((answer.verdict.upper(), _STYLES[answer.verdict]), f"  as {answer.notion or 'circuits'}")
    head.append(f", from {answer.input} input")
    strength = _STRENGTHS[answer.strength].format(bound=answer.error_bound or 0.0)
    if strength:
        head.append(f"; {strength}, by {answer.method}")
    console.print(head)
    if answer.distance is not None:
        d = answer.distance
        console.print(Padding(Text(f"{d.quantity}: {interval(d.lo, d.hi)}"), (0, 0, 0, 2)))
    if answer.up_to_permutation is not None:
        words = f"equal up to the order of the output wires: {list(answer.up_to_permutation)}"
        console.print(Padding(Text(words), (0, 0, 0, 2)))
    if answer.up_to_relabelling is not None:
        words = f"equal once the wires of the first are called {list(answer.up_to_relabelling)}"
        console.print(Padding(Text(words), (0, 0, 0, 2)))
    if answer.verdict == "different" and answer.from_zero is not None:
        words = "equal from |0...0>" if answer.from_zero else "different from |0...0> too"
        console.print(Padding(Text(words), (0, 0, 0, 2)))
    if answer.where:
        console.print(Padding(Text(f"where they part: {plain(answer.where)}"), (0, 0, 0, 2)))
    if answer.second_opinion is not None:
        other = answer.second_opinion
        console.print(Padding(Text(f"{other.tool} {plain(other.note)}"), (0, 0, 0, 2)))
    if answer.message:
        console.print(Padding(Text(plain(answer.message)), (0, 0, 0, 2)))
    if answer.counterexample is not None:
        console.print(Padding(counterexample_panel(answer.counterexample), (0, 0, 0, 2)))
