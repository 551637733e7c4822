"""Canonical angles: every rotation angle as an affine form over *atoms*.

    angle = constant + sum_k coefficient_k * atom_k

An atom is a parameter, or an opaque sub-expression (`atan(x**2)`, `x*y`) with canonical parts, so
`2*(x + y)` and `2*x + 2*y` are the same angle and `atan(x**2)` and `atan(x)` are not. Angles are in radians.
The form follows Qiskit's own record of how an expression was built (`ParameterExpression._qpy_replay`, the
postfix program that QPY stores; Qiskit 2.6); each reading is checked numerically against Qiskit's evaluation.
"""

from __future__ import annotations

import cmath
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qverify.errors import Undecidable, Unusable

if TYPE_CHECKING:
    from qiskit.circuit import ParameterExpression

FUNCTIONS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign,
}  # fmt: skip
LONG_NAMES = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "ln": "log"}
_PLAIN = re.compile(
    r"[^\W\d]\w*(\[\d+\])?"
)  # other names are quoted, so that `a + b` is not the sum of `a` and `b`


@dataclass(frozen=True)
class Atom:
    """A parameter (`kind` "parameter") or an opaque operation on canonical angles."""

    kind: str  # "parameter", a key of FUNCTIONS, "mul", "div" or "pow"
    name: str = ""
    operands: tuple[Angle, ...] = ()

    def text(self) -> str:
        """A form that is equal exactly when the atoms are, and readable."""
        if self.kind == "parameter":
            return self.name if _PLAIN.fullmatch(self.name) else json.dumps(self.name)
        inner = [operand.text() for operand in self.operands]
        if self.kind in FUNCTIONS:
            return f"{self.kind}({inner[0]})"
        return f"({{}}){ {'mul': '*', 'div': '/', 'pow': '**'}[self.kind] }({{}})".format(*inner)


@dataclass(frozen=True)
class Angle:
    """constant + sum of coefficient * atom, radians; terms sorted by the text of their atoms, none zero."""

    constant: float
    terms: tuple[tuple[Atom, float], ...] = ()

    def text(self) -> str:
        """A form that is equal exactly when the angles are (floats as shortest exact decimals)."""
        parts = [atom.text() if c == 1.0 else f"{c!r}*{atom.text()}" for atom, c in self.terms]
        if self.constant != 0.0 or not parts:
            parts.append(repr(self.constant))
        return " + ".join(parts)


def constant(value: float) -> Angle:
    """A fixed angle. Minus zero is zero."""
    return Angle(float(value) + 0.0)


def parameter(name: str) -> Angle:
    """The angle that is the parameter `name` itself."""
    return Angle(0.0, ((Atom("parameter", name), 1.0),))


def _finite(value: float, terms: Iterable[tuple[Atom, float]]) -> Angle:
    """An angle without its zero terms; one that overflows is refused."""
    kept = tuple((atom, c) for atom, c in terms if c != 0.0)
    if not all(map(math.isfinite, (value, *(c for _, c in kept)))):
        raise Unusable("an angle has a number too large for a float; write finite angles")
    return Angle(value + 0.0, kept)


def add(a: Angle, b: Angle, sign: float = 1.0) -> Angle:
    """a + sign * b."""
    total = dict(a.terms)
    for atom, coefficient in b.terms:
        total[atom] = total.get(atom, 0.0) + sign * coefficient
    terms = total.items() if len(total) < 2 else sorted(total.items(), key=lambda item: item[0].text())
    return _finite(a.constant + sign * b.constant, terms)


def scale(a: Angle, factor: float) -> Angle:
    """factor * a."""
    if factor == 0.0:
        return constant(0.0)
    return _finite(a.constant * factor, ((t, c * factor) for t, c in a.terms))


def _opaque(kind: str, *operands: Angle) -> Angle:
    return Angle(0.0, ((Atom(kind, operands=operands), 1.0),))


