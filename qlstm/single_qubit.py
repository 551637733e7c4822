"""Rows of single-qubit gates, one row a wire: rows with the same gates are computed together.

column = G_m ... G_2 G_1 |start>,   entry by entry, leaving out what is zero
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from qlstm.angle_values import angle_values
from qlstm.gates import Entries, Entry, entries
from qlstm.program import Gate
from qverify.angles import constant

Row = tuple[Gate, ...]  # the gates on one wire, in order
Pair = tuple[Entry, Entry]
_ZYZ = ("rz", "ry", "rz")
ZERO: Pair = (1.0, None)
ONE: Pair = (None, 1.0)


def rows_of(gates: Sequence[Gate], n_qubits: int) -> tuple[Row, ...]:
    """Single-qubit gates sorted by wire, each wire's in order."""
    return tuple(tuple(gate for gate in gates if gate.wires == (wire,)) for wire in range(n_qubits))


def columns(rows: Sequence[Row], names: Sequence[str], values: jax.Array, starts: Sequence[Pair]) -> jax.Array:
    """What each row makes of the start vectors.

    Args:
        names: the parameters in the order of the last axis of `values`.
        values: shape S + (len(names),).

    Returns:
        Shape S + (n_rows, 2, n_starts), complex; with both starts these are the rows' matrices.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    rows = [_padded(row) for row in rows]
    for k, row in enumerate(rows):
        groups.setdefault(tuple(gate.name for gate in row), []).append(k)
    parts = [_alike([rows[k] for k in members], names, values, starts) for members in groups.values()]
    if len(parts) == 1:
        return parts[0]
    order = np.argsort([k for members in groups.values() for k in members])
    return jnp.concatenate(parts, axis=-3)[..., order, :, :]


def _padded(row: Row) -> Row:
    """A row that is part of RZ RY RZ as all three, those it lacks by zero; so more rows have the same gates."""
    rest = list(row)
    whole = [rest.pop(0) if rest and rest[0].name == name else Gate(name, (), (constant(0.0),)) for name in _ZYZ]
    return row if rest or not row else tuple(whole)


def _alike(rows: Sequence[Row], names: Sequence[str], values: jax.Array, starts: Sequence[Pair]) -> jax.Array:
    vectors = list(starts)
    for gates in zip(*rows, strict=True):
        # each of the gate's angles for all rows at once, shape S + (n_rows,)
        angles = [angle_values(alike, names, values) for alike in zip(*(g.angles for g in gates), strict=True)]
        m = entries(gates[0].name, angles)
        vectors = [act(m, psi) for psi in vectors]
    shape = (*values.shape[:-1], len(rows))
    flat = [_filled(entry, shape) for k in range(2) for entry in (psi[k] for psi in vectors)]
    return jnp.stack(flat, axis=-1).reshape(*shape, 2, len(vectors))


def act(m: Entries, psi: Pair) -> Pair:
    """A 2x2 matrix on a vector."""
    a, b, c, d = m
    return _sum(_times(a, psi[0]), _times(b, psi[1])), _sum(_times(c, psi[0]), _times(d, psi[1]))


def _times(a: Entry, b: Entry) -> Entry:
    return None if a is None or b is None else a * b


def _sum(a: Entry, b: Entry) -> Entry:
    if a is None or b is None:
        return b if a is None else a
    return a + b


def _filled(entry: Entry, shape: tuple[int, ...]) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(0.0 if entry is None else entry, dtype=complex), shape)
