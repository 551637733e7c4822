"""What every qubit of a circuit does, which operations do nothing, and where the time goes.

    untouched   no gate, measurement or reset acts on it                                     complete
    dead        touched, but no output feels it: with its listed operations it can go         sound; see `liveness`
    constant    it is used, and always in one of the six known states: a constant would do    sound; see `known`
    busy        anything else

Outputs: the claimed observables; without that claim the final state of every wire not claimed discarded, and every
classical bit. Wires start in |0> where that is assumed, which the answer repeats. Barriers and delays are no use;
a reset ends a life; bodies of control flow count. The operations of one kind of finding can all go
together; after that the others are to be found again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from qiskit.circuit import QuantumCircuit

from qverify.wires.borrowed import rows_of
from qverify.wires.bottlenecks import CriticalPath, Wait, chain, waits_for_bits
from qverify.wires.cones import Counted, counted
from qverify.wires.durations import Assumed, FromTarget, clock, entangling, layers
from qverify.wires.findings import Found, Places, findings
from qverify.wires.flat import MEASURE, RESET, Flat
from qverify.wires.kernels import LIVE
from qverify.wires.known import Known, known_states
from qverify.wires.lifetimes import lifetimes
from qverify.wires.liveness import Marks, live_rows
from qverify.wires.schedule import Plan, planned, reversed_plan

Status = Literal["busy", "untouched", "dead", "constant"]


class QubitUse(msgspec.Struct, frozen=True):
    """What one qubit does.

    idle_fraction: share of the circuit's time, in nanoseconds, in which nothing acts on it; idle_layers: of its
    layers. life: share of the time from its first to its last operation; waits: the part of it in which nothing
    acts, as soon as possible; waits_late: as late as possible. longest_wait: in nanoseconds,
    before the operation at `wait_before`. ends_in: its state at the end, where known.
    """

    index: int
    status: Status
    idle_fraction: float
    idle_layers: float
    life: float
    waits: float
    waits_late: float
    longest_wait: float
    wait_before: str
    operations: int
    live_operations: int
    ends_in: str


class Reusable(msgspec.Struct, frozen=True):
    """A qubit whose life ends before others begin. after: its last operation. other: the qubits that begin later.

    condition: what has to hold, or nothing.
    """

    index: int
    after: str
    other: tuple[int, ...]
    condition: str = ""


class Totals(msgspec.Struct, frozen=True):
    """Sizes of the circuit. live: qubits that are busy or constant. busy_share: of qubits times time, in work."""

    declared: int
    live: int
    operations: int
    layers: float
    two_qubit_depth: float
    two_qubit_gates: int
    duration: float
    busy_share: float
    busy_layers: float
    longest_waits: float


class Idle(msgspec.Struct, frozen=True):
    """Everything that `qverify idle` says.

    found: how many findings there are of each kind; the first of each are in `findings`. lifetimes: a line a
    qubit. encodings: the gates that read each claimed feature. input, durations: what was assumed.
    """

    qubits: tuple[QubitUse, ...]
    reusable: tuple[Reusable, ...]
    critical_path: CriticalPath
    totals: Totals
    feed_forward: tuple[Wait, ...]
    encodings: dict[str, tuple[str, ...]]
    found: dict[str, int]
    findings: tuple[Found, ...]
    lifetimes: tuple[str, ...]
    input: str
    durations: str


@dataclass(frozen=True)
class Question:
    """What is read at the end, what is known at the start, and how long things take.

    kept: whether the final states of `wires` count as read by a claim, and not only because nothing is claimed.
    lines: source line of each operation of `circuit.data`, where known.
    """

    wires: frozenset[int]
    bits: frozenset[int]
    zero: frozenset[int]
    durations: Assumed | FromTarget = Assumed()  # noqa: RUF009  # frozen
    kept: bool = False
    lines: Sequence[int | None] = ()


def idle(circuit: QuantumCircuit, asked: Question, encodings: dict[str, tuple[str, ...]] | None = None) -> Idle:
    """What every qubit does, what does nothing, and where the time goes.

    Raises:
        Undecidable: `break` or `continue`; too many gates once composites are opened.
        Unusable: a duration is missing or negative, or the target has fewer qubits.

    Cost: O(operations); a million gates on 100 qubits in about the time that Qiskit takes for three DAGs, where
    numba is installed.
    """
    flat = rows_of(circuit)
    places = Places(asked.lines)
    marks, known = live_rows(flat, asked.wires, asked.bits), known_states(flat, asked.zero)
    time = clock(asked.durations, flat.n)
    soon = planned(flat, time)
    late = reversed_plan(flat, soon, time)
    steps, pairs = planned(flat, layers()), planned(flat, entangling())
    rows = counted(flat, marks)
    status = [_status(k, rows, known) for k in range(flat.n)]
    plans = soon, late, steps
    qubits = tuple(_use(k, flat, plans, status[k], rows, known, places) for k in range(flat.n))
    found, counts = findings(flat, marks, known, asked.zero, places)
    return Idle(
        qubits,
        tuple(_reusable(flat, marks, asked, places)),
        chain(flat, soon, steps, places),
        _totals(flat, status, rows, (soon, steps, pairs)),
        tuple(waits_for_bits(flat, soon, places)),
        encodings or {},
        _with_qubits(counts, status),
        (*_qubit_findings(status), *found),
        lifetimes(flat, steps),
        "zero" if len(asked.zero) == flat.n else "any" if not asked.zero else "zero on claimed wires",
        "assumed" if isinstance(asked.durations, Assumed) else "target",
    )


def _status(k: int, rows: Counted, known: Known) -> Status:
    status = rows.status(k)
    return "constant" if status == "busy" and not known.left[k] else status


def _use(  # what was measured of one qubit
    k: int,
    flat: Flat,
    plans: tuple[Plan, Plan, Plan],
    status: Status,
    rows: Counted,
    known: Known,
    places: Places,
) -> QubitUse:
    soon, late, steps = plans
    beside = int(soon.beside[k])
    return QubitUse(
        k,
        status,
        float(soon.idle[k]),
        float(steps.idle[k]),
        float(soon.life[k]),
        float(soon.waits[k]),
        float(late.waits[k]),
        float(soon.gap[k]),
        places.of(flat, beside) if beside >= 0 else "",
        int(rows.all[k]),
        int(rows.live[k]),
        known.name(k),
    )


def _totals(flat: Flat, status: Sequence[Status], rows: Counted, plans: tuple[Plan, Plan, Plan]) -> Totals:
    soon, steps, pairs = plans
    live = sum(s in ("busy", "constant") for s in status)
    return Totals(
        flat.n,
        live,
        rows.total,
        steps.total,
        pairs.total,
        rows.wide,
        soon.total,
        soon.busy_share,
        steps.busy_share,
        float(soon.waits.max()) if flat.n else 0.0,
    )


def _reusable(flat: Flat, marks: Marks, asked: Question, places: Places) -> Iterable[Reusable]:
    first, last = np.full(flat.n, len(flat)), np.full(flat.n, -1)
    chosen = (marks.of & LIVE > 0)[flat.owner]
    wires, rows = flat.wires[chosen], flat.owner[chosen]
    last[wires] = rows  # the later ones win
    first[wires[::-1]] = rows[::-1]
    for k in range(flat.n):
        other = tuple(np.flatnonzero((first > last[k]) & (first < len(flat))).tolist())
        if last[k] < 0 or not other:
            continue
        if k not in asked.wires:
            yield Reusable(k, places.of(flat, int(last[k])), other)
        elif not asked.kept and flat.code[last[k]] in (MEASURE, RESET):
            yield Reusable(k, places.of(flat, int(last[k])), other, "its final state is not used")


def _qubit_findings(status: Sequence[Status]) -> Iterable[Found]:
    words = {
        "untouched": "no gate, measurement or reset acts on it",
        "dead": "no output feels what is done to it",
        "constant": "it is always in a known state, whatever comes in: a constant would do",
    }
    for k, s in enumerate(status):
        if s in words:
            yield Found(s, (k,), f"qubit {k}", None, words[s])
    unused = [k for k, s in enumerate(status) if s in ("untouched", "dead")]
    if unused:
        said = f"{len(status)} qubits are declared and {len(status) - len(unused)} are needed"
        yield Found("wider than used", tuple(unused), f"{len(status)} qubits", None, said)


def _with_qubits(counts: dict[str, int], status: Sequence[Status]) -> dict[str, int]:
    own = {s: sum(x == s for x in status) for s in ("untouched", "dead", "constant")}
    return own | {"wider than used": own["untouched"] + own["dead"]} | counts
