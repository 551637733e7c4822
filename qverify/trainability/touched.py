"""Which steps of a chain the walks that count can notice: sets of letters from the input and from the ends.

A turn that no string of both sets anticommutes with has gradient 0 and may be left out, though the walks that it
would turn go on as they are: they die anyway. A fixed step is left out only where no walk at all can notice it. So
"untouched" is proved and "touched" says nothing.
Source: the set domain of `sets`, from both sides.  Cost: O(steps).
"""

from __future__ import annotations

from dataclasses import dataclass

from qverify.trainability.chain import Chain, Linear, Reset, Turn
from qverify.trainability.clifford_maps import CODES
from qverify.trainability.rounds import wires_of
from qverify.trainability.sets import ONLY_I, Masks, back, inverse, mapped, turned

DIAGONAL = ONLY_I | 1 << CODES["Z"]


@dataclass(frozen=True)
class Touched:
    """What can matter.

    steps: for every step, whether a walk can notice it.
    letters: wire -> the letters that walks can show at the input.
    zero: no walk counts: every second moment is 0.
    """

    steps: list[bool]
    letters: list[int]
    zero: bool


def touched_by(chain: Chain) -> Touched:
    """What the walks of all ends together can notice."""
    ahead, before = _forwards(chain)
    letters = _ends(chain)
    steps = [False] * len(chain.steps)
    zero = not all(here & there for here, there in zip(letters, ahead, strict=True))
    for i in range(len(chain.steps) - 1, -1, -1):
        if zero:
            break
        step = chain.steps[i]
        if isinstance(step, Turn):
            # a string that cannot count behind the turn cannot count whether it turns or not
            behind, _ = turned(step.word, before[i])
            here = tuple([letters[w] for w in step.wires])
            steps[i] = turned(step.word, tuple([a & b for a, b in zip(here, behind, strict=True)]))[1]
            if steps[i]:
                back(step, letters)
        else:
            steps[i] = back(step, letters)
        zero = not all(letters[w] & s for w, s in zip(wires_of(step), before[i], strict=True))
    return Touched(steps, letters, zero)


def _ends(chain: Chain) -> list[int]:
    """The letters that the observable shows on each wire."""
    letters = [0] * chain.wires
    named = [0] * chain.wires
    live = [end for end in chain.ends if end.weight > 0.0 and all(sum(v) > 0.0 for v in end.letters.values())]
    for end in live:
        for w, weights in end.letters.items():
            named[w] += 1
            for letter, weight in zip("IXYZ", weights, strict=True):
                if weight > 0.0:
                    letters[w] |= 1 << CODES[letter]
    return [s | (ONLY_I if count < len(live) else 0) for s, count in zip(letters, named, strict=True)]


def _forwards(chain: Chain) -> tuple[list[int], list[Masks]]:
    """The letters that can count: behind all steps, and on the wires of each step just before it."""
    letters = []
    for row in chain.start.tolist():
        mask = ONLY_I
        for letter, square in zip("XYZ", row, strict=True):
            if square != 0.0:  # NaN, a value yet to be drawn, allows the letter
                mask |= 1 << CODES[letter]
        letters.append(mask)
    before = []
    for step in chain.steps:
        wires = wires_of(step)
        here = tuple([letters[w] for w in wires])
        before.append(here)
        for w, mask in zip(wires, _forward(step, here), strict=True):
            letters[w] = mask
    return letters, before


def _forward(step: object, here: Masks) -> Masks:
    """The letters behind a step of strings that it may take into `here`."""
    if isinstance(step, Turn):
        return turned(step.word, here)[0]
    if isinstance(step, Linear):
        return mapped(inverse(step.rows), here)[0]
    if isinstance(step, Reset):
        return (DIAGONAL if here[0] & ONLY_I else 0,)
    return (here[0] & DIAGONAL,)
