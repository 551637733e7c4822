"""The data's product state, (x)_q |psi_q(x)>, from single-qubit gates on |0>."""

from __future__ import annotations

import jax

from qlstm.program import Program
from qlstm.single_qubit import ZERO, columns, rows_of


def encode(program: Program, features: jax.Array) -> jax.Array:
    """The states before the body.

    Args:
        features: shape (B, n_features), in claimed order.

    Returns:
        Shape (B, 2**n), complex, wire 0 least significant.
    """
    n = program.n_qubits
    names = [f"x{k}" for k in range(features.shape[1])]
    singles = columns(rows_of(program.encoding, n), names, features, [ZERO])  # (B, n, 2, 1)
    psi = singles[:, n - 1, :, 0]
    for wire in reversed(range(n - 1)):
        psi = (psi[:, :, None] * singles[:, wire, None, :, 0]).reshape(psi.shape[0], -1)
    return psi
