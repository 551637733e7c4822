"""What a finite number of shots adds to the error of a cell that measures: exactly, and as something to train.

One run of a window gives Y = bias + sum over steps t and bits b of head_tb m_tb, m = (-1)**bit; a forecast is the
mean of S runs, so that

    E (forecast - target)**2 = (E Y - target)**2 + Var Y / S

The bits of one run vary together, so Var Y is not sum head**2 (1 - <m>**2), which would need a run for every bit.
With T[g] rho = sum over records p of g_p K_p rho K_p^dagger, and v_p = sum_b head_tb m_bp what a record adds at
step t,

    s' = T[1] s      r' = T[1] r + T[v] s      q' = T[1] q + 2 T[v] r + T[v**2] s

carry the memory's state s, E(Y; state) and E(Y**2; state); their traces at the end are 1, E Y and E Y**2.
Training on that error keeps the head small, which training on exact values does not.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from qlstm import channel
from qlstm.angle_values import angle_values
from qlstm.config import Config
from qlstm.gates import matrix
from qlstm.instrument import Instrument, instrument, on_all_wires
from qlstm.measured_cell import MeasuredCell
from qlstm.models import Parameters
from qlstm.optimizers import first_order
from qlstm.program import Gate
from qlstm.train import in_batches
from qlstm.windows import Part

Array = NDArray[np.float64]
Mixed = Callable[[jax.Array, int], jax.Array]  # matrices (nodes, ...), time step -> of every sample (B, ...)


def moments(cell: MeasuredCell, parameters: Parameters, windows: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Mean and variance of what one run of a window gives, each of shape (B,), scaled units and their square.

    Args:
        windows: shape (B, L) for one feature, else (B, L, n_features).
    """
    features = windows[..., None] if windows.ndim == 2 else windows
    built, mixed = _instrument(cell.channel, parameters["weights"], features)
    values = parameters["head"].reshape(features.shape[1], -1) @ built.signs  # (L, paths)
    matrices = _transfer(built, jnp.concatenate([jnp.ones_like(values[:1]), values, values**2]))
    d = built.kraus.shape[-1]
    zero = jnp.zeros((len(features), d * d), dtype=complex)
    s, r, q = zero.at[:, 0].set(1.0), zero, zero
    for t in range(len(values)):
        step, once, twice = (mixed(matrices[k], t) for k in (0, 1 + t, 1 + len(values) + t))
        q = _on(step, q) + 2 * _on(once, r) + _on(twice, s)
        r = _on(step, r) + _on(once, s)
        s = _on(step, s)
    mean, square = (jnp.trace(v.reshape(-1, d, d), axis1=1, axis2=2).real for v in (r, q))
    return mean + parameters["bias"].reshape(()), square - mean**2


def _on(matrices: jax.Array, vectors: jax.Array) -> jax.Array:
    return jnp.einsum("bij,bj->bi", matrices, vectors)


def _instrument(built: channel.Channel, weights: jax.Array, features: jax.Array) -> tuple[Instrument, Mixed]:
    """Kraus operators at nodes of the input angle, or of every sample; and matrices there -> at one time step's."""
    n, (size, length, _) = len(built.sequence.wires), features.shape
    flat = features.reshape(-1, features.shape[-1])
    names = [f"x{k}" for k in range(flat.shape[1])] + [f"w{k}" for k in range(len(built.weights))]
    values = jnp.concatenate([flat, jnp.broadcast_to(weights, (len(flat), len(weights)))], axis=1)

    if built.angle is None:

        def of_samples(gate: Gate) -> jax.Array:
            angles = angle_values(gate.angles, names, values)
            columns = tuple(angles[:, k] for k in range(len(gate.angles)))
            return on_all_wires(jnp.asarray(matrix(gate.name, columns)), gate.wires, n)

        return instrument(built.sequence, weights, of_samples), lambda m, t: jnp.broadcast_to(
            m, (size * length, *m.shape[1:])
        ).reshape(size, length, *m.shape[1:])[:, t]

    nodes, degree = built.nodes, len(built.nodes) // 2
    theta = angle_values([built.angle], names, values)[:, 0].reshape(size, length)
    apart = theta[..., None] - nodes
    waves = jnp.cos(jnp.arange(1, degree + 1) * apart[..., None])
    dirichlet = (1 + 2 * jnp.sum(waves, axis=-1)) / len(nodes)  # (B, L, nodes)

    def at_nodes(gate: Gate) -> jax.Array:
        return on_all_wires(jnp.asarray(matrix(gate.name, (jnp.asarray(nodes),))), gate.wires, n)

    return (
        instrument(built.sequence, weights, at_nodes),
        lambda m, t: jnp.tensordot(
            dirichlet[:, t], jnp.broadcast_to(m, (len(nodes), *m.shape[1:])), axes=([1], [0])
        ),
    )


