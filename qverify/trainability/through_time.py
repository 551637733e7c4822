"""Through time: how strongly the readout of a recurrent window feels each of its inputs.

    g(lag) = E sum over the features x of step t of (d <O> / d x)**2,    lag = L - 1 - t

over angles and inputs drawn from their laws, by exact gradients through every measurement (`sampled`). Where g
falls like r**lag with r < 1 the gradient vanishes through time: what lies far more than 1 / log(1/r) steps back is
not learnt.
Source: Bengio, Simard, Frasconi, IEEE Trans. Neural Networks 5, 157 (1994).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.errors import Unusable
from qverify.trainability.answer import Lag, ThroughTime
from qverify.trainability.moment import Moment
from qverify.trainability.route import Question
from qverify.trainability.sampled import sample_second

SAMPLES = 16384  # bounds on slopes through arcsin are wide, and the intervals with them
_NUMBERED = re.compile(r"x_?\[?(\d+)\]?(?:_\[?(\d+)\]?)?$")
_STEPPED = re.compile(r".*_(\d+)$")


def steps_of(features: Sequence[str], parameters: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """The features of each time step, first step first.

    Where all end in `_number`, as those of `qlstm.compose.window`, that number is the step, and features of one
    number come in together; else each feature is a step, in the order that is claimed.

    Args:
        features: as claimed; where nothing is claimed, the `parameters` called `x_0`, `x_1`, ... or `x[0]`, ...

    Raises:
        Unusable: fewer than two steps.
    """
    names = tuple(features) or tuple(sorted((p for p in parameters if _NUMBERED.match(p)), key=_number))
    found = [_STEPPED.match(name) for name in names]
    steps: dict[int, tuple[str, ...]] = {}
    for k, (name, match) in enumerate(zip(names, found, strict=True)):
        at = int(match[1]) if match and all(found) else k
        steps[at] = (*steps.get(at, ()), name)
    if len(steps) < 2:
        raise Unusable(
            "a window has a feature for each of two or more steps; claim `features`, or call them x_0, x_1, ..."
        )
    return tuple(steps[t] for t in sorted(steps))


def _number(name: str) -> tuple[int, ...]:
    match = _NUMBERED.match(name)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def through_time(
    circuit: QuantumCircuit, question: Question, steps: Sequence[Sequence[str]], rng: Generator
) -> ThroughTime:
    """g(lag) for every lag, smallest first, with intervals that hold together.

    Args:
        question: its observable, laws, features' range, zero wires and confidence; other weights are not asked.
        steps: the features of each time step, first step first.

    Raises:
        Undecidable: too many wires or branches, or no bound on a derivative is known.
    """
    names = tuple(name for step in steps for name in step)
    asked = replace(question, weights=names, features=(*question.features, *names))
    sampled = sample_second(
        circuit,
        [asked.observable],
        names,
        rng=rng,
        laws=asked.laws,
        features=asked.features,
        feature_range=asked.feature_range,
        zero_wires=asked.zero_wires,
        samples=SAMPLES,
        confidence=asked.confidence,
        relative_error=asked.relative_error,
    )
    second = sampled.seconds[0]
    squares = dict(zip(names, second.gradients, strict=True))
    lags = tuple(_lag(lag, tuple(step), squares) for lag, step in enumerate(reversed(steps)))
    return ThroughTime(lags, asked.observable.text, f"{second.method}, confidence {second.confidence:g}")


def _lag(lag: int, step: tuple[str, ...], squares: Mapping[str, Moment]) -> Lag:
    ends = [(squares[name].value, squares[name].lo, squares[name].hi) for name in step]
    value, lo, hi = (math.fsum(column) for column in zip(*ends, strict=True))
    return Lag(lag, step, value, lo, hi)
