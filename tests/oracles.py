"""Slow, independent answers: density matrices, Kronecker products, Qiskit's own matrices, every outcome listed.

    rho -> P_b rho P_b for each outcome b of a measurement;  the classical memory is a dict bit -> 0 or 1

Nothing here comes from the package under test. Wire 0 is the least significant bit, as in Qiskit.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from qiskit.circuit import Barrier, BoxOp, Clbit, Delay, ForLoopOp, IfElseOp, Measure, Reset, SwitchCaseOp
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import standard_gates
from qiskit.quantum_info import Operator

STANDARD = {kind for kind in vars(standard_gates).values() if isinstance(kind, type)}
ONE_WIRE = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
    "P": np.diag([1, 0]),
}
LETTERS = {
    "0": np.array([1, 0]),
    "1": np.array([0, 1]),
    "+": np.array([1, 1]) / math.sqrt(2),
    "-": np.array([1, -1]) / math.sqrt(2),
    "r": np.array([1, 1j]) / math.sqrt(2),
    "l": np.array([1, -1j]) / math.sqrt(2),
}


def kron_all(factors):
    """The Kronecker product with factors[0] on wire 0."""
    done = np.eye(1)
    for factor in factors:
        done = np.kron(factor, done)
    return done


def embed(matrix, wires, n):
    """A gate's matrix on some of n wires, entry by entry; (2**k, 2**k) -> (2**n, 2**n)."""
    full = np.zeros((2**n, 2**n), dtype=complex)
    rest = [k for k in range(n) if k not in wires]
    size = 2 ** len(wires)

    def index(inside, outside):
        bits = {w: inside >> j & 1 for j, w in enumerate(wires)} | {w: outside >> j & 1 for j, w in enumerate(rest)}
        return sum(b << w for w, b in bits.items())

    for outside in range(2 ** len(rest)):
        at = [index(inside, outside) for inside in range(size)]
        full[np.ix_(at, at)] = matrix
    return full


def observable_matrix(terms, n):
    """sum of coefficient * product, terms as [(coefficient, {wire: letter})]; letters I X Y Z and P = |0><0|."""
    return sum(c * kron_all([ONE_WIRE[letters.get(k, "I")] for k in range(n)]) for c, letters in terms)


def partial_trace(rho, discarded, n):
    """Trace out wires of rho of shape (2**n, 2**n)."""
    kept = [k for k in range(n) if k not in discarded]
    out = np.zeros((2 ** len(kept),) * 2, dtype=complex)
    for a, b in itertools.product(range(2**n), repeat=2):
        if all((a >> k & 1) == (b >> k & 1) for k in discarded):
            row, column = (sum((x >> k & 1) << j for j, k in enumerate(kept)) for x in (a, b))
            out[row, column] += rho[a, b]
    return out


# ------------------------------------------------------------------------------ dynamic circuits


def evolve(circuit, rhos):
    """record -> density matrices (unnormalised), shape (B, 2**n, 2**n), for a batch of inputs of that shape.

    Records of probability zero for every input may be missing or zero.
    """
    memory = dict.fromkeys(range(circuit.num_clbits), 0)
    start = [(memory, np.asarray(rhos, dtype=complex))]
    n = circuit.num_qubits
    end = _walk(circuit, list(range(n)), list(range(circuit.num_clbits)), start, n, {})
    out = {}
    for memory, rho in end:
        record = sum(bit << k for k, bit in memory.items())
        out[record] = out.get(record, 0) + rho
    return out


def choi(circuit):
    """record -> shape (d*d, d, d): the image of |i><j| at index i*d + j."""
    d = 2**circuit.num_qubits
    units = np.zeros((d * d, d, d))
    for i, j in itertools.product(range(d), repeat=2):
        units[i * d + j, i, j] = 1
    return evolve(circuit, units)


def _walk(circuit, qubits, clbits, branches, n, turn):
    """qubits, clbits: the outermost index of each wire of `circuit`. turn: the loop variables' values."""
    wire = {q: qubits[k] for k, q in enumerate(circuit.qubits)}
    place = {c: clbits[k] for k, c in enumerate(circuit.clbits)}
    for item in circuit.data:
        op = item.operation
        on, into = [wire[q] for q in item.qubits], [place[c] for c in item.clbits]
        branches = _merged(_step(op, on, into, branches, n, (place, turn)))
    return branches


def _merged(branches):
    """Branches with the same classical memory added up, zeros dropped."""
    found = {}
    for memory, rho in branches:
        key = tuple(sorted(memory.items()))
        found[key] = found[key] + rho if key in found else rho
    return [(dict(key), rho) for key, rho in found.items() if np.any(np.abs(rho) > 0)]


