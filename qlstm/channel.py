"""One time step of a cell as a real matrix on the memory's Pauli vector, for all samples at once.

    s_a = Tr(P_a rho),   s' = T(x) s,   <M_bit> = row_bit(x) . s,   T_ab = Tr(P_a sum_p K_p P_b K_p^dagger) / 2**m

Where one angle theta(x) is all that the features enter through, and k gates turn by it, T is a trigonometric
polynomial of degree k in theta, so its values at 2k + 1 nodes say everything:

    T(theta) = sum_j c_j(theta) T(theta_j),   c_j = (1 + 2 sum_{r=1..k} cos r (theta - theta_j)) / (2k + 1)

T at the nodes is built once per update, for any number of samples. Otherwise every sample is its own node.
Source: Dirichlet interpolation; a single-qubit rotation's conjugation has the frequencies -1, 0, 1 in its angle.
Cost: the nodes are independent of the batch; a sample-step costs (2k + 1) 4**m (4**m + bits) multiplications.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from qlstm.angle_values import angle_values
from qlstm.gates import matrix
from qlstm.instrument import Instrument, instrument, on_all_wires, reads_input
from qlstm.program import Gate, renamed
from qlstm.sequence import Sequence, Turned
from qverify.angles import Angle
from qverify.errors import Unusable

_WHOLE_FREQUENCIES = frozenset({"rx", "ry", "rz", "p", "rxx", "ryy", "rzz"})
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Channel:
    """A sequence with numbered parameters, and the form it is evaluated in.

    angle: the one angle that features enter through, evaluated at `nodes`; None if every sample is its own node.
    """

    sequence: Sequence
    features: tuple[str, ...]
    weights: tuple[str, ...]
    angle: Angle | None
    nodes: Real

    @property
    def inputs(self) -> list[Gate]:
        """Every gate that a feature enters, as often as it stands there."""
        return _inputs(self.sequence)

    @property
    def form(self) -> str:
        """The form in words."""
        if self.angle is None:
            return "Kraus operators for every sample"
        return f"transfer matrices at {len(self.nodes)} nodes of the input angle"


def channel_of(sequence: Sequence, features: Many[str], weights: Many[str]) -> Channel:
    """Number the parameters and choose the form by looking at the angles.

    Raises:
        Unusable: a parameter is claimed neither as a feature nor as a weight.
    """
    names = {name: f"x{k}" for k, name in enumerate(features)} | {name: f"w{k}" for k, name in enumerate(weights)}
    unclaimed = sorted(sequence.features_and_weights - names.keys())
    if unclaimed:
        raise Unusable(f"`{unclaimed[0]}` is claimed neither as a feature nor as a weight; claim it as one")
    steps = tuple(
        replace(s, gate=replace(s.gate, angles=tuple(renamed(a, names) for a in s.gate.angles)))
        if isinstance(s, Turned)
        else s
        for s in sequence.steps
    )
    numbered = replace(sequence, steps=steps)
    inputs = _inputs(numbered)
    angles = {angle for gate in inputs for angle in gate.angles}
    if len(angles) == 1 and all(gate.name in _WHOLE_FREQUENCIES for gate in inputs):
        nodes = 2 * np.pi * np.arange(2 * len(inputs) + 1) / (2 * len(inputs) + 1)
        return Channel(numbered, tuple(features), tuple(weights), angles.pop(), nodes)
    return Channel(numbered, tuple(features), tuple(weights), None, np.zeros(0))


def _inputs(sequence: Sequence) -> list[Gate]:
    return [s.gate for s in sequence.steps if isinstance(s, Turned) and reads_input(s.gate)]


def steps(channel: Channel, weights: jax.Array, features: jax.Array) -> jax.Array:
    """The transfer matrices of every sample and time step, with a row for each bit below.

    Args:
        weights: shape (n_weights,), in the order of `channel.weights`.
        features: shape S + (n_features,).

    Returns:
        Shape S + (4**m + bits, 4**m), real.
    """
    shape, n = features.shape[:-1], len(channel.sequence.wires)
    flat = features.reshape(-1, features.shape[-1])
    names = [f"x{k}" for k in range(flat.shape[1])] + [f"w{k}" for k in range(len(channel.weights))]
    values = jnp.concatenate([flat, jnp.broadcast_to(weights, (len(flat), len(weights)))], axis=1)
    if channel.angle is None:
        built = instrument(channel.sequence, weights, lambda gate: _matrices(gate, names, values, n))
        return transfer(built).reshape(*shape, -1, 4**channel.sequence.n_memory)
    with jax.ensure_compile_time_eval():
        at_nodes = {gate: _at_nodes(gate, channel.nodes, n) for gate in channel.inputs}
    whole = transfer(instrument(channel.sequence, weights, at_nodes.__getitem__))  # (nodes, rows, 4**m)
    theta = angle_values([channel.angle], names, values)[:, 0]
    mixed = weights_of_nodes(channel, theta) @ whole.reshape(len(channel.nodes), -1)
    return mixed.reshape(*shape, *whole.shape[1:])


def weights_of_nodes(channel: Channel, theta: jax.Array) -> jax.Array:
    """c_j(theta), shape (B,) -> (B, nodes)."""
    degree = len(channel.nodes) // 2
    apart = theta[:, None] - channel.nodes
    waves = jnp.cos(jnp.arange(1, degree + 1) * apart[..., None])
    return (1 + 2 * jnp.sum(waves, axis=-1)) / (2 * degree + 1)


def _at_nodes(gate: Gate, nodes: Real, n: int) -> jax.Array:
    return on_all_wires(jnp.asarray(matrix(gate.name, (jnp.asarray(nodes),))), gate.wires, n)


def _matrices(gate: Gate, names: Many[str], values: jax.Array, n: int) -> jax.Array:
    angles = angle_values(gate.angles, names, values)
    m = matrix(gate.name, tuple(angles[:, k] for k in range(len(gate.angles))))
    return on_all_wires(jnp.asarray(m), gate.wires, n)


def transfer(built: Instrument) -> jax.Array:
    """T and, below it, the bits' rows: shape (nodes, 4**m + bits, 4**m), real."""
    nodes, paths, d, _ = built.kraus.shape
    basis = paulis(d)
    flat = built.kraus.reshape(nodes, paths, d * d)
    both = jnp.einsum("npa,npb->nab", flat, flat.conj()).reshape(nodes, d, d, d, d)  # [i j k l]: K_ij conj K_kl
    superoperator = both.transpose(0, 1, 3, 2, 4).reshape(nodes, d * d, d * d)  # rho_jl -> rho_ik
    left = basis.transpose(0, 2, 1).reshape(d * d, d * d)  # Tr(P_a rho) = sum_ik (P_a)_ki rho_ik
    right = basis.reshape(d * d, d * d).T
    whole = (jnp.asarray(left) @ superoperator @ right).real / d
    if not len(built.signs):
        return whole
    # sum over paths of sign K^dagger K, then Tr(. P_b)
    felt = jnp.einsum("qp,npij,npik->nqjk", built.signs, built.kraus.conj(), built.kraus)
    rows = felt.reshape(nodes, -1, d * d) @ basis.transpose(0, 2, 1).reshape(d * d, d * d).T
    return jnp.concatenate([whole, rows.real / d], axis=1)


@lru_cache
def paulis(d: int) -> NDArray[np.complex128]:
    """All Pauli strings on log2(d) wires, identity first, wire 0 least significant; shape (d**2, d, d)."""
    single = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    found = []
    for letters in product(range(4), repeat=d.bit_length() - 1):
        word = np.ones((1, 1), dtype=np.complex128)
        for letter in letters:
            word = np.kron(word, single[letter])
        found.append(word)
    return np.array(found)


def start(n_memory: int) -> Real:
    """s of |0...0>: 1 for every string of I and Z; shape (4**m,)."""
    return np.array(paulis(2**n_memory)[:, 0, 0].real)
