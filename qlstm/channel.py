"""One time step of a cell as a real matrix on the memory's state, for all samples at once.

    rho' = sum_p K_p(x) rho K_p(x)^dagger,   <M_bit> = Tr(F_bit rho),   F_bit = sum_p (-1)**bit K_p^dagger K_p
    s = (rho_jj; Re rho_jl, Im rho_jl for j < l),          s' = T(x) s,   <M_bit> = row_bit(x) . s

Where one angle theta(x) is all that the features enter through, and k gates turn by it, T is a trigonometric
polynomial of degree k in theta, so its values at 2k + 1 nodes say everything:

    T(theta) = sum_r C_r waves_r(theta),   waves = (1, cos theta, ..., cos k theta, sin theta, ..., sin k theta)

C, by the discrete Fourier transform of T at the nodes, is built once per update for any number of samples.
Otherwise every sample is its own node.
Source: a single-qubit rotation has the frequencies -1/2, 1/2 in its angle, and its conjugation -1, 0, 1; so Kraus
operators at k + 1 nodes, and T at 2k + 1, say everything.
Cost: C is independent of the batch; a sample-step costs (2k + 1) 16**m multiplications, in one matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass, replace

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


def tables(channel: Channel, weights: jax.Array) -> jax.Array:
    """T and the bits' rows as trigonometric polynomials of the input angle: what every sample shares.

    Args:
        weights: shape (n_weights,), in the order of `channel.weights`.

    Returns:
        Shape (2k + 1, 4**m + bits, 4**m), real: the coefficients of 1, cos theta, ..., sin theta, ..., sin k theta.

    Raises:
        ValueError: the channel has no one input angle.
    """
    if channel.angle is None:
        raise ValueError("without one input angle every sample has a matrix of its own")
    n, inputs = len(channel.sequence.wires), channel.inputs
    fewer = 2 * np.pi * np.arange(len(inputs) + 1) / (len(inputs) + 1)
    with jax.ensure_compile_time_eval():
        at_nodes = {gate: _at_nodes(gate, fewer, n) for gate in inputs}
    built = instrument(channel.sequence, weights, at_nodes.__getitem__)
    kraus = jnp.tensordot(between(inputs, fewer, channel.nodes), built.kraus, 1)
    whole = transfer(replace(built, kraus=kraus))  # (nodes, rows, 4**m)
    return jnp.tensordot(fourier(channel.nodes), whole, 1)


def between(inputs: Many[Gate], few: Real, nodes: Real) -> NDArray[np.complex128]:
    """Kraus operators at k + 1 nodes -> at all nodes; shape (nodes, k + 1).

    One of them has k + 1 frequencies in the angle, a step of 1 apart, where each of k gates has two.
    """
    lowest = -0.5 * sum(gate.name != "p" for gate in inputs)
    apart = nodes[:, None] - few
    found: NDArray[np.complex128] = sum(np.exp(1j * (lowest + r) * apart) for r in range(len(few))) / len(few)
    return found


def fourier(nodes: Real) -> Real:
    """Values at the nodes -> coefficients of `waves`; shape (nodes, nodes)."""
    degree = len(nodes) // 2
    turns = np.arange(1, degree + 1)[:, None] * nodes
    return np.concatenate([np.ones((1, len(nodes))), 2 * np.cos(turns), 2 * np.sin(turns)]) / len(nodes)


def waves(channel: Channel, weights: jax.Array, features: jax.Array) -> jax.Array:
    """1, cos theta, ..., cos k theta, sin theta, ..., sin k theta: features S + (n_features,) -> S + (2k + 1,)."""
    degree, angle = len(channel.nodes) // 2, channel.angle
    assert angle is not None  # noqa: S101  # as in `tables`
    names, values = _named(channel, weights, features)
    turns = jnp.arange(1, degree + 1) * angle_values([angle], names, values)
    found = jnp.concatenate([jnp.ones((len(values), 1)), jnp.cos(turns), jnp.sin(turns)], axis=1)
    return found.reshape(*features.shape[:-1], -1)


def own_matrices(channel: Channel, weights: jax.Array, features: jax.Array) -> jax.Array:
    """T and the bits' rows of every sample: features S + (n_features,) -> S + (4**m + bits, 4**m), real."""
    names, values = _named(channel, weights, features)
    n = len(channel.sequence.wires)
    built = instrument(channel.sequence, weights, lambda gate: _matrices(gate, names, values, n))
    return transfer(built).reshape(*features.shape[:-1], -1, 4**channel.sequence.n_memory)


