"""Several circuits evaluated together, so that the processor sees few and large operations.

    <O_kj>(x) = sum_i |(U_k psi(x))_i|**2 O_kj,ii        for circuits k that encode the same x alike

The unitaries of circuits of one layout are built in one batch; circuits that read the same features share the
encoded state, one matrix product with all U_k stacked, and one with all observables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from scipy.linalg import block_diag

from qlstm.compile import CompiledCircuit, expectations, is_diagonal
from qlstm.encoding import encode
from qlstm.program import Program
from qlstm.unitary import unitary

Readings = Callable[[jax.Array], tuple[jax.Array, ...]]  # features (B, k) -> one (B, n_observables) per circuit


def unitaries(circuits: Sequence[CompiledCircuit], weights: Sequence[jax.Array]) -> list[jax.Array | None]:
    """U_k(w_k) for each circuit; None for one that is not unitary once."""
    groups: dict[tuple[Program, int], list[int]] = {}
    for k, circuit in enumerate(circuits):
        if circuit.program.is_unitary_once:
            groups.setdefault((circuit.program, len(circuit.weights)), []).append(k)
    found: list[jax.Array | None] = [None] * len(circuits)
    for (program, _), members in groups.items():
        batch = jax.vmap(lambda w, program=program: unitary(program, w))(jnp.stack([weights[k] for k in members]))
        for position, k in enumerate(members):
            found[k] = batch[position]
    return found


def readings(
    circuits: Sequence[CompiledCircuit], weights: Sequence[jax.Array], built: Sequence[jax.Array | None]
) -> Readings:
    """A function of the features that reads all these circuits.

    Args:
        weights: one vector per circuit, radians.
        built: what `unitaries` gave for them.
    """
    first = circuits[0].program
    alike = all(c.program.encoding == first.encoding and is_diagonal(c.observables) for c in circuits)
    if not alike or any(u is None for u in built):
        pairs = list(zip(circuits, weights, strict=True))
        return lambda x: tuple(expectations(circuit, w, x) for circuit, w in pairs)

    stacked = jnp.concatenate([u for u in built if u is not None]).T  # (2**n, K * 2**n)
    re, im = stacked.real, stacked.imag
    both = jnp.block([[re, im], [-im, re]])  # (Re psi, Im psi) @ both = (Re, Im) of every U_k psi
    signs = block_diag(*(np.diagonal(c.observables, axis1=1, axis2=2).real for c in circuits)).T
    signs = np.concatenate([signs, signs])
    cuts = np.cumsum([len(c.observables) for c in circuits])[:-1]

    def read(x: jax.Array) -> tuple[jax.Array, ...]:
        psi = encode(first, x)
        amplitudes = jnp.concatenate([psi.real, psi.imag], axis=1) @ both
        return tuple(jnp.split(amplitudes**2 @ signs, cuts, axis=1))

    return read
