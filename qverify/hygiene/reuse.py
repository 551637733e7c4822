"""Wires that are used again after a measurement, in the state that it left.

    leftover   a wire from its measurement until it is reset
    use        a gate that turns the leftover: neither diagonal on the wire, nor a control, nor a flip (X, or the
               target of a CX: parity checks carry on so), nor steered by the bit it was measured into (its own
               correction), nor the inverse of the gate just before the measurement (a change of basis and back)

What is found here are candidates: a use is a fault only if the wire may not be in |0> there, as `Explored` knows.
Cost: O(steps * wires).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qiskit.circuit import ControlledGate

from qverify.hygiene.program import Program, Step
from qverify.structure import standard_class

_STAYS = frozenset({
    "IGate", "ZGate", "SGate", "SdgGate", "TGate", "TdgGate", "RZGate", "PhaseGate", "U1Gate", "CZGate",
    "CPhaseGate", "CU1Gate", "CRZGate", "CSGate", "CSdgGate", "CCZGate", "RZZGate", "MCPhaseGate",
    "XGate", "YGate", "CXGate", "CYGate", "CCXGate", "C3XGate", "C4XGate", "MCXGate",
})  # a basis state stays one  # fmt: skip


@dataclass(frozen=True)
class Left:
    """A measurement that left its wire in a basis state, and the gate on that wire just before it."""

    measured: Step
    before: Step | None


@dataclass(frozen=True)
class Use:
    """A gate that turns a leftover. place: which of the gate's wires it is."""

    gate: Step
    place: int
    left: frozenset[Left]


@dataclass
class _State:
    left: dict[int, frozenset[Left]]
    last: dict[int, Step | None]

    def copy(self) -> _State:
        return _State(dict(self.left), dict(self.last))


def uses_of_leftovers(program: Program) -> tuple[Use, ...]:
    """The gates that turn a measured wire before it is reset, in order."""
    found: list[Use] = []
    _walk(program.steps, _State({}, {}), frozenset(), found, set())
    return tuple(found)


def measured_leftovers(program: Program) -> frozenset[Step]:
    """The measurements of a wire that was measured before and not reset since: they compare two rounds."""
    found: set[Step] = set()
    _walk(program.steps, _State({}, {}), frozenset(), [], found)
    return frozenset(found)


def _walk(
    steps: Sequence[Step], state: _State, steering: frozenset[int], found: list[Use], again: set[Step]
) -> _State:
    for step in steps:
        if step.branch is not None:
            inner = steering | frozenset(step.branch.bits)
            ends = [_walk(arm, state.copy(), inner, found, again) for arm in step.branch.arms]
            wires = {k for end in ends for k in end.left}
            state.left = {
                k: frozenset[Left]().union(*(end.left.get(k, frozenset()) for end in ends)) for k in wires
            }
            state.last |= dict.fromkeys(step.wires)
        elif step.kind == "measure":
            wire = step.wires[0]
            if state.left.get(wire):
                again.add(step)
            state.left[wire] = frozenset([Left(step, state.last.get(wire))])
            state.last[wire] = None
        elif step.kind == "reset":
            state.left.pop(step.wires[0], None)
            state.last[step.wires[0]] = None
        else:
            _gate(step, state, steering, found)
    return state


def _gate(step: Step, state: _State, steering: frozenset[int], found: list[Use]) -> None:
    kind = standard_class(step.operation)
    if kind == "SwapGate":
        a, b = step.wires
        none = frozenset[Left]()
        state.left[a], state.left[b] = state.left.get(b, none), state.left.get(a, none)
        state.last[a], state.last[b] = state.last.get(b), state.last.get(a)
        return
    controls = step.operation.num_ctrl_qubits if kind and isinstance(step.operation, ControlledGate) else 0
    for place, wire in enumerate(step.wires):
        left = state.left.get(wire)
        if left and place >= controls and kind not in _STAYS:
            del state.left[wire]
            used = frozenset(each for each in left if not _excused(step, each, steering))
            if used:
                found.append(Use(step, place, used))
        state.last[wire] = step if len(step.wires) == 1 else None


def _excused(step: Step, left: Left, steering: frozenset[int]) -> bool:
    if left.measured.bit in steering:
        return True
    undone = left.before is not None and len(step.wires) == 1 and left.before.operation is not None
    return bool(undone and step.operation.inverse() == left.before.operation)  # type: ignore[union-attr]
