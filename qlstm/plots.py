"""One picture of a run: the forecast on the test part, and the loss of every epoch."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[np.float64]


def forecast_png(
    title: str, targets: Array, forecasts: dict[str, Array], losses: dict[str, tuple[float, ...]]
) -> bytes:
    """The picture as PNG bytes.

    Args:
        targets: test targets, shape (n,), scaled units.
        forecasts: model -> test forecasts, shape (n,), scaled units.
        losses: model -> training loss of each epoch, scaled units squared.
    """
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    left.plot(targets, color="black", linewidth=2.4, alpha=0.35, label="series")
    look = {name: (f"C{k}", ("-", "--", ":", "-.")[k % 4]) for k, name in enumerate(forecasts)}
    for name, values in forecasts.items():
        color, style = look[name]
        left.plot(values, color=color, linestyle=style, linewidth=1.3, label=name)
    left.set(title=title, xlabel="test window", ylabel="next value (scaled units)")
    left.legend(loc="best", fontsize=8)
    for name, curve in losses.items():
        right.semilogy(np.arange(1, len(curve) + 1), curve, color=look[name][0], label=name)
    right.set(title="training loss", xlabel="epoch", ylabel="mean squared error (scaled units²)")
    right.grid(alpha=0.3)
    right.legend(fontsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def closed_loop_png(title: str, before: Array, forecast: Array, after: Array) -> bytes:
    """A forecast that was fed back, with the end of what came before and, where known, what came after.

    Args:
        before, forecast, after: shapes (n,), (steps,) and at most (steps,), in the series' unit.
    """
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    seen = before[-max(60, len(forecast)) :]
    axes.plot(np.arange(-len(seen), 0), seen, color="black", linewidth=2.4, alpha=0.35, label="series")
    if len(after):
        axes.plot(np.arange(len(after)), after, color="black", linewidth=2.4, alpha=0.35)
    axes.plot(np.arange(len(forecast)), forecast, color="C0", label="forecast, fed back")
    axes.axvline(-0.5, color="grey", linewidth=0.8)
    axes.set(title=title, xlabel="steps from the last value seen", ylabel="series")
    axes.legend(loc="best", fontsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()
