"""What decides a branch or a stored bit, as functions of the classical memory.

A branching operation is its bodies, each with the condition under which it runs; a store is, for each place that it
writes, the condition under which a 1 is there afterwards. Source: Qiskit 2.6, `IfElseOp`, `SwitchCaseOp`, `Store`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qiskit.circuit import Clbit, IfElseOp, QuantumCircuit, Store, SwitchCaseOp

from qverify.semantics.conditions import bits_read, holds, target_value
from qverify.semantics.memory import Scope, stored


@dataclass(frozen=True)
class Condition:
    """A function of the classical memory to true or false, and what it depends on."""

    bits: tuple[int, ...]  # places of the classical memory that it reads
    holds: Callable[[int], bool]  # of the classical memory


def stored_bit(op: Store, read: tuple[int, ...], place: int, scope: Scope) -> Condition:
    """Whether a store leaves a 1 at a place."""
    return Condition(read, lambda memory: bool(stored(op, memory, scope) >> place & 1))


def branches_of(op: IfElseOp | SwitchCaseOp, bits: Mapping[Any, int]) -> Iterator[tuple[QuantumCircuit, Condition]]:
    """Every body of a branching operation, with the condition under which it runs."""
    if isinstance(op, IfElseOp):
        test = Condition(_read(op.condition, bits), lambda r: holds(op.condition, r, bits))
        yield op.blocks[0], test
        if len(op.blocks) > 1:
            yield op.blocks[1], Condition(test.bits, lambda r: not test.holds(r))
    else:
        read = bits_read((op.target, 0), bits)
        earlier: list[int | None] = []
        for labels, body in op.cases_specifier():
            values = [int(v) if isinstance(v, int) else None for v in labels]
            yield body, Condition(read, _case(op.target, bits, values, list(earlier)))
            earlier += values


def _read(condition: Any, bits: Mapping[Any, int]) -> tuple[int, ...]:
    """`bits_read`, at once where a single bit is read."""
    if isinstance(condition, tuple) and isinstance(condition[0], Clbit) and condition[0] in bits:
        return (bits[condition[0]],)
    return bits_read(condition, bits)


def _case(
    target: Any, bits: Mapping[Any, int], labels: list[int | None], earlier: list[int | None]
) -> Callable[[int], bool]:
    def chosen(record: int) -> bool:
        value = target_value(target, record, bits)
        return (value in labels or None in labels) and value not in earlier

    return chosen
