"""Operations that do nothing, each with its qubits, its place and the reason.

    dead operation       no output feels it
    gate without effect  what is known of its wires makes it do nothing, up to a phase of the record
    certain outcome      the measured wire is in |0> or |1>
    unread measurement   its bit is overwritten or ends without being read
    reset of a fresh wire  the wire starts in |0> and nothing acted on it
    pair that cancels, rotations that merge   see `pairs`
A list has at most LISTED findings of a kind; the counts are of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from qverify.wires.flat import EVENT, MEASURE, RESET, Flat
from qverify.wires.kernels import LIVE, UNREAD
from qverify.wires.known import Known
from qverify.wires.liveness import Marks
from qverify.wires.pairs import partners_of

LISTED = 200
KINDS = (
    "dead operation",
    "gate without effect",
    "certain outcome",
    "unread measurement",
    "reset of a fresh wire",
    "pair that cancels",
    "rotations that merge",
)


class Found(msgspec.Struct, frozen=True):
    """One finding. where: the operation, by name, wires and place. line: in the source, where known."""

    kind: str
    qubits: tuple[int, ...]
    where: str
    line: int | None
    reason: str


@dataclass(frozen=True)
class Places:
    """Says where a row stands. lines: source line of each operation of the circuit, where known."""

    lines: Sequence[int | None] = ()

    def line(self, flat: Flat, row: int) -> int | None:
        """The source line of the outermost operation that a row belongs to."""
        top = int(flat.top[row])
        return self.lines[top] if top < len(self.lines) else None

    def of(self, flat: Flat, row: int) -> str:
        """A row in words: `cx q0, q1 (line 7)`."""
        line, on = self.line(flat, row), ", ".join(f"q{w}" for w in flat.qubits(row))
        into = "".join(f" -> c{b}" for b in flat.touched(row)) if flat.code[row] == MEASURE else ""
        return f"{flat.name(row)} {on}{into} ({f'line {line}' if line else f'index {int(flat.top[row])}'})"


def findings(
    flat: Flat, marks: Marks, known: Known, zero: Iterable[int], places: Places
) -> tuple[list[Found], dict[str, int]]:
    """The operations that do nothing, some of each kind, and how many there are of each."""
    found, counts = _Kept(places), Counter[str]()
    _straight(flat, marks, known, found, counts)
    for row in fresh_resets(flat, zero):
        counts["reset of a fresh wire"] += 1
        found.add("reset of a fresh wire", flat, [row], lambda _: "the wire starts in |0> and nothing acted on it")
    return found.found, {kind: counts[kind] for kind in KINDS}


@dataclass
class _Kept:
    places: Places

    def __post_init__(self) -> None:
        self.found, self.seen = list[Found](), Counter[str]()

    def add(self, kind: str, flat: Flat, rows: Iterable[int], reason: Callable[[int], str]) -> None:
        for row in rows:
            if self.seen[kind] >= LISTED:
                return
            self.seen[kind] += 1
            where, line = self.places.of(flat, row), self.places.line(flat, row)
            self.found.append(Found(kind, flat.qubits(row), where, line, reason(row)))


def _straight(flat: Flat, marks: Marks, known: Known, found: _Kept, counts: Counter[str]) -> None:
    """The findings of a circuit or a body, and of the bodies in it."""
    partner = partners_of(flat)
    acts = flat.acts & (flat.code != EVENT)
    measures = flat.code == MEASURE
    live = marks.of & LIVE > 0
    place = found.places.of
    kinds = {
        "dead operation": (acts & ~live, lambda _: "no output feels it"),
        "gate without effect": (known.idle & acts & ~measures, lambda i: known.reason(flat, i)),
        "certain outcome": (known.idle & measures, lambda i: known.reason(flat, i)),
        "unread measurement": (marks.of & UNREAD > 0, lambda i: f"nobody reads bit {flat.touched(i)[0]} after it"),
        "pair that cancels": (partner >= 0, lambda i: f"it undoes {place(flat, int(partner[i]))}"),
        "rotations that merge": (
            partner < -1,
            lambda i: f"it is one rotation with {place(flat, -2 - int(partner[i]))}",
        ),
    }
    for kind, (chosen, reason) in kinds.items():
        rows = np.flatnonzero(chosen)
        counts[kind] += len(rows)
        found.add(kind, flat, rows[:LISTED].tolist(), reason)
    for i, event in flat.events.items():
        for body, inner, inside in zip(event.bodies, marks.inside[i], known.inside.get(i, ()), strict=False):
            _straight(body, inner, inside, found, counts)


def fresh_resets(flat: Flat, zero: Iterable[int]) -> Iterator[int]:
    """The rows that reset a wire that starts in |0> before anything acted on it."""
    untouched = set(zero)
    chosen = flat.acts[flat.owner]
    first = np.full(flat.n, -1)
    first[flat.wires[chosen][::-1]] = flat.owner[chosen][::-1]  # the earliest wins
    yield from sorted(int(first[w]) for w in untouched if first[w] >= 0 and flat.code[first[w]] == RESET)
