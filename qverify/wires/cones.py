"""What each qubit does for the outputs, in three words. How that is found: `qverify.wires.liveness`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from qiskit.circuit import QuantumCircuit

from qverify.wires.borrowed import rows_of
from qverify.wires.flat import EVENT, Flat, Ints
from qverify.wires.kernels import LIVE
from qverify.wires.liveness import Marks, live_rows

Status = Literal["busy", "untouched", "dead"]


@dataclass(frozen=True)
class Use:
    """What one qubit does: `busy` (in a live operation), `dead` (only in dead ones) or `untouched`."""

    index: int
    status: Status
    operations: int
    live_operations: int


@dataclass
class Counted:
    """Operations and live operations of each wire, shape (n,); of all wires, and those on two or more wires."""

    all: Ints
    live: Ints
    total: int = 0
    wide: int = 0

    def add(self, flat: Flat, marks: Marks) -> None:
        """Count the rows of a circuit or a body, and of the bodies in it."""
        acts = flat.acts & (flat.code != EVENT)
        self.total += int(np.count_nonzero(acts))
        self.wide += int(np.count_nonzero((flat.code > EVENT) & (np.diff(flat.first) > 1)))
        self.all += np.bincount(flat.wires[acts[flat.owner]], minlength=flat.n)
        chosen = acts & (marks.of & LIVE > 0)
        self.live += np.bincount(flat.wires[chosen[flat.owner]], minlength=flat.n)
        for i, inner in marks.inside.items():
            for body, inside in zip(flat.events[i].bodies, inner, strict=True):
                self.add(body, inside)

    def status(self, k: int) -> Status:
        """Of wire k."""
        return "busy" if self.live[k] else "dead" if self.all[k] else "untouched"


def counted(flat: Flat, marks: Marks) -> Counted:
    """How often each wire is acted on, each operation as often as it is written."""
    counts = Counted(np.zeros(flat.n, dtype=np.int64), np.zeros(flat.n, dtype=np.int64))
    counts.add(flat, marks)
    return counts


def uses(circuit: QuantumCircuit, wires: Iterable[int], bits: Iterable[int]) -> tuple[Use, ...]:
    """What every qubit does, when the given wires and bits are what is read at the end.

    Raises:
        Undecidable: too many gates once composites are opened; `break` or `continue`.
    """
    flat = rows_of(circuit)
    found = counted(flat, live_rows(flat, wires, bits))
    return tuple(Use(k, found.status(k), int(found.all[k]), int(found.live[k])) for k in range(flat.n))
