"""OpenQASM 3 text to syntax trees, and the door to the conversion.

Rule: the text is parsed statement by statement with the reference parser (package `openqasm3`); lines of all nodes
are those of the file. Plain gate calls with numbers and bare indices are read directly, which is a hundred times
faster and gives the same tree.
Source: the OpenQASM 3 grammar; package openqasm3 1.0.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import openqasm3
from openqasm3 import ast
from openqasm3.parser import QASM3ParsingError
from qiskit.circuit import CircuitError

from qverify.errors import CannotLoad
from qverify.load.circuit import LoadedCircuit
from qverify.load.openqasm3_expressions import POWER, line_of
from qverify.load.openqasm3_program import Program
from qverify.load.panics import plainly
from qverify.load.statements import Source, Statement

_UNSUPPORTED = re.compile(
    r"(?:def|extern|defcal|defcalgrammar|cal|array|return|end|opaque|stretch)\b|#?pragma\b|@\w+"
)
_NUMBER = r"-?(?:\d{1,17}\.\d*|\.\d+|\d{1,17})(?:[eE][+-]?\d{1,3})?"
_OPERAND = r"[A-Za-z_]\w*(?:\s*\[\s*\d{1,9}\s*\])?"
_PLAIN = re.compile(
    rf"([A-Za-z_]\w*)\s*(?:\(\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*\))?\s+({_OPERAND}(?:\s*,\s*{_OPERAND})*)\s*;",
    re.ASCII,
)
_INDEXED = re.compile(r"\s*(\w+)\s*(?:\[\s*(\d+)\s*\])?")
_WORDS = frozenset(
    re.findall(
        r"\w+",
        """OPENQASM include let def defcal defcalgrammar cal gate extern box if else for while switch case default
        break continue return end in const input output readonly mutable qreg creg qubit bit bool int uint float
        angle complex array void duration stretch gphase inv pow ctrl negctrl durationof delay reset measure barrier
        true false opaque pragma sizeof""",
    )
)
Node = TypeVar("Node", bound=ast.QASMNode)
_POW = re.compile(r"\bpow\s*\(")
_PLACE = re.compile(r"L(\d+):C\d+: (.*)", re.DOTALL)


def load_openqasm3(source: Source) -> LoadedCircuit:
    """The circuit of an OpenQASM 3 program.

    Raises:
        CannotLoad: a syntax error, or something that a circuit cannot hold.
    """
    for statement in source.statements:
        if found := _UNSUPPORTED.match(statement.text):
            sentence = f"`{found.group()}` is not supported; write the circuit without it"
            raise CannotLoad(sentence, line=statement.line)
    program = Program(source)
    for node in _nodes(source.statements):
        try:
            program.run(node)
        except CircuitError as fault:
            what = f"Qiskit cannot hold this statement ({plainly(fault)}); rewrite it"
            raise CannotLoad(what, line=line_of(node)) from None
    return LoadedCircuit(program.circuit, program.inputs.declared(), tuple(program.lines), "openqasm3")


def _nodes(statements: Iterable[Statement]) -> Iterator[ast.Statement]:
    for statement in statements:
        if statement.text.startswith("include"):
            continue  # known and handled
        if (plain := _plain_call(statement)) is not None:
            yield plain
        else:
            yield from _parsed(statement)


def _plain_call(statement: Statement) -> ast.QuantumGate | None:
    found = _PLAIN.fullmatch(statement.text)
    if found is None or found.group(1) in _WORDS:
        return None
    name, numbers, operands = found.groups()
    span = ast.Span(statement.line, 0, statement.line, 0)
    arguments = [] if numbers is None else [_number(text.strip(), span) for text in numbers.split(",")]
    qubits: list[ast.IndexedIdentifier | ast.Identifier] = []
    for operand in operands.split(","):
        matched = _INDEXED.match(operand)
        assert matched is not None  # noqa: S101  # `_PLAIN` matched
        word, index = matched.groups()
        if word in _WORDS:
            return None
        identifier = _placed(ast.Identifier(word), span)
        if index is None:
            qubits.append(identifier)
        else:
            indices: list[ast.IndexElement] = [[_placed(ast.IntegerLiteral(int(index)), span)]]
            qubits.append(_placed(ast.IndexedIdentifier(identifier, indices), span))
    return _placed(ast.QuantumGate([], _placed(ast.Identifier(name), span), arguments, qubits), span)


def _number(text: str, span: ast.Span) -> ast.Expression:
    if text.startswith("-"):
        return _placed(ast.UnaryExpression(ast.UnaryOperator["-"], _number(text[1:].lstrip(), span)), span)
    if text.isdigit():
        return _placed(ast.IntegerLiteral(int(text)), span)
    return _placed(ast.FloatLiteral(float(text)), span)


def _placed(node: Node, span: ast.Span) -> Node:
    node.span = span
    return node


def _parsed(statement: Statement) -> list[ast.Statement]:
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # the lexer prints what it also raises
            program = openqasm3.parse(_with_power(statement.text))
    except QASM3ParsingError as fault:
        raise _syntax_error(fault, statement) from None
    except RecursionError:
        raise CannotLoad("the statement is nested too deeply; write it more plainly", line=statement.line) from None
    except (AttributeError, ValueError, TypeError, KeyError, IndexError):
        # what the parser's own tree building raises on an incomplete parse, or on an endless integer
        raise CannotLoad("this is no OpenQASM 3 statement; correct it", line=statement.line) from None
    _shift(program, statement.line - 1)
    return [node for node in program.statements if isinstance(node, ast.Statement)]


def _with_power(text: str) -> str:
    """The function `pow(a, b)` under a name that the parser does not take for the modifier `pow(n) @`."""
    for found in reversed(list(_POW.finditer(text))):
        depth, end = 1, found.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        if not text[end:].lstrip().startswith("@"):
            text = f"{text[: found.start()]}{POWER}({text[found.end() :]}"
    return text


def _syntax_error(fault: QASM3ParsingError, statement: Statement) -> CannotLoad:
    place = _PLACE.fullmatch(str(fault))
    if place is not None:
        line = statement.line - 1 + int(place.group(1))
        return CannotLoad(f"syntax error: {' '.join(place.group(2).split())[:200]}; correct it", line=line)
    cause = fault.__cause__
    if cause is not None and cause.args and hasattr(cause.args[0], "offendingToken"):
        cause = cause.args[0]
    token = getattr(cause, "offendingToken", None)
    if token is None:
        return CannotLoad("syntax error: this is no OpenQASM 3 statement; correct it", line=statement.line)
    text = "the end of the statement" if token.type == -1 else f"`{token.text[:40]}`"
    return CannotLoad(f"syntax error at {text}; correct it", line=statement.line - 1 + int(token.line))


def _shift(root: object, offset: int) -> None:
    """Move the lines of a tree by `offset`, so that they are lines of the file."""
    stack, seen = [root], set()
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, ast.Span):
            if id(item) not in seen:
                seen.add(id(item))
                item.start_line += offset
                item.end_line += offset
        elif dataclasses.is_dataclass(item):
            stack.extend(vars(item).values())
