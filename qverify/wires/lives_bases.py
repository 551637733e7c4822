"""In which Pauli basis an operation is diagonal on each of its wires, so that its order does not matter there.

    A = sum_a |a><a| (x) A_a,   B = sum_a |a><a| (x) B_a   on all wires that they share,   so A B = B A

with |a> products of eigenstates of Z, X or Y: two operations commute if, on each wire that they share, both are
diagonal in the same of these bases. A control and a measurement are diagonal in Z, the target of a CX in X.
Source: Nielsen and Chuang (2010), sec. 4.3; commutation analysis in Qiskit asks the same of matrices.
Sound, not complete: operations may commute for other reasons.
"""

from __future__ import annotations

from typing import Literal

from qiskit.circuit import (
    Barrier,
    ControlledGate,
    Delay,
    IfElseOp,
    Measure,
    Operation,
    QuantumCircuit,
    SwitchCaseOp,
)

from qverify.structure import leaves, standard_class

Basis = Literal["X", "Y", "Z", ""]  # "": in none of them
_NONE: Basis = ""
_Z: Basis = "Z"
_DIAGONAL: dict[str, Basis] = {
    **dict.fromkeys(["IGate", "ZGate", "SGate", "SdgGate", "TGate", "TdgGate", "RZGate", "PhaseGate"], "Z"),
    **dict.fromkeys(["U1Gate", "RZZGate"], "Z"),
    **dict.fromkeys(["XGate", "RXGate", "SXGate", "SXdgGate", "RXXGate"], "X"),
    **dict.fromkeys(["YGate", "RYGate", "RYYGate"], "Y"),
}


def bases(op: Operation) -> tuple[Basis, ...]:
    """The basis in which an operation is diagonal on each of its wires; a body's wires count in its order."""
    n = int(op.num_qubits)
    if isinstance(op, Measure):
        return ("Z",)
    if isinstance(op, IfElseOp | SwitchCaseOp):
        return _of_all([_of_body(body) for body in op.blocks], n)
    kind = standard_class(op)
    if kind in _DIAGONAL:
        return (_DIAGONAL[kind],) * n
    if kind == "RZXGate":
        return ("Z", "X")
    if kind and isinstance(op, ControlledGate):
        return (*(_Z for _ in range(op.num_ctrl_qubits)), *bases(op.base_gate))
    return (_NONE,) * n


def _of_body(body: QuantumCircuit) -> tuple[Basis | None, ...]:
    """The basis of each wire of a body, None where nothing acts."""
    found: list[Basis | None] = [None] * body.num_qubits
    for leaf in leaves(body):
        if isinstance(leaf.operation, Barrier | Delay):
            continue
        for wire, basis in zip(leaf.qubits, bases(leaf.operation), strict=True):
            found[wire] = basis if found[wire] in (None, basis) else ""
    return tuple(found)


def _of_all(bodies: list[tuple[Basis | None, ...]], n: int) -> tuple[Basis, ...]:
    """The basis that all bodies share on each wire; one on which none acts is diagonal in any."""
    ends = list[Basis]()
    for k in range(n):
        seen = {body[k] for body in bodies} - {None}
        ends.append("Z" if not seen else seen.pop() or "" if len(seen) == 1 else "")
    return tuple(ends)
