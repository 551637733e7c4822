"""Circuits as lists of items that can be taken apart again: drawn, and built as Qiskit circuits.

An item is a gate by the name of its class with trees for angles, or one of a few kinds that hold more:

    composite   a gate with a definition                     body; its global phase as angle
    controlled  such a gate under one control                body, phase and control state
    inverse, power, control   an annotated operation         body (one item), `control` with a control state
    matrix      a one-wire `UnitaryGate`                     three numbers, as of UGate
    two-matrix  a two-wire `UnitaryGate`                     its seed
    barrier     a barrier
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from qiskit import QuantumCircuit
from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    ControlModifier,
    Gate,
    InverseModifier,
    Operation,
    Parameter,
    PowerModifier,
    library,
)
from qiskit.quantum_info import random_unitary

from .expressions import Tree, built, constant, expression, long_sum, names_in, num

# class name -> (wires, angles)
PLAIN = {
    "XGate": (1, 0), "YGate": (1, 0), "ZGate": (1, 0), "HGate": (1, 0), "SGate": (1, 0), "SdgGate": (1, 0),
    "TGate": (1, 0), "TdgGate": (1, 0), "SXGate": (1, 0), "SXdgGate": (1, 0), "IGate": (1, 0),
    "RXGate": (1, 1), "RYGate": (1, 1), "RZGate": (1, 1), "PhaseGate": (1, 1), "U1Gate": (1, 1),
    "RGate": (1, 2), "U2Gate": (1, 2), "UGate": (1, 3), "U3Gate": (1, 3),
    "SwapGate": (2, 0), "iSwapGate": (2, 0), "DCXGate": (2, 0), "ECRGate": (2, 0),
    "RXXGate": (2, 1), "RYYGate": (2, 1), "RZZGate": (2, 1), "RZXGate": (2, 1),
    "XXPlusYYGate": (2, 2), "XXMinusYYGate": (2, 2),
    "RCCXGate": (3, 0), "RC3XGate": (4, 0),
}  # fmt: skip
CONTROLLED = {
    "CXGate": (2, 0), "CYGate": (2, 0), "CZGate": (2, 0), "CHGate": (2, 0), "CSGate": (2, 0), "CSdgGate": (2, 0),
    "CSXGate": (2, 0), "CRXGate": (2, 1), "CRYGate": (2, 1), "CRZGate": (2, 1), "CPhaseGate": (2, 1),
    "CU1Gate": (2, 1), "CU3Gate": (2, 3), "CUGate": (2, 4), "CCXGate": (3, 0), "CCZGate": (3, 0),
    "CSwapGate": (3, 0), "MCXGate": (4, 0), "MCPhaseGate": (3, 1), "C3SXGate": (4, 0),
}  # fmt: skip
DOUBLY = {"RXGate": (3, 1), "RYGate": (3, 1), "RZGate": (3, 1), "UGate": (3, 3), "HGate": (3, 0)}  # two controls
GATES = PLAIN | CONTROLLED
COMMON = ("RXGate", "RYGate", "RZGate", "CXGate", "CZGate", "HGate", "CRZGate", "CRYGate", "RZZGate", "SXGate")


@dataclass(frozen=True)
class Item:
    """One operation. ctrl: the control state, for a kind of CONTROLLED, `doubly ...` and `control`."""

    kind: str
    wires: tuple[int, ...]
    angles: tuple[Tree, ...] = ()
    ctrl: int | None = None
    body: tuple[Item, ...] = ()
    number: int = 0


@dataclass(frozen=True)
class Sketch:
    """A circuit of n wires; phase: its global phase."""

    n: int
    items: tuple[Item, ...]
    phase: Tree = ("num", 0.0)


def controls(item: Item) -> int:
    """How many of the item's first wires are controls."""
    if item.kind in CONTROLLED:
        return {"CCXGate": 2, "CCZGate": 2, "MCXGate": 3, "MCPhaseGate": 2, "C3SXGate": 3}.get(item.kind, 1)
    return {"doubly": 2, "control": 1, "controlled": 1}.get(item.kind.split()[0], 0)


