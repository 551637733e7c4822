"""The unitary of a circuit's body, U(w), as few and as large array operations as possible.

    U(w) = L_m ... L_2 L_1,   L = a constant matrix, or a Kronecker product of one 2x2 matrix per wire,
                                  or one gate of several wires that depends on weights

Runs of constant gates become one matrix when the circuit is compiled; runs of single-qubit gates become one
layer, and the 2x2 matrices of all layers and wires are computed together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from qlstm.angle_values import angle_values
from qlstm.gates import Matrix, matrix
from qlstm.program import Gate, Program
from qlstm.single_qubit import ONE, ZERO, Row, columns, rows_of


@dataclass(frozen=True, eq=False)
class Fixed:
    """A constant unitary, shape (2**n, 2**n); a permutation also as `rows`, with (M psi)[i] = psi[rows[i]]."""

    matrix: Matrix
    rows: tuple[int, ...] | None


@dataclass(frozen=True)
class Layer:
    """Single-qubit gates, some with weights: for each wire its gates in order."""

    on_wire: tuple[Row, ...]


def unitary(program: Program, weights: jax.Array) -> jax.Array:
    """U(w) of the body.

    Args:
        weights: shape (n_weights,), radians, in claimed order.

    Returns:
        Shape (2**n, 2**n), complex.
    """
    return unitaries([program], weights)[0]


def unitaries(programs: Sequence[Program], weights: jax.Array) -> list[jax.Array]:
    """U(w) of several bodies that read the same weights; their single-qubit gates are computed together.

    Args:
        weights: shape (n_weights,), radians, in claimed order.

    Returns:
        For each program shape (2**n, 2**n), complex.
    """
    split = [parts_of(program) for program in programs]
    layers = _layers([part for parts in split for part in parts if isinstance(part, Layer)], weights)
    dense = iter(layers)
    return [
        _product(parts, dense, 2**program.n_qubits, weights) for parts, program in zip(split, programs, strict=True)
    ]


def _product(
    parts: tuple[Fixed | Layer | Gate, ...], layers: Iterator[jax.Array], size: int, weights: jax.Array
) -> jax.Array:
    whole: jax.Array | Fixed = Fixed(np.eye(size, dtype=np.complex128), tuple(range(size)))
    for part in parts:
        if isinstance(part, Fixed):
            whole = _fixed_after(part, whole)
        elif isinstance(part, Layer):
            whole = _dense_after(next(layers), whole)
        else:
            whole = apply_gate(_weighted(part, weights), part.wires, _dense(whole))
    return _dense(whole)


@lru_cache(maxsize=64)
def parts_of(program: Program) -> tuple[Fixed | Layer | Gate, ...]:
    """The body as constant matrices, layers of single-qubit gates, and other gates that read weights."""
    n, parts, run, is_layer = program.n_qubits, list[Fixed | Layer | Gate](), list[Gate](), False

    def close() -> None:
        if run:
            parts.append(Layer(rows_of(run, n)) if is_layer else _constant(run, n))
        run.clear()

    for gate in program.body:
        single, constant = len(gate.wires) == 1, not gate.reads()
        if not single and not constant:
            close()
            parts.append(gate)
            continue
        joins = bool(run) and (single if is_layer else constant)
        if not joins:
            close()
            is_layer = not constant
        run.append(gate)
    close()
    return tuple(parts)


def _constant(gates: list[Gate], n: int) -> Fixed:
    with jax.ensure_compile_time_eval():
        whole: jax.Array = jnp.eye(2**n, dtype=complex)
        for gate in gates:
            whole = apply_gate(_weighted(gate, jnp.zeros(0)), gate.wires, whole)
        m = np.asarray(whole)
    rows = np.argmax(np.abs(m), axis=1)
    is_permutation = np.array_equal(m, np.eye(len(m))[rows])
    return Fixed(m, tuple(int(row) for row in rows) if is_permutation else None)


def apply_gate(m: jax.Array | Matrix, wires: tuple[int, ...], psi: jax.Array) -> jax.Array:
    """A gate on some wires of amplitudes (2**n,) + S; its first wire is the least significant bit of m's index."""
    n, k = psi.shape[0].bit_length() - 1, len(wires)
    axes = [n - 1 - wire for wire in reversed(wires)]
    gate = jnp.asarray(m).reshape((2,) * (2 * k))  # k axes out, k axes in, most significant wire first
    split = psi.reshape((2,) * n + psi.shape[1:])
    split = jnp.tensordot(gate, split, axes=(tuple(range(k, 2 * k)), tuple(axes)))
    return jnp.moveaxis(split, range(k), axes).reshape(psi.shape)


def _weighted(gate: Gate, weights: jax.Array) -> jax.Array:
    names = [f"w{k}" for k in range(weights.shape[0])]
    return jnp.asarray(matrix(gate.name, tuple(angle_values(gate.angles, names, weights)) if gate.angles else ()))


def _layers(layers: Sequence[Layer], weights: jax.Array) -> list[jax.Array]:
    """The Kronecker products of all layers, each of shape (2**n, 2**n), computed together."""
    if not layers:
        return []
    names = [f"w{k}" for k in range(weights.shape[0])]
    rows = [row for layer in layers for row in layer.on_wire]
    singles = columns(rows, names, weights, [ZERO, ONE])  # (n_layers * n, 2, 2)
    return list(_kronecker(singles.reshape(len(layers), -1, 2, 2)))


def _kronecker(m: jax.Array) -> jax.Array:
    """(K, n, d, d) to (K, d**n, d**n), wire 0 least significant, neighbours pairwise."""
    count, n, d, _ = m.shape
    if n == 1:
        return m[:, 0]
    even = m[:, : n - n % 2]
    high, low = even[:, 1::2], even[:, 0::2]
    pairs = high[:, :, :, None, :, None] * low[:, :, None, :, None, :]
    whole = _kronecker(pairs.reshape(count, n // 2, d * d, d * d))
    if n % 2 == 0:
        return whole
    size = d * whole.shape[-1]
    return (m[:, -1, :, None, :, None] * whole[:, None, :, None, :]).reshape(count, size, size)


def _dense(whole: jax.Array | Fixed) -> jax.Array:
    return jnp.asarray(whole.matrix) if isinstance(whole, Fixed) else whole


def _fixed_after(fixed: Fixed, whole: jax.Array | Fixed) -> jax.Array | Fixed:
    if isinstance(whole, Fixed):
        m = fixed.matrix @ whole.matrix
        rows = None if None in (fixed.rows, whole.rows) else tuple(whole.rows[r] for r in fixed.rows)  # type: ignore[index,union-attr]
        return Fixed(m, rows)
    return whole[np.array(fixed.rows)] if fixed.rows is not None else jnp.asarray(fixed.matrix) @ whole


def _dense_after(m: jax.Array, whole: jax.Array | Fixed) -> jax.Array:
    if isinstance(whole, Fixed) and whole.rows is not None:
        return m[:, np.argsort(whole.rows)]  # (m P)[:, rows[i]] = m[:, i]
    return m @ _dense(whole)
