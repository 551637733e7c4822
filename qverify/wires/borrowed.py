"""The rows of a long circuit, read from Qiskit's own memory by its C interface instead of one Python object a gate.

    qk_circuit_view_instruction(circuit, i, &view)    view: name, qubits, bits, parameters, all pointers

Names and lists of qubits are shared between instructions, so each distinct pointer is followed once and the rest is
NumPy. A pointer says what an operation is: names of standard gates are Qiskit's constants, told from a user's gate
of the same name by `qk_circuit_instruction_kind`. Control flow, composites and delays are read as Python objects.
Source: Qiskit 2.6, `qiskit.capi` and its header `funcs.h`. Cost: one foreign call a gate, half of what
`circuit_to_dag` takes; views are read before anything else runs, since changing the circuit invalidates them.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import capi
from qiskit.circuit import QuantumCircuit

from qverify.wires.flat import BARRIER, MEASURE, RESET, Flat, Ints, Numbers, Rows, add_circuit, flat_of
from qverify.wires.kernels import compiled, copied, fast, is_fast, numbered
from qverify.wires.kinds import MOST_WIRES, NEAR, Kind, standard_names

_TABLE = 2**17  # entries of the hash table of pointers
FROM = 4_000  # operations; below, reading Python objects is as quick
_VIEW = np.dtype(
    [(name, "u8") for name in ("name", "qubits", "clbits", "params", "letters")]
    + [("n", "u4"), ("n_bits", "u4"), ("angles", "u8")]  # a view of C's struct, in two widths
)
_SIMPLE = {1: BARRIER, 3: MEASURE, 4: RESET}  # QkOperationKind; 0 is a standard gate, 5 a matrix
Pointers = NDArray[np.uint64]


def rows_of(circuit: QuantumCircuit) -> Flat:
    """The rows of a circuit, by whichever way is quicker; the same rows either way.

    Raises:
        Undecidable: as `flat_of`.
    """
    if len(circuit.data) < FROM:
        return flat_of(circuit)
    return borrowed(circuit)


def _function(name: str, result: Any, arguments: int) -> Callable[..., Any]:
    """A C function that takes pointers as plain integers."""
    address = ctypes.cast(getattr(capi.LIB, name), ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, *[ctypes.c_size_t] * arguments)(address or 0)


@cache
def _viewer(fast: bool) -> Callable[..., Any]:
    """(circuit, start, step, count): the view of instruction k is written to address start + k step."""
    view = _function("qk_circuit_view_instruction", None, 3)

    def loop(circuit: int, start: int, step: int, count: int) -> None:
        for k in range(count):
            view(circuit, k, start + k * step)

    return compiled(loop, kept=False) if fast else loop


@cache
def _reader(fast: bool) -> Callable[..., Any]:
    """(pointers, out): the real value of each parameter, NaN where it is open."""
    real = _function("qk_param_as_real", ctypes.c_double, 1)

    def loop(pointers: Pointers, out: NDArray[np.float64]) -> None:
        for k in range(len(pointers)):
            out[k] = real(pointers[k])

    return compiled(loop, kept=False) if fast else loop


def _numbered(keys: Pointers) -> tuple[Ints, Ints]:
    """(a place of each distinct key, the number of every key)."""
    which, where = np.empty(len(keys), dtype=np.int64), np.empty(_TABLE, dtype=np.int64)
    if is_fast(len(keys)):
        table = np.full(_TABLE, -1, dtype=np.int64), np.empty(_TABLE, dtype=np.int64)
        count = fast(numbered, len(keys))(keys, *table, which, where)
        if count >= 0:
            return where[:count], which
    _, places, which = np.unique(keys, return_index=True, return_inverse=True)
    return places, which


def borrowed(circuit: QuantumCircuit) -> Flat:
    """The rows of a circuit, from Qiskit's memory."""
    if ctypes.sizeof(capi.QkCircuitInstructionView) != _VIEW.itemsize:
        return flat_of(circuit)  # another Qiskit; nothing of its memory is guessed
    views, pointer = _views(circuit)
    where, which = _numbered(views["name"])
    kind = _function("qk_circuit_instruction_kind", ctypes.c_uint8, 2)
    kinds = [kind(pointer, int(k)) for k in where]
    simple = np.array([k in (0, 5) or k in _SIMPLE for k in kinds], dtype=bool)[which]
    if np.count_nonzero(~simple) > len(views) // 10:
        return flat_of(circuit)
    rows = Rows(circuit.num_qubits)
    code = np.full(len(views), BARRIER, dtype=np.int64)
    for k, (place, what) in enumerate(zip(where.tolist(), kinds, strict=True)):
        if what in _SIMPLE:
            code[which == k] = _SIMPLE[what]
        elif what in (0, 5):
            one, chosen = views[place], np.flatnonzero(which == k)
            name = ctypes.string_at(int(one["name"]), int(one["letters"])).decode()
            code[chosen] = _coded(rows, name, what == 0, one, views["params"][chosen])
    lists = (_lists(views["qubits"], views["n"]), _lists(views["clbits"], views["n_bits"]))
    return _assembled(circuit, rows, code, lists, simple)