def _step(op, on, into, branches, n, scope):
    if isinstance(op, Barrier | Delay):
        return branches
    if isinstance(op, Measure):
        projectors = [embed(np.diag([1 - b, b]), on, n) for b in (0, 1)]
        return [(m | {into[0]: b}, P @ rho @ P) for m, rho in branches for b, P in enumerate(projectors)]
    if isinstance(op, Reset):
        kraus = [embed(np.array(k), on, n) for k in ([[1, 0], [0, 0]], [[0, 1], [0, 0]])]
        return [(m, sum(K @ rho @ K.conj().T for K in kraus)) for m, rho in branches]
    if hasattr(op, "blocks"):
        return [done for branch in branches for done in _flow(op, on, into, branch, n, scope)]
    if op.base_class in STANDARD or op.name == "unitary":
        U = embed(Operator(_fixed(op, scope[1])).data, on, n)
        return [(m, U @ rho @ U.conj().T) for m, rho in branches]
    return _walk(op.definition, on, into, branches, n, scope[1])


def _fixed(op, turn):
    """A standard gate with the loop variables' values in its angles."""
    if not turn or op.name == "unitary" or not op.params:
        return op
    angles = []
    for angle in op.params:
        mine = {p: turn[p] for p in getattr(angle, "parameters", ())}
        angles.append(float(angle.bind(mine).numeric()) if mine else float(angle))
    control = {"ctrl_state": op.ctrl_state} if hasattr(op, "ctrl_state") else {}
    return op.base_class(*angles, **control)


def _flow(op, on, into, branch, n, scope):
    memory, (place, turn) = branch[0], scope
    turns = [turn]
    if isinstance(op, IfElseOp):
        chosen = list(op.blocks[: 1 if _true(op.condition, memory, place) else 2])
        bodies = chosen if len(chosen) == 1 and _true(op.condition, memory, place) else list(op.blocks[1:])
    elif isinstance(op, SwitchCaseOp):
        value = _read(op.target, memory, place)
        cases = [body for labels, body in op.cases_specifier() if any(_hit(v, value) for v in labels)]
        bodies = cases[:1]
    elif isinstance(op, ForLoopOp):
        indices, variable, body = op.params
        bodies, turns = [body] * len(indices), [turn | {variable: i} for i in indices]
    elif isinstance(op, BoxOp):
        bodies = [op.blocks[0]]
    else:
        raise NotImplementedError(op.name)
    branches = [branch]
    for body, values in zip(bodies, turns, strict=False):
        branches = _walk(body, on, into, branches, n, values)
    return branches


def _hit(label, value):
    return not isinstance(label, int) or int(label) == value  # the label that is no number is the default


def _read(target, memory, place):
    if isinstance(target, expr.Expr):
        return int(_expression(target, memory, place))
    if isinstance(target, Clbit):
        return memory[place[target]]
    return int("".join(str(memory[place[bit]]) for bit in reversed(list(target))), 2)


def _true(condition, memory, place):
    if isinstance(condition, expr.Expr):
        return bool(_expression(condition, memory, place))
    return _read(condition[0], memory, place) == condition[1]


def _expression(node, memory, place):
    """By Python's own operators, on bool for bits and int modulo 2**width for registers."""

    def inner(child):
        return _expression(child, memory, place)

    if isinstance(node, expr.Value):
        return node.value
    if isinstance(node, expr.Var):
        return _read(node.var, memory, place)
    if isinstance(node, expr.Cast):
        value = int(inner(node.operand))
        return value != 0 if isinstance(node.type, types.Bool) else value & (1 << node.type.width) - 1
    if isinstance(node, expr.Index):
        return bool(inner(node.target) // 2 ** inner(node.index) % 2)
    name = node.op.name
    if isinstance(node, expr.Unary):
        value = inner(node.operand)
        if isinstance(node.type, types.Bool):
            return not value
        return (1 << node.type.width) - 1 - value
    a, b = inner(node.left), inner(node.right)
    table = {
        "BIT_AND": lambda: a & b, "BIT_OR": lambda: a | b, "BIT_XOR": lambda: a ^ b,
        "LOGIC_AND": lambda: a and b, "LOGIC_OR": lambda: a or b,
        "EQUAL": lambda: a == b, "NOT_EQUAL": lambda: a != b,
        "LESS": lambda: a < b, "LESS_EQUAL": lambda: a <= b,
        "GREATER": lambda: a > b, "GREATER_EQUAL": lambda: a >= b,
        "SHIFT_LEFT": lambda: (a << b) & (1 << node.type.width) - 1, "SHIFT_RIGHT": lambda: a >> b,
    }  # fmt: skip
    return table[name]()
