"""Does a counterexample show what it says? Its event, computed by the oracle in both circuits.

    event = values of some bits of the record, and of some outputs measured at the end in X, Y or Z

The probabilities that it names must be those of the event, from the input that it names, at its values; and differ.
"""

from __future__ import annotations

import cmath
import math
import re

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qverify.equivalence.answer import Answer

from .distances import Asked
from .memory import Record
from .oracle import evolved, traced

Array = NDArray[np.complex128]
R = math.sqrt(0.5)
LETTERS = {"0": (1, 0), "1": (0, 1), "+": (R, R), "-": (R, -R), "r": (R, 1j * R), "l": (R, -1j * R)}
OUTCOMES = {"Z": "01", "X": "+-", "Y": "rl"}
EXACT, ROUNDED = 1e-8, 1e-4  # nine digits are printed; angles of an input have six
Ends = dict[int, tuple[str, int]]  # wire -> basis, outcome


def replayed(a: QuantumCircuit, b: QuantumCircuit, asked: Asked, said: Answer) -> str:
    """`reproduced`, `not reproduced`, `other` (it names no probability), or `none` (there is no counterexample)."""
    shown = said.counterexample
    if shown is None:
        return "none"
    told = [re.match(r"probability ([-+.e\d]+)", text) for text in (shown.observed, shown.expected)]
    if None in told:
        return "other"
    states = [_state(text) for text in (shown.input.split() if "(" in shown.input else shown.input)]
    ends: Ends = {
        int(k): (basis, int(v)) for v, k, basis in re.findall(r"(\d) on wire (\d+) in ([XYZ])", shown.expected)
    }
    kept = [k for k in range(b.num_qubits) if k not in set(asked.discard)]
    moved = {kept[k]: end for k, end in ends.items()}
    zero = set(range(a.num_qubits, b.num_qubits)) if asked.input == "zero" else set(asked.ancilla)
    rest = iter(states)
    wider = [_state("0") if k in zero else next(rest) for k in range(b.num_qubits)]
    found = (
        chance(a, shown.values, states, shown.record, ends),
        chance(b, shown.values, wider, shown.record, moved),
    )
    room = ROUNDED if "(" in shown.input else EXACT
    same = all(abs(p - float(m[1])) < room for p, m in zip(found, told, strict=True) if m is not None)
    return "reproduced" if same and found[0] != found[1] else "not reproduced"


def _state(text: str) -> Array:
    if text in LETTERS:
        return np.array(LETTERS[text], dtype=np.complex128)
    theta, phi = (float(number) for number in text.strip("()").split(","))
    return np.array([math.cos(theta / 2), cmath.exp(1j * phi) * math.sin(theta / 2)])


def chance(
    circuit: QuantumCircuit, values: dict[str, float], states: list[Array], record: str, ends: Ends
) -> float:
    """The probability of an event from a product input. record: last bit first, `.` for one that may be either."""
    psi: Array = np.ones(1, dtype=np.complex128)
    for state in states:
        psi = np.asarray(np.kron(state, psi))
    total = 0.0
    for found, rho in evolved(circuit, values, psi, circuit.num_qubits).items():
        if _matches(found, record):
            total += _after(traced(rho, ()), ends, circuit.num_qubits)
    return total


def _matches(found: Record, record: str) -> bool:
    return all(wanted in (".", str(bit)) for wanted, bit in zip(reversed(record), found, strict=False))


def _after(rho: Array, ends: Ends, n: int) -> float:
    """tr(rho P) for a product of projectors; the first wire is the most significant of rho's index."""
    projector: Array = np.ones((1, 1), dtype=np.complex128)
    for k in range(n):
        one = np.eye(2, dtype=np.complex128)
        if k in ends:
            psi = _state(OUTCOMES[ends[k][0]][ends[k][1]])
            one = np.outer(psi, psi.conj())
        projector = np.asarray(np.kron(projector, one))
    return float(np.trace(rho @ projector).real)