def _views(circuit: QuantumCircuit) -> tuple[Any, int]:
    """What C says of every instruction, shape (operations,), and where the circuit is."""
    size = len(circuit.data)
    pointer = ctypes.cast(capi.qk_circuit_borrow_from_python(circuit._data), ctypes.c_void_p).value or 0
    views = np.zeros(size, dtype=_VIEW)
    _viewer(is_fast(size))(pointer, views.ctypes.data, _VIEW.itemsize, size)
    return views, pointer


def _coded(rows: Rows, name: str, standard: bool, one: Any, params: Pointers) -> Ints:
    """The codes of instructions of one name; `one` is the view of one of them."""
    wires, angles = int(one["n"]), int(one["angles"])
    if not standard or wires > MOST_WIRES or name not in standard_names().values():
        return np.full(len(params), rows.gate(name, None), dtype=np.int64)
    if wires == 0:
        return np.full(len(params), BARRIER, dtype=np.int64)
    if not angles:
        return np.full(len(params), rows.gate(name, Kind(name, wires, 0, ())), dtype=np.int64)
    numbers = _quarters(params, angles)
    codes = np.zeros(len(params), dtype=np.int64)
    for x in np.flatnonzero(np.bincount(numbers + 1, minlength=1)).tolist():
        quarters = tuple(x - 1 >> 3 * j & 7 for j in range(angles)) if x else None
        codes[numbers == x - 1] = rows.gate(name, Kind(name, wires, angles, quarters))
    return codes


def _quarters(pointers: Pointers, angles: int) -> Ints:
    """Angles in quarter turns modulo 8, the j-th at bits 3j, or -1 where one is no whole number of them."""
    stride, number = capi.qk_param_stride(), np.zeros(len(pointers), dtype=np.int64)
    exact = np.ones(len(pointers), dtype=np.bool_)
    for j in range(angles):
        values = np.empty(len(pointers))
        _reader(is_fast(len(pointers)))(pointers + np.uint64(j * stride), values)
        whole = np.abs(values) < 1e6  # not an open angle, which is NaN
        turns = np.rint(np.where(whole, values, 0.0) * (2 / math.pi))
        exact &= whole & (np.abs(values - turns * (math.pi / 2)) <= NEAR)
        number += (turns.astype(np.int64) & 7) << 3 * j
    return np.where(exact, number, -1)


def _lists(pointers: Pointers, sizes: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """Lists of C integers one after another: where each begins, shape (operations + 1,), and all their values."""
    begins = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    some = np.flatnonzero(sizes)
    where, which = _numbered(pointers[some])
    lengths = sizes[some[where]]
    memory = map(ctypes.string_at, pointers[some[where]].tolist(), (4 * lengths).tolist())
    flat = np.frombuffer(b"".join(memory), dtype=np.uint32).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    out = np.empty(begins[-1], dtype=np.int64)
    if is_fast(len(some)):
        fast(copied, len(some))(which, offsets, flat, out)
    else:
        out[:] = flat[np.repeat(offsets[which] - begins[some], sizes[some]) + np.arange(begins[-1])]
    return begins, out


def _assembled(
    circuit: QuantumCircuit,
    rows: Rows,
    code: Ints,
    lists: tuple[tuple[Ints, Ints], tuple[Ints, Ints]],
    simple: NDArray[np.bool_],
) -> Flat:
    """Simple rows as they are, and between them what was read as Python objects."""
    (first, wires), (bit_first, bits) = lists
    numbers = Numbers(circuit.num_clbits)
    if simple.all():
        found = code, first, wires, bit_first, bits, np.arange(len(code))
        return Flat(rows.n, numbers.next, *found, *rows.called(), {}, {})
    pieces: list[tuple[Ints, ...]] = []
    begin, made = 0, 0
    for at in [*np.flatnonzero(~simple).tolist(), len(code)]:
        w, b = slice(first[begin], first[at]), slice(bit_first[begin], bit_first[at])
        counts = np.diff(first[begin : at + 1]), np.diff(bit_first[begin : at + 1])
        pieces.append((code[begin:at], counts[0], wires[w], counts[1], bits[b], np.arange(begin, at)))
        made += at - begin
        if at < len(code):
            piece = _opened(circuit, at, rows, made, numbers)
            pieces.append(piece)
            made += len(piece[0])
        begin = at + 1
    joined = [np.concatenate(column).astype(np.int64) for column in zip(*pieces, strict=True)]
    starts = [np.concatenate([[0], np.cumsum(counts)]) for counts in (joined[1], joined[3])]
    arrays = joined[0], starts[0], joined[2], starts[1], joined[4], joined[5]
    return Flat(rows.n, numbers.next, *arrays, *rows.called(), rows.events, rows.delays)


def _opened(circuit: QuantumCircuit, at: int, rows: Rows, made: int, numbers: Numbers) -> tuple[Ints, ...]:
    """The rows of one operation that is no simple one, numbered from `made` on."""
    item = circuit.data[at]
    one = circuit.copy_empty_like()
    one.append(item, copy=False)
    local = Rows(rows.n, index=rows.index)
    wires, bits = list(range(circuit.num_qubits)), list(range(circuit.num_clbits))
    add_circuit(local, one, wires, bits, at, numbers)
    rows.events |= {made + k: event for k, event in local.events.items()}
    rows.delays |= {made + k: delay for k, delay in local.delays.items()}
    columns = (local.code, np.diff(local.first), local.wires, np.diff(local.bit_first), local.bits, local.top)
    return tuple(np.array(column, dtype=np.int64) for column in columns)
