"""What `qverify reuse` reports: widths, lifetimes before and after, and the answer; as JSON and for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

import msgspec
from rich.console import Console

from qverify.equivalence.answer import Answer
from qverify.errors import counted
from qverify.report.answer import answer_value, print_answer
from qverify.report.text import plain
from qverify.wires.lives_chart import chart
from qverify.wires.rewrite import Span

STRONG = ("proof", "exact")


class Width(msgspec.Struct, frozen=True):
    """Wires before and after. at_least: no order of its lives needs fewer. method: how the order was found."""

    before: int
    after: int
    at_least: int
    method: Literal["exact", "heuristic"]


class Life(msgspec.Struct, frozen=True):
    """A wire from |0> to its end: its wire here and in the original, its first and its last step here."""

    wire: int
    original: int
    first: int
    last: int


class Lifetimes(msgspec.Struct, frozen=True):
    """The lives on the wires of both circuits, counted in operations of each."""

    before: tuple[Life, ...]
    after: tuple[Life, ...]


class Reused(msgspec.Struct, frozen=True):
    """A narrower circuit, or the same where no narrower one was found.

    outputs: the wires of the original whose final state is an output; they are wires 0, 1, ... of a narrower one.
    order: the wires of the original in the order in which their lives end, kept ones left out.
    begun: the same in the order in which they begin.
    """

    width: Width
    outputs: tuple[int, ...]
    order: tuple[int, ...]
    begun: tuple[int, ...]
    lifetimes: Lifetimes
    equivalence: Answer = Answer("undecided", "outcomes", "zero", "none", "none")
    written: bool = False

    @property
    def is_proved(self) -> bool:
        """Whether it is the same computation by proof or exact test."""
        return self.equivalence.verdict == "equivalent" and self.equivalence.strength in STRONG


def reused_json(done: Reused) -> str:
    """One JSON object: `width`, `equivalence` as of `qverify equiv`, and what a chart of lifetimes needs."""
    value = msgspec.to_builtins(done) | {"equivalence": answer_value(done.equivalence)}
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def print_reused(done: Reused, out: str, console: Console) -> None:
    """The widths, a chart of the lifetimes before and after, the answer and what was written."""
    width, columns = done.width, max(20, console.width - 8)
    least = "the least" if width.at_least == width.after else f"at least {width.at_least}"
    said = f"{counted(width.before, 'wire')} before, {width.after} after ({least} for its causal cones)"
    console.print(said, markup=False)
    for word, lives, wires in (
        ("before", done.lifetimes.before, width.before),
        ("after", done.lifetimes.after, width.after),
    ):
        console.print(f"\n{word}:", markup=False)
        for line in chart(_spans(lives), wires, columns):
            console.print(line, markup=False, soft_wrap=True)
    console.print()
    print_answer(done.equivalence, console)
    if done.equivalence.verdict == "equivalent" and not done.is_proved:
        console.print("  equal by numbers alone, which is neither a proof nor an exact test", markup=False)
    outputs = f"; wires {list(done.outputs)} of the original are its first ones" if done.outputs else ""
    proved = "" if done.is_proved else ", which was NOT decided to be the same computation"
    wrote = f"wrote {plain(out)}{outputs if width.after < width.before else ''}{proved}"
    console.print(wrote if done.written else f"nothing was written to {plain(out)}", markup=False)


def _spans(lives: Sequence[Life]) -> list[Span]:
    return [Span(life.wire, life.original, life.first, life.last) for life in lives]
