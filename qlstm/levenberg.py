"""Levenberg-Marquardt for the mean squared error over a whole part: few weights, few samples, fast at the end.

    r_n = f(w, window_n) - target_n,   J = dr/dw,   D = diag(J^T J)
    (J^T J + mu D) d = -J^T r,         w <- w + d  where that lowers |r|^2, and mu shrinks; else mu grows, and again

Adam's last digits are slow where angles pull on each other; J^T J knows how they do. One step is one pass over the
training part. Nothing is random, and the state between two steps is mu alone.
Source: Marquardt, SIAM J. Appl. Math. 11, 431 (1963). Compared with MINPACK's in the tests.
Cost: one backward pass over all samples, a product with what they share, and n_weights**3 / 3 for every try.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from qlstm.models import Model, Parameters
from qlstm.windows import Part

FIRST, SMALLEST, LARGEST = 1e-2, 1e-14, 1e8  # of mu
SHRINK, GROW, TRIES = 1 / 3, 4.0, 12
Step = Callable[[Parameters, jax.Array], tuple[Parameters, jax.Array, jax.Array]]


def step_function(model: Model, part: Part) -> Step:
    """One accepted step as a compiled function: parameters, mu -> the same after it, mean squared error."""
    windows, targets = jnp.asarray(part.windows), jnp.asarray(part.targets)

    @jax.jit
    def step(parameters: Parameters, mu: jax.Array) -> tuple[Parameters, jax.Array, jax.Array]:
        flat, unravel = ravel_pytree(parameters)

        def residuals(w: jax.Array) -> jax.Array:
            return model.forecast(unravel(w), windows) - targets

        flat, mu, loss = improved(residuals, jacobian(model, parameters, windows), flat, mu)
        return unravel(flat), mu, loss

    return step


def jacobian(model: Model, parameters: Parameters, windows: jax.Array) -> jax.Array:
    """d forecast / d weights, shape (B, n_weights), weights in the order of `ravel_pytree`.

    Backward once a sample as far as what all samples share, and forward once a weight from the weights to there.
    """
    prepare, read = model.prepare or (lambda p: p), model.read or model.forecast
    flat, unravel = ravel_pytree(parameters)
    shared, unravel_shared = ravel_pytree(prepare(parameters))

    def one(s: jax.Array, window: jax.Array) -> jax.Array:
        return read(unravel_shared(s), window[None])[0]

    by_sample: jax.Array = jax.vmap(jax.grad(one), (None, 0))(shared, windows)
    if model.prepare is None:
        return by_sample
    # one weight after the other: all at once would be many large arrays of tiny matrices
    _, push = jax.linearize(lambda w: ravel_pytree(prepare(unravel(w)))[0], flat)
    by_weight: jax.Array = jax.lax.map(push, jnp.eye(len(flat)))
    return by_sample @ by_weight.T


def improved(
    residuals: Callable[[jax.Array], jax.Array], jacobian: jax.Array, w: jax.Array, mu: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """A step of w, shape (n,), that lowers the sum of squares, or w itself after `TRIES` that do not.

    Returns:
        w, mu for the next step, and the mean of the squared residuals at w.
    """
    r = residuals(w)
    normal, slope = jacobian.T @ jacobian, jacobian.T @ r
    scale = jnp.diag(jnp.diag(normal) + 1e-12 * (jnp.max(jnp.diag(normal)) + 1e-300))
    before = jnp.mean(r**2)

    def again(state: tuple[jax.Array, ...]) -> jax.Array:
        _, _, loss, tries = state
        return ~(loss < before) & (tries < TRIES)

    def attempt(state: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        _, mu, _, tries = state
        change = jnp.linalg.solve(normal + mu * scale, -slope)
        loss = jnp.mean(residuals(w + change) ** 2)
        mu = jnp.where(loss < before, jnp.maximum(mu * SHRINK, SMALLEST), jnp.minimum(mu * GROW, LARGEST))
        return change, mu, loss, tries + 1

    first: tuple[jax.Array, ...] = (jnp.zeros_like(w), mu, jnp.full((), jnp.inf), jnp.zeros((), int))
    change, mu, loss, _ = jax.lax.while_loop(again, attempt, first)
    better = loss < before
    return jnp.where(better, w + change, w), mu, jnp.where(better, loss, before)
