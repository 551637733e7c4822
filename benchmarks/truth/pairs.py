"""The pair of a number: two circuits, made from one by changes that keep its unitary and by mistakes that may not.

    A = sketch,  B = changes(mistake(changes(sketch))), then built, bound or not, compiled or not

Half of the numbers get a kind of change that keeps the unitary, half a kind of mistake, every kind as often as any
other; more changes are put around it. The same number is the same pair in every run and on every machine.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from random import Random

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitError, Instruction, Operation

from .compilation import CHANGES
from .expressions import Tree
from .faults import AT_THE_TOLERANCE, FAULTS, at_the_tolerance
from .rewrites import REWRITES, Rewrite, at, where
from .sketches import Item, Sketch, circuit_of, inside, parameters, sketch, sketch_of

NAMES = ("x", "y", "w[0]", "θ")
KEEPING = [*REWRITES, *CHANGES]
MISTAKES = [*FAULTS, *AT_THE_TOLERANCE]
MORE = [kind for kind in REWRITES if kind not in ("angle, identity of functions", "annotated inverse")]
TRIES = 1000
WIDTHS, WIDTH_WEIGHTS = range(1, 9), (4, 12, 18, 18, 12, 8, 2, 1)


@dataclass(frozen=True)
class Pair:
    """Two circuits and how they came about. kind: the change that the pair is for; more: the others, in order.

    trees: every angle that was written, to bound what rounding does to them; none where the circuits hold numbers.
    """

    number: int
    kind: str
    more: tuple[str, ...]
    a: QuantumCircuit
    b: QuantumCircuit
    names: tuple[str, ...]
    trees: tuple[Tree, ...]
    tolerance: float
    seed: int

    @property
    def is_mistaken(self) -> bool:
        """Whether a mistake was put in."""
        return self.kind in MISTAKES


def kind_of(number: int) -> str:
    """The kind of change of a pair."""
    kinds = MISTAKES if number % 2 else KEEPING
    return kinds[number // 2 % len(kinds)]


def pair(number: int, salt: str = "0", widest: int = 8) -> Pair:
    """The pair of a number. salt: names another sequence of pairs. widest: most wires."""
    source, kind = Random(f"{salt}|{number}"), kind_of(number)  # noqa: S311  # reproducible, no secret
    for _ in range(TRIES):
        with contextlib.suppress(CircuitError):  # an angle has no real value where it was bound
            made = _attempt(source, number, kind, widest)
            if made is not None:
                return made
    raise ValueError(f"no circuit drawn for pair {number} has anything to change by `{kind}`")


def _attempt(source: Random, number: int, kind: str, widest: int) -> Pair | None:
    n = source.choices(WIDTHS[:widest], WIDTH_WEIGHTS[:widest])[0]
    bound_late = source.random() < 0.2
    names = list(NAMES[: source.randint(1, 4)]) if source.random() < 0.5 or bound_late else []
    rare = source.random() < 0.15
    one = sketch(source, n, source.randint(3, min(4 * n + 4, 24)), names, rare=rare)
    after = kind in MISTAKES and source.random() < 0.3
    more: list[str] = []
    two = _rewritten(source, one, names, source.choice([0, 0, 1, 2, 3]), more)
    tolerance = source.choice([1e-8] * 8 + [1e-10, 1e-6])
    change = _change(kind, tolerance)
    if change is not None and not after:
        changed = _somewhere(source, two, names, change, is_mistake=kind in MISTAKES)
        if changed is None:
            return None
        two = _rewritten(source, changed, names, source.choice([0, 0, 1, 2]), more)
    known = parameters(names)
    a, b = circuit_of(one, known), circuit_of(two, known)
    if bound_late and source.random() < 0.6:
        a, b = bound(source, (a, b), more)
        names, bound_late = [], False
    b = _compiled(source, b, kind, after, more)
    if after and change is not None:
        b = _broken(source, b, change, names)
    if b is None:
        return None
    if source.random() < 0.1:
        a = _compiled(source, a, source.choice(list(CHANGES)), False, more)
    if bound_late:
        a, b = bound(source, (a, b), more)
        names = []
    if not (binds(a) and binds(b)):
        return None
    trees = tuple(t for side in (one, two) for t in (side.phase, *_trees(side.items))) if names else ()
    return Pair(number, kind, tuple(more), a, b, tuple(names), trees, tolerance, source.choice([0, 0, number]))


def _change(kind: str, tolerance: float) -> Rewrite | None:
    """What is done to a sketch; None for what is done to the built circuit."""
    if kind in CHANGES:
        return None
    return at_the_tolerance(kind, tolerance) if kind in AT_THE_TOLERANCE else (REWRITES | FAULTS)[kind]


def _somewhere(
    source: Random, start: Sketch, names: list[str], change: Rewrite, *, is_mistake: bool
) -> Sketch | None:
    """The change in the circuit itself, or inside a composite gate of it; a phase matters under a control."""
    kinds = ("composite", "controlled") if is_mistake else ("composite",)
    k = where(source, start, lambda item: item.kind in kinds)
    if k is None or source.random() < 0.6:
        return change(source, start, names)
    inner = change(source, inside(start.items[k]), names)
    if inner is None or inner.n == 0 or not inner.items:
        return None
    return at(start, k, replace(start.items[k], body=inner.items, angles=(inner.phase,)))


def _rewritten(source: Random, start: Sketch, names: list[str], count: int, more: list[str]) -> Sketch:
    """Some more changes that keep the unitary."""
    for _ in range(count):
        kind = source.choice(MORE)
        done = REWRITES[kind](source, start, names) if start.items else None
        if done is not None:
            start = done
            more.append(kind)
    return start


def _compiled(source: Random, circuit: QuantumCircuit, kind: str, needed: bool, more: list[str]) -> QuantumCircuit:
    """The change of the pair's own kind, or one of the others, or none."""
    if kind not in CHANGES and not needed and source.random() < 0.55:
        return circuit
    chosen = kind if kind in CHANGES else source.choice([k for k in CHANGES if not needed or k.startswith("comp")])
    if chosen != kind:
        more.append(chosen)
    return CHANGES[chosen](source, circuit)