def _named(channel: Channel, weights: jax.Array, features: jax.Array) -> tuple[list[str], jax.Array]:
    """Names of all parameters, and their values for every sample."""
    flat = features.reshape(-1, features.shape[-1])
    names = [f"x{k}" for k in range(flat.shape[1])] + [f"w{k}" for k in range(len(channel.weights))]
    return names, jnp.concatenate([flat, jnp.broadcast_to(weights, (len(flat), len(weights)))], axis=1)


def _at_nodes(gate: Gate, nodes: Real, n: int) -> jax.Array:
    return on_all_wires(jnp.asarray(matrix(gate.name, (jnp.asarray(nodes),))), gate.wires, n)


def _matrices(gate: Gate, names: Many[str], values: jax.Array, n: int) -> jax.Array:
    angles = angle_values(gate.angles, names, values)
    m = matrix(gate.name, tuple(angles[:, k] for k in range(len(gate.angles))))
    return on_all_wires(jnp.asarray(m), gate.wires, n)


def transfer(built: Instrument) -> jax.Array:
    """T and, below it, the bits' rows: shape (nodes, 4**m + bits, 4**m), real."""
    nodes, paths, d, _ = built.kraus.shape
    rows, columns = np.triu_indices(d)  # the diagonal and above
    above, below = np.triu_indices(d, 1)
    off = np.flatnonzero(rows != columns)
    real, imaginary = built.kraus.real, built.kraus.imag
    # sum over paths of K_ij conj K_kl, for i <= k
    flat = jnp.concatenate([real, imaginary], axis=-1).reshape(nodes, paths, -1)
    gram = jnp.einsum("npa,npb->nab", flat, flat).reshape(nodes, d, 2, d, d, 2, d)
    gram = gram[:, rows, :, :, columns]  # (rows, nodes, 2, j, 2, l)
    re, im = gram[:, :, 0, :, 0] + gram[:, :, 1, :, 1], gram[:, :, 1, :, 0] - gram[:, :, 0, :, 1]
    on = np.arange(d)
    from_re = jnp.concatenate(
        [
            re[..., on, on],
            re[..., above, below] + re[..., below, above],
            im[..., below, above] - im[..., above, below],
        ],
        axis=-1,
    )
    from_im = jnp.concatenate(
        [
            im[..., on, on],
            im[..., above, below] + im[..., below, above],
            re[..., above, below] - re[..., below, above],
        ],
        axis=-1,
    )
    order = np.concatenate([np.flatnonzero(rows == columns), off])
    whole = jnp.concatenate([from_re[order], from_im[off]]).transpose(1, 0, 2)
    if not len(built.signs):
        return whole
    # F = sum over paths of sign K^dagger K, then Tr(F rho)
    signs = np.repeat(built.signs, 2 * d, axis=1)
    both = jnp.concatenate([real, imaginary], axis=2).reshape(nodes, paths * 2 * d, d)
    turned = jnp.concatenate([-imaginary, real], axis=2).reshape(nodes, paths * 2 * d, d)
    felt_re = jnp.einsum("nqrj,nrk->nqjk", signs[:, :, None] * both[:, None], both)
    felt_im = jnp.einsum("nqrj,nrk->nqjk", signs[:, :, None] * turned[:, None], both)
    told = [felt_re[..., on, on], 2 * felt_re[..., above, below], 2 * felt_im[..., above, below]]
    return jnp.concatenate([whole, jnp.concatenate(told, axis=-1)], axis=1)
