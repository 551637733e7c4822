"""Noise of a machine, as far as it is modelled here, for qiskit-aer.

    gates      depolarising after every gate on one wire (probability `one`) and on two (`two`); turns about Z are
               changes of frame and have none
    readout    a measured bit is flipped with probability `readout`, also where it steers a branch
    waiting    T1 and T2 relaxation of all other wires while one is measured or reset, and of all wires while a
               condition comes back from the classical side

Durations are those that `qverify idle` assumes: measure 1000 ns, reset 1000 ns, feed-forward 650 ns.
Not modelled: waiting during gates (32 and 68 ns), reset errors, leakage, crosstalk, drift.
Source: Nielsen and Chuang (2010), sec. 8.3; thermal relaxation as in qiskit-aer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qlstm.errors import BadUsage
from qverify.wires.durations import Assumed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qiskit import QuantumCircuit

ONE_WIRE = ("rx", "ry", "h", "x", "y", "sx", "u", "r")
TWO_WIRES = ("cx", "cz", "rxx", "ryy", "rzz", "swap", "ecr")


@dataclass(frozen=True)
class Noise:
    """Probabilities, and T1 and T2 in nanoseconds; infinite for none.

    Raises:
        BadUsage: a probability outside [0, 1], a time that is not positive, or T2 > 2 T1.
    """

    one: float = 0.0
    two: float = 0.0
    readout: float = 0.0
    t1: float = math.inf
    t2: float = math.inf

    def __post_init__(self) -> None:
        for name in ("one", "two", "readout"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadUsage(f"the noise `{name}` is {getattr(self, name)}; a probability is between 0 and 1")
        if not (self.t1 > 0 and self.t2 > 0 and self.t2 <= 2 * self.t1):
            raise BadUsage(f"T1 = {self.t1} ns and T2 = {self.t2} ns; both must be positive and T2 at most 2 T1")

    @property
    def waits(self) -> bool:
        """Whether waiting wires relax."""
        return math.isfinite(self.t1) or math.isfinite(self.t2)


def of_strength(p: float, t1: float = math.inf, t2: float = math.inf) -> Noise:
    """One number for a machine: p after gates on two wires, p / 10 after gates on one, p at each readout."""
    return Noise(p / 10, p, p, t1, t2)


def aer_model(noise: Noise) -> Any:
    """Aer's `NoiseModel` of gates and readout, or None where there is neither."""
    if not (noise.one or noise.two or noise.readout):
        return None
    from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error

    model = NoiseModel()
    if noise.one:
        model.add_all_qubit_quantum_error(depolarizing_error(noise.one, 1), list(ONE_WIRE))
    if noise.two:
        model.add_all_qubit_quantum_error(depolarizing_error(noise.two, 2), list(TWO_WIRES))
    if noise.readout:
        p = noise.readout
        model.add_all_qubit_readout_error(ReadoutError([[1 - p, p], [p, 1 - p]]))
    return model


def with_waits(circuit: QuantumCircuit, noise: Noise, times: Assumed = Assumed()) -> QuantumCircuit:  # noqa: B008  # frozen
    """The circuit with relaxation of the wires that wait; the same circuit where none relaxes."""
    if not noise.waits:
        return circuit
    from qiskit_aer.noise import thermal_relaxation_error

    relaxed = circuit.copy_empty_like()
    for names, items in _runs(circuit):
        taken = {q for item in items for q in item.qubits} if names in ("measure", "reset") else set()
        length = {"measure": times.measure, "reset": times.reset, "if_else": times.feed_forward}.get(names, 0.0)
        if length:
            error = thermal_relaxation_error(noise.t1, noise.t2, length).to_instruction()
            for qubit in circuit.qubits:
                if qubit not in taken:
                    relaxed.append(error, [qubit])
        for item in items:
            relaxed.append(item)
    return relaxed


def _runs(circuit: QuantumCircuit) -> Iterator[tuple[str, list[Any]]]:
    """Measurements and resets on different wires next to each other happen together; all else is on its own."""
    run: list[Any] = []
    for item in circuit.data:
        name = item.operation.name
        joins = (
            run
            and name in ("measure", "reset")
            and run[0].operation.name == name
            and not {q for other in run for q in other.qubits} & set(item.qubits)
        )
        if run and not joins:
            yield run[0].operation.name, run
            run = []
        run.append(item)
    if run:
        yield run[0].operation.name, run
