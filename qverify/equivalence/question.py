"""What is asked about two circuits, and the two circuits made comparable: layouts undone, parameters matched.

Parameters are matched by name; by declared order only where the question says so, as a claim may.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from numpy.random import Generator, default_rng
from qiskit.circuit import QuantumCircuit

from qverify.equivalence.pauli_form import PauliForm, pauli_form
from qverify.equivalence.programs import Program
from qverify.errors import CannotCompare, Undecidable, counted
from qverify.layout import layout_undone
from qverify.plain import plain
from qverify.semantics.binding import renamed
from qverify.structure import is_dynamic
from qverify.subject import Reference, Subject
from qverify.subject.claims import Input, Match, Notion

Named = Subject | Reference


@dataclass(frozen=True)
class Question:
    """What is asked. ancilla: wires that only B has, starting in |0>; discard: wires of B that are traced out.

    tolerance: largest distance that still counts as equal. match: how the parameters of B are found in A.
    """

    notion: Notion
    input: Input = "any"
    tolerance: float = 1e-8
    ancilla: tuple[int, ...] = ()
    discard: tuple[int, ...] = ()
    seed: int = 0
    match: Match = "name"


@dataclass(frozen=True)
class Pair:
    """Two circuits on wires and parameters that mean the same, and the question.

    own_names: the parameter of B's file for each parameter of A.
    dynamic: whether either measures, resets or branches.
    """

    a: Subject
    b: Named
    question: Question
    own_names: Mapping[str, str]
    dynamic: bool

    @property
    def wires(self) -> int:
        """Wires of A."""
        return int(self.a.circuit.num_qubits)

    @property
    def bound(self) -> bool:
        """Whether there is no parameter, so that one comparison is all."""
        return not self.a.parameters

    @cached_property
    def gates_only(self) -> bool:
        """Whether both are unitaries on the same wires, asked about as they are."""
        q = self.question
        return not (self.dynamic or q.ancilla or q.discard) and self.wires == self.b.circuit.num_qubits

    @property
    def name(self) -> str:
        """Names the pair and the run: what everything drawn is derived from."""
        return f"{self.a.circuit_digest}|{self.b.circuit_digest}|{self.question.seed}"

    def generator(self, purpose: str) -> Generator:
        """A generator of its own for each purpose, so that no method's draws depend on what ran before."""
        word = hashlib.sha256(f"{self.name}|{purpose}".encode()).digest()
        return default_rng(int.from_bytes(word[:16], "big"))

    @cached_property
    def forms(self) -> tuple[PauliForm, PauliForm] | None:
        """The Pauli-rotation normal forms, where both circuits have one."""
        try:
            return pauli_form(self.a.circuit), pauli_form(self.b.circuit)
        except Undecidable:
            return None

    @cached_property
    def programs(self) -> tuple[Program, Program] | None:
        """Both circuits made ready for many evaluations, where that is possible."""
        try:
            return Program(self.a.circuit), Program(self.b.circuit)
        except Undecidable:
            return None


def default_notion(a: Named, b: Named) -> Notion:
    """`unitary` where neither circuit measures, resets or branches, else `instrument`."""
    return "instrument" if is_dynamic(a.circuit) or is_dynamic(b.circuit) else "unitary"


def paired(a: Subject, b: Named, question: Question) -> Pair:
    """Two circuits made comparable.

    Raises:
        CannotCompare: the question does not fit the circuits.
    """
    dynamic = [side.path for side in (a, b) if is_dynamic(side.circuit)]
    if dynamic and question.notion == "unitary":
        said = "measures, resets or branches, so it is no unitary; use --notion instrument"
        raise CannotCompare(said, dynamic[0])
    other, own_names = _matched(a, b, question)
    a = replace(a, circuit=_plain(a.circuit, a.path))
    other = replace(other, circuit=_plain(other.circuit, b.path))
    _widths_fit(a, other, question)
    return Pair(a, other, question, own_names, bool(dynamic))


def _plain(circuit: QuantumCircuit, path: str) -> QuantumCircuit:
    try:
        return plain(layout_undone(circuit))
    except Undecidable as why:
        raise CannotCompare(why.sentence, path) from None


def _matched(a: Subject, b: Named, question: Question) -> tuple[Named, dict[str, str]]:
    """B with its parameters named as A's, and what they were called."""
    if question.match == "order":
        if len(a.parameters) != len(b.parameters):
            counts = f"{counted(len(b.parameters), 'parameter')} and {a.path} has {len(a.parameters)}"
            raise CannotCompare(f"has {counts}; matched by order they must be as many", b.path)
        own = dict(zip(a.parameters, b.parameters, strict=True))
        circuit = renamed(b.circuit, {theirs: ours for ours, theirs in own.items()})
        return replace(b, circuit=circuit, parameters=a.parameters), own
    unmatched = sorted(set(a.parameters) ^ set(b.parameters))
    if unmatched:
        owner = a if unmatched[0] in a.parameters else b
        raise CannotCompare(
            f"has the parameter `{unmatched[0]}`, the other circuit has not; rename one", owner.path
        )
    return b, {name: name for name in a.parameters}


def _widths_fit(a: Named, b: Named, question: Question) -> None:
    for k in (*question.ancilla, *question.discard):
        if not 0 <= k < b.circuit.num_qubits:
            raise CannotCompare(f"has no wire {k}; it has {b.circuit.num_qubits}", b.path)
    inner = [b.circuit.num_qubits - len(set(cut)) for cut in (question.ancilla, question.discard)]
    if question.input == "zero":
        inner[0] = a.circuit.num_qubits
    if question.notion == "outcomes":
        inner[1] = a.circuit.num_qubits
    if inner != [a.circuit.num_qubits] * 2:
        raise CannotCompare(
            f"has {counted(b.circuit.num_qubits, 'wire')} and {a.path} has {a.circuit.num_qubits}; "
            "say which extra wires start in |0> (--ancilla) and which are traced out (--discard)",
            b.path,
        )
