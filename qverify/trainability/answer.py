"""The answer of `qverify plateau` as plain values: what is sent from the child, printed, drawn and written."""

from __future__ import annotations

import math

import msgspec

from qverify.trainability.moment import Moment, Sided


class Row(msgspec.Struct, frozen=True):
    """One parameter. log2 of the variance and of its ends; None for zero."""

    name: str
    log2: float | None
    log2_lo: float | None
    log2_hi: float | None
    sided: Sided
    dead: bool


class Size(msgspec.Struct, frozen=True):
    """One circuit's answer. followed: index of the row whose fall with the number of qubits is asked for."""

    qubits: int
    observable: str
    cost: Row
    rows: tuple[Row, ...]
    followed: int
    method: str
    confidence: float
    route: tuple[str, ...]


class Scale(msgspec.Struct, frozen=True):
    """How the largest variance falls with the number of qubits."""

    klass: str
    rate: float | None
    rate_hi: float | None
    qubits: tuple[int, int]
    dropped: tuple[int, ...]
    reason: str


class Plateau(msgspec.Struct, frozen=True):
    """The answer. verdict: "decided" or "undecided", with the reason in `message`."""

    verdict: str
    sizes: tuple[Size, ...] = ()
    scaling: Scale | None = None
    message: str = ""


def row_of(name: str, moment: Moment, dead: bool) -> Row:
    """A moment as a row."""
    ends = [end if math.isfinite(end) else None for end in (moment.log2, moment.log2_lo, moment.log2_hi)]
    return Row(name, ends[0], ends[1], ends[2], moment.sided, dead)


def moment_of(row: Row) -> Moment:
    """A row as a moment again."""
    ends = [-math.inf if end is None else end for end in (row.log2, row.log2_lo, row.log2_hi)]
    return Moment(ends[0], ends[1], ends[2], row.sided)