def inside(item: Item) -> Sketch:
    """The circuit that a composite gate, controlled or not, is made of."""
    return Sketch(len(item.wires) - controls(item), item.body, item.angles[0])


def all_names(sketch: Sketch) -> set[str]:
    """The parameters in it."""
    return names_in(sketch.phase) | _names(sketch.items)


def _names(items: tuple[Item, ...]) -> set[str]:
    inside = [names_in(a) for item in items for a in item.angles] + [_names(item.body) for item in items]
    return set().union(*inside)


# ------------------------------------------------------------------------------ building


def parameters(names: list[str]) -> dict[str, Parameter]:
    """Qiskit parameters whose identity depends on the name alone, so that every run builds the same circuits."""
    return {name: Parameter(name, uuid=UUID(int=int.from_bytes(name.encode()))) for name in names}


def sketch_of(circuit: QuantumCircuit) -> Sketch | None:
    """A circuit of standard gates taken apart again, its angles as they are; None where something else is in it."""
    items = []
    for entry in circuit.data:
        op, kind = entry.operation, getattr(entry.operation, "base_class", type(entry.operation)).__name__
        wires = tuple(circuit.find_bit(q).index for q in entry.qubits)
        if kind not in GATES or GATES[kind][0] != len(wires):
            return None
        ctrl = op.ctrl_state if kind in CONTROLLED else None
        items.append(Item(kind, wires, tuple(("made", t) for t in op.params), ctrl))
    return Sketch(circuit.num_qubits, tuple(items), ("made", circuit.global_phase))


def circuit_of(sketch: Sketch, known: dict[str, Parameter]) -> QuantumCircuit:
    """The Qiskit circuit."""
    out = QuantumCircuit(sketch.n)
    for item in sketch.items:
        out.append(operation(item, known), item.wires)
    out.global_phase = built(sketch.phase, known)
    return out


def operation(item: Item, known: dict[str, Parameter]) -> Operation:
    """The Qiskit operation of an item."""
    angles = [built(a, known) for a in item.angles]
    made = _special(item, angles, known)
    if made is not None:
        return made
    if item.kind == "MCXGate":
        return library.MCXGate(3, ctrl_state=item.ctrl)
    if item.kind == "MCPhaseGate":
        return library.MCPhaseGate(angles[0], 2, ctrl_state=item.ctrl)
    if item.kind.startswith("doubly "):
        return getattr(library, item.kind.split()[1])(*angles).control(2, ctrl_state=item.ctrl, annotated=False)
    kind = getattr(library, item.kind)
    return kind(*angles) if item.ctrl is None else kind(*angles, ctrl_state=item.ctrl)


def as_gate(circuit: QuantumCircuit) -> Operation:
    """One operation that does what a circuit does; Qiskit makes a gate only of gates of its own class."""
    plain = all(isinstance(item.operation, Gate) for item in circuit.data)
    return circuit.to_gate() if plain else circuit.to_instruction()


def _special(item: Item, angles: list[Any], known: dict[str, Parameter]) -> Operation | None:
    if item.kind == "barrier":
        return Barrier(len(item.wires))
    if item.kind == "matrix":
        return library.UnitaryGate(library.UGate(*angles).to_matrix())
    if item.kind == "two-matrix":
        return library.UnitaryGate(random_unitary(4, seed=item.number).data)
    if item.kind in ("composite", "controlled"):
        inner = as_gate(circuit_of(inside(item), known))
        return inner if item.kind == "composite" else inner.control(1, ctrl_state=item.ctrl, annotated=False)
    modifiers = {
        "inverse": InverseModifier,
        "power": lambda: PowerModifier(item.number),
        "control": lambda: ControlModifier(1, item.ctrl),
    }
    if item.kind in modifiers:
        return AnnotatedOperation(operation(item.body[0], known), [modifiers[item.kind]()])
    return None


