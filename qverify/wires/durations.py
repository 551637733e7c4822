"""How long each row takes: in layers, by an assumed table, or by a Qiskit `Target`.

Assumed, in nanoseconds, as on a superconducting machine with fixed frequencies: a gate on one wire 32, a turn about
Z 0 (a change of frame), a gate on two wires 68, on k > 2 wires 6 (k - 2) of those (three wires: six CX), measure
1000, reset 1000, and 650 before a branch for its condition to come back from the classical side. A `Target` says
all but the last, which stays as assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Unusable
from qverify.wires.flat import GATE, MEASURE, RESET, Flat

Lengths = NDArray[np.float64]
_NS = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3}


@dataclass(frozen=True)
class Clock:
    """Lengths of all rows of a circuit or a body, and what a branch waits before it begins. unit: of both."""

    unit: str
    lengths: Callable[[Flat], Lengths]
    latency: float


@dataclass(frozen=True)
class Assumed:
    """Nanoseconds of each operation. dt: of the unit in which machines count delays, where it is known."""

    one: float = 32.0
    virtual: float = 0.0
    two: float = 68.0
    measure: float = 1000.0
    reset: float = 1000.0
    feed_forward: float = 650.0
    dt: float | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise Unusable(f"the duration of `{name}` is {value} ns; a duration is a number, zero or more")

    def gate(self, wires: int) -> float:
        """Of a gate that is no turn about Z."""
        return self.one if wires <= 1 else self.two if wires == 2 else 6 * self.two * (wires - 2)


@dataclass(frozen=True)
class FromTarget:
    """A Qiskit `Target`, and the latency of a branch, which it does not say."""

    target: Any = field(repr=False)
    feed_forward: float = 650.0


def layers() -> Clock:
    """Every gate, measurement and reset takes one layer."""
    return Clock("layers", lambda flat: np.where(_acts(flat), 1.0, 0.0), 0.0)


def entangling() -> Clock:
    """Gates on two or more wires take one layer, nothing else takes any."""
    return Clock("layers", lambda flat: np.where((flat.code >= GATE) & (np.diff(flat.first) > 1), 1.0, 0.0), 0.0)


def clock(durations: Assumed | FromTarget, n: int) -> Clock:
    """Lengths in nanoseconds for circuits on n qubits.

    Raises:
        Unusable: the target has fewer qubits. `lengths` raises it for a missing or negative duration, or a delay
            that has no length in seconds.
    """
    if isinstance(durations, Assumed):
        return Clock("ns", lambda flat: _assumed(flat, durations), durations.feed_forward)
    target = durations.target
    if target.num_qubits is not None and target.num_qubits < n:
        raise Unusable(f"the target has {target.num_qubits} qubits, and the circuit has {n}; take a wider target")
    return Clock("ns", lambda flat: _by_target(flat, target), durations.feed_forward)


def _acts(flat: Flat) -> NDArray[np.bool_]:
    return np.asarray((flat.code == MEASURE) | (flat.code == RESET) | (flat.code >= GATE))


def _assumed(flat: Flat, times: Assumed) -> Lengths:
    by_kind = [-1.0 if k is None else times.virtual if k.is_virtual else times.gate(k.wires) for k in flat.kinds]
    by_code = {MEASURE: times.measure, RESET: times.reset}
    out = np.array([*(by_code.get(code, 0.0) for code in range(GATE)), *by_kind])[flat.code]
    for i in np.flatnonzero(out < 0).tolist():
        out[i] = times.gate(len(flat.qubits(i)))
    for i, (duration, unit) in flat.delays.items():
        out[i] = _delay(duration, unit, times.dt)
    return np.asarray(out, dtype=np.float64)


def _by_target(flat: Flat, target: Any) -> Lengths:
    out = np.zeros(len(flat))
    seen: dict[tuple[int, tuple[int, ...]], float] = {}
    for i in np.flatnonzero(_acts(flat)).tolist():
        key = int(flat.code[i]), flat.qubits(i)
        if key not in seen:
            seen[key] = _told(target, flat.name(i), key[1])
        out[i] = seen[key]
    for i, (duration, unit) in flat.delays.items():
        out[i] = _delay(duration, unit, None if target.dt is None else target.dt * 1e9)
    return out


def _told(target: Any, name: str, qubits: tuple[int, ...]) -> float:
    on = ", ".join(map(str, qubits))
    table: Mapping[Any, Any] = target[name] if name in target.operation_names else {}
    properties = table.get(qubits) or table.get(None)
    seconds = None if properties is None else properties.duration
    if seconds is None:
        raise Unusable(
            f"the target gives no duration for `{name}` on qubits {on}; compile the circuit for it, or leave it out"
        )
    if not (math.isfinite(seconds) and seconds >= 0):
        raise Unusable(f"the target's duration for `{name}` on qubits {on} is {seconds} s; it must be zero or more")
    return float(seconds) * 1e9


def _delay(duration: Any, unit: str, dt: float | None) -> float:
    if unit == "dt" and dt is None:
        raise Unusable(f"a delay of {duration} dt has no known length; give a target that says what dt is")
    if unit not in _NS and unit != "dt":
        raise Unusable("a delay whose length is an expression has no known length; give it a number")
    try:
        value = float(duration) * (_NS[unit] if unit != "dt" else dt or 0.0)
    except (TypeError, ValueError):
        raise Unusable(f"a delay of `{duration}` has no known length; bind its parameter first") from None
    if not (math.isfinite(value) and value >= 0):
        raise Unusable(f"a delay lasts {duration} {unit}; it must be zero or more")
    return value
