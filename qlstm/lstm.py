"""Classical LSTMs of about the cells' sizes, trained like the quantum ones: LSTM(F, H) and Linear(H, 1).

    f = sigmoid(W_f [x, h] + b_f)   i, o alike   C~ = tanh(W_c [x, h] + b_c)
    c' = f * c + i * C~             h' = o * tanh c'             y = Linear(h')

    LSTM166   H = 5, both bias vectors of torch.nn.LSTM: 4 (5 F + 25 + 5 + 5) + 6 weights at F = 1
    LSTM100   H = 4, one bias vector, no bias in Linear: 4 (4 F + 16 + 4) + 4
    LSTM64    H = 3, one bias vector: 4 (3 F + 9 + 3) + 4

With the all-step head y = bias + sum over time steps of v_t . h_t, as a cell that measures at every step has it: it
is a linear layer over the whole window, so a comparison that gives it to one side must give it to the other.
All weights are uniform in (-1/sqrt H, 1/sqrt H) at the start, as in PyTorch.
Source: Hochreiter and Schmidhuber, Neural Computation 9, 1735 (1997); layout of torch.nn.LSTM.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from qlstm.errors import BadUsage
from qlstm.models import Model, Parameters


@dataclass(frozen=True)
class Shape:
    """What fixes the number of weights.

    biases: bias vectors of each gate, 1 or 2.     head_bias: whether Linear has one.
    """

    n_hidden: int
    biases: int = 1
    head_bias: bool = True


SHAPES = {166: Shape(5, 2), 100: Shape(4, 1, False), 64: Shape(3)}


def lstm(weights: int = 166, length: int = 4, n_features: int = 1, all_steps: bool = False) -> Model:
    """An LSTM by its number of weights for one feature and the last step's head; its name says the real number.

    Args:
        weights: one of `SHAPES`.
        length: L of the windows; only the all-step head depends on it.

    Raises:
        BadUsage: there is no shape of so many weights.
    """
    if weights not in SHAPES:
        raise BadUsage(f"there is no LSTM of {weights} weights; choose {', '.join(map(str, sorted(SHAPES)))}")
    shape = SHAPES[weights]
    shapes = _shapes(shape, length if all_steps else 0, n_features)
    total = sum(_size(s) for s in shapes.values())
    name = f"LSTM{total}" + (" all steps" if all_steps else "")
    return Model(name, lambda key: _initial(shapes, shape.n_hidden, key), forecast)


def _shapes(shape: Shape, steps: int, n_features: int) -> dict[str, tuple[int, ...]]:
    h = shape.n_hidden
    shapes: dict[str, tuple[int, ...]] = {"w_x": (n_features, 4 * h), "w_h": (h, 4 * h), "b_x": (4 * h,)}
    if shape.biases == 2:
        shapes["b_h"] = (4 * h,)
    shapes["w_y"] = (steps, h) if steps else (h,)
    if shape.head_bias:
        shapes["b_y"] = ()
    return shapes


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


def _initial(shapes: dict[str, tuple[int, ...]], n_hidden: int, key: jax.Array) -> Parameters:
    """All weights; the gates are stacked in the order i, f, C~, o."""
    limit = n_hidden**-0.5
    keys = jax.random.split(key, len(shapes))
    return {
        name: jax.random.uniform(k, shape, minval=-limit, maxval=limit)
        for k, (name, shape) in zip(keys, shapes.items(), strict=True)
    }


def forecast(w: Parameters, windows: jax.Array) -> jax.Array:
    """windows (B, L) or (B, L, n_features) -> next values (B,)."""
    features = windows[..., None] if windows.ndim == 2 else windows
    bias = w["b_x"] + w["b_h"] if "b_h" in w else w["b_x"]
    h = c = jnp.zeros((windows.shape[0], w["w_h"].shape[0]), dtype=windows.dtype)
    seen = []
    for x in features.swapaxes(0, 1):
        z = x @ w["w_x"] + h @ w["w_h"] + bias
        z_i, z_f, z_c, z_o = jnp.split(z, 4, axis=1)
        c = jax.nn.sigmoid(z_f) * c + jax.nn.sigmoid(z_i) * jnp.tanh(z_c)
        h = jax.nn.sigmoid(z_o) * jnp.tanh(c)
        seen.append(h)
    read = h @ w["w_y"] if w["w_y"].ndim == 1 else jnp.einsum("tbh,th->b", jnp.stack(seen), w["w_y"])
    return read + w["b_y"] if "b_y" in w else read


LSTM166 = lstm()
