"""The classical LSTM of about the same size, trained like the quantum one: LSTM(1, 5) and Linear(5, 1).

    f = sigmoid(W_f [x, h] + b_f)   i, o alike   C~ = tanh(W_c [x, h] + b_c)
    c' = f * c + i * C~             h' = o * tanh c'             y = Linear(h')

With the two bias vectors of torch.nn.LSTM it has 4 (5 + 25 + 5 + 5) + 6 = 166 weights, all uniform in
(-1/sqrt 5, 1/sqrt 5) at the start as there.
Source: Hochreiter and Schmidhuber, Neural Computation 9, 1735 (1997); layout of torch.nn.LSTM.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from qlstm.models import Model, Parameters

N_HIDDEN = 5


def initial(key: jax.Array) -> Parameters:
    """The 166 weights; the gates are stacked in the order i, f, C~, o."""
    shapes = {
        "w_x": (1, 4 * N_HIDDEN),
        "w_h": (N_HIDDEN, 4 * N_HIDDEN),
        "b_x": (4 * N_HIDDEN,),
        "b_h": (4 * N_HIDDEN,),
        "w_y": (N_HIDDEN,),
        "b_y": (),
    }
    limit = N_HIDDEN**-0.5
    keys = jax.random.split(key, len(shapes))
    return {
        name: jax.random.uniform(k, shape, minval=-limit, maxval=limit)
        for k, (name, shape) in zip(keys, shapes.items(), strict=True)
    }


def forecast(w: Parameters, windows: jax.Array) -> jax.Array:
    """windows (B, L) -> next values (B,)."""
    h = c = jnp.zeros((windows.shape[0], N_HIDDEN), dtype=windows.dtype)
    for x in windows.T:
        z = x[:, None] @ w["w_x"] + h @ w["w_h"] + w["b_x"] + w["b_h"]
        z_i, z_f, z_c, z_o = jnp.split(z, 4, axis=1)
        c = jax.nn.sigmoid(z_f) * c + jax.nn.sigmoid(z_i) * jnp.tanh(z_c)
        h = jax.nn.sigmoid(z_o) * jnp.tanh(c)
    return h @ w["w_y"] + w["b_y"]


LSTM166 = Model("LSTM166", initial, forecast)
