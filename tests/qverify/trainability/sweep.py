"""Random small circuits, each answered by the walks' theory and by averaging over all angles.

`sweep` counts what was accepted and called dead, and lists every answer that is wrong. Circuits have shared
angles, T gates and other fixed rotations, measurements, resets, feed-forward, loops and free wires among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.circuit.classical import expr

from qverify.draws import product_state
from qverify.errors import Undecidable
from qverify.subject import Claims, make_subject
from qverify.trainability.dead import dead_names, proved_dead
from qverify.trainability.extract import chain_of
from qverify.trainability.transfer import second_exact
from tests.qverify.trainability.brute import legendre, letters_of_input, observable, uniform_moments, values
from tests.strategies import from_seed

CLIFFORDS = ["h", "s", "sdg", "sx", "x", "y", "z", "cx", "cz", "cy", "swap", "iswap", "ecr", "dcx"]
FIXED = ["t", "tdg", "ch", "cs", "ccx", "ry3", "rzz3", "u3"]
TURNS = ["rx", "ry", "rz", "p", "rxx", "rzz", "rzx", "ryy", "u"]
SHARED = ["crx", "cp", "crz"]
DYNAMIC = ["measure", "measure", "reset", "if", "ifelse", "xor", "and", "for"]
OBSERVABLES = [
    "Z0", "X0", "Y1", "Z0 Z1", "X0 Y2", "0.5*Z0 - X1", "P0[0]", "zeros", "Z0 + Z0 Z1", "P0[0] + Z0",
    "I - 0.5*P0[1]", "Z0 + Z1 + Z2", "X0 + Y0 + Z0", "Z0 Z1 Z2",
]  # fmt: skip
TWO = ("cx", "cz", "cy", "swap", "iswap", "ecr", "dcx", "ch", "cs")
WIRES = dict.fromkeys([*CLIFFORDS, "t", "tdg"], 1) | dict.fromkeys(TWO, 2) | {"ccx": 3}
MAX_GRID = 1500
MAX_MEASURED = 3
MAX_HALVES = 1  # gates with half-angles: their means are not taken over a whole period
WRONG = 1e-9


@dataclass
class Tally:
    """circuits looked at, accepted for exact moments, weights proved dead; wrong: one line each."""

    circuits: int = 0
    accepted: int = 0
    dead: int = 0
    alive_but_zero: int = 0
    wrong: list[str] = field(default_factory=list)


class _Draft:
    """A circuit being drawn. degrees: name -> sum of its slopes; halves: weights in gates with half angles."""

    def __init__(self, source, wires):
        self.source, self.wires = source, wires
        self.circuit = QuantumCircuit(wires, 2)
        self.degrees, self.halves, self.made = {}, set(), {}
        self.shares, self.measured = source.random() < 0.3, 0

    def parameter(self, name):
        return self.made.setdefault(name, Parameter(name))

    def size(self):
        return np.prod([2 * d + 1 for d in self.degrees.values()], dtype=float)

    def weight(self, slope):
        again = self.degrees and (self.size() * 3 > MAX_GRID or (self.shares and self.source.random() < 0.4))
        name = self.source.choice(sorted(self.degrees)) if again else f"w{len(self.degrees)}"
        self.degrees[name] = self.degrees.get(name, 0) + abs(slope)
        return slope * self.parameter(name)

    def add(self, kind):
        q = self.source.sample(range(self.wires), self.wires)
        if kind in WIRES:
            getattr(self.circuit, kind)(*q[: WIRES[kind]])
        elif kind in FIXED:
            self.fixed(kind, q)
        elif kind in TURNS:
            if self.size() <= MAX_GRID:
                self.turn(kind, q)
        elif kind in SHARED:
            if len(self.halves) < MAX_HALVES:
                name = f"h{len(self.halves)}"
                self.halves.add(name)
                getattr(self.circuit, kind)(self.parameter(name), q[0], q[1])
        else:
            self.dynamic(kind, q)

    def fixed(self, kind, q):
        if kind == "ry3":
            self.circuit.ry(self.source.choice([0.3, -1.1, np.pi / 2, np.pi]), q[0])
        elif kind == "rzz3":
            turn = self.source.choice([self.circuit.rzz, self.circuit.rxx])
            turn(self.source.choice([0.7, -np.pi / 2, np.pi]), q[0], q[1])
        else:
            angles = self.source.choice([0.0, 0.9]), self.source.choice([0.0, np.pi / 2])
            self.circuit.u(0.4, *angles, q[0])

    def turn(self, kind, q):
        if kind == "u":
            self.circuit.u(self.weight(1), 0.0, self.source.choice([0.0, 0.5]), q[0])
            return
        angle = self.weight(self.source.choice([1, 1, 1, -1, 2])) + self.source.choice([0.0, 0.0, 0.4])
        getattr(self.circuit, kind)(angle, *q[: 1 if kind in ("rx", "ry", "rz", "p") else 2])

    def dynamic(self, kind, q):
        circuit, bit = self.circuit, self.circuit.clbits[self.source.randrange(2)]
        if kind in ("measure", "reset"):
            self.measured += 1
            if self.measured <= MAX_MEASURED:
                circuit.reset(q[0]) if kind == "reset" else circuit.measure(q[0], bit)
        elif kind == "for":
            with circuit.for_loop(range(2)):
                circuit.cx(q[0], q[1])
                circuit.h(q[0])
        elif kind == "if":
            with circuit.if_test((bit, self.source.randrange(2))):
                getattr(circuit, self.source.choice(["x", "y", "z", "x", "h", "t"]))(q[0])
        elif kind == "ifelse":
            with circuit.if_test((bit, self.source.randrange(2))) as other:
                circuit.x(q[0])
            with other:
                circuit.z(q[1])
                circuit.y(q[0])
        else:
            both = (
                expr.not_equal(*circuit.clbits) if kind == "xor" else (circuit.cregs[0], self.source.randrange(4))
            )
            with circuit.if_test(both):
                circuit.x(q[0])


def random_circuit(source, wires=3):
    """(circuit, degree of each weight, weights in gates with half angles)."""
    draft = _Draft(source, wires)
    pool = CLIFFORDS + 3 * TURNS + (FIXED if source.random() < 0.4 else [])
    pool += (2 * DYNAMIC if source.random() < 0.5 else []) + (SHARED if draft.shares else [])
    for _ in range(source.randint(3, 14)):
        draft.add(source.choice(pool))
    return draft.circuit, draft.degrees, draft.halves


def sweep(seeds):
    """Look at one circuit a seed.

    Returns:
        A `Tally`; `wrong` is empty unless something is wrong.
    """
    tally = Tally()
    for seed in seeds:
        _one(seed, tally)
    return tally


def _one(seed, tally):
    source = from_seed(seed)
    circuit, degrees, halves = random_circuit(source)
    text = source.choice([*OBSERVABLES, "M0", "M0 + Z1", "M0 M1"])
    zero = [0, 1, 2] if source.random() < 0.8 else sorted(source.sample(range(3), 2))
    tally.circuits += 1
    cost, gradients = _brute(circuit, text, degrees, halves, zero)
    moving = {name for name, g in gradients.items() if g > WRONG}
    weights = [*degrees, *halves]
    claims = Claims(weights=tuple(weights), observables=(text,), zero_wires=tuple(zero))
    subject = make_subject("c.qpy", circuit, tuple(p.name for p in circuit.parameters), claims=claims)
    dead = proved_dead(subject)
    tally.dead += len(dead)
    tally.alive_but_zero += len(set(gradients) - moving - dead)
    if dead & moving:
        tally.wrong.append(f"{seed}: {sorted(dead & moving)} called dead")
    try:
        chain = chain_of(circuit, observable(circuit, text), weights, zero_wires=zero)
    except Undecidable:
        return
    tally.accepted += 1
    if dead_names(chain) & moving:
        tally.wrong.append(f"{seed}: {sorted(dead_names(chain) & moving)} called dead by the chain")
    second = second_exact(chain)
    if abs(second.cost.value - cost) > WRONG:
        tally.wrong.append(f"{seed}: E f^2 {second.cost.value} is {cost}")
    for name, moment in zip(chain.names, second.gradients, strict=True):
        wrong = abs(moment.value - gradients[name]) > WRONG  # of half angles `gradients` says only whether f moves
        if wrong and (name in degrees or (moment.value == 0.0 and name in moving)):
            tally.wrong.append(f"{seed}: E (d {name})^2 {moment.value} is {gradients[name]}")


def _brute(circuit, text, degrees, halves, zero):
    """The mean over inputs of the moments; of a weight with half angles only how much moving it changes f."""
    words = letters_of_input(circuit, zero)
    total, sums = 0.0, dict.fromkeys([*degrees, *halves], 0.0)
    fixed = dict.fromkeys(halves, 0.7)
    nodes = list(zip(*legendre(0, 2 * np.pi, 14), strict=True)) if halves else [(0.0, 1.0)]
    for word in words:
        psi = product_state(word)
        for node, share in nodes:
            cost, gradients = uniform_moments(circuit, text, degrees, psi, dict.fromkeys(halves, node))
            total += share * cost / len(words)
            for name, g in gradients.items():
                sums[name] += share * g / len(words)
        at = {name: np.linspace(0.1, 5, 7) * (k + 1) for k, name in enumerate(degrees)}
        here = values(circuit, text, at | {n: np.full(7, v) for n, v in fixed.items()}, psi)
        for name in halves:
            there = values(circuit, text, at | {n: np.full(7, v + (n == name)) for n, v in fixed.items()}, psi)
            sums[name] += float(np.mean((there - here) ** 2)) / len(words)
    return total, sums
