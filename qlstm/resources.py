"""What a cell costs on a machine: qubits, gates, measurements, branches, depth, time, idleness; a step or a window.

Counted from the circuits and from the schedule of `qverify idle` (as soon as possible, its assumed durations, every
wire starting in |0>). A branch waits for the bits of one run. A cell with classical gates between its circuits has
stages instead: all runs of one must be in before the next can be prepared, because it takes expectation values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qlstm.roles import ROLES
from qverify.subject import Claims, make_subject
from qverify.wires.asked import idle_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

FIRST, LAST = ROLES[:4], ROLES[4:]


@dataclass(frozen=True)
class Resources:
    """Of one circuit.

    encodings: gates that a feature enters.       cx: gates on two wires.
    feed_forward: branches.                       stages: times that all shots of a stage must be in first.
    depth: layers.                                time: nanoseconds of one run.
    idle_layers, idle_time: share of qubits times layers, and of qubits times time, in which nothing acts.
    """

    qubits: int
    encodings: int
    cx: int
    measurements: int
    resets: int
    feed_forward: int
    stages: int
    depth: int
    time: float
    idle_layers: float
    idle_time: float


def resources(circuit: QuantumCircuit, features: Sequence[str], stages: int = 0) -> Resources:
    """Count one circuit.

    Args:
        features: parameters that are data; other parameters are weights.
    """
    parameters = tuple(p.name for p in circuit.parameters)
    subject = make_subject("cell", circuit, parameters, claims=Claims(features=tuple(features)))
    found = idle_of(subject, given="zero")
    totals = found.totals
    return Resources(
        totals.live,
        len({place for places in found.encodings.values() for place in places}),
        totals.two_qubit_gates,
        _count(circuit, "measure"),
        _count(circuit, "reset"),
        _count(circuit, "if_else"),
        stages,
        round(totals.layers),
        totals.duration,
        1 - totals.busy_layers,
        1 - totals.busy_share,
    )


def _count(circuit: QuantumCircuit, name: str) -> int:
    """Operations of a name, in bodies of control flow too."""
    return sum(
        (item.operation.name == name) + sum(_count(body, name) for body in getattr(item.operation, "blocks", ()))
        for item in circuit.data
    )


def hybrid_step(
    blocks: Mapping[str, QuantumCircuit], features: Mapping[str, Sequence[str]], shared: bool, steps: int = 1
) -> tuple[QuantumCircuit, tuple[str, ...]]:
    """Time steps of a cell with classical gates between its circuits, as one circuit, and its features.

    Args:
        blocks: by role, static.
        features: by role.
        shared: one after another on one register, measured and reset between; else each role on its own register,
            the first four at once, and what comes after waits for their outcomes.
    """
    from qiskit import QuantumCircuit

    width = max(block.num_qubits for block in blocks.values())
    n = width if shared else width * len(ROLES)
    whole = QuantumCircuit(n, n if not shared else width * len(ROLES))
    fed: list[str] = []
    for t in range(steps):
        for k, role in enumerate(ROLES):
            on = list(range(width)) if shared else list(range(width * k, width * (k + 1)))
            if (shared and (t or k)) or (not shared and t):
                whole.reset(on)
            if not shared and role in (FIRST[0], LAST[0]) and (t or k):
                whole.barrier()
            block = blocks[role]
            named = _own_names(block, role, t)
            fed += [f"{role}_{t}_{name}" for name in features[role]]
            whole.compose(block.assign_parameters(named), on[: block.num_qubits], inplace=True)
            whole.measure(on, range(width * k, width * (k + 1)))
    return whole, tuple(sorted(set(fed)))


def _own_names(block: QuantumCircuit, role: str, t: int) -> dict[object, object]:
    from qiskit.circuit import Parameter

    return {p: Parameter(f"{role}_{t}_{p.name}") for p in block.parameters}
