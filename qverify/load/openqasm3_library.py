"""The gate libraries of OpenQASM 3: the built-in `U`, `stdgates.inc`, and `qelib1.inc` for old files.

Rule: each gate is Qiskit's class for it, and the phase by which that class differs from the OpenQASM definition.
Source: OpenQASM 3.1 specification, "Gates" and "Standard library".

The built-in U(theta, phi, lambda) is e^{i theta/2} times Qiskit's `UGate`; `u2` and `u3` of stdgates.inc are
e^{-i (phi + lambda)/2} times Qiskit's. `CX` is taken to be the CNOT that its comment in stdgates.inc says it is;
`qelib1.inc`, which no OpenQASM 3 document defines, is taken to be Qiskit's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qiskit.circuit import Gate
from qiskit.circuit import library as gates

from qverify.load.openqasm3_expressions import Value


@dataclass(frozen=True)
class StandardGate:
    """A gate of a library: Qiskit's class for it and the phase, radians, by which the class differs."""

    make: Callable[..., Gate]
    num_params: int
    num_qubits: int
    phase: Callable[..., Value] = lambda *_: 0.0


def _half_sum(*angles: Value) -> Value:
    """-(phi + lambda)/2, of the last two angles."""
    return -(angles[-2] + angles[-1]) / 2


BUILT_IN = {"U": StandardGate(gates.UGate, 3, 1, lambda theta, *_: theta / 2)}
_SAME: dict[tuple[int, int], dict[str, Callable[..., Gate]]] = {
    # (number of angles, number of qubits): gates whose class is exactly the OpenQASM gate
    (0, 1): {
        "x": gates.XGate, "y": gates.YGate, "z": gates.ZGate, "h": gates.HGate, "s": gates.SGate, "t": gates.TGate,
        "sdg": gates.SdgGate, "tdg": gates.TdgGate, "sx": gates.SXGate, "id": gates.IGate,
    },
    (1, 1): {
        "p": gates.PhaseGate, "phase": gates.PhaseGate, "u1": gates.U1Gate,
        "rx": gates.RXGate, "ry": gates.RYGate, "rz": gates.RZGate,
    },
    (0, 2): {
        "cx": gates.CXGate, "CX": gates.CXGate, "cy": gates.CYGate, "cz": gates.CZGate, "ch": gates.CHGate,
        "swap": gates.SwapGate,
    },
    (1, 2): {
        "cp": gates.CPhaseGate, "cphase": gates.CPhaseGate,
        "crx": gates.CRXGate, "cry": gates.CRYGate, "crz": gates.CRZGate,
    },
    (4, 2): {"cu": gates.CUGate},
    (0, 3): {"ccx": gates.CCXGate, "cswap": gates.CSwapGate},
}  # fmt: skip
STDGATES = {
    **{name: StandardGate(make, *shape) for shape, row in _SAME.items() for name, make in row.items()},
    "u2": StandardGate(gates.U2Gate, 2, 1, _half_sum),
    "u3": StandardGate(gates.U3Gate, 3, 1, _half_sum),
}


def library(include: str) -> dict[str, StandardGate]:
    """The gates that an include defines: `stdgates.inc`, or `qelib1.inc` as Qiskit has always read it."""
    if include == "stdgates.inc":
        return STDGATES
    from qiskit.qasm2 import LEGACY_CUSTOM_INSTRUCTIONS

    found = {g.name: StandardGate(g.constructor, g.num_params, g.num_qubits) for g in LEGACY_CUSTOM_INSTRUCTIONS}
    return {name: gate for name, gate in found.items() if name not in ("U", "delay")}