# ------------------------------------------------------------------------------ drawing


def angle(source: Random, names: list[str]) -> Tree:
    """An angle: a number or an expression."""
    if not names or source.random() < 0.3:
        return num(constant(source))
    return (
        long_sum(source, names)
        if source.random() < 0.08
        else expression(source, names, source.choice([0, 1, 1, 2]))
    )


def gate(source: Random, n: int, names: list[str]) -> Item:
    """A gate of Qiskit's standard library on drawn wires."""
    if source.random() < 0.08 and n >= 3:
        base = source.choice(sorted(DOUBLY))
        wires, angles = DOUBLY[base]
        kind = f"doubly {base}"
    else:
        fitting = [kind for kind, (wires, _) in sorted(GATES.items()) if wires <= n]
        kind = source.choice(fitting if source.random() < 0.6 else [k for k in COMMON if k in fitting])
        wires, angles = GATES[kind]
    item = Item(kind, tuple(source.sample(range(n), wires)), tuple(angle(source, names) for _ in range(angles)))
    count = controls(item)
    if not count:
        return item
    closed = 2**count - 1
    return replace(item, ctrl=closed if source.random() < 0.6 else source.randrange(closed + 1))


def item(source: Random, n: int, names: list[str], *, rare: bool) -> Item:
    """Anything that may stand in a circuit of gates; rare: annotated operations and two-wire matrices too."""
    chance = source.random()
    if chance < 0.86:
        return gate(source, n, names)
    number = source.randrange(2**31)
    if chance < 0.91:
        return part(source, n, names)
    if chance < 0.94:
        return Item("matrix", (source.randrange(n),), tuple(num(constant(source)) for _ in range(3)))
    if chance < 0.98 and rare:
        return annotated(source, n, names)
    if chance < 0.99 and rare and n > 1 and not names:
        return Item("two-matrix", tuple(source.sample(range(n), 2)), number=number)
    return Item("barrier", tuple(range(n)))


def part(source: Random, n: int, names: list[str]) -> Item:
    """A gate with a definition, under a control at times, where its global phase is no phase any more."""
    control = n > 1 and source.random() < 0.4
    size = source.randint(1, min(n - control, 3 - control))
    body = tuple(gate(source, size, names) for _ in range(source.randint(1, 3)))
    phase = angle(source, names) if source.random() < 0.5 else num(0.0)
    wires = tuple(source.sample(range(n), size + control))
    return Item(
        "controlled" if control else "composite", wires, (phase,), source.randrange(2) if control else None, body
    )


def annotated(source: Random, n: int, names: list[str]) -> Item:
    """A gate under a modifier."""
    kind = source.choice(["inverse", "power", "control"] if n > 1 else ["inverse", "power"])
    inner = gate(source, max(1, min(n - (kind == "control"), 2)), names)
    size = len(inner.wires)
    inner_at = replace(inner, wires=tuple(range(size)))
    wires = tuple(source.sample(range(n), size + (kind == "control")))
    ctrl = source.randrange(2) if kind == "control" else None
    return Item(kind, wires, ctrl=ctrl, body=(inner_at,), number=source.choice([2, 3, -1]))


def sketch(source: Random, n: int, length: int, names: list[str], *, rare: bool) -> Sketch:
    """A circuit; every parameter enters it."""
    items = [item(source, n, names, rare=rare) for _ in range(length)]
    phase = angle(source, names) if source.random() < 0.2 else num(0.0)
    missing = sorted(set(names) - all_names(Sketch(n, tuple(items), phase)))
    for name in missing:
        made = Item(source.choice(["RXGate", "RYGate", "RZGate"]), (source.randrange(n),), (("par", name),))
        items.insert(source.randint(0, len(items)), made)
    return Sketch(n, tuple(items), phase)
