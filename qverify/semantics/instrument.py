"""The quantum instrument of a circuit: one completely positive map for every classical record.

    Phi_m(rho) = sum_j K_{m,j} rho K_{m,j}^dagger

Computed by sending every basis vector through the reference semantics. Wires that start in |0> are restricted
there, wires that are traced out are split into one Kraus operator for each of their basis states.
Source: Nielsen and Chuang (2010), sec. 8.2; Watrous, The Theory of Quantum Information (2018), sec. 2.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable
from qverify.semantics.run import run

Kraus = NDArray[np.complex128]  # (r, d_out, d_in)
Instrument = dict[int, Kraus]
MAX_WIRES = 10  # 2**10 basis vectors of 2**10 amplitudes: 16 MiB a branch
MAX_ANCILLAS = 6  # more wires that start in |0>
ROUNDING = 2.0**-52


def instrument(
    circuit: QuantumCircuit,
    values: Mapping[str, float],
    *,
    zero: Sequence[int] = (),
    discard: Sequence[int] = (),
) -> Instrument:
    """The instrument of a bound circuit.

    Args:
        values: parameter name -> value.
        zero: wires that start in |0>; they are no input.
        discard: wires traced out at the end; they are no output.

    Returns:
        Record -> Kraus operators, shape (r, 2**(n - len(discard)), 2**(n - len(zero))); wires keep their order.

    Raises:
        Undecidable: too wide, or as `run`.
    """
    n = circuit.num_qubits
    if n - len(zero) > MAX_WIRES or n > MAX_WIRES + MAX_ANCILLAS:
        raise Undecidable(f"{n} wires are too many for the reference semantics (at most {MAX_WIRES} inputs)")
    free = [k for k in range(n) if k not in set(zero)]
    inputs = np.zeros((2 ** len(free), 2**n), dtype=np.complex128)
    rows = np.arange(2 ** len(free))
    inputs[rows, sum((rows >> j & 1) << k for j, k in enumerate(free))] = 1.0
    out: Instrument = {}
    for record, branches in run(circuit, {p: np.array([v]) for p, v in values.items()}, inputs).items():
        operators = [part for b in branches for part in _split(b.T, n, discard)]
        kept = [k for k in operators if np.any(k)]
        if kept:
            out[record] = np.stack(kept)
    return out


def _split(operator: Kraus, n: int, discard: Sequence[int]) -> list[Kraus]:
    """<d| K for every basis state d of the discarded wires; operator of shape (2**n, d_in)."""
    if not discard:
        return [operator]
    kept = [k for k in range(n) if k not in set(discard)]
    out = []
    rows = np.arange(2 ** len(kept))
    base = sum((rows >> j & 1) << k for j, k in enumerate(kept))
    for value in range(2 ** len(discard)):
        offset = sum((value >> j & 1) << k for j, k in enumerate(discard))
        out.append(operator[base + offset])
    return out


@dataclass(frozen=True)
class Distance:
    """A distance known to lie in [lo, hi]; `quantity` says which distance."""

    quantity: str
    lo: float
    hi: float


def unitary_distance(U: Kraus, V: Kraus, rounding: float) -> Distance:
    """min over phi of the operator norm of U - e^{i phi} V, for two unitaries.

    The eigenphases of U^dagger V span an arc; the distance is 2 sin(arc / 4).

    Args:
        rounding: bound on what rounding may have moved either matrix, operator norm.
    """
    phases = np.sort(np.angle(np.linalg.eigvals(U.conj().T @ V)))
    gaps = np.diff(np.concatenate([phases, phases[:1] + 2 * np.pi]))
    arc = max(0.0, 2 * np.pi - float(gaps.max()))
    middle = 2 * np.sin(arc / 4)
    return Distance("min over phase of ||U - e^{i phi} V||", max(0.0, middle - rounding), middle + rounding)


def instrument_distance(a: Instrument, b: Instrument, rounding: float) -> Distance:
    """Diamond distance of two instruments with the same inputs and outputs, record kept as output.

    With J the Choi matrix of the difference and d_in the input dimension:
    ||J||_1 / d_in <= diamond norm <= ||J||_1 (and at most 2). Both ends are widened by rounding.
    """
    total = 0.0
    d_in = next(iter((a or b).values())).shape[2]
    for record in sorted(set(a) | set(b)):
        total += _choi_trace_norm(a.get(record), b.get(record))
    lo, hi = total / d_in - rounding, min(total + rounding * d_in, 2.0)
    return Distance("diamond norm of the difference", max(0.0, lo), hi)


def _choi_trace_norm(a: Kraus | None, b: Kraus | None) -> float:
    """||sum vec(K) vec(K)^dagger over a - the same over b||_1, through a QR of the few Kraus vectors."""
    signed = [(k.reshape(len(k), -1).T, sign) for k, sign in ((a, 1.0), (b, -1.0)) if k is not None]
    columns = [vectors for vectors, _ in signed]
    signs = np.concatenate([np.full(vectors.shape[1], sign) for vectors, sign in signed])
    R: Kraus = np.asarray(np.linalg.qr(np.concatenate(columns, axis=1)).R)
    return float(np.abs(np.linalg.eigvalsh((R * signs) @ R.conj().T)).sum())


def merged(a: Instrument) -> Instrument:
    """The channel: records summed away."""
    return {0: np.concatenate([a[record] for record in sorted(a)])}


def outcome_distribution(a: Instrument, psi: NDArray[np.complex128]) -> dict[int, float]:
    """Probability of every record for an input vector of shape (d_in,)."""
    return {record: float(np.sum(np.abs(kraus @ psi) ** 2)) for record, kraus in a.items()}
