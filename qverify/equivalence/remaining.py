"""The blocks of a circuit that are left between a walk from the inputs and a walk from the outputs.

    on every rail: queue[low], ..., queue[high]   (none left: low > high)

A walk takes a block that is the next one on all of its rails, and may give back what it took last.
"""

from __future__ import annotations

from qverify.equivalence.fusion import Fused


class Remaining:
    """The blocks of one circuit that neither walk has taken: on each rail those from `low` to `high`."""

    def __init__(self, fused: Fused) -> None:
        self.fused = fused
        self.queues: list[list[int]] = [[] for _ in range(fused.n)]
        for index, rails in enumerate(fused.rails):
            for rail in rails:
                self.queues[rail].append(index)
        self.low = [0] * fused.n
        self.high = [len(queue) - 1 for queue in self.queues]
        self.taken = [False] * len(fused.rails)

    def next(self, rail: int, backward: bool) -> int:
        """The block that a walk meets on a rail; -1 for none."""
        if self.low[rail] > self.high[rail]:
            return -1
        return self.queues[rail][self.high[rail] if backward else self.low[rail]]

    def is_free(self, index: int, backward: bool) -> bool:
        """Whether a walk can take the block now."""
        return not self.taken[index] and all(self.next(r, backward) == index for r in self.fused.rails[index])

    def take(self, index: int, backward: bool) -> None:
        """A walk takes a block."""
        self.taken[index] = True
        for rail in self.fused.rails[index]:
            if backward:
                self.high[rail] -= 1
            else:
                self.low[rail] += 1

    def give_back(self, index: int, backward: bool) -> None:
        """Undo the latest `take` of the same walk."""
        self.taken[index] = False
        for rail in self.fused.rails[index]:
            if backward:
                self.high[rail] += 1
            else:
                self.low[rail] -= 1

    def left(self) -> list[int]:
        """The blocks not taken, in order."""
        return [index for index, taken in enumerate(self.taken) if not taken]
