"""A chain cut down to the backward light cone of its observable.

Kept are the steps that may change some string of the observable on its way back to the input, and the wires that
such a string may reach; the others contribute a factor 1. Source: Pauli sets (`sets`). Cost: O(steps).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from qverify.trainability.chain import Chain, Dephase, Draws, End, Linear, Reset, Step, Turn
from qverify.trainability.dead import dead_names, letters_of_ends
from qverify.trainability.sets import ONLY_I, back


def reduced(chain: Chain, ends: Sequence[End] | None = None) -> Chain:
    """The chain on the wires that matter to some of its ends, wires renumbered in order, names kept.

    Args:
        ends: those that are asked about; all of the chain's where None. Second moments add over ends, and one end
            alone may have a smaller cone.
    """
    wanted = tuple(chain.ends if ends is None else ends)
    letters = letters_of_ends(wanted, chain.wires)
    live = {k for k, mask in enumerate(letters) if mask & ~ONLY_I}
    steps: list[Step] = []
    for step in reversed(chain.steps):
        if back(step, letters):
            steps.append(step)
            live.update(_wires(step))
            if isinstance(step, Dephase | Reset) and not letters[step.wire]:
                break  # no string is left
    place = {wire: k for k, wire in enumerate(sorted(live))}
    moved = {wires: tuple([place[w] for w in wires]) for wires in {_wires(step) for step in steps}}
    return Chain(
        len(place),
        chain.names,
        tuple([_renumbered(step, moved[_wires(step)]) for step in reversed(steps)]),
        tuple(End(end.weight, {place[w]: at for w, at in end.letters.items() if w in place}) for end in wanted),
        chain.start[sorted(live)],
        None if chain.draw is None else _Renumbered(chain.draw, place),
    )


def live_names(chain: Chain) -> tuple[str, ...]:
    """The names that are not proved dead, in their order."""
    dead = dead_names(chain)
    return tuple(name for name in chain.names if name not in dead)


def _wires(step: Step) -> tuple[int, ...]:
    return step.wires if isinstance(step, Turn | Linear) else (step.wire,)


def _renumbered(step: Step, wires: tuple[int, ...]) -> Step:
    if isinstance(step, Turn):
        return Turn(wires, step.word, step.parameter, step.slope, step.stay, step.mean, step.drawn)
    if isinstance(step, Linear):
        return Linear(wires, step.rows)
    return Dephase(wires[0]) if isinstance(step, Dephase) else Reset(wires[0])


@dataclass(frozen=True)
class _Renumbered:
    """Draws for the wires that are left, under their new numbers."""

    draw: Callable[[Generator, int], Draws]
    place: dict[int, int]

    def __call__(self, rng: Generator, count: int) -> Draws:
        drawn = self.draw(rng, count)
        return replace(drawn, starts={self.place[w]: at for w, at in drawn.starts.items() if w in self.place})
