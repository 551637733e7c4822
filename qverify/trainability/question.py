"""What is asked about the gradients of a circuit, and what is answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from qverify.subject import Observable
from qverify.trainability.laws import Law
from qverify.trainability.moment import Moment
from qverify.trainability.sampled import EFFORT


@dataclass(frozen=True)
class Question:
    """What is asked of a circuit.

    laws: of parameters that are no features; uniform over a turn where nothing is said.
    zero_wires: wires that start in |0>, the others in any product letter; all of them where None.
    confidence: that all intervals of one answer hold together.
    relative_error: of the largest variance, half the interval's width; sampling stops there.
    focus: the weight whose variance is to be known so well instead of the largest.
    effort: updates of one amplitude that sampling of gradients may spend.
    """

    observable: Observable
    weights: tuple[str, ...]
    laws: Mapping[str, Law] = field(default_factory=dict)
    features: Collection[str] = ()
    feature_range: tuple[float, float] = (-1.0, 1.0)
    zero_wires: Collection[int] | None = None
    confidence: float = 0.95
    relative_error: float = 0.05
    focus: str = ""
    effort: int = EFFORT


@dataclass(frozen=True)
class Responses:
    """The answer for one observable.

    cost: E f**2. variances: Var d_k f in the order of `names`; unit of the observable squared per radian squared.
    dead: names whose gradient is zero for all angles, proved.
    route: the steps that were tried, the last one gave the answer.
    """

    names: tuple[str, ...]
    cost: Moment
    variances: tuple[Moment, ...]
    dead: frozenset[str]
    method: str
    confidence: float
    route: tuple[str, ...]

    @property
    def largest(self) -> int:
        """The index of the variance with the largest lower end."""
        return max(range(len(self.names)), key=lambda k: _order(self.variances[k]))

    @property
    def top(self) -> Moment:
        """The largest variance, whichever weight has it: its interval is that of the maximum."""
        best = self.variances[self.largest]
        edge = max(self.variances, key=lambda m: m.log2_hi)
        sided = best.sided if best.sided == edge.sided else "lower" if edge.sided == "lower" else "two"
        return Moment(best.log2, best.log2_lo, edge.log2_hi, sided)


def _order(m: Moment) -> tuple[float, float, float]:
    return m.log2_lo, m.log2, m.log2_hi
