"""A window of a cell that measures, on qiskit-aer: sampled as the dynamic circuit that it is, or exact, deferred.

    sampled   if_test circuit, S shots: frequencies of whole records (all bits of all time steps of one run)
    exact     density matrix of the deferred form: measure -> CX onto a fresh wire in |0> whose <Z> is saved there,
              if (bits = v): body -> the body's unitary, controlled by those wires; reset stays a reset

A wire that stands for a bit is reset after the bit is last read and then used again: a window of any length fits.
qiskit-aer is the third opinion beside qverify's reference and qlstm's compiled form; this is built from neither.
Not used: a density matrix saved inside an if_test circuit, which Aer averages over trajectories and is not exact.
Source of the deferred form: Nielsen and Chuang (2010), sec. 4.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Unusable

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Array = NDArray[np.float64]
SKIPPED = ("barrier", "delay")


def bound(window: QuantumCircuit, weights: Mapping[str, float], values: Array, features: Sequence[str]) -> Any:
    """The window's circuit for one sample.

    Args:
        window: of `compose.window`; its features are called `<feature>_<step>`.
        values: shape (L,) or (L, n_features), scaled.
    """
    table = values[:, None] if values.ndim == 1 else values
    angles = dict(weights) | {
        f"{name}_{t}": float(table[t, k]) for t in range(len(table)) for k, name in enumerate(features)
    }
    return window.assign_parameters({p: angles[p.name] for p in window.parameters})


def exact(circuits: Sequence[QuantumCircuit]) -> Array:
    """<(-1)**bit> of every classical bit, shape (n_circuits, n_bits), in the order of `circuit.clbits`.

    Raises:
        Unusable: something other than gates is inside a branch, or a bit is written twice.
    """
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method="density_matrix")
    result = simulator.run([deferred(circuit) for circuit in circuits], shots=1).result()
    told = [result.data(k) for k in range(len(circuits))]
    return np.array([[float(np.real(one[f"bit {k}"])) for k in range(circuits[0].num_clbits)] for one in told])


def deferred(circuit: QuantumCircuit) -> QuantumCircuit:
    """A static circuit that saves <Z> of every bit under the label `bit <index>`.

    Raises:
        Unusable: as `exact`.
    """
    from qiskit import QuantumCircuit
    from qiskit.circuit import IfElseOp
    from qiskit.circuit.library import UnitaryGate
    from qiskit.quantum_info import Operator, Pauli

    last = _last_use(circuit)
    spare = _most_live(circuit, last)
    static = QuantumCircuit(circuit.num_qubits + spare)
    free = list(range(circuit.num_qubits, circuit.num_qubits + spare))
    held: dict[Any, int] = {}
    for index, item in enumerate(circuit.data):
        op, wires = item.operation, [circuit.find_bit(q).index for q in item.qubits]
        if op.name == "measure":
            bit = item.clbits[0]
            if bit in held:
                raise Unusable("a bit is written twice in one window; give each step its own register")
            held[bit] = free.pop()
            static.cx(wires[0], held[bit])
            static.save_expectation_value(Pauli("Z"), [held[bit]], f"bit {circuit.find_bit(bit).index}")
        elif isinstance(op, IfElseOp):
            bits, value = _bits_and_value(op.condition)
            for body, wanted in zip(op.blocks, (value, None), strict=False):
                unitary = _controlled(_matrix(body, Operator), len(bits), value, wanted is not None)
                static.append(UnitaryGate(unitary), [*wires, *(held[bit] for bit in bits)])
        elif op.name not in SKIPPED:
            static.append(op, wires)
        for bit in [bit for bit in held if last[bit] == index]:
            static.reset(held[bit])
            free.append(held.pop(bit))
    return static


def _controlled(unitary: NDArray[np.complex128], n_controls: int, value: int, when_equal: bool) -> Any:
    """The unitary where the controls, the most significant wires, hold the value; or where they do not."""
    size = len(unitary)
    whole = np.eye(size * 2**n_controls, dtype=np.complex128)
    for held in range(2**n_controls):
        if (held == value) == when_equal:
            here = slice(held * size, (held + 1) * size)
            whole[here, here] = unitary
    return whole


def _matrix(body: QuantumCircuit, operator: Any) -> NDArray[np.complex128]:
    if any(item.clbits or item.operation.name in ("reset", "if_else") for item in body.data):
        raise Unusable("only gates inside a branch can be deferred here; measure and reset outside it")
    return np.asarray(operator(body).data)


def _bits_and_value(condition: Any) -> tuple[list[Any], int]:
    """The bits that a condition reads, least significant first, and the number they are compared with."""
    from qiskit.circuit import Clbit

    if not isinstance(condition, tuple):
        raise Unusable("a condition compares a bit or a register with a number; write it so")
    target, value = condition
    return ([target] if isinstance(target, Clbit) else list(target)), int(value)


def _last_use(circuit: QuantumCircuit) -> dict[Any, int]:
    return {bit: index for index, item in enumerate(circuit.data) for bit in item.clbits}


def _most_live(circuit: QuantumCircuit, last: Mapping[Any, int]) -> int:
    """Bits that are to be remembered at one time, at most."""
    live, most = set[Any](), 0
    for index, item in enumerate(circuit.data):
        live |= set(item.clbits)
        most = max(most, len(live))
        live -= {bit for bit in live if last[bit] == index}
    return most


def records(
    circuits: Sequence[QuantumCircuit], shots: int, seed: int, noise: Any = None
) -> list[tuple[Array, Array]]:
    """Run the dynamic circuits; for each the distinct records and how often they came.

    Args:
        shots: runs of each circuit, 1 or more.
        seed: of Aer's random numbers.
        noise: an Aer `NoiseModel`, or none.

    Returns:
        For each circuit signs (-1)**bit, shape (n_records, n_bits), and shares, shape (n_records,).
    """
    from qiskit_aer import AerSimulator

    # shot branching, which Aer offers for such circuits, takes seven times as long on three qubits
    simulator = AerSimulator(method="statevector", noise_model=noise, max_parallel_threads=1)
    result = simulator.run(list(circuits), shots=shots, seed_simulator=seed).result()
    if not result.success:
        raise Unusable(f"qiskit-aer could not run the circuit ({result.status})")
    found = []
    for k, circuit in enumerate(circuits):
        counts = result.data(k)["counts"]  # hexadecimal number of the record -> runs
        numbers = [int(text, 16) for text in counts]
        bits = np.array([[(number >> b) & 1 for b in range(circuit.num_clbits)] for number in numbers])
        found.append((1.0 - 2.0 * bits, np.array(list(counts.values()), dtype=np.float64) / shots))
    return found


def means(found: Sequence[tuple[Array, Array]]) -> Array:
    """<(-1)**bit> as sampled, shape (n_circuits, n_bits)."""
    return np.array([shares @ signs for signs, shares in found])


def forecasts(found: Sequence[tuple[Array, Array]], head: Array, bias: float) -> tuple[Array, Array]:
    """Next values and the variance of one run's, both shape (n_circuits,); bits of one run vary together.

    Args:
        head: shape (n_bits,), in the order of the circuits' bits.
    """
    mean, variance = [], []
    for signs, shares in found:
        values = signs @ head
        middle = float(shares @ values)
        mean.append(middle + bias)
        variance.append(float(shares @ (values - middle) ** 2))
    return np.array(mean), np.array(variance)
