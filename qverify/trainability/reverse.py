"""Gradients by all parameters of a circuit that measures, resets and branches, by reverse mode over its branches.

    gate         backwards  v <- U^-1 v,   mu <- mu U,   d_theta <O> += 2 Re mu (dU / d theta) v
    split        backwards  v <- sum_o K_o^dagger v_o, which is v because sum_o K_o^dagger K_o = 1; the same for mu
    merge        taken apart
    compression  v_c <- sum_r V'_r (Q^dagger)_rc,   mu_c <- sum_r mu_r conj (Q^dagger)_rc

`tape` executes the exact instrument on the columns v of every memory's density matrix; here every step is undone,
so that the columns of one moment and the small Q are all that is held. <O> = sum tr(A(m) rho(m)) depends on
V V^dagger alone, so the choice of columns needs no derivative. Exact up to rounding.
Source: Griewank and Walther, Evaluating Derivatives (2008), ch. 3.
Cost: O(operations * 2**n * columns * (1 + observables)) a point; columns double at each split, up to 2**n a memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable
from qverify.subject import Observable
from qverify.trainability.adjoint import Gradients, points_at_once, pull_back
from qverify.trainability.slopes import Values
from qverify.trainability.tape import Compressed, Regrouped, Turned, executed
from qverify.trainability.tensors import Amplitudes, observed, parts, product_inputs

Real = NDArray[np.float64]
MAX_WIRES = 12


def reverse_gradients(
    circuit: QuantumCircuit,
    values: Values,
    names: Sequence[str],
    observables: Sequence[Observable],
    inputs: Sequence[str] | None = None,
) -> Gradients:
    """<O> and d <O> / d name for every point, name and observable; circuits that measure and branch too.

    Args:
        values: parameter name -> shape (B,), radians or the feature's unit, for every parameter of the circuit.
        inputs: for each point a word of the letters of `qverify.draws`, wire 0 first; |0...0> when None.

    Raises:
        Undecidable: more than MAX_WIRES wires, too many branches, or an operation that is not followed.
    """
    n = circuit.num_qubits
    _require_narrow(circuit)
    count = max((np.size(v) for v in values.values()), default=1) if inputs is None else len(inputs)
    words = ["0" * n] * count if inputs is None else list(inputs)
    columns = {name: np.broadcast_to(np.asarray(v, dtype=np.float64), (count,)) for name, v in values.items()}
    out: list[Gradients] = []
    at, size = 0, 1  # the first point tells how much room one takes
    while at < count:
        chunk = {p: v[at : at + size] for p, v in columns.items()}
        found, room = _reverse(circuit, chunk, names, observables, words[at : at + size])
        out.append(found)
        at, size = at + size, points_at_once(room)
    return Gradients(np.concatenate([g.values for g in out]), np.concatenate([g.gradients for g in out]))


def _reverse(
    circuit: QuantumCircuit,
    values: Mapping[str, Real],
    names: Sequence[str],
    observables: Sequence[Observable],
    words: Sequence[str],
) -> tuple[Gradients, int]:
    """One chunk of points, and how many complex numbers a point takes."""
    tape, end = executed(circuit, values, observables, product_inputs(words))
    found = np.zeros((len(words), len(observables)))
    costates: dict[int, Amplitudes] = {}
    for record, block in end.items():
        psi = tape.blocks[block]
        kets = [observed(observable, record, psi) for observable in observables]
        found += np.stack([np.einsum("kib,kib->b", psi.conj(), ket).real for ket in kets], axis=-1)
        costates[block] = np.stack(kets).conj()
    gradients = np.zeros((len(words), len(names), len(observables)))
    place = {name: k for k, name in enumerate(names)}
    for step in reversed(tape.done):
        if isinstance(step, Turned):
            block = step.block
            pull_back(step.gate, step.matrix, tape.blocks[block], costates[block], values, place, gradients)
        elif isinstance(step, Compressed):
            tape.blocks[step.block] = _expanded(tape.blocks[step.block], step.taken)
            costates[step.block] = _expanded(costates[step.block], step.taken.conj())
        else:
            _ungroup(step, tape.blocks)
            _ungroup(step, costates)
    matrices = sum(s.matrix[0].size for s in tape.done if isinstance(s, Turned))
    return Gradients(found, gradients), tape.most * (1 + len(observables)) + matrices


def cost(circuit: QuantumCircuit, observables: Sequence[Observable], point: Values) -> int:
    """Updates of one amplitude that one point takes; what `max_effort` counts. `Raises` as `reverse_gradients`."""
    _require_narrow(circuit)
    tape, _ = executed(circuit, point, observables, product_inputs(["0" * circuit.num_qubits]))
    return max(1, tape.updates) * (2 + 2 * len(observables))


def _require_narrow(circuit: QuantumCircuit) -> None:
    if circuit.num_qubits > MAX_WIRES:
        raise Undecidable(
            f"{circuit.num_qubits} qubits are too many for gradients through measurements and resets "
            f"(at most {MAX_WIRES})"
        )


def _expanded(columns: Amplitudes, taken: Amplitudes) -> Amplitudes:
    """V' Q^dagger: (..., rank, 2**n, B) -> (..., columns, 2**n, B)."""
    return np.asarray(np.einsum("...rib,brk->...kib", columns, taken, optimize=True), dtype=np.complex128)


def _ungroup(step: Regrouped, blocks: dict[int, Amplitudes]) -> None:
    """Blocks, or costates with one more axis in front, as they were before a regrouping."""
    olds: dict[int, Amplitudes] = {}
    for part in step.parts:
        piece = blocks[part.new][..., part.start : part.stop, :, :]
        old = olds.get(part.old)
        if old is None:
            shape = (*piece.shape[:-3], step.sizes[part.old], *piece.shape[-2:])
            old = olds[part.old] = np.zeros(shape, dtype=np.complex128)
        if part.kraus is None:
            old += piece
        else:
            flat, source = old.reshape(-1, *old.shape[-2:]), piece.reshape(-1, *piece.shape[-2:])
            parts(flat, [part.kraus.wire])[part.kraus.of][...] += parts(source, [part.kraus.wire])[part.kraus.to]
    for block in {part.new: None for part in step.parts}:
        del blocks[block]
    blocks.update(olds)
