"""A dynamic circuit as steps: gates, measurements, resets and branches on numbered wires and bits, loops unrolled.

    for i in 0..2 { body }   ->   body, body, body      (each turn a step of its own, all turns at one site)
    if / switch              ->   one branch; its arms hold steps; the arm "nothing" where no body runs

Composite operations and boxes are opened. A step is one execution; a site is one operation of the circuit as it is
written, so that a loop is not blamed for what only its first turn does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from qiskit.circuit import (
    Barrier,
    BoxOp,
    Clbit,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    SwitchCaseOp,
)
from qiskit.circuit.classical import expr
from qiskit.circuit.library import UnitaryGate

from qverify.angles import angle_of, parameters_in
from qverify.errors import Undecidable
from qverify.semantics.binding import bind
from qverify.semantics.conditions import bits_read, holds, target_value
from qverify.semantics.run import leaves_early
from qverify.structure import is_leaf, standard_class
from qverify.subject import Subject

MAX_STEPS = 20_000
NOTHING = "nothing"
Site = tuple[int, ...]
Kind = Literal["gate", "measure", "reset", "branch"]


@dataclass(frozen=True)
class Branch:
    """A choice between arms by the classical memory.

    reads: the values that the condition reads, each as its bits, least significant first.
    chosen: classical record -> index of the arm that runs.
    names: what each arm is called; `NOTHING` for no body at all.
    """

    reads: tuple[tuple[int, ...], ...]
    chosen: Callable[[int], int]
    arms: tuple[tuple[Step, ...], ...]
    names: tuple[str, ...]

    @property
    def bits(self) -> tuple[int, ...]:
        """All bits that it reads."""
        return tuple(sorted({bit for value in self.reads for bit in value}))


@dataclass(frozen=True, eq=False)
class Step:
    """One execution of one operation; equal only to itself.

    wires: those it acts on, for a branch those that some arm acts on. bit: the one a measurement writes.
    """

    kind: Kind
    site: Site
    where: str
    wires: tuple[int, ...]
    bit: int = -1
    operation: Operation | None = None
    branch: Branch | None = None

    @property
    def parameters(self) -> frozenset[str]:
        """The names in the angles of a gate."""
        angles = getattr(self.operation, "params", ()) if standard_class(self.operation) else ()
        return frozenset[str]().union(*(parameters_in(angle_of(a)) for a in angles))


@dataclass(frozen=True)
class Program:
    """A circuit's steps, and what its claims say of what comes in and what is read.

    zero: wires that start in |0>. data: parameters that no claim calls a weight. outputs: bits that are read at the
    end.
    """

    steps: tuple[Step, ...]
    n: int
    n_bits: int
    zero: frozenset[int]
    data: frozenset[str]
    features: frozenset[str]
    outputs: frozenset[int]
    parameters: tuple[str, ...]

    @property
    def free(self) -> tuple[int, ...]:
        """The wires that bring a state in."""
        return tuple(k for k in range(self.n) if k not in self.zero)


def program_of(subject: Subject) -> Program:
    """The steps of a subject's circuit.

    Raises:
        Undecidable: a loop without a bound that is known here, a classical variable, or too many steps.
    """
    circuit, claims = subject.circuit, subject.claims
    walk = _Unroller(subject.lines)
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    bits = {c: k for k, c in enumerate(circuit.clbits)}
    steps = walk.body(circuit, wires, bits, ())
    return Program(
        steps=steps,
        n=circuit.num_qubits,
        n_bits=circuit.num_clbits,
        zero=frozenset(k for k in claims.zero_wires if 0 <= k < circuit.num_qubits),
        data=frozenset(subject.parameters) - frozenset(claims.weights),
        features=frozenset(claims.features),
        outputs=_outputs(subject, steps),
        parameters=subject.parameters,
    )


def executions(steps: Sequence[Step]) -> Iterator[Step]:
    """Every step, those inside arms too, in the order they are written."""
    for step in steps:
        yield step
        for arm in step.branch.arms if step.branch else ():
            yield from executions(arm)


def _outputs(subject: Subject, steps: tuple[Step, ...]) -> frozenset[int]:
    """The bits that count as read at the end.

    All of them; where observables are claimed, those they read, and those that hold the last thing done to a wire.
    """
    observables = subject.observables()
    if not observables:
        return frozenset(range(subject.circuit.num_clbits))
    last: dict[int, Step] = {}
    for step in steps:
        last |= dict.fromkeys(step.wires, step)
    readout = {step.bit for step in last.values() if step.kind == "measure"}
    return frozenset(readout).union(*(o.bits for o in observables))


@dataclass
class _Unroller:
    lines: Sequence[int | None]
    made: int = 0
    at: list[str] = field(default_factory=list)

    def body(
        self, circuit: QuantumCircuit, wires: Mapping[Any, int], bits: Mapping[Any, int], path: Site
    ) -> tuple[Step, ...]:
        return tuple(
            step
            for index, item in enumerate(circuit.data)
            for step in self.operation(
                item.operation,
                tuple(wires[q] for q in item.qubits),
                tuple(bits[c] for c in item.clbits),
                bits,
                (*path, index),
            )
        )

    def operation(
        self, op: Operation, on: tuple[int, ...], into: tuple[int, ...], bits: Mapping[Any, int], path: Site
    ) -> Iterator[Step]:
        if isinstance(op, Barrier | Delay):
            return
        self.made += 1
        if self.made > MAX_STEPS:
            raise Undecidable(f"more than {MAX_STEPS} operations once its loops are unrolled")
        if isinstance(op, Measure):
            yield Step("measure", path, self.place(f"measure q{on[0]} -> c{into[0]}", path), on, into[0])
        elif isinstance(op, Reset):
            yield Step("reset", path, self.place(f"reset q{on[0]}", path), on)
        elif isinstance(op, IfElseOp | SwitchCaseOp):
            yield self.choice(op, on, into, bits, path)
        elif isinstance(op, ForLoopOp | BoxOp):
            for body in _turns(op):
                yield from self.inside(body, on, into, path)
        elif isinstance(op, ControlFlowOp):
            raise Undecidable(f"`{op.name}` has no bound that is known here")
        elif is_leaf(op) and (standard_class(op) or isinstance(op, UnitaryGate)):
            named = f"{op.name} {', '.join(f'q{k}' for k in on)}"
            yield Step("gate", path, self.place(named, path), on, operation=op)
        elif getattr(op, "definition", None) is None:
            raise Undecidable(f"the operation `{op.name}` is not understood here")
        else:
            yield from self.inside(op.definition, on, into, path)

    def inside(
        self, body: QuantumCircuit, on: tuple[int, ...], into: tuple[int, ...], path: Site
    ) -> tuple[Step, ...]:
        return self.body(
            body, dict(zip(body.qubits, on, strict=True)), dict(zip(body.clbits, into, strict=True)), path
        )

    def place(self, what: str, path: Site) -> str:
        """What and where: the line of the outermost operation, and how many operations deep."""
        line = self.lines[path[0]] if path[0] < len(self.lines) else None
        within = " in the operation of" if len(path) > 1 else ""
        return f"{what} ({within.strip() + ' ' if within else ''}{f'line {line}' if line else f'index {path[0]}'})"

    def choice(
        self,
        op: IfElseOp | SwitchCaseOp,
        on: tuple[int, ...],
        into: tuple[int, ...],
        bits: Mapping[Any, int],
        path: Site,
    ) -> Step:
        bodies, names, chosen = _choices(op, bits)
        arms = [self.inside(body, on, into, (*path, k)) for k, body in enumerate(bodies)]
        if NOTHING in names:
            arms.append(())
        steered = op.condition if isinstance(op, IfElseOp) else op.target
        reads = tuple(_values_read(steered, bits))
        acts = tuple(sorted({wire for arm in arms for step in arm for wire in step.wires}))
        read = ", ".join(f"c{bit}" for bit in sorted({bit for value in reads for bit in value})) or "no bit"
        name = "if" if isinstance(op, IfElseOp) else "switch"
        where = self.place(f"{name} on {read}", path)
        return Step("branch", path, where, acts, branch=Branch(reads, chosen, tuple(arms), names))


def _turns(op: ForLoopOp | BoxOp) -> Iterator[QuantumCircuit]:
    if isinstance(op, BoxOp):
        yield op.blocks[0]
        return
    indices, variable, body = op.params
    if leaves_early(body):
        raise Undecidable("a `for` loop with `break` or `continue` is not unrolled here")
    if len(indices) > MAX_STEPS:
        raise Undecidable(f"a loop of more than {MAX_STEPS} turns is not unrolled here")
    for index in indices:
        yield body if variable is None or variable not in body.parameters else bind(body, {variable: index})


def _choices(
    op: IfElseOp | SwitchCaseOp, bits: Mapping[Any, int]
) -> tuple[list[QuantumCircuit], tuple[str, ...], Callable[[int], int]]:
    """Bodies, names of the arms, and which arm a record chooses; the arm `NOTHING` comes last."""
    if isinstance(op, IfElseOp):
        bodies = list(op.blocks)
        names: tuple[str, ...] = ("then", "else") if len(bodies) > 1 else ("then", NOTHING)
        bits_read(op.condition, bits)
        return bodies, names, lambda record: 0 if holds(op.condition, record, bits) else 1
    cases = [
        ([int(v) if isinstance(v, int) else None for v in labels], body) for labels, body in op.cases_specifier()
    ]
    names = tuple("default" if None in labels else f"case {', '.join(map(str, labels))}" for labels, _ in cases)
    if "default" not in names:
        names = (*names, NOTHING)

    def chosen(record: int) -> int:
        value = target_value(op.target, record, bits)
        return next((k for k, (labels, _) in enumerate(cases) if value in labels or None in labels), len(cases))

    return [body for _, body in cases], names, chosen


def _values_read(condition: Any, bits: Mapping[Any, int]) -> Iterator[tuple[int, ...]]:
    """The values that a condition or target reads: single bits, or registers as numbers."""
    target = condition[0] if isinstance(condition, tuple) else condition
    if not isinstance(target, expr.Expr):
        yield _bits_of(target, bits)
        return
    stack: list[expr.Expr] = [target]
    while stack:
        node = stack.pop()
        if isinstance(node, expr.Var):
            if node.standalone:
                raise Undecidable(f"the classical variable `{node.name}` is not followed here")
            yield _bits_of(node.var, bits)
        elif (
            isinstance(node, expr.Index)
            and isinstance(node.target, expr.Var)
            and isinstance(node.index, expr.Value)
        ):
            yield (_bits_of(node.target.var, bits)[int(node.index.value)],)
        else:
            stack += [n for n in (getattr(node, a, None) for a in _CHILDREN) if isinstance(n, expr.Expr)]


_CHILDREN = ("operand", "left", "right", "target", "index")


def _bits_of(target: Any, bits: Mapping[Any, int]) -> tuple[int, ...]:
    named = [target] if isinstance(target, Clbit) else list(target)
    if any(bit not in bits for bit in named):
        raise Undecidable("a condition reads a classical bit that its circuit does not have")
    return tuple(bits[bit] for bit in named)
