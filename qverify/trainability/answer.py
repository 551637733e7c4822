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
    """One circuit's answer.

    followed: index of the row whose fall with the number of qubits is asked for, the largest unless one is known.
    curve: what a class is about: that row, or the largest variance with the interval of the maximum over all rows.
    """

    qubits: int
    observable: str
    cost: Row
    rows: tuple[Row, ...]
    followed: int
    method: str
    confidence: float
    route: tuple[str, ...]
    curve: Row


class Scale(msgspec.Struct, frozen=True):
    """How the largest variance falls with the number of qubits."""

    klass: str
    rate: float | None
    rate_hi: float | None
    qubits: tuple[int, int]
    dropped: tuple[int, ...]
    reason: str


class Remedy(msgspec.Struct, frozen=True):
    """One change to the circuit or its use, measured.

    kind: "observable", "local cost", "fewer layers", "near zero", "narrower law", "architecture" or "together".
    change: in words. observable, law: what `--observable` and `--law` take; law is empty where it stays.
    top: the largest variance of a gradient over ||O||**2; None where it was not measured.
    verdict: "passes", "fails" or "undecided". message: why it was not measured, or how it was.
    """

    kind: str
    change: str
    observable: str
    law: str
    top: Row | None
    verdict: str
    message: str


class Advice(msgspec.Struct, frozen=True):
    """What to do about a circuit whose largest variance is below the threshold.

    threshold: of the lower end of the largest Var[d_k O] / ||O||**2; source: who says so.
    top: that variance; hi is over all weights. verdict: as in `Remedy`, of the circuit as it is.
    below: weights that are surely below the threshold, dead ones aside.
    confidence: that all intervals of the remedies hold together.
    """

    threshold: float
    source: str
    observable: str
    top: Row
    verdict: str
    below: tuple[str, ...]
    dead: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    confidence: float


class Worth(msgspec.Struct, frozen=True):
    """One measure of what the circuit can do; value is None where the method does not reach, `method` says why."""

    value: float | None
    lo: float | None
    hi: float | None
    method: str
    names: tuple[str, ...] = ()


class Capacity(msgspec.Struct, frozen=True):
    """Informative evidence, no verdict. redundant: value is how many weights are, `names` which."""

    redundant: Worth
    expressibility: Worth
    entangling: Worth


class Lag(msgspec.Struct, frozen=True):
    """E |d <O> / d x_t|**2 for the input `lag` steps before the end."""

    lag: int
    features: tuple[str, ...]
    value: float
    lo: float
    hi: float


class ThroughTime(msgspec.Struct, frozen=True):
    """The gradient's mean square against the lag between input and readout; no lags where it is not reached."""

    lags: tuple[Lag, ...]
    observable: str
    method: str


class Plateau(msgspec.Struct, frozen=True):
    """The answer. verdict: "decided" or "undecided", with the reason in `message`.

    advice, capacity, through_time: where they were asked for.
    """

    verdict: str
    sizes: tuple[Size, ...] = ()
    scaling: Scale | None = None
    message: str = ""
    advice: Advice | None = None
    capacity: Capacity | None = None
    through_time: ThroughTime | None = None


def row_of(name: str, moment: Moment, dead: bool) -> Row:
    """A moment as a row."""
    ends = [end if math.isfinite(end) else None for end in (moment.log2, moment.log2_lo, moment.log2_hi)]
    return Row(name, ends[0], ends[1], ends[2], moment.sided, dead)


def moment_of(row: Row) -> Moment:
    """A row as a moment again."""
    ends = [-math.inf if end is None else end for end in (row.log2, row.log2_lo, row.log2_hi)]
    return Moment(ends[0], ends[1], ends[2], row.sided)
