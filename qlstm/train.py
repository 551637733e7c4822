"""The training loop: mean squared error, batches in order, one compiled scan per epoch.

    L = mean over a batch of (f(w, window) - target)^2

What moves the weights is chosen by name (optimizers.py). The last batch may be smaller: it is padded, and its
padding has weight zero in the mean. Nothing is random after the initial weights, and every epoch runs the same
compiled function, so a resumed run repeats an uninterrupted one bit for bit on one machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from qlstm import levenberg
from qlstm.config import Config
from qlstm.errors import BadData
from qlstm.models import Model, Parameters
from qlstm.optimizers import first_order, first_order_epochs
from qlstm.windows import Part

HELD_SHARE = 0.2  # of the training part, kept apart where the configuration asks for patience


class State(NamedTuple):
    """What is kept beside the weights between two epochs.

    moments: of RMSprop or Adam.                  mu: of Levenberg-Marquardt.
    best, lowest: the weights with the lowest error on what is kept apart, and that error; empty without patience.
    waited: epochs since then.
    """

    moments: optax.OptState
    mu: jax.Array
    best: Parameters
    lowest: jax.Array
    waited: jax.Array


Epoch = Callable[[Parameters, State], tuple[Parameters, State, jax.Array]]


@dataclass(frozen=True, eq=False)
class Progress:
    """A run between two epochs: all that is needed to go on.

    losses: training loss of each epoch done, shape (n_epochs,), scaled units squared, the mean over windows as
        seen during the epoch; after a step of Levenberg-Marquardt.
    """

    parameters: Parameters
    opt_state: State
    losses: tuple[float, ...] = ()

    @property
    def chosen(self) -> Parameters:
        """The weights to use: the best ones on what was kept apart, or the last ones."""
        return self.opt_state.best or self.parameters


def start(model: Model, config: Config, key: jax.Array) -> Progress:
    """Before the first epoch."""
    parameters = model.initial(key)
    best = parameters if config.patience else {}
    infinite = jnp.full((), np.finfo(np.float64).max)
    moments = first_order(config).init(parameters)
    return Progress(parameters, State(moments, jnp.full((), levenberg.FIRST), best, infinite, jnp.zeros((), int)))


def train(
    model: Model, part: Part, config: Config, progress: Progress, after_epoch: Callable[[Progress], None]
) -> Progress:
    """Train up to `config.epochs` epochs in all, or until patience is at an end.

    Args:
        part: the training part; windows (n, L), targets (n,), scaled units.
        progress: from `start`, or from a checkpoint.
        after_epoch: called with the progress made, after every epoch.

    Raises:
        BadData: the loss is no finite number any more.
    """
    seen, held = kept_apart(part, config)
    first, second, watch = epoch_function(model, seen, config), _second_order(model, seen), _watch(model, held)
    while len(progress.losses) < config.epochs and not _ended(progress, config):
        epoch = first if len(progress.losses) < first_order_epochs(config) else second
        parameters, state, loss = epoch(progress.parameters, progress.opt_state)
        if config.patience:
            state = watch(parameters, state)
        progress = Progress(parameters, state, (*progress.losses, float(loss)))
        if not math.isfinite(progress.losses[-1]):
            raise BadData(
                f"the loss is {progress.losses[-1]} in epoch {len(progress.losses)}; lower --learning-rate",
                config.data,
            )
        after_epoch(progress)
    return progress


def kept_apart(part: Part, config: Config) -> tuple[Part, Part]:
    """What is trained on, and the last windows, on which patience is measured; all and none without patience."""
    n_held = max(1, int(HELD_SHARE * len(part.targets))) if config.patience else 0
    cut = len(part.targets) - n_held
    return Part(part.windows[:cut], part.targets[:cut]), Part(part.windows[cut:], part.targets[cut:])


def _ended(progress: Progress, config: Config) -> bool:
    return config.patience > 0 and int(progress.opt_state.waited) >= config.patience


def _watch(model: Model, held: Part) -> Callable[[Parameters, State], State]:
    windows, targets = jnp.asarray(held.windows), jnp.asarray(held.targets)

    @jax.jit
    def watch(parameters: Parameters, state: State) -> State:
        error = jnp.mean((model.forecast(parameters, windows) - targets) ** 2)
        better = error < state.lowest
        best = jax.tree.map(lambda new, old: jnp.where(better, new, old), parameters, state.best)
        return state._replace(
            best=best,
            lowest=jnp.where(better, error, state.lowest),
            waited=jnp.where(better, 0, state.waited + 1),
        )

    return watch


def _second_order(model: Model, part: Part) -> Epoch:
    step = levenberg.step_function(model, part)

    def epoch(parameters: Parameters, state: State) -> tuple[Parameters, State, jax.Array]:
        parameters, mu, loss = step(parameters, state.mu)
        return parameters, state._replace(mu=mu), loss

    return epoch


def epoch_function(model: Model, part: Part, config: Config) -> Epoch:
    """One first-order epoch as a compiled function: parameters, state -> the same after it, mean loss."""
    batches = tuple(jnp.asarray(array) for array in in_batches(part, config.batch))
    update = first_order(config, first_order_epochs(config) * len(batches[0])).update
    n_windows = len(part.targets)

    def loss(parameters: Parameters, windows: jax.Array, targets: jax.Array, present: jax.Array) -> jax.Array:
        error = model.forecast(parameters, windows) - targets
        return jnp.sum(present * error**2) / jnp.sum(present)

    def step(
        carry: tuple[Parameters, optax.OptState], batch: tuple[jax.Array, ...]
    ) -> tuple[tuple[Parameters, optax.OptState], jax.Array]:
        parameters, moments = carry
        value, gradient = jax.value_and_grad(loss)(parameters, *batch)
        change, moments = update(gradient, moments, parameters)
        return (optax.apply_updates(parameters, change), moments), value * jnp.sum(batch[2])

    @jax.jit
    def epoch(parameters: Parameters, state: State) -> tuple[Parameters, State, jax.Array]:
        (parameters, moments), sums = jax.lax.scan(step, (parameters, state.moments), batches)
        return parameters, state._replace(moments=moments), jnp.sum(sums) / n_windows

    return epoch


def in_batches(part: Part, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Windows (n_batches, size, L) or with features last; targets and presence (n_batches, size), 0 for padding."""
    n, *inner = part.windows.shape
    size = min(size, n)
    n_batches = -(-n // size)
    missing = n_batches * size - n
    windows = np.concatenate([part.windows, np.zeros((missing, *inner))]).reshape(n_batches, size, *inner)
    targets = np.concatenate([part.targets, np.zeros(missing)]).reshape(n_batches, size)
    present = np.concatenate([np.ones(n), np.zeros(missing)]).reshape(n_batches, size)
    return windows, targets, present
