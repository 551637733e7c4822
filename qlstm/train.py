"""The training loop: mean squared error, RMSprop, batches in order, one compiled scan per epoch.

    L = mean over a batch of (f(w, window) - target)^2
    v <- decay v + (1 - decay) g^2,   w <- w - learning_rate g / (sqrt(v) + epsilon)       (torch.optim.RMSprop)

The last batch may be smaller: it is padded, and its padding has weight zero in the mean. Nothing is random
after the initial weights, and every epoch runs the same compiled function, so a resumed run repeats an
uninterrupted one bit for bit on one machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from qlstm.config import Config
from qlstm.errors import BadData
from qlstm.models import Model, Parameters
from qlstm.windows import Part

Epoch = Callable[[Parameters, optax.OptState], tuple[Parameters, optax.OptState, jax.Array]]


@dataclass(frozen=True, eq=False)
class Progress:
    """A run between two epochs: all that is needed to go on.

    losses: training loss of each epoch done, shape (n_epochs,), scaled units squared, the mean over windows as
        seen during the epoch.
    """

    parameters: Parameters
    opt_state: optax.OptState
    losses: tuple[float, ...] = ()


def optimizer(config: Config) -> optax.GradientTransformation:
    """RMSprop as in PyTorch: epsilon outside the root, v = 0 at the start."""
    return optax.rmsprop(
        config.learning_rate, decay=config.decay, eps=config.epsilon, initial_scale=0.0, eps_in_sqrt=False
    )


def start(model: Model, config: Config, key: jax.Array) -> Progress:
    """Before the first epoch."""
    parameters = model.initial(key)
    return Progress(parameters, optimizer(config).init(parameters))


def train(
    model: Model, part: Part, config: Config, progress: Progress, after_epoch: Callable[[Progress], None]
) -> Progress:
    """Train up to `config.epochs` epochs in all.

    Args:
        part: the training part; windows (n, L), targets (n,), scaled units.
        progress: from `start`, or from a checkpoint.
        after_epoch: called with the progress made, after every epoch.

    Raises:
        BadData: the loss is no finite number any more.
    """
    epoch = epoch_function(model, part, config)
    while len(progress.losses) < config.epochs:
        parameters, opt_state, loss = epoch(progress.parameters, progress.opt_state)
        progress = Progress(parameters, opt_state, (*progress.losses, float(loss)))
        if not math.isfinite(progress.losses[-1]):
            raise BadData(
                f"the loss is {progress.losses[-1]} in epoch {len(progress.losses)}; lower --learning-rate",
                config.data,
            )
        after_epoch(progress)
    return progress


def epoch_function(model: Model, part: Part, config: Config) -> Epoch:
    """One epoch as a compiled function: parameters, opt_state -> the same after it, mean loss."""
    update = optimizer(config).update
    batches = tuple(jnp.asarray(array) for array in in_batches(part, config.batch))
    n_windows = len(part.targets)

    def loss(parameters: Parameters, windows: jax.Array, targets: jax.Array, present: jax.Array) -> jax.Array:
        error = model.forecast(parameters, windows) - targets
        return jnp.sum(present * error**2) / jnp.sum(present)

    def step(
        carry: tuple[Parameters, optax.OptState], batch: tuple[jax.Array, ...]
    ) -> tuple[tuple[Parameters, optax.OptState], jax.Array]:
        parameters, opt_state = carry
        value, gradient = jax.value_and_grad(loss)(parameters, *batch)
        change, opt_state = update(gradient, opt_state)
        return (optax.apply_updates(parameters, change), opt_state), value * jnp.sum(batch[2])

    @jax.jit
    def epoch(parameters: Parameters, opt_state: optax.OptState) -> tuple[Parameters, optax.OptState, jax.Array]:
        (parameters, opt_state), sums = jax.lax.scan(step, (parameters, opt_state), batches)
        return parameters, opt_state, jnp.sum(sums) / n_windows

    return epoch


def in_batches(part: Part, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Windows (n_batches, size, L), targets and presence (n_batches, size); presence is 0 for padding, else 1."""
    n, length = part.windows.shape
    size = min(size, n)
    n_batches = -(-n // size)
    missing = n_batches * size - n
    windows = np.concatenate([part.windows, np.zeros((missing, length))]).reshape(n_batches, size, length)
    targets = np.concatenate([part.targets, np.zeros(missing)]).reshape(n_batches, size)
    present = np.concatenate([np.ones(n), np.zeros(missing)]).reshape(n_batches, size)
    return windows, targets, present