def multiply(a: Angle, b: Angle) -> Angle:
    """a * b; a product of two non-constants is an atom with its factors in text order."""
    if not a.terms:
        return scale(b, a.constant)
    if not b.terms:
        return scale(a, b.constant)
    return _opaque("mul", *sorted((a, b), key=Angle.text))


def divide(a: Angle, b: Angle) -> Angle:
    """a / b."""
    if b.terms:
        return _opaque("div", a, b)
    if b.constant == 0.0:
        raise Unusable("an angle divides by zero; write a finite angle")
    return _finite(a.constant / b.constant, ((t, c / b.constant) for t, c in a.terms))


def power(a: Angle, b: Angle) -> Angle:
    """a ** b."""
    if not b.terms and b.constant == 1.0:
        return a
    if a.terms or b.terms:
        return _opaque("pow", a, b)
    try:
        value = complex(a.constant**b.constant)
    except (OverflowError, ZeroDivisionError):
        value = complex(math.inf)
    if value.imag != 0.0 or not cmath.isfinite(value):
        raise Unusable(f"the angle {a.constant!r}**{b.constant!r} is no finite real number")
    return constant(value.real)


def apply(function: str, a: Angle) -> Angle:
    """function(a), for a function of `FUNCTIONS` (long names such as `arctan` are accepted)."""
    name = LONG_NAMES.get(function, function)
    if name not in FUNCTIONS:
        raise Unusable(f"unknown function `{function}` in an angle; known: {', '.join(sorted(FUNCTIONS))}")
    if a.terms:
        return _opaque(name, a)
    with np.errstate(all="ignore"):
        value = float(FUNCTIONS[name](np.asarray(a.constant)))
    if not math.isfinite(value):
        raise Unusable(f"the angle {name}({a.constant!r}) is no finite real number")
    return constant(value)


def substitute(angle: Angle, name: str, value: float) -> Angle:
    """The angle with a number in place of a parameter."""
    if name not in parameters_in(angle):
        return angle
    total = constant(angle.constant)
    for atom, coefficient in angle.terms:
        total = add(total, scale(_substitute_in(atom, name, value), coefficient))
    return total


def _substitute_in(atom: Atom, name: str, value: float) -> Angle:
    if atom.kind == "parameter":
        return constant(value) if atom.name == name else Angle(0.0, ((atom, 1.0),))
    operands = [substitute(operand, name, value) for operand in atom.operands]
    if atom.kind in FUNCTIONS:
        return apply(atom.kind, operands[0])
    return {"mul": multiply, "div": divide, "pow": power}[atom.kind](operands[0], operands[1])


def parameters_in(angle: Angle) -> frozenset[str]:
    """The names of the parameters that an angle depends on."""
    names: set[str] = set()
    stack = [angle]
    while stack:
        for atom, _ in stack.pop().terms:
            if atom.kind == "parameter":
                names.add(atom.name)
            stack.extend(atom.operands)
    return frozenset(names)