def _transfer(built: Instrument, values: jax.Array) -> jax.Array:
    """T[g] on rho written row by row, for each g: (G, paths) -> (G, nodes, d**2, d**2), complex."""
    nodes, paths, d, _ = built.kraus.shape
    flat = built.kraus.reshape(nodes, paths, d * d)
    both = jnp.einsum("gp,npa,npb->gnab", values, flat, flat.conj(), optimize="greedy")
    apart = both.reshape(-1, nodes, d, d, d, d)  # [i j k l]: K_ij conj K_kl takes rho_jl to rho_ik
    return apart.transpose(0, 1, 2, 4, 3, 5).reshape(-1, nodes, d * d, d * d)


_compiled = jax.jit(moments, static_argnums=0)


def expected_error(cell: MeasuredCell, parameters: Parameters, part: Part, shots: int) -> tuple[float, float]:
    """Mean over a part of (E Y - target)**2, and of Var Y / S: what is wrong on average, and what shots add."""
    mean, variance = _compiled(cell, parameters, jnp.asarray(part.windows))
    return float(jnp.mean((mean - part.targets) ** 2)), float(jnp.mean(variance) / shots)


def train_for_shots(
    cell: MeasuredCell, part: Part, config: Config, shots: int, parameters: Parameters
) -> tuple[Parameters, tuple[float, ...]]:
    """Minimise the expected squared error of forecasts by `shots` runs, from given weights.

    Args:
        config: epochs, batch, learning rate and first-order optimizer.

    Returns:
        Weights, and the expected squared error after each epoch, seen during it.
    """

    def loss(parameters: Parameters, windows: jax.Array, targets: jax.Array, present: jax.Array) -> jax.Array:
        mean, variance = moments(cell, parameters, windows)
        return jnp.sum(present * ((mean - targets) ** 2 + variance / shots)) / jnp.sum(present)

    batches = tuple(jnp.asarray(array) for array in in_batches(part, config.batch))
    optimizer = first_order(config, config.epochs * len(batches[0]))

    def update(carry: tuple[Parameters, optax.OptState], batch: tuple[jax.Array, ...]):  # type: ignore[no-untyped-def]  # a scan's carry
        parameters, kept = carry
        value, gradient = jax.value_and_grad(loss)(parameters, *batch)
        change, kept = optimizer.update(gradient, kept, parameters)
        return (optax.apply_updates(parameters, change), kept), value * jnp.sum(batch[2])

    epoch = jax.jit(lambda carry: jax.lax.scan(update, carry, batches))
    carry, losses = (parameters, optimizer.init(parameters)), []
    for _ in range(config.epochs):
        carry, sums = epoch(carry)
        losses.append(float(jnp.sum(sums)) / len(part.targets))
    return carry[0], tuple(losses)


def refitted(forecast: Array, targets: Array) -> tuple[float, float]:
    """Gain and offset that bring forecasts of a noisy machine nearest to the targets of the training part."""
    design = np.column_stack([forecast, np.ones(len(forecast))])
    (gain, offset), *_ = np.linalg.lstsq(design, targets, rcond=None)
    return float(gain), float(offset)
