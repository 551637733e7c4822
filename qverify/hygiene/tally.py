"""Sites in order, each accused, cleared or undecided, as evidence that counts them.

lo counts what is surely a fault, hi also what could not be decided. An operation in a loop has one site and many
executions; which of them must be at fault is the check's own rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qverify.finding import Counterexample, Evidence, Strength
from qverify.hygiene.program import Site, Step

_WEAKEST: tuple[Strength, ...] = ("statistical", "numerical", "exact", "proof")
SHOWN = 4


@dataclass
class Tally:
    """What has been found of each operation.

    quantity: what is counted, in the plural. methods: how each strength was reached, in words.
    """

    quantity: str
    accused: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    strengths: set[Strength] = field(default_factory=set)
    blame: set[Strength] = field(default_factory=set)  # of what is accused, on which the lower end rests
    cleared: int = 0

    def accuse(self, where: str, strength: Strength) -> None:
        """Count one more fault."""
        self.accused.append(where)
        self.blame.add(strength)

    def doubt(self, where: str) -> None:
        """Count one that may be a fault."""
        self.undecided.append(where)
        self.strengths.add("numerical")

    def clear(self, strength: Strength) -> None:
        """Count one that is none."""
        self.cleared += 1
        self.strengths.add(strength)

    def evidence(self, method: str, example: Counterexample | None = None) -> Evidence:
        """The count as an interval."""
        shown = [*self.accused, *(f"{each} (undecided)" for each in self.undecided)]
        more = f"; and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
        return Evidence(
            quantity=self.quantity,
            lo=len(self.accused),
            hi=len(self.accused) + len(self.undecided),
            unit="1",
            where="; ".join(shown[:SHOWN]) + more if shown else f"{self.cleared} looked at",
            method=method,
            strength=next((s for s in _WEAKEST if s in (self.blame or self.strengths)), "proof"),
            counterexample=example,
        )


def by_site(steps: Iterable[Step]) -> Mapping[Site, list[Step]]:
    """The executions of each operation."""
    found: dict[Site, list[Step]] = {}
    for step in steps:
        found.setdefault(step.site, []).append(step)
    return found
