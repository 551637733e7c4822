"""Random circuits with classical variables, stores and loops that end, and a slow interpreter of them.

The interpreter knows Qiskit's circuits only: a memory is a dict from bits and variables to Python integers, a state
is a density matrix, and each operation is done as it stands. Nothing here comes from the package under test.
"""

from __future__ import annotations

import numpy as np
from qiskit.circuit import (
    BoxOp,
    Clbit,
    ForLoopOp,
    IfElseOp,
    Measure,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import Operator

from tests.oracles import embed

BINARY = {
    "BIT_AND": lambda a, b: a & b, "BIT_OR": lambda a, b: a | b, "BIT_XOR": lambda a, b: a ^ b,
    "LOGIC_AND": lambda a, b: a and b, "LOGIC_OR": lambda a, b: a or b,
    "EQUAL": lambda a, b: a == b, "NOT_EQUAL": lambda a, b: a != b, "LESS": lambda a, b: a < b,
    "LESS_EQUAL": lambda a, b: a <= b, "GREATER": lambda a, b: a > b, "GREATER_EQUAL": lambda a, b: a >= b,
    "SHIFT_LEFT": lambda a, b: a << b, "SHIFT_RIGHT": lambda a, b: a >> b,
    "ADD": lambda a, b: a + b, "SUB": lambda a, b: a - b, "MUL": lambda a, b: a * b,
}  # fmt: skip


def value(node, memory, bits):
    """The value of an expression, a bit or a register; `bits`: a body's bit -> the outermost one."""
    if isinstance(node, Clbit):
        return memory[bits[node]]
    if not isinstance(node, expr.Expr):
        return int("".join(str(memory[bits[b]]) for b in reversed(list(node))), 2)
    if isinstance(node, expr.Var):
        return memory[node] if node.standalone else value(node.var, memory, bits)
    if isinstance(node, expr.Value):
        return int(node.value)
    if isinstance(node, expr.Index):
        return int(format(value(node.target, memory, bits), "b").zfill(99)[::-1][value(node.index, memory, bits)])
    if isinstance(node, expr.Cast):
        found = value(node.operand, memory, bits)
    elif isinstance(node, expr.Unary):
        inner = value(node.operand, memory, bits)
        top = 1 if isinstance(node.operand.type, types.Bool) else 2**node.operand.type.width - 1
        found = int(inner == 0) if node.op.name == "LOGIC_NOT" else top - inner
    else:
        found = int(BINARY[node.op.name](*(value(side, memory, bits) for side in (node.left, node.right))))
    return int(found != 0) if isinstance(node.type, types.Bool) else found % 2**node.type.width


def true(condition, memory, bits):
    """Whether a condition of either of Qiskit's forms holds."""
    if isinstance(condition, expr.Expr):
        return bool(value(condition, memory, bits))
    return value(condition[0], memory, bits) == int(condition[1])


def interpret(circuit, rho):
    """record -> unnormalised density matrix, from a density matrix of shape (2**n, 2**n)."""
    bits = {c: c for c in circuit.clbits}
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    out = {}
    for memory, end in _sequence(circuit, [(dict.fromkeys(circuit.clbits, 0), rho)], wires, bits):
        record = sum(memory[c] << k for k, c in enumerate(circuit.clbits))
        out[record] = out.get(record, 0) + end
    return out


def _sequence(circuit, paths, wires, bits):
    for item in circuit.data:
        on, into = [wires[q] for q in item.qubits], [bits[c] for c in item.clbits]
        paths = [end for path in paths for end in _step(item.operation, on, into, path, bits) if np.any(end[1])]
    return paths


def _step(op, on, into, path, bits):
    memory, rho = path
    n = int(np.log2(len(rho)))
    if isinstance(op, Measure):
        projectors = [embed(np.diag([1 - b, b]), on, n) for b in (0, 1)]
        return [({**memory, into[0]: b}, p @ rho @ p) for b, p in enumerate(projectors)]
    if isinstance(op, Reset):
        kraus = [embed(np.array(k), on, n) for k in ([[1, 0], [0, 0]], [[0, 1], [0, 0]])]
        return [(memory, sum(k @ rho @ k.T for k in kraus))]
    if isinstance(op, Store):
        return [(_stored(op, memory, bits), rho)]
    if isinstance(op, WhileLoopOp):
        return _while(op, on, into, path, bits)
    if hasattr(op, "blocks"):
        paths = [path]
        for body, more in _bodies(op, memory, bits):
            paths = _sequence(body, [(m | more, r) for m, r in paths], *_inside(body, on, into))
        return paths
    if getattr(op, "_directive", False):
        return [path]
    matrix = embed(Operator(op).data, on, n)
    return [(memory, matrix @ rho @ matrix.conj().T)]


def _inside(body, on, into):
    return dict(zip(body.qubits, on, strict=True)), dict(zip(body.clbits, into, strict=True))


def _while(op, on, into, path, bits):
    ended, going = [], [path]
    for _ in range(100):
        ended += [p for p in going if not true(op.condition, p[0], bits)]
        going = [p for p in going if true(op.condition, p[0], bits)]
        if not going:
            return ended
        going = _sequence(op.blocks[0], going, *_inside(op.blocks[0], on, into))
    raise AssertionError("a loop that was made to end does not")


def _stored(op, memory, bits):
    found, target = value(op.rvalue, memory, bits), op.lvalue
    memory = dict(memory)
    if isinstance(target, expr.Index):
        place = value(target.index, memory, bits)
        if isinstance(target.target.var, expr.Var) or target.target.standalone:
            old = memory[target.target]
            memory[target.target] = old - (old & 2**place) + found * 2**place
        else:
            memory[bits[list(target.target.var)[place]]] = found
    elif target.standalone:
        memory[target] = found
    elif isinstance(target.var, Clbit):
        memory[bits[target.var]] = found
    else:
        for place, bit in enumerate(target.var):
            memory[bits[bit]] = found >> place & 1
    return memory


def _bodies(op, memory, bits):
    if isinstance(op, IfElseOp):
        return [(b, {}) for b in ([op.blocks[0]] if true(op.condition, memory, bits) else op.blocks[1:])]
    if isinstance(op, SwitchCaseOp):
        found = value(op.target, memory, bits)
        fitting = [body for labels, body in op.cases_specifier() if any(label in (found, ANY) for label in labels)]
        return [(body, {}) for body in fitting[:1]]
    if isinstance(op, ForLoopOp):
        indices, variable, body = op.params
        return [(body, {variable: i} if isinstance(variable, expr.Var) else {}) for i in indices]
    assert isinstance(op, BoxOp)
    return [(op.blocks[0], {})]


class _Anything:
    """Equal to Qiskit's mark of a default case, whatever that is."""

    def __eq__(self, other):
        return not isinstance(other, int)

    __hash__ = None


ANY = _Anything()


class Programs:
    """Random circuits whose `while` loops count up to a bound, by one or by what a measurement says."""

    def __init__(self, source, n, bits) -> None:
        self.s = source
        self.c = QuantumCircuit(n, bits)
        self.made = 0
        self.variables = []  # those with a value here; a loop's counter is not among those that are written
        self.counters = []

    def make(self, length, depth=2):
        self.declare()
        for _ in range(length):
            self.step(depth)
        return self.c

    def declare(self):
        self.made += 1
        kind = self.s.choice([types.Bool(), types.Uint(1), types.Uint(2), types.Uint(2), types.Uint(3)])
        made = self.c.add_var(expr.Var.new(f"v{self.made}", kind), self.of(kind, 1))
        self.variables.append(made)

    def of(self, kind, depth=2):
        return self.truth(depth) if isinstance(kind, types.Bool) else self.number(kind.width, depth)

    def readable(self, kind):
        return [v for v in (*self.variables, *self.counters) if v.type == kind]

    def number(self, width, depth):
        """An expression of type Uint(width)."""
        s, kind = self.s, types.Uint(width)
        leaves = [expr.lift(s.randrange(2**width), kind), *self.readable(kind)]
        if self.c.cregs and self.c.cregs[0].size == width:
            leaves.append(expr.lift(self.c.cregs[0]))
        choice = s.randrange(9) if depth else 0
        if choice <= 1:
            return s.choice(leaves)
        if choice == 2:
            return expr.bit_not(self.number(width, depth - 1))
        if choice == 3:
            shift = s.choice([expr.shift_left, expr.shift_right])
            return shift(self.number(width, depth - 1), s.choice([s.randrange(4), self.number(2, 0)]))
        if choice == 4:
            return expr.cast(self.number(s.randint(1, 3), depth - 1), kind)
        if choice == 5:
            return expr.cast(self.truth(depth - 1), kind)
        make = s.choice([expr.add, expr.sub, expr.mul, expr.bit_and, expr.bit_or, expr.bit_xor])
        return make(self.number(width, depth - 1), self.number(width, depth - 1))

    def truth(self, depth):
        """An expression of type Bool."""
        s = self.s
        choice = s.randrange(7) if depth else 0
        if choice <= 1:
            return s.choice(
                [*map(expr.lift, self.c.clbits), *self.readable(types.Bool()), expr.lift(s.random() < 0.5)]
            )
        if choice == 2:
            return s.choice([expr.logic_not, expr.bit_not])(self.truth(depth - 1))
        if choice == 3:
            make = s.choice([expr.logic_and, expr.logic_or, expr.bit_xor, expr.bit_and, expr.equal])
            return make(self.truth(depth - 1), self.truth(depth - 1))
        width = s.randint(1, 3)
        if choice == 4:
            return expr.index(self.number(width, depth - 1), s.randrange(width))
        if choice == 5:
            return expr.cast(self.number(width, depth - 1), types.Bool())
        compare = s.choice(
            [expr.less, expr.less_equal, expr.greater, expr.greater_equal, expr.equal, expr.not_equal]
        )
        return compare(self.number(width, depth - 1), self.number(s.choice([width, 2]), depth - 1))

    def step(self, depth):
        s, c = self.s, self.c
        kinds = ["gate", "measure", "reset", "store", "bit", "register", "index", "declare"]
        weights = [4, 3, 0.7, 3, 1, 0.7, 1, 0.7]
        if depth:
            kinds += ["if", "while", "for", "switch", "box"]
            weights += [2, 2, 0.7, 0.7, 0.5]
        kind = s.choices(kinds, weights)[0]
        if kind == "gate":
            getattr(c, s.choice(["h", "t", "x", "sx"]))(s.randrange(c.num_qubits))
        elif kind == "measure":
            c.measure(s.randrange(c.num_qubits), s.randrange(c.num_clbits))
        elif kind == "reset":
            c.reset(s.randrange(c.num_qubits))
        elif kind == "bit":
            c.store(s.choice(c.clbits), self.truth(1))
        elif kind == "register":
            c.store(c.cregs[0], self.number(c.num_clbits, 1))
        elif kind in ("store", "index"):
            self.store(kind == "index")
        elif kind == "declare":
            self.declare()
        else:
            kept = list(self.variables), list(self.counters)
            getattr(self, f"{kind}_")(depth - 1)
            self.variables, self.counters = kept

    def store(self, indexed):
        if not self.variables:
            return
        target = self.s.choice(self.variables)
        if indexed and isinstance(target.type, types.Uint):
            fits = [v for v in self.readable(types.Uint(1)) if target.type.width >= 2]
            place = self.s.choice([self.s.randrange(target.type.width), *fits])
            self.c.store(expr.index(target, place), self.truth(1))
        else:
            self.c.store(target, self.of(target.type, 2))

    def some(self, depth):
        before = list(self.variables)
        for _ in range(self.s.randint(1, 2)):
            self.step(depth)
        self.variables = before

    def if_(self, depth):
        condition = self.s.choice([self.truth(2), (self.c.clbits[0], self.s.randrange(2)), (self.c.cregs[0], 1)])
        with self.c.if_test(condition) as otherwise:
            self.some(depth)
        if self.s.random() < 0.4:
            with otherwise:
                self.some(depth)

    def while_(self, depth):
        self.made += 1
        width = self.s.randint(1, 2)
        k = self.c.add_var(expr.Var.new(f"k{self.made}", types.Uint(width)), self.number(width, 1))
        test = expr.less(k, 2**width - 1)
        if self.s.random() < 0.4:
            test = expr.logic_and(test, self.truth(1))
        self.counters.append(k)
        with self.c.while_loop(test):
            self.some(depth)
            if width == 2 and self.s.random() < 0.4:
                bit = self.s.choice(self.c.clbits)
                self.c.measure(0, bit)
                with self.c.if_test(expr.logic_and(expr.less(k, 2), expr.lift(bit))):
                    self.c.store(k, expr.add(k, 1))
            self.c.store(k, expr.add(k, 1))

    def for_(self, depth):
        if self.s.random() < 0.5:
            self.made += 1
            variable = expr.Var.new(f"i{self.made}", types.Uint(2))
            with self.c.for_loop(self.s.choice([range(2), (3, 1)]), variable):
                # Qiskit 2.6: such a body uses no other variable
                self.variables, self.counters = [], [variable]
                self.some(depth)
        else:
            with self.c.for_loop(range(2)):
                self.some(depth)

    def switch_(self, depth):
        with self.c.switch(self.s.choice([self.number(2, 1), self.c.clbits[0]])) as case:
            with case(0):
                self.some(depth)
            with case(1):
                self.some(depth)
            if self.s.random() < 0.5:
                with case(case.DEFAULT):
                    self.some(depth)

    def box_(self, depth):
        with self.c.box():
            self.some(depth)


def program(source, n, bits, length, depth=2):
    """One circuit."""
    return Programs(source, n, bits).make(length, depth)
