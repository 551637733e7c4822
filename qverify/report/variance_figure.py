"""One picture of trainability: the variance of every gradient, and how one of them falls with the number of qubits.

Both axes of variance are log2, taken as they are, so 2**-1000 is drawn like any other. The same values give the
same bytes: no date, no random ids, matplotlib's own defaults and fonts.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from qverify.errors import Unusable
from qverify.trainability.moment import Moment
from qverify.trainability.scaling import Scaling, band

Points = Sequence[tuple[int, Moment]]
NAMED = 40  # parameters whose names fit under the axis
SIZES = 25  # at which the band is worked out, two linear programs each
_VECTOR = 2000  # more marks than this are drawn as pixels, also in SVG
_PAD = 18.0  # points: the legend stands between the title and the axes
_INK, _LIVE, _DEAD, _BAND = "#222222", "#1f6fb4", "#c0392b", "#9ec5e8"
_STYLE = {"svg.hashsalt": "qverify", "svg.fonttype": "path", "font.size": 9.0, "axes.edgecolor": "#888888"}


@dataclass(frozen=True)
class Curve:
    """A second moment against the number of qubits, and the class that `classify` gave it."""

    label: str
    points: Points
    scaling: Scaling


def variance_figure(
    title: str,
    parameters: Sequence[tuple[str, Moment]],
    curve: Curve | None = None,
    form: Literal["svg", "png"] = "svg",
) -> bytes:
    """The picture as bytes: parameters on the left, the curve on the right, either alone if the other is empty.

    Args:
        parameters: (name, variance of its gradient); an exact zero is drawn as dead.

    Raises:
        Unusable: matplotlib is not installed, or there is nothing to draw.
    """
    if not parameters and curve is None:
        raise Unusable("there is neither a parameter nor a size to draw; give at least one")
    try:
        from matplotlib import style
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise Unusable("a figure needs matplotlib; `pip install 'qverify[plots]'`") from None
    panels = [bool(parameters), curve is not None]
    with style.context(["default", _STYLE]):
        figure = Figure(figsize=(11.0 if all(panels) else 6.5, 4.0), layout="constrained")
        FigureCanvasAgg(figure)
        axes = list(np.atleast_1d(figure.subplots(1, sum(panels), width_ratios=(1.35, 1) if all(panels) else None)))
        if parameters:
            _parameters(axes.pop(0), parameters)
        if curve is not None:
            _curve(axes.pop(0), curve)
        figure.suptitle(_plain(title), fontsize=11, color=_INK)
        buffer = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None, "Creator": "qverify"} if form == "svg" else {"Software": None}
        figure.savefig(buffer, format=form, dpi=130, metadata=metadata)
    return buffer.getvalue()


def _parameters(ax: Any, parameters: Sequence[tuple[str, Moment]]) -> None:
    at = np.arange(len(parameters))
    dead = np.array([m.log2_hi == -math.inf for _, m in parameters])
    floor, top = _range([m for _, m in parameters])
    _moments(ax, at[~dead], [m for (_, m), gone in zip(parameters, dead, strict=True) if not gone], floor)
    if dead.any():
        count = int(dead.sum())
        ax.plot(
            at[dead], np.full(count, floor), "x", color=_DEAD, markersize=4.5 if len(at) <= 200 else 2.0,
            clip_on=False, rasterized=len(at) > _VECTOR, label=f"dead: exactly zero ({count} of {len(at)})",
        )  # fmt: skip
    ax.set_ylim(floor, top)
    ax.set_ylabel("variance of the gradient")
    ax.set_title("each parameter", pad=_PAD)
    if len(at) <= NAMED:
        ax.set_xticks(at, [_plain(name) for name, _ in parameters], rotation=90, fontsize=7)
    else:
        ax.set_xlabel(f"{len(at)} parameters, in the order given")
    _finish(ax)


def _curve(ax: Any, curve: Curve) -> None:
    scaling = curve.scaling
    known = [(n, m) for n, m in sorted(curve.points, key=lambda p: p[0]) if m.log2_hi > -math.inf]
    floor, top = _range([m for _, m in known])
    if scaling.fit is not None:
        sizes = np.linspace(scaling.qubits[0], scaling.qubits[1], SIZES)
        edges = np.clip(band(curve.points, scaling, list(sizes)), floor, top + 50.0)
        ax.fill_between(sizes, edges[:, 0], edges[:, 1], color=_BAND, alpha=0.7, linewidth=0, label="all that pass")
        fitted = [scaling.fit.log2_at(float(n)) for n in sizes]
        ax.plot(sizes, fitted, color=_INK, linewidth=1.0, label="a - b n - c ln n")
    _moments(ax, np.array([n for n, _ in known]), [m for _, m in known], floor)
    ax.set_ylim(floor, top)
    said = f"{scaling.klass}, {scaling.qubits[0]} to {scaling.qubits[1]} qubits"
    if math.isfinite(scaling.rate_hi):
        said += f"; at most {max(0.0, scaling.bits_hi):.3g} bits a qubit"
    ax.set_xlabel("qubits")
    ax.set_title(f"{_plain(curve.label)}\n{said}", pad=_PAD)
    _finish(ax)


def _range(moments: Sequence[Moment]) -> tuple[float, float]:
    """The ends of the axis: all finite ends of intervals, with a margin."""
    ends = [e for m in moments for e in (m.log2_lo, m.log2, m.log2_hi) if math.isfinite(e) and e != _vacuous(m)]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    floor = low - max(1.0, 0.08 * (high - low))
    return floor, high + 0.06 * (high - floor)


def _vacuous(m: Moment) -> float:
    return m.log2_hi if m.sided == "lower" and m.log2_hi > m.log2 else math.nan


def _moments(ax: Any, at: Any, moments: Sequence[Moment], floor: float) -> None:
    """Points with their intervals; an interval without a lower end runs out of the picture."""
    pixels = len(moments) > _VECTOR
    lo = np.array([m.log2_lo for m in moments]).clip(floor)
    hi = np.array([m.log2 if m.sided == "lower" else m.log2_hi for m in moments])
    ax.vlines(at, lo, hi, color=_LIVE, linewidth=1.6 if len(at) <= 200 else 0.6, alpha=0.55, rasterized=pixels)
    seen = np.array([math.isfinite(m.log2) for m in moments], dtype=bool)
    values = np.array([m.log2 for m in moments])
    size = 4.5 if len(at) <= 200 else 1.8
    if seen.any():
        ax.plot(at[seen], values[seen], "o", color=_LIVE, markersize=size, rasterized=pixels, label="with interval")
    if not seen.all():
        ax.plot(at[~seen], hi[~seen], "v", color=_LIVE, markersize=size, rasterized=pixels, label="at most")
    one = np.array([m.sided == "lower" for m in moments], dtype=bool)
    if one.any():
        ax.plot(at[one], lo[one], "^", color=_INK, markersize=size, rasterized=pixels, label="at least (one-sided)")


def _plain(text: str) -> str:
    return text.replace("$", r"\$")  # a pair of them would begin a formula


def _finish(ax: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"$2^{{{y:.0f}}}$"))
    ax.grid(axis="y", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.title.set_fontsize(9.5)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(
            fontsize=7.5, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, borderaxespad=0.1,
            handletextpad=0.3, columnspacing=1.2,
        )  # fmt: skip
