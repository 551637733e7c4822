"""Wires used again: a chain on as few wires as are busy at one time.

A wire that starts in |0> is a reset wire, so it may stand where another wire's life has ended:

    life of a wire     from its first step to its last; to the circuit's end where the observable reads it
    reset              P with X or Y dies, Z becomes I: what r = (0, 0, 1) does at the input

Then a staircase of n wires is a chain on two, and an exact transfer reaches it at any n. Lives are intervals of the
steps' order, and first free, first taken needs no more slots than are busy at one time.
Source: DeCross et al., Phys. Rev. X 13, 041057 (2023), for qubits; here for the walks.  Cost: O(steps).
"""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np

from qverify.trainability.chain import Chain, Dephase, End, Linear, Reset, Step, Turn
from qverify.trainability.rounds import wires_of

ZERO_START = (0.0, 0.0, 1.0)


def slotted(chain: Chain) -> Chain:
    """The same second moments on fewer wires; the chain itself where no wire can be used again."""
    first, last = _lives(chain)
    slots, taken = _slots(chain, first, last)
    count = 1 + max(slots, default=-1)
    if count >= chain.wires or chain.draw is not None:
        return chain
    steps: list[Step] = []
    begins: dict[int, list[int]] = {}
    for wire in taken:
        begins.setdefault(first[wire], []).append(slots[wire])
    for k, step in enumerate(chain.steps):
        steps += [Reset(slot) for slot in begins.get(k, [])]
        steps.append(_moved(step, slots))
    steps += [Reset(slot) for slot in begins.get(len(chain.steps), [])]
    start = np.zeros((count, 3))
    for wire in range(chain.wires - 1, -1, -1):
        if wire not in taken:
            start[slots[wire]] = chain.start[wire]
    ends = tuple(End(end.weight, {slots[w]: at for w, at in end.letters.items()}) for end in chain.ends)
    return replace(chain, wires=count, steps=tuple(steps), ends=ends, start=start)


def _lives(chain: Chain) -> tuple[list[int], list[int]]:
    """The first and the last step of each wire; one that is read lives past the last step."""
    end = len(chain.steps)
    first, last = [end] * chain.wires, [-1] * chain.wires
    for k, step in enumerate(chain.steps):
        for wire in wires_of(step):
            first[wire], last[wire] = min(first[wire], k), k
    for one in chain.ends:
        for wire in one.letters:
            last[wire] = end
    return first, last


def _slots(chain: Chain, first: list[int], last: list[int]) -> tuple[list[int], set[int]]:
    """The slot of each wire, and the wires that take one that was used before."""
    slots, taken = [0] * chain.wires, set[int]()
    busy: list[tuple[int, int]] = []  # (last step, slot)
    count = 0
    for wire in sorted(range(chain.wires), key=lambda w: (first[w], w)):
        if busy and busy[0][0] < first[wire] and tuple(chain.start[wire].tolist()) == ZERO_START:
            slots[wire] = heapq.heappop(busy)[1]
            taken.add(wire)
        else:
            slots[wire], count = count, count + 1
        heapq.heappush(busy, (last[wire], slots[wire]))
    return slots, taken


def _moved(step: Step, slots: list[int]) -> Step:
    if isinstance(step, Turn | Linear):
        return replace(step, wires=tuple(slots[w] for w in step.wires))
    return Dephase(slots[step.wire]) if isinstance(step, Dephase) else Reset(slots[step.wire])