def _broken(source: Random, circuit: QuantumCircuit, change: Rewrite, names: list[str]) -> QuantumCircuit | None:
    """The mistake in a circuit that was compiled before; its layout stays."""
    taken = sketch_of(circuit)
    wrong = None if taken is None or not taken.items else change(source, taken, names)
    if wrong is None:
        return None
    out = circuit.copy_empty_like()
    for item in circuit_of(wrong, parameters(names)).data:
        out.append(item)
    return out


def bound(source: Random, sides: tuple[QuantumCircuit, ...], more: list[str]) -> list[QuantumCircuit]:
    """Both circuits at the same drawn values."""
    more.append("bound")
    names = sorted({p.name for side in sides for p in side.parameters})
    at = {name: source.choice([source.uniform(-math.pi, math.pi), source.uniform(-9, 9)]) for name in names}
    return [side.assign_parameters({p: at[p.name] for p in side.parameters}) for side in sides]


def binds(circuit: QuantumCircuit) -> bool:
    """Whether Qiskit can bind it: 2.6 leaves parameters in a controlled gate inside another gate's definition."""
    at = circuit.assign_parameters(dict.fromkeys(circuit.parameters, 0.5))
    return not any(_unbound(item.operation) for item in at.data)


def _unbound(op: Operation) -> bool:
    if any(getattr(p, "parameters", ()) for p in getattr(op, "params", ())):
        return True
    inner = getattr(op, "base_op", None)
    if inner is not None:
        return _unbound(inner)
    standard = getattr(op, "base_class", type(op)).__module__.startswith("qiskit.circuit.library.standard_gates")
    definition = None if standard or not isinstance(op, Instruction) else op.definition
    return definition is not None and any(_unbound(item.operation) for item in definition.data)


def _trees(items: tuple[Item, ...]) -> list[Tree]:
    return [t for item in items for t in (*item.angles, *_trees(item.body))]
