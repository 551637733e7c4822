"""Records of judged pairs, in every bench that counts wrong answers: kept in a file, in a table, those to look at.

A bench says what a record holds, how a row and a line of it read, and which records need a look; the rest is here.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

SLOW_S = 5.0
LISTED = 300


class Judged(Protocol):
    """What every record says of a pair and of the answer about it."""

    number: int
    kind: str
    bound: bool
    verdict: str
    method: str
    strength: str
    seconds: float
    faults: tuple[str, ...]
    checker: str


R = TypeVar("R", bound=Judged)


@dataclass(frozen=True)
class Told(Generic[R]):
    """How a bench tells its records.

    kind: of the records. row: one line of the table, of a name and records. line: one record on one line.
    """

    kind: type[R]
    row: Callable[[str, list[R]], str]
    line: Callable[[R], str]
    needs_a_look: Callable[[R], bool]


def judged_pairs(numbers: range, file: Path | None, judge: Callable[[int], R], told: Told[R]) -> Iterator[R]:
    """The records of some pairs; those already in the file are not judged again."""
    known: dict[int, R] = {}
    if file is not None and file.exists():
        rows = (msgspec.json.decode(text, type=told.kind) for text in file.read_bytes().splitlines())
        known = {r.number: r for r in rows}
    for number in numbers:
        if number not in known:
            known[number] = judge(number)
            if file is not None:
                with file.open("ab") as out:
                    out.write(msgspec.json.encode(known[number]) + b"\n")
            if told.needs_a_look(known[number]):
                print(told.line(known[number]), file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print(f"\r{number - numbers.start + 1} of {len(numbers)} pairs", end="", file=sys.stderr, flush=True)
        yield known[number]


def by_kind(records: list[R], told: Told[R], kinds: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Rows of every kind of change that there is, under the titles of the two groups."""
    for title, some in kinds:
        yield f"-- {title}"
        for kind in some:
            mine = [r for r in records if r.kind == kind]
            if mine:
                yield told.row(kind, mine)


def totals(records: list[R], told: Told[R]) -> Iterator[str]:
    """Rows of all bound and all parameterised pairs, and of all."""
    yield "-- all"
    for name, some in (
        ("bound", [r for r in records if r.bound]),
        ("parameterised", [r for r in records if not r.bound]),
        ("all", records),
    ):
        if some:
            yield told.row(name, some)


def ways(records: Iterable[Judged]) -> Iterator[str]:
    """Which methods answered, the commonest first."""
    found = Counter((r.verdict, r.method, r.strength) for r in records)
    for (verdict, method, strength), count in sorted(found.items(), key=lambda item: -item[1]):
        yield f"{count:7}  {verdict:11} {strength:10} {method}"


def faults(records: list[Judged]) -> Iterator[str]:
    """Wrong answers, and none."""
    yield f"faults of answers: {dict(Counter(f for r in records for f in r.faults)) or 'none'}"
    open_ = sum(r.verdict in ("undecided", "crash") for r in records)
    yield f"undecided or crashed: {open_}/{len(records)} = {open_ / max(1, len(records)):.2%}"


def slow(records: list[Judged]) -> Iterator[str]:
    """How many took long, and which sources were judged."""
    yield f"slower than {SLOW_S:g} s: {sum(r.seconds > SLOW_S for r in records)}"
    yield f"digests of the checker: {', '.join(sorted({r.checker for r in records}))}"


def to_look_at(records: Iterable[R], told: Told[R]) -> Iterator[str]:
    """The pairs that need a look, wrong ones first."""
    some = [r for r in records if told.needs_a_look(r) or r.seconds > SLOW_S]
    yield f"pairs to look at (replay one with --pair N): {len(some)}"
    order = sorted(some, key=lambda r: (not r.faults, r.verdict != "crash", r.verdict != "undecided", r.number))
    yield from map(told.line, order[:LISTED])
    if len(some) > LISTED:
        yield f"and {len(some) - LISTED} more"


def command_line(doc: str | None) -> argparse.ArgumentParser:
    """The options that every such bench has."""
    options = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=500, help="how many pairs")
    options.add_argument("--first", type=int, default=0, help="number of the first")
    options.add_argument("--records", type=Path, help="a file of records, to go on from")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    options.add_argument("--pair", type=int, help="one pair, written out")
    return options
