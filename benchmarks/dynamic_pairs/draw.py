"""Random sketches: gates, measurements, resets, branches to any depth, switches, loops, boxes, composites."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from .conditions import drawn, number_tree, width
from .sketch import Angle, Op, Ops, Sketch, gate, measure, reset, touched

# class name -> (wires, angles, controls)
GATES = {
    "XGate": (1, 0, 0), "YGate": (1, 0, 0), "ZGate": (1, 0, 0), "HGate": (1, 0, 0), "SGate": (1, 0, 0),
    "SdgGate": (1, 0, 0), "TGate": (1, 0, 0), "SXGate": (1, 0, 0), "RXGate": (1, 1, 0), "RYGate": (1, 1, 0),
    "RZGate": (1, 1, 0), "PhaseGate": (1, 1, 0), "UGate": (1, 3, 0), "RGate": (1, 2, 0),
    "CXGate": (2, 0, 1), "CYGate": (2, 0, 1), "CZGate": (2, 0, 1), "CHGate": (2, 0, 1), "CSGate": (2, 0, 1),
    "CRXGate": (2, 1, 1), "CRYGate": (2, 1, 1), "CRZGate": (2, 1, 1), "CPhaseGate": (2, 1, 1),
    "SwapGate": (2, 0, 0), "iSwapGate": (2, 0, 0), "ECRGate": (2, 0, 0), "RXXGate": (2, 1, 0),
    "RYYGate": (2, 1, 0), "RZZGate": (2, 1, 0), "RZXGate": (2, 1, 0), "CUGate": (2, 4, 1),
    "CCXGate": (3, 0, 2), "CCZGate": (3, 0, 2), "CSwapGate": (3, 0, 1),
}  # fmt: skip
USUAL = ("XGate", "HGate", "ZGate", "SGate", "RXGate", "RYGate", "RZGate", "CXGate", "CZGate", "CRZGate", "CRYGate")
DEEPEST = 4
LIVELY = ("HGate", "RXGate", "RYGate")  # so that measurements have two outcomes
WIDTHS, WIDTH_WEIGHTS = (1, 2, 3, 4, 5, 6), (10, 28, 30, 18, 8, 6)


@dataclass(frozen=True)
class Scope:
    """What may be used in a block. written: bits written before; loops: variables of the loops around it."""

    sketch: Sketch
    names: tuple[str, ...]
    written: tuple[int, ...] = ()
    loops: tuple[str, ...] = ()
    depth: int = 0


def empty(source: Random, n: int) -> Sketch:
    """A circuit of n wires, with bits and registers, that does nothing."""
    count = source.choices((0, 1, 2, 3, 4, 5, 6, 8), (1, 12, 25, 25, 15, 10, 7, 5))[0]
    registers = []
    for name in ("c", "d", "e")[: source.choice([0, 1, 1, 2, 3])]:
        size = source.randint(1, min(count, 4)) if count else 0
        if size:
            registers.append((name, tuple(source.sample(range(count), size))))
    return Sketch(n, count, tuple(registers), ())


def sketch(source: Random, n: int, length: int, names: tuple[str, ...]) -> Sketch:
    """A drawn circuit; every parameter enters it."""
    start = empty(source, n)
    spread = tuple(gate(source.choice(LIVELY), k, angles=()) for k in range(n) if source.random() < 0.5)
    spread = tuple(
        op if op.kind == "HGate" else replace(op, angles=(angle(source, Scope(start, names)),)) for op in spread
    )
    items = (*spread, *block(source, Scope(start, names), length))
    used = {t[0].split()[-1] for op in _every(items) for a in op.angles for t in a.terms}
    for name in (name for name in names if name not in used):
        new = gate(
            source.choice(["RXGate", "RYGate", "RZGate"]), source.randrange(n), angles=(Angle(0.0, ((name, 1.0),)),)
        )
        at = source.randint(0, len(items))
        items = (*items[:at], new, *items[at:])
    return replace(start, items=items)


def _every(ops: Ops) -> list[Op]:
    return [inner for op in ops for inner in (op, *(e for body in op.bodies for e in _every(body)))]


def block(source: Random, scope: Scope, length: int) -> Ops:
    """Some operations in a row."""
    out: list[Op] = []
    for _ in range(length):
        written = sorted({*scope.written, *touched(tuple(out), scope.sketch).writes})
        out.append(operation(source, replace(scope, written=tuple(written))))
    return tuple(out)


def operation(source: Random, scope: Scope) -> Op:
    """Anything that may stand in a block."""
    n, bits = scope.sketch.n, scope.sketch.bits
    chance = source.random()
    if chance < (0.18 if scope.written else 0.3) and bits:
        return measure(source.randrange(n), source.randrange(bits))
    if scope.depth == 0 and not scope.written:
        return drawn_gate(source, scope) if chance < 0.9 else flow(source, scope)
    if chance < 0.22:
        return reset(source.randrange(n))
    if chance < 0.25:
        return quiet(source, n)
    if chance < (0.5 if scope.depth == 0 else 0.42) and scope.depth < DEEPEST:
        return flow(source, scope)
    return drawn_gate(source, scope)


def quiet(source: Random, n: int) -> Op:
    """A barrier or a delay."""
    if source.random() < 0.5:
        return Op("delay", (source.randrange(n),))
    return Op("barrier", tuple(source.sample(range(n), source.randint(1, n))))


def drawn_gate(source: Random, scope: Scope) -> Op:
    """A gate on drawn wires."""
    n = scope.sketch.n
    fitting = [kind for kind in (USUAL if source.random() < 0.6 else sorted(GATES)) if GATES[kind][0] <= n]
    kind = source.choice(fitting)
    wires, angles, controls = GATES[kind]
    ctrl = None
    if controls:
        ctrl = 2**controls - 1 if source.random() < 0.7 else source.randrange(2**controls)
    on = source.sample(range(n), wires)
    return gate(kind, *on, angles=tuple(angle(source, scope) for _ in range(angles)), ctrl=ctrl)


def angle(source: Random, scope: Scope) -> Angle:
    """A number, or a sum of parameters and loop variables."""
    chance = source.random()
    constant = source.choice([math.pi / 2, math.pi / 4, -math.pi / 2, math.pi, math.pi / 8, 0.3, 0.0])
    if chance < 0.4:
        constant = source.uniform(-4, 4)
    terms: tuple[tuple[str, float], ...] = ()
    if scope.names and source.random() < 0.6:
        name = source.choice(scope.names)
        written = f"atan {name}" if source.random() < 0.1 else name
        terms = ((written, source.choice([1.0, 1.0, -1.0, 2.0, 0.5])),)
        constant = constant if source.random() < 0.3 else 0.0
        if len(scope.names) > 1 and source.random() < 0.2:
            terms = tuple((each, source.choice([1.0, -1.0])) for each in scope.names[:2])
    turn = source.random() if scope.loops else 1.0
    if turn < 0.6:
        terms += ((source.choice(scope.loops), source.choice([1.0, 0.25, -0.5])),)
    elif turn < 0.85 and scope.names:
        terms += ((f"{scope.loops[-1]} {scope.names[0]}", 1.0),)
    return Angle(constant, terms)


def flow(source: Random, scope: Scope) -> Op:
    """A branch, switch, loop, box or composite."""
    inner = replace(scope, depth=scope.depth + 1)
    kind = source.choice(["if"] * 12 + ["switch"] * 3 + ["for"] * 2 + ["box"] * 2 + ["block"] * 3)
    if kind in ("if", "switch") and not scope.sketch.bits:
        kind = "box"
    if kind == "if":
        count = 2 if source.random() < 0.4 else 1
        bodies = tuple(block(source, inner, source.choice([1, 1, 2, 3])) for _ in range(count))
        return Op("if", test=drawn(source, scope.sketch, scope.written), bodies=bodies)
    if kind == "switch":
        return switch(source, scope)
    if kind == "for":
        return loop(source, scope)
    if kind == "block":
        return Op("block", bodies=(flat(source, replace(scope, loops=()), source.randint(1, 3)),))
    return Op("box", bodies=(block(source, inner, source.randint(1, 3)),))


def flat(source: Random, scope: Scope, length: int) -> Ops:
    """Gates, measurements and resets alone: Qiskit makes no composite of more."""
    out = []
    for _ in range(length):
        n, bits, chance = scope.sketch.n, scope.sketch.bits, source.random()
        if chance < 0.3 and bits:
            out.append(measure(source.randrange(n), source.randrange(bits)))
        else:
            out.append(reset(source.randrange(n)) if chance < 0.4 else drawn_gate(source, scope))
    return tuple(out)


def switch(source: Random, scope: Scope) -> Op:
    """A switch on a bit, a register or an expression of registers."""
    sketch_, inner = scope.sketch, replace(scope, depth=scope.depth + 1)
    target = ("bit", source.choice(scope.written) if scope.written else source.randrange(sketch_.bits))
    values = 2
    if sketch_.registers and source.random() < 0.7:
        target = number_tree(source, sketch_, scope.written, source.choice([0, 0, 1]))
        values = 2 ** width(target, sketch_)
    labels = source.sample(range(values), source.randint(1, min(values, 4)))
    cases: list[tuple[int, ...]] = []
    while labels:
        size = source.choice([1, 1, 2])
        cases.append(tuple(labels[:size]))
        labels = labels[size:]
    if source.random() < 0.5:
        cases.append(())
    bodies = tuple(block(source, inner, source.choice([1, 1, 2])) for _ in cases)
    return Op("switch", test=target, labels=tuple(cases), bodies=bodies)


def loop(source: Random, scope: Scope) -> Op:
    """A loop of at most three turns."""
    name = f"k{scope.depth}" if source.random() < 0.7 else ""
    start, step = source.randint(0, 2), source.choice([1, 1, 2])
    indices = tuple(range(start, start + step * source.randint(1, 3), step))
    inner = replace(scope, depth=scope.depth + 1, loops=(*scope.loops, name) if name else scope.loops)
    return Op("for", labels=(indices,), name=name, bodies=(block(source, inner, source.choice([1, 1, 2])),))


def some_wires(source: Random, scope: Scope, count: int) -> Sequence[int]:
    """Distinct wires."""
    return source.sample(range(scope.sketch.n), count)
