"""The cell with mid-circuit measurement and control (MCMC): six blocks in one dynamic circuit a time step.

    s_0 = |0...0>,   s_{t+1} = T(x_t) s_t,   m_t = rows(x_t) . s_t        (channel.py; m_t: every bit's (-1)**bit)
    y = bias + sum over time steps t and bits b of head_tb m_tb           (the bits are in the shot record anyway)

Memory wires carry the state through the window and are never measured. The head is linear, one number a time step
and bit. Exact: all measurement records are summed, nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from qlstm import channel
from qlstm.instrument import levels_of, reads_input
from qlstm.models import Model, Parameters
from qlstm.sequence import Turned, sequence_of
from qverify import NotAdmitted, VerifiedCircuit
from qverify.angles import Angle, parameters_in
from qverify.errors import Unusable, counted

SPREAD = 0.3 * np.pi  # radians, of the initial rotations


@dataclass(frozen=True)
class Part:
    """A verified block, by its digests."""

    digest: str
    certificate_digest: str


@dataclass(frozen=True, eq=False)
class MeasuredCell:
    """Six blocks joined into one channel a time step."""

    name: str
    channel: channel.Channel
    circuits: dict[str, Part]
    verified: dict[str, VerifiedCircuit]

    @property
    def qubits(self) -> int:
        """Live qubits of one cell."""
        return len(self.channel.sequence.wires)

    def still_holds(self) -> None:
        """Check every circuit in memory against its digest.

        Raises:
            NotAdmitted: a circuit changed since it was admitted.
        """
        for circuit in self.verified.values():
            circuit.still_holds()


def assemble_measured(name: str, verified: Mapping[str, VerifiedCircuit]) -> MeasuredCell:
    """The blocks by role, joined in that order.

    Raises:
        Unusable: registers, features, weights or bits do not fit together.
        NotAdmitted: an argument is no `VerifiedCircuit`, or its circuit changed since it was admitted.
    """
    for block in verified.values():
        if not isinstance(block, VerifiedCircuit):
            raise NotAdmitted(f"only a `VerifiedCircuit` can be compiled, not a `{type(block).__name__}`")
        block.still_holds()
    subjects = {role: block.subject for role, block in verified.items()}
    sequence = sequence_of({s.path: s.circuit for s in subjects.values()})
    features = dict.fromkeys(f for s in subjects.values() for f in s.claims.features)
    weights = dict.fromkeys(w for s in subjects.values() for w in s.claims.weights)
    both = sorted(features.keys() & weights.keys())
    if both:
        raise Unusable(f"`{both[0]}` is a feature of one block and a weight of another; give one another name")
    if not sequence.bits:
        raise Unusable(f"no block of the cell `{name}` measures anything, so nothing can be read")
    built = channel.channel_of(sequence, tuple(features), tuple(weights))
    levels_of(built.sequence)  # refuses too many measurement records before anything is trained
    parts = {role: Part(block.subject.digest, block.certificate_digest) for role, block in verified.items()}
    return MeasuredCell(name, built, parts, dict(verified))


def initial_parameters(cell: MeasuredCell, length: int, key: jax.Array) -> Parameters:
    """Random parameters for windows of `length` values.

    Rotations uniform in +-0.3 pi; a weight that multiplies a feature uniform in [0.5, 1.2], one that is added to it
    in +-0.3; the head uniform in +-1.

    Returns:
        `weights` (n_weights,), `head` (length, bits, 1), `bias` (1,).
    """
    low, high = _ranges(cell)
    k_weights, k_head, k_bias = jax.random.split(key, 3)
    shape = (length, len(cell.channel.sequence.bits), 1)
    return {
        "weights": jnp.asarray(low) + jnp.asarray(high - low) * jax.random.uniform(k_weights, low.shape),
        "head": jax.random.uniform(k_head, shape, minval=-1.0, maxval=1.0),
        "bias": jax.random.uniform(k_bias, (1,), minval=-0.3, maxval=0.3),
    }


def _ranges(cell: MeasuredCell) -> tuple[channel.Real, channel.Real]:
    """Ends of each weight's initial interval."""
    n = len(cell.channel.weights)
    low, high = np.full(n, -SPREAD), np.full(n, SPREAD)
    for step in cell.channel.sequence.steps:
        if isinstance(step, Turned) and reads_input(step.gate):
            for name, multiplies in (pair for angle in step.gate.angles for pair in _enters(angle)):
                low[int(name[1:])], high[int(name[1:])] = (0.5, 1.2) if multiplies else (-0.3, 0.3)
    return low, high


