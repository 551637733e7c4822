"""OpenQASM 2: read by Qiskit after a scan of the text.

Rule: before Qiskit sees the text, includes, register sizes, number literals and the expansion of gate definitions
have been checked; a definition of the file is what counts, never a standard gate of the same name.
Source: Cross et al., "Open Quantum Assembly Language" (2017), arXiv:1707.03429; Qiskit 2.6 `qiskit.qasm2`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from qiskit import QuantumCircuit, qasm2

from qverify.errors import CannotLoad
from qverify.load.circuit import LoadedCircuit
from qverify.load.panics import refusing_panics
from qverify.load.standard import SUFFIX, own_name, reserved_names, standard_twin
from qverify.load.statements import Source, Statement

MAX_BITS = 10_000
MAX_LEAVES = 10_000_000
MAX_OPERATIONS = 1_000_000
MAX_DEPTH = 100
MAX_DEFINITIONS = 10_000

_REGISTER = re.compile(r"(qreg|creg)\s+(\w+)\s*\[\s*(\d+)\s*\]\s*;")
_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GATE = re.compile(r"(gate|opaque)\s+(\w+)")
_CALL = re.compile(r"(?:if\s*\([^)]*\)\s*)?(\w+)\s*(?:\(.*\))?\s*([^()]*);", re.DOTALL)
_OPERAND = re.compile(r"\s*(\w+)\s*(\[\s*\d+\s*\])?\s*")
_TOGETHER = ("barrier",)
_NO_OPERATION = ("OPENQASM", "include", "qreg", "creg", "gate", "opaque")


def load_openqasm2(source: Source) -> LoadedCircuit:
    """The circuit of an OpenQASM 2 program.

    Raises:
        CannotLoad: a syntax error, or a program that is too large or not finite.
    """
    sizes = _registers(source)
    _finite(source)
    defined = _definitions(source, sizes)
    renamed = [name for name in defined if name in reserved_names()]
    text = source.text if not renamed else _renamed(source, renamed)
    known = qasm2.LEGACY_CUSTOM_INSTRUCTIONS if source.includes else ()
    customs = [gate for gate in known if gate.builtin and gate.name not in defined]
    try:
        with refusing_panics("this is no OpenQASM 2 program ({}); correct it"):
            circuit = qasm2.loads(
                f"OPENQASM 2.0;{text}", include_path=(), custom_instructions=customs, strict=False
            )
            _restore(circuit, renamed)
    except CannotLoad as refusal:
        raise _located(refusal) from None
    lines = tuple(_lines(source, sizes))
    matched = lines if len(lines) == len(circuit.data) else (None,) * len(circuit.data)
    return LoadedCircuit(circuit, tuple(circuit.parameters), matched, "openqasm2")


def _located(refusal: CannotLoad) -> CannotLoad:
    """Qiskit's place `<input>:line,column:` moved out of the sentence."""
    found = re.search(r"<input>:(\d+),\d+: ", refusal.sentence)
    if found is None:
        return refusal
    sentence = refusal.sentence[: found.start()] + refusal.sentence[found.end() :]
    return CannotLoad(sentence.replace(SUFFIX, ""), refusal.where, int(found.group(1)))


# ------------------------------------------------------------------ the scan


def _registers(source: Source) -> dict[str, int]:
    sizes: dict[str, int] = {}
    totals = {"qreg": 0, "creg": 0}
    for statement in source.statements:
        found = _REGISTER.match(statement.text)
        if found is None:
            continue
        kind, name, digits = found.groups()
        size = int(digits) if len(digits) < 10 else MAX_BITS + 1
        totals[kind] += size
        if size < 1:
            raise CannotLoad(f"`{name}` has 0 bits; declare at least one", line=statement.line)
        if totals[kind] > MAX_BITS:
            what = "qubits" if kind == "qreg" else "bits"
            raise CannotLoad(
                f"the program declares more than {MAX_BITS:,} {what}; make it smaller", line=statement.line
            )
        sizes[name] = size
    return sizes


