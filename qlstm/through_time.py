"""Through time: how strongly a forecast feels each value of its window.

    g(lag)**2 = mean over windows of (d y / d x_t)**2,    lag = L - 1 - t

by reverse mode through all steps, so it is exact. Where g falls like r**lag with r < 1 the gradient vanishes
through time: the loss hardly tells a weight what an early value was good for.
Source: Bengio, Simard, Frasconi, IEEE Trans. Neural Networks 5, 157 (1994).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from qlstm.models import Model, Parameters


def gradient_by_lag(model: Model, parameters: Parameters, windows: jax.Array) -> jax.Array:
    """The root mean square of d forecast / d input at every lag.

    Args:
        windows: shape (B, L), or (B, L, n_features), whose squares are summed; scaled units.

    Returns:
        Shape (L,), lag 0 (the last value) first; scaled units of the forecast per scaled unit of the input.
    """
    # windows do not meet in a forecast: the gradient of the sum is every window's own
    slopes = jax.grad(lambda x: jnp.sum(model.forecast(parameters, x)))(windows)
    squares = slopes**2 if slopes.ndim == 2 else jnp.sum(slopes**2, axis=2)
    return jnp.sqrt(jnp.mean(squares, axis=0))[::-1]


def fall_per_lag(by_lag: jax.Array) -> float:
    """r of the line log g = a + lag log r, by least squares over the lags with g > 0; 1.0 for one alone."""
    g = np.asarray(by_lag)
    seen = np.flatnonzero(g > 0)
    return float(np.exp(np.polyfit(seen, np.log(g[seen]), 1)[0])) if len(seen) > 1 else 1.0
