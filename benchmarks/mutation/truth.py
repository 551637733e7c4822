"""Are a circuit and its mutant the same? Computed by Qiskit's own matrices and states, nothing of qverify.

    unitary      U = e^{i phi} V at drawn angles: whole matrices to 8 wires; above, output states of random inputs
    instrument   one unnormalised density matrix a record, from random inputs (Haar measure)

Two different linear maps agree on a random input, and two different analytic functions of the angles at random
angles, with probability zero; what is left is a difference below the rounding bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ControlFlowOp, Measure, Reset
from qiskit.quantum_info import Operator, Statevector, partial_trace

from .records import records

ROUNDING = 1e-10  # what is below is rounding; an angle off by 1e-6 under c controls shows as about 5e-7 / 2**(c/2)
MATRIX_WIRES = 8
POINTS, STATES = 3, 2
Array = NDArray[np.complex128]


@dataclass(frozen=True)
class Setting:
    """Where the two are compared. ranges: low and high of every parameter; zero: wires that start in |0>."""

    ranges: Mapping[str, tuple[float, float]]
    dynamic: bool
    zero: Sequence[int] = ()
    discard: Sequence[int] = ()


def haar_state(n: int, zero: Sequence[int], rng: Generator) -> Array:
    """A random state of n wires, those in `zero` in |0>; shape (2**n,)."""
    psi = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    for k in zero:
        psi[(np.arange(2**n) >> k & 1) == 1] = 0.0
    return np.asarray(psi / np.linalg.norm(psi))


def apart(a: Array, b: Array) -> float:
    """||a - e^{i phi} b|| / ||a|| at the phase that aligns them: Frobenius norm, or norm of vectors."""
    overlap = np.vdot(b, a)
    phase = overlap / abs(overlap) if abs(overlap) > 0 else 1.0
    return float(np.linalg.norm(a - phase * b) / np.linalg.norm(a))


def forgets(circuit: QuantumCircuit) -> bool:
    """Whether it measures or resets, and so is no unitary: unitaries before and after undo neither."""
    return any(isinstance(item.operation, Measure | Reset | ControlFlowOp) for item in circuit.data)


class Truth:
    """A circuit's outputs at drawn angles and inputs, kept to compare many mutants with."""

    rounding = ROUNDING

    def __init__(self, circuit: QuantumCircuit, setting: Setting, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.setting = setting
        self.points = [{p: rng.uniform(*ends) for p, ends in setting.ranges.items()} for _ in range(POINTS)]
        n = circuit.num_qubits
        self.inputs = [haar_state(n, setting.zero, rng) for _ in range(STATES)]
        self.matrices = n <= MATRIX_WIRES and not setting.dynamic and not setting.zero
        self.outputs = self._outputs(circuit)

    def distance(self, mutant: QuantumCircuit) -> float:
        """The largest distance from the original over the drawn points; infinite from a unitary to what is none."""
        if not self.setting.dynamic and forgets(mutant):
            return math.inf
        return max(self._gap(a, b) for a, b in zip(self.outputs, self._outputs(mutant), strict=True))

    def equal(self, mutant: QuantumCircuit) -> bool:
        """Whether the mutant is the original, up to a global phase."""
        return self.distance(mutant) <= ROUNDING

    def _gap(self, a: object, b: object) -> float:
        if isinstance(a, dict) and isinstance(b, dict):
            zero = np.zeros(1)
            return max(float(np.abs(a.get(r, zero) - b.get(r, zero)).max()) for r in {*a, *b})
        return apart(np.asarray(a), np.asarray(b))

    def _outputs(self, circuit: QuantumCircuit) -> list[object]:
        names = {p.name: p for p in circuit.parameters}
        points = self.points if names else self.points[:1]
        out: list[object] = []
        for at in points:
            bound = circuit.assign_parameters({p: at[name] for name, p in names.items()})
            if self.matrices:
                out.append(Operator.from_circuit(bound).data)  # undoes a layout
            else:
                out += [self._from(bound, psi) for psi in self.inputs]
        return out * (len(self.points) // len(points))

    def _from(self, bound: QuantumCircuit, psi: Array) -> object:
        if not self.setting.dynamic:
            return Statevector(psi).evolve(bound).data
        return {m: partial_trace(rho, list(self.setting.discard)).data for m, rho in records(bound, psi).items()}