def _finite(source: Source) -> None:
    for found in _NUMBER.finditer(source.text):
        number = found.group()
        if len(number) > 300 or not math.isfinite(float(number)):
            line = source.text.count("\n", 0, found.start()) + 1
            raise CannotLoad("a number is not finite; write a finite angle", line=line)


def _definitions(source: Source, sizes: dict[str, int]) -> dict[str, int]:
    """The gates of the file with the number of library gates they expand to; also counts the whole program."""
    leaves: dict[str, int] = {}
    depth: dict[str, int] = {}
    total = 0
    for statement in source.statements:
        found = _GATE.match(statement.text)
        if found is None:
            calls, applied = _counts(statement, sizes)
            total += applied * max((leaves.get(name, 1) for name in calls), default=1)
            if applied > MAX_OPERATIONS or total > MAX_LEAVES:
                sentence = f"the circuit expands to more than {MAX_LEAVES:,} gates (a gate bomb); make it smaller"
                raise CannotLoad(sentence, line=statement.line)
            continue
        name = found.group(2)
        inner = [call for call in _body_calls(statement.text) if call != "barrier"]
        leaves[name] = max(1, sum(leaves.get(call, 1) for call in inner))
        depth[name] = 1 + max((depth.get(call, 0) for call in inner), default=0)
        if leaves[name] > MAX_LEAVES:
            sentence = f"gate `{name}` expands to more than {MAX_LEAVES:,} gates (a gate bomb); make it smaller"
            raise CannotLoad(sentence, line=statement.line)
        if depth[name] > MAX_DEPTH or len(leaves) > MAX_DEFINITIONS:
            sentence = f"gates call gates more than {MAX_DEPTH} deep, or there are more than {MAX_DEFINITIONS:,}"
            raise CannotLoad(f"{sentence}; write them more plainly", line=statement.line)
    return leaves


def _body_calls(text: str) -> Iterator[str]:
    start, end = text.find("{"), text.rfind("}")
    if start < 0:
        return
    for part in text[start + 1 : end].split(";"):
        if found := re.match(r"\s*(\w+)", part):
            yield found.group(1)


def _counts(statement: Statement, sizes: dict[str, int]) -> tuple[list[str], int]:
    """Gate names and number of operations of one statement of the program."""
    found = _CALL.fullmatch(statement.text)
    if found is None or found.group(1) in _NO_OPERATION:
        return [], 0
    name, operands = found.groups()
    if name in _TOGETHER:
        return [name], 1
    widths = []
    for operand in re.split(r",|->", operands):
        matched = _OPERAND.fullmatch(operand)
        if matched is not None and matched.group(2) is None:
            widths.append(sizes.get(matched.group(1), 1))
    return [name], max(widths, default=1)


def _lines(source: Source, sizes: dict[str, int]) -> Iterator[int]:
    for statement in source.statements:
        yield from [statement.line] * _counts(statement, sizes)[1]


# ------------------------------------------------------------------ gates that look like standard ones


def _renamed(source: Source, names: list[str]) -> str:
    """The text with the calls and definitions of these gates under names of their own."""
    words = "|".join(map(re.escape, names))
    call = re.compile(rf"((?:^|[{{;}}]|\bgate\s|\bopaque\s|\bif\s*\([^)]*\))\s*)({words})(?!\w)", re.ASCII)
    return call.sub(lambda found: found.group(1) + own_name(found.group(2)), source.text)


def _restore(circuit: QuantumCircuit, names: list[str]) -> None:
    """Gates whose definition turned out to be that of the standard gate of their name become it."""
    for index, item in enumerate(circuit.data):
        name = item.operation.name.removesuffix(SUFFIX)
        if name in names and item.operation.definition is not None:
            twin = standard_twin(name, item.operation.params, item.operation.definition)
            if twin is not None:
                circuit.data[index] = item.replace(operation=twin[0])  # OpenQASM 2 has no global phase
