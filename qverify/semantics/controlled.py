"""A gate under one more control, in few words: what deferral makes of a gate in a branch.

    controlled exp(-i t P / 2)  =  B^dagger (controlled RZ(t)) B       B takes P to Z on the last wire
    controlled RZ(t) under more controls c  =  phase t on (c, last), phase -t/2 on (c)
    U(a, b, c) = e^{i (b + c) / 2} RZ(b) RY(a) RZ(c)

B acts whether or not the control is set, and is undone. So a gate with parameters becomes rotations that a normal
form can read, where Qiskit's general construction controls every gate of a definition by itself.
Source: Nielsen and Chuang (2010), sec. 4.3; OpenQASM 3 specification for the conventions of U.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qiskit.circuit import Operation
from qiskit.circuit.library import (
    CPhaseGate,
    CRXGate,
    CRYGate,
    CRZGate,
    CXGate,
    CZGate,
    HGate,
    MCPhaseGate,
    PhaseGate,
    SdgGate,
    SGate,
)

from qverify.structure import standard_class

Placed = tuple[Operation, tuple[int, ...]]
_WORDS = {
    "RXGate": "X",
    "RYGate": "Y",
    "RZGate": "Z",
    "RXXGate": "XX",
    "RYYGate": "YY",
    "RZZGate": "ZZ",
    "RZXGate": "ZX",
}
_CONTROLLED = {"CRXGate": "X", "CRYGate": "Y", "CRZGate": "Z"}
_STANDARD = {"PhaseGate": CPhaseGate, "XGate": CXGate, "ZGate": CZGate}  # what Qiskit makes of them, in less time
_ONE = {"X": CRXGate, "Y": CRYGate, "Z": CRZGate}
_EULER = {"UGate": "tpl", "U3Gate": "tpl", "U2Gate": "pl"}


def controlled(op: Operation) -> list[Placed]:
    """Gates that do what `op` does where wire 0 is in |1>; the wires of `op` are 1, 2, ..."""
    kind = standard_class(op)
    wires = tuple(range(1, op.num_qubits + 1))
    if kind in _STANDARD:
        return [(_STANDARD[kind](*op.params), (0, *wires))]
    if kind in _WORDS:
        return list(_rotation(_WORDS[kind], wires, op.params[0], (0,)))
    if kind in _CONTROLLED and op.ctrl_state == 1:
        return list(_rotation(_CONTROLLED[kind], wires[1:], op.params[0], (0, 1)))
    if kind in _EULER:
        theta, phi, lam = op.params if len(op.params) == 3 else (_QUARTER, *op.params)
        return [
            *_rotation("Z", wires, lam, (0,)),
            *_rotation("Y", wires, theta, (0,)),
            *_rotation("Z", wires, phi, (0,)),
            (PhaseGate((phi + lam) / 2), (0,)),
        ]
    return [(op.control(1, annotated=False), (0, *wires))]


_QUARTER = 1.5707963267948966


def _rotation(word: str, wires: tuple[int, ...], t: Any, controls: tuple[int, ...]) -> Iterator[Placed]:
    last = wires[-1]
    if len(word) == len(controls) == 1:
        yield _ONE[word](t), (*controls, last)
        return
    basis: list[Placed] = []
    for letter, wire in zip(word, wires, strict=True):
        if letter == "Y":
            basis.append((SdgGate(), (wire,)))
        if letter != "Z":
            basis.append((HGate(), (wire,)))
    basis += [(CXGate(), (wire, last)) for wire in wires[:-1]]
    yield from basis
    if len(controls) == 1:
        yield CRZGate(t), (*controls, last)
    else:
        yield MCPhaseGate(t, len(controls)), (*controls, last)
        yield MCPhaseGate(-t / 2, len(controls) - 1), controls
    for gate, on in reversed(basis):
        yield (SGate() if isinstance(gate, SdgGate) else gate), on