def evaluate(angle: Angle, values: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
    """The angle in radians at given parameter values.

    Args:
        values: parameter name -> array, all of one broadcastable shape S.

    Returns:
        Shape S (or () for a constant), float64; NaN where a function is undefined.
    """
    total = np.asarray(angle.constant, dtype=np.float64)
    with np.errstate(all="ignore"):
        for atom, coefficient in angle.terms:
            total = total + coefficient * _evaluate_atom(atom, values)
    return total


def _evaluate_atom(atom: Atom, values: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
    if atom.kind == "parameter":
        return np.asarray(values[atom.name], dtype=np.float64)
    operands = [evaluate(operand, values) for operand in atom.operands]
    if atom.kind in FUNCTIONS:
        return FUNCTIONS[atom.kind](operands[0])
    left, right = operands
    if atom.kind == "mul":
        return left * right
    return left / right if atom.kind == "div" else np.power(left, right)


# ------------------------------------------------------------------------------ from Qiskit

_BINARY: dict[str, Callable[[Angle, Angle], Angle]] = {
    "ADD": add,
    "SUB": lambda a, b: add(a, b, -1.0),
    "RSUB": lambda a, b: add(b, a, -1.0),
    "MUL": multiply,
    "DIV": divide,
    "RDIV": lambda a, b: divide(b, a),
    "POW": power,
    "RPOW": lambda a, b: power(b, a),
}
_UNARY = {"SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "EXP", "LOG", "SIGN", "ABS"}


def angle_of(value: float | ParameterExpression) -> Angle:
    """The canonical form of a gate's angle: a number or a Qiskit expression, radians.

    Raises:
        Unusable: the angle is not a finite real number.
        Undecidable: Qiskit's record of the expression does not agree with Qiskit's own value for it.
    """
    if isinstance(value, (int, float, np.integer, np.floating)):
        if not math.isfinite(value):
            raise Unusable(f"the angle {value!r} is not finite; write a finite angle")
        return constant(float(value))
    if isinstance(value, complex):
        raise Unusable(f"the angle {value!r} is not real; write a real angle")
    return _angle_of_expression(value)


Step = tuple[str, Angle | None, Angle | None]  # operation, left and right operand; None: from the stack
_checked: set[tuple[Step, ...]] = set()  # programs whose reading agreed with Qiskit's own evaluation
_MAX_CHECKED = 100_000


def _angle_of_expression(expression: ParameterExpression) -> Angle:
    from qiskit.circuit import Parameter

    if isinstance(expression, Parameter):
        return parameter(expression.name)
    if not expression.parameters:
        return angle_of(_real(expression))
    # Qiskit's equality of expressions forgives the last digit, so nothing is ever looked up by an expression
    program = tuple(_step(step) for step in expression._qpy_replay)
    form = _replay(program)
    if program not in _checked:
        _self_check(expression, form)
        if len(_checked) < _MAX_CHECKED:
            _checked.add(program)
    return form


def _real(expression: ParameterExpression) -> float:
    value = expression.numeric()
    if isinstance(value, complex):
        raise Unusable(f"the angle {value!r} is not real; write a real angle")
    return float(value)


def _step(step: Any) -> Step:
    """One instruction of Qiskit's postfix record, its operands in canonical form."""
    name = str(step.op).removeprefix("OpCode.")
    if name not in _BINARY and name not in _UNARY and name != "CONJ":
        raise Undecidable(f"an angle uses `{name.lower()}`, which is not understood")
    left, right = (None if value is None else angle_of(value) for value in (step.lhs, step.rhs))
    return name, left, right


@lru_cache(maxsize=100_000)
def _replay(program: tuple[Step, ...]) -> Angle:
    """Run a postfix record on canonical angles."""
    stack: list[Angle] = []
    for name, left, right in program:
        if name in _BINARY:
            second = stack.pop() if right is None else right  # the right operand was pushed last
            stack.append(_BINARY[name](stack.pop() if left is None else left, second))
        else:
            operand = stack.pop() if left is None else left
            stack.append(operand if name == "CONJ" else apply(name.lower(), operand))  # parameters are real here
    return stack[-1]


def _self_check(expression: ParameterExpression, form: Angle) -> None:
    """Compare with Qiskit's own evaluation at two points that no identity prefers."""
    names = sorted(expression.parameters, key=lambda p: p.name)
    if len({p.name for p in names}) != len(names):
        raise Unusable(f"the angle `{expression}` uses two parameters of one name; rename one of them")
    for offset in (0.3183098861837907, 1.202056903159594):
        point = {p: offset + 0.0718281828459 * k for k, p in enumerate(names)}
        try:
            expected = complex(expression.bind(point).numeric())
        except Exception:  # noqa: BLE001, S112  # Qiskit raises many kinds where an expression has no value
            continue
        found = float(evaluate(form, {p.name: v for p, v in point.items()}))
        undefined = not math.isfinite(found) or not cmath.isfinite(expected) or expected.imag != 0.0
        if not undefined and abs(found - expected.real) > 1e-9 * max(1.0, abs(found)):
            raise Undecidable(f"the angle `{expression}` reads as {found!r} here and as {expected!r} in Qiskit")
