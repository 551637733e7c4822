"""Angles as polynomials: products multiplied out, so that equal polynomials are one angle.

    (x + y) x = x x + x y      (x y) sin x = x (y sin x)      sin(-x) = -sin x      (2 x)^2 = 4 x^2

    sin a cos b = (sin(a + b) + sin(a - b)) / 2      exp a exp b = exp(a + b)      tan a = sin a (1 / cos a)

Monomials are sorted products of atoms that are no products, at most one of them a sine or cosine and one an
exponential; whole powers are products; x / y is x times 1/y; odd and even functions have an argument whose first
coefficient is positive. Nothing is cancelled that is not defined everywhere (x * (1/x) stays). Each form is
evaluated beside the angle it came from.
"""

from __future__ import annotations

import math
from functools import lru_cache

from qverify.angles import Angle, Atom, add, apply, constant, divide, evaluate, parameters_in, power, scale
from qverify.errors import Undecidable

MAX_TERMS = 64  # of a product; a longer one stays as it is written
MAX_POWER = 8
_ODD = frozenset({"sin", "tan", "asin", "atan", "sign"})
_EVEN = frozenset({"cos", "abs"})
_POINTS = (0.3183098861837907, 1.202056903159594)


def expanded(angle: Angle) -> Angle:
    """The angle as a polynomial in atoms that are no products.

    Raises:
        Undecidable: the polynomial has another value than the angle (a fault here, and never passed on).
    """
    return angle if all(atom.kind == "parameter" for atom, _ in angle.terms) else _checked(angle)


@lru_cache(maxsize=100_000)
def _checked(angle: Angle) -> Angle:
    found = _sum(angle)
    names = sorted(parameters_in(angle))
    for offset in _POINTS:
        at = {name: offset + 0.0718281828459 * k for k, name in enumerate(names)}
        was, now = float(evaluate(angle, at)), float(evaluate(found, at))
        if math.isfinite(was) and math.isfinite(now) and abs(was - now) > 1e-9 * max(1.0, abs(was)):
            raise Undecidable(f"the angle `{angle.text()}` is {was!r} as written and {now!r} as a polynomial")
    return found


def _sum(angle: Angle) -> Angle:
    total = constant(angle.constant)
    for atom, coefficient in angle.terms:
        total = add(total, scale(_polynomial(atom), coefficient))
    return total


def _polynomial(atom: Atom) -> Angle:
    if atom.kind == "parameter":
        return _alone(atom)
    operands = [_sum(operand) for operand in atom.operands]
    if atom.kind == "mul":
        return _product(*operands)
    if atom.kind == "div":
        return _product(operands[0], divide(constant(1.0), operands[1]))
    if atom.kind == "pow":
        return _power(*operands)
    return _function(atom.kind, operands[0])


def _alone(atom: Atom) -> Angle:
    return Angle(0.0, ((atom, 1.0),))


def _function(name: str, argument: Angle) -> Angle:
    if name == "tan":
        return _product(_function("sin", argument), divide(constant(1.0), _function("cos", argument)))
    inner = argument.terms[0][0] if len(argument.terms) == 1 else None
    if name == "log" and inner and inner.kind == "exp" and argument.terms[0][1] == 1.0 and not argument.constant:
        return inner.operands[0]
    if argument.terms and argument.terms[0][1] < 0 and name in _ODD | _EVEN:
        turned = apply(name, scale(argument, -1.0))
        return scale(turned, -1.0) if name in _ODD else turned
    return apply(name, argument)


def _power(base: Angle, exponent: Angle) -> Angle:
    times = exponent.constant
    if exponent.terms or not base.terms or times != int(times) or not 2 <= times <= MAX_POWER:
        return power(base, exponent)
    if math.comb(len(base.terms) + 1 + int(times), int(times)) > MAX_TERMS:
        return power(base, exponent)
    out = base
    for _ in range(int(times) - 1):
        out = _product(out, base)
    return out


def _product(a: Angle, b: Angle) -> Angle:
    """a * b multiplied out."""
    if (len(a.terms) + 1) * (len(b.terms) + 1) > MAX_TERMS:
        first, second = sorted((a, b), key=Angle.text)
        return _alone(Atom("mul", operands=(first, second)))
    total = add(scale(b, a.constant), scale(Angle(0.0, a.terms), b.constant))
    for left, c in a.terms:
        for right, d in b.terms:
            total = add(total, scale(_of_monomials(left, right), c * d))
    return total


def _of_monomials(a: Atom, b: Atom) -> Angle:
    """The product of two monomials: of waves a sum, of exponentials one, all other factors sorted."""
    factors = (*_factors(a), *_factors(b))
    growth = [f.operands[0] for f in factors if f.kind == "exp"]
    waves = [f for f in factors if f.kind in ("sin", "cos")]
    rest = [f for f in factors if f.kind not in ("exp", "sin", "cos")]
    scaled = 1.0
    if growth:
        grown = apply("exp", growth[0] if len(growth) == 1 else add(growth[0], growth[1]))
        rest += [atom for atom, _ in grown.terms]
        scaled = 1.0 if grown.terms else grown.constant
    if len(waves) < 2:
        return scale(_sorted([*rest, *waves]), scaled)
    total, waved = constant(0.0), _wave_product(*waves)
    for wave, c in waved.terms:
        total = add(total, scale(_sorted([*rest, wave]), scaled * c))
    return add(total, scale(_sorted(rest), scaled * waved.constant)) if waved.constant else total


def _wave_product(a: Atom, b: Atom) -> Angle:
    """A product of two sines or cosines, as a sum."""
    x, y = a.operands[0], b.operands[0]
    if a.kind != b.kind:
        s, c = (x, y) if a.kind == "sin" else (y, x)
        return scale(add(_function("sin", add(s, c)), _function("sin", add(s, c, -1.0))), 0.5)
    near, far = _function("cos", add(x, y, -1.0)), _function("cos", add(x, y))
    return scale(add(near, far, -1.0 if a.kind == "sin" else 1.0), 0.5)


def _sorted(factors: list[Atom]) -> Angle:
    """The monomial of these factors; 1 for none."""
    if not factors:
        return constant(1.0)
    ordered = sorted(factors, key=Atom.text)
    out = ordered[-1]
    for factor in reversed(ordered[:-1]):
        out = Atom("mul", operands=(_alone(factor), _alone(out)))
    return _alone(out)


def _factors(atom: Atom) -> tuple[Atom, ...]:
    """The atoms that a monomial of this module multiplies; a long product that stayed as written is one factor."""
    if atom.kind != "mul" or any(operand.constant or len(operand.terms) != 1 for operand in atom.operands):
        return (atom,)
    (left, c), (right, d) = (operand.terms[0] for operand in atom.operands)
    return (*_factors(left), *_factors(right)) if c == d == 1.0 else (atom,)