def _enters(angle: Angle) -> list[tuple[str, bool]]:
    """The weights in an angle, and whether each stands in a product with a feature."""
    found = []
    for atom, c in angle.terms:
        names = parameters_in(Angle(0.0, ((atom, c),)))
        multiplies = any(name.startswith("x") for name in names)
        found += [(name, multiplies) for name in sorted(names) if name.startswith("w")]
    return found


def readouts(cell: MeasuredCell, weights: jax.Array, windows: jax.Array) -> jax.Array:
    """E (-1)**bit of every bit at every time step.

    Args:
        weights: shape (n_weights,).
        windows: shape (B, L) for one feature, else (B, L, n_features).

    Returns:
        Shape (B, L, bits).
    """
    length, bits = windows.shape[1], len(cell.channel.sequence.bits)
    every = jnp.eye(length * bits).reshape(length, bits, length * bits)
    parameters = {"weights": weights, "head": every, "bias": jnp.zeros(length * bits)}
    return read(cell, prepared(cell, parameters), windows).reshape(-1, length, bits)


def prepared(cell: MeasuredCell, parameters: Parameters) -> Parameters:
    """What all samples share, built once per update; the head, shape (L, bits, outputs), is folded into the rows.

    Returns:
        `weights` and `bias` as they are; with one input angle `matrices`, (waves * 4**m, 4**m), and `rows`,
        (L, waves * 4**m, outputs), else `head`.
    """
    weights, head, bias = parameters["weights"], parameters["head"], parameters["bias"]
    if cell.channel.angle is None:
        return {"weights": weights, "head": head, "bias": bias}
    size = 4**cell.channel.sequence.n_memory
    whole = channel.tables(cell.channel, weights)
    matrices = whole[:, :size].transpose(0, 2, 1).reshape(-1, size)
    rows = jnp.einsum("nqj,tqo->tnjo", whole[:, size:], head).reshape(len(head), -1, head.shape[-1])
    return {"weights": weights, "matrices": matrices, "rows": rows, "bias": bias}


def read(cell: MeasuredCell, shared: Parameters, windows: jax.Array) -> jax.Array:
    """Windows of shape (B, L) or (B, L, n_features) through the cell and the head: shape (B, outputs).

    Raises:
        Unusable: the windows have another number of features than the cell.
    """
    features = windows[..., None] if windows.ndim == 2 else windows
    takes = cell.channel.features
    if features.shape[-1] != len(takes):
        raise Unusable(
            f"the cell `{cell.name}` takes {counted(len(takes), 'feature')} a time step ({', '.join(takes)}), "
            f"but the windows have {features.shape[-1]}"
        )
    size = 4**cell.channel.sequence.n_memory
    state = jnp.zeros((len(windows), size)).at[:, 0].set(1.0)
    if cell.channel.angle is None:
        own = channel.own_matrices(cell.channel, shared["weights"], features)  # (B, L, rows, 4**m)
        total = shared["bias"]
        for t in range(windows.shape[1]):
            after = jnp.einsum("bij,bj->bi", own[:, t], state)
            state, total = after[:, :size], total + after[:, size:] @ shared["head"][t]
        return total
    waves = channel.waves(cell.channel, shared["weights"], features)  # (B, L, waves)
    total = shared["bias"]
    for t in range(windows.shape[1]):
        if t == 0:  # s_0 has one entry, the first
            both = waves[:, 0]
            rows, matrices = shared["rows"][0][::size], shared["matrices"][::size]
        else:
            both = (waves[:, t, :, None] * state[:, None, :]).reshape(len(windows), -1)
            rows, matrices = shared["rows"][t], shared["matrices"]
        total = total + both @ rows
        state = both @ matrices  # of the last step not used, and left out by XLA
    return total


def forecast(cell: MeasuredCell, parameters: Parameters, windows: jax.Array) -> jax.Array:
    """Windows to next values of shape (B,), scaled units."""
    return read(cell, prepared(cell, parameters), windows)[:, 0]


def model(cell: MeasuredCell, length: int) -> Model:
    """The cell as something that can be trained on windows of `length` values."""
    return Model(
        f"qlstm {cell.name}",
        lambda key: initial_parameters(cell, length, key),
        lambda parameters, windows: forecast(cell, parameters, windows),
        lambda parameters: prepared(cell, parameters),
        lambda shared, windows: read(cell, shared, windows)[:, 0],
    )
