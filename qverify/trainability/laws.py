"""Laws of angles: how a parameter is drawn, and the four moments of the rotation angle that it makes.

    t = slope * theta + offset;   E cos t, E sin t = Re, Im of  chi(slope) e^{i offset},   chi(s) = E e^{i s theta}
    E cos**2 t = 1/2 + Re(chi(2 slope) e^{2 i offset}) / 2,   E sin t cos t = Im(chi(2 slope) e^{2 i offset}) / 2

    uniform(a, b)   chi(s) = e^{i s (a + b)/2} sin(s w) / (s w),  w = (b - a)/2;  "uniform" alone is a whole turn
    normal(m, d)    chi(s) = e^{i s m - s**2 d**2 / 2}            fixed(v)  chi(s) = e^{i s v}
    arcsin of uniform(a, b)   the density is cos theta on [arcsin a, arcsin b]: three such terms of a uniform law
    arctan of a law           by quadrature, refined until two refinements agree

Angles that are a multiple of a quarter turn to the last digit of a float are taken as exactly that, so moments that
vanish are 0.0. Source: Lukacs, Characteristic Functions (1970), ch. 2 and 3; for the quadrature Trefethen and
Weideman, SIAM Rev. 56, 385 (2014).
"""

from __future__ import annotations

import ast
import cmath
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.angle_text import parse_angle
from qverify.errors import Unusable
from qverify.toml import nearest

Real = NDArray[np.float64]
TURN = 2 * math.pi
WORDS = ["uniform", "normal", "fixed", "arctan", "arcsin"]
EXAMPLES = "`uniform`, `uniform(-0.1, 0.1)`, `normal(0, 0.5)`, `fixed(0.3)` or `arctan(normal(0, 1))`"
_LARGEST = 1e9  # sizes of numbers beyond which a float no longer holds an angle
_REACH = 9.0  # standard deviations: a normal law has 2e-19 beyond
_MAX_NODES = 2**20


@dataclass(frozen=True, slots=True)
class Moments:
    """E cos t, E sin t, E cos**2 t, E sin t cos t of one angle t."""

    cos: float
    sin: float
    cos2: float
    sincos: float


@dataclass(frozen=True, slots=True)
class Law:
    """theta = factor * function(x) with x uniform on [a, b), normal with mean a and deviation b, or the number a.

    Made by `parse_law`, which folds a factor into a law without a function. `str` gives its text.
    """

    kind: Literal["uniform", "normal", "fixed"]
    a: float
    b: float = 0.0
    function: Literal["", "arctan", "arcsin"] = ""
    factor: float = 1.0

    def __str__(self) -> str:
        if self == UNIFORM:
            return "uniform"
        inner = f"{self.kind}({self.a!r})" if self.kind == "fixed" else f"{self.kind}({self.a!r}, {self.b!r})"
        if self.function:
            inner = f"{self.function}({inner})"
        return inner if self.factor == 1.0 else f"{self.factor!r}*{inner}"

    @property
    def symmetric(self) -> bool:
        """Whether mean + d and mean - d are equally likely for every d."""
        return not self.function or self._centre == 0.0

    @property
    def mean(self) -> float:
        """E theta, radians."""
        if not self.function:
            return self._centre
        return 0.0 if self.symmetric else self.factor * float(_expectation(self, lambda t: t, 1.0).real)

    @property
    def support(self) -> tuple[float, float]:
        """The smallest interval that holds every value; infinite ends for a normal law."""
        low, high = {"normal": (-math.inf, math.inf), "fixed": (self.a, self.a)}.get(self.kind, (self.a, self.b))
        if self.function:
            apply = math.atan if self.function == "arctan" else math.asin
            low, high = apply(low), apply(high)
        ends = self.factor * low, self.factor * high
        return min(ends), max(ends)

    def moments(self, slope: float, offset: float) -> Moments:
        """The moments of t = slope * theta + offset.

        Args:
            slope: radians a unit of theta. offset: radians.

        Raises:
            Unusable: a slope too large for the quadrature of a composed law.

        Accuracy: 1e-14, rounding of slope * theta aside.
        """
        once, twice = self._chi(slope) * _cis(offset), self._chi(2 * slope) * _cis(2 * offset)
        return Moments(
            once.real + 0.0, once.imag + 0.0, min(1.0, max(0.0, 0.5 + twice.real / 2)), twice.imag / 2 + 0.0
        )

    def draw(self, rng: Generator, count: int) -> Real:
        """Independent values; shape (count,), radians."""
        if self.kind == "uniform":
            x = rng.uniform(self.a, self.b, count)
        elif self.kind == "normal":
            x = rng.normal(self.a, self.b, count)
        else:
            x = np.full(count, self.a)
        if self.function:
            x = np.arctan(x) if self.function == "arctan" else np.arcsin(x)
        return np.asarray(self.factor * x, dtype=np.float64)

    @property
    def _centre(self) -> float:
        return (self.a + self.b) / 2 if self.kind == "uniform" else self.a

    def _chi(self, s: float) -> complex:
        """E e^{i s theta}."""
        s *= self.factor
        if not self.function:
            return _cis(s * self._centre) * self._damping(s)
        if s == 0.0:
            return 1.0 + 0.0j
        value = _expectation(self, lambda t: np.exp(1j * s * t), abs(s))
        return complex(value.real, 0.0) if self.symmetric else value

    def _damping(self, s: float) -> float:
        """|chi(s)| up to sign, for a law without a function."""
        if self.kind == "fixed":
            return 1.0
        return math.exp(-((s * self.b) ** 2) / 2) if self.kind == "normal" else _sinc(s, self.b - self.a)


UNIFORM = Law("uniform", 0.0, TURN)


def _cis(t: float) -> complex:
    """e^{it}, exact at multiples of a quarter turn."""
    quarters = t / (math.pi / 2)
    whole = round(quarters)
    if abs(quarters - whole) <= 4e-16 * max(1.0, abs(quarters)):
        return (1 + 0j, 1j, -1 + 0j, -1j)[whole % 4]
    return cmath.exp(1j * t)


def _sinc(s: float, width: float) -> float:
    """sin(s width / 2) / (s width / 2), exactly 0 where the interval is a whole number of periods."""
    turns = s * (width / TURN)
    if turns and turns == round(turns):
        return 0.0
    half = s * width / 2
    return math.sin(half) / half if half else 1.0


# ------------------------------------------------------------------------------ composed laws


def _expectation(law: Law, g: Callable[[Real], NDArray[Any]], frequency: float) -> complex:
    """E g(function(x)), by finer and finer nodes; g may oscillate `frequency` times faster than its argument."""
    rule = _normal_rule if law.kind == "normal" else _arctan_rule if law.function == "arctan" else _arcsin_rule
    count = 2 ** math.ceil(math.log2(64 + 8 * frequency))
    before = complex(math.nan)
    while count <= _MAX_NODES:
        theta, weights = rule(law, count)
        value = complex(np.sum(g(theta) * weights) / np.sum(weights))
        if abs(value - before) <= 2e-15 * max(1.0, abs(value)):
            return value
        before, count = value, 2 * count
    raise Unusable(f"the law `{law}` at slope {frequency:g} needs too fine a quadrature; take smaller numbers")


def _normal_rule(law: Law, count: int) -> tuple[Real, Real]:
    """The trapezoidal rule, in x, or in u with x = sinh u where a wide law sees arctan as a step.

    arctan has its branch points at x = i and -i: in x the rule converges like e^{-2 pi / step}, in u, where the
    density decays in |Im u| < pi/4, like e^{-pi**2 / (2 step)} however wide the law is.
    """
    mean, sd = law.a, law.b
    low, high = mean - _REACH * sd, mean + _REACH * sd
    if sd <= 8.0 or abs(mean) > 40.0 * sd:
        x = np.linspace(low, high, count)
        stretch = np.ones(count)
    else:
        u = np.linspace(math.asinh(low), math.asinh(high), count)
        x, stretch = np.sinh(u), np.cosh(u)
    return np.arctan(x), np.exp(-(((x - mean) / sd) ** 2) / 2) * stretch


def _arctan_rule(law: Law, count: int) -> tuple[Real, Real]:
    """Gauss-Legendre in u, x = sinh u: analytic in |Im u| < pi/2 however wide the interval is."""
    u, weights = _gauss(math.asinh(law.a), math.asinh(law.b), count)
    return np.arctan(np.sinh(u)), weights * np.cosh(u)


def _arcsin_rule(law: Law, count: int) -> tuple[Real, Real]:
    """Gauss-Legendre in theta, whose density cos theta is entire."""
    theta, weights = _gauss(math.asin(law.a), math.asin(law.b), count)
    return theta, weights * np.cos(theta)


def _gauss(low: float, high: float, count: int) -> tuple[Real, Real]:
    """Composite rule of 32 nodes a panel on [low, high]; weights up to one factor."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    panels = count // 32
    centres = low + (high - low) * (np.arange(panels) + 0.5) / panels
    return (centres[:, None] + nodes * (high - low) / (2 * panels)).reshape(-1), np.tile(weights, panels)


# ------------------------------------------------------------------------------ text


def parse_law(text: str) -> Law:
    """A law written as text, for example `arctan(normal(0, 1))`; `str` of it reads back as the same law.

    Numbers may be written as in claims (`-pi/4`). A factor may stand before a law: `2*arctan(normal(0, 1))`.

    Raises:
        Unusable: it is no law, or its numbers make none.
    """
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unusable(f"`{text}` is no law of an angle; write for example {EXAMPLES}") from None
    law = _law(tree, text, 0)
    if max(abs(law.a), abs(law.b), abs(law.factor)) > _LARGEST:
        raise Unusable(f"the law `{text}` has a number beyond {_LARGEST:g}, where a float is no angle any more")
    return law


def _law(node: ast.expr, text: str, depth: int) -> Law:
    if isinstance(node, ast.Name) and node.id == "uniform":
        return UNIFORM
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and depth < 8:
        return _scaled(_law(node.right, text, depth + 1), _number(node.left, text), text)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
        word = node.id if isinstance(node, ast.Name) else ""
        raise Unusable(f"`{text}` is no law of an angle{nearest(word, WORDS)}; write for example {EXAMPLES}")
    word, args = node.func.id, node.args
    if word in ("arctan", "arcsin") and len(args) == 1:
        return _composed(word, _law(args[0], text, depth + 1), text)
    counts = {"uniform": 2, "normal": 2, "fixed": 1, "arctan": 1, "arcsin": 1}
    if word not in counts:
        raise Unusable(f"`{word}` in `{text}` is no law{nearest(word, WORDS)}; write for example {EXAMPLES}")
    if len(args) != counts[word]:
        raise Unusable(f"`{word}` in `{text}` takes {_counted(counts[word])}, not {len(args)}")
    return _plain(word, [_number(a, text) for a in args], text)


def _counted(count: int) -> str:
    return "one argument" if count == 1 else f"{count} arguments"


def _number(node: ast.expr, text: str) -> float:
    try:
        return parse_angle(ast.unparse(node), ()).constant
    except Unusable as error:
        raise Unusable(f"the law `{text}` needs numbers: {error.sentence}") from None


def _plain(word: str, numbers: list[float], text: str) -> Law:
    if word == "fixed":
        return Law("fixed", numbers[0])
    a, b = numbers
    if word == "uniform":
        if not a < b:
            raise Unusable(f"`uniform(a, b)` needs a < b, but is `{text}`")
        return Law("uniform", a, b)
    if not b > 0.0:
        raise Unusable(f"`normal(mean, deviation)` needs a deviation above 0, but is `{text}`")
    return Law("normal", a, b)


def _scaled(law: Law, factor: float, text: str) -> Law:
    if factor == 0.0:
        raise Unusable(f"the law `{text}` multiplies by zero; write `fixed(0)`")
    if law.function:
        return Law(law.kind, law.a, law.b, law.function, law.factor * factor)
    if law.kind == "uniform":
        low, high = sorted((factor * law.a + 0.0, factor * law.b + 0.0))
        return Law("uniform", low, high)
    return Law(law.kind, factor * law.a + 0.0, abs(factor) * law.b)


def _composed(word: str, law: Law, text: str) -> Law:
    if law.function:
        raise Unusable(f"the law `{text}` has a function of a function; write one function of a plain law")
    low, high = law.support
    if word == "arcsin" and (low < -1.0 or high > 1.0):
        raise Unusable(f"the law `{text}` takes arcsin of numbers beyond [-1, 1]; use `uniform(a, b)` inside it")
    if law.kind == "fixed":
        return Law("fixed", math.atan(law.a) if word == "arctan" else math.asin(law.a))
    return Law(law.kind, law.a, law.b, "arctan" if word == "arctan" else "arcsin")


def laws_of(parameters: tuple[str, ...], weights: tuple[str, ...], said: Mapping[str, str]) -> dict[str, Law]:
    """The laws that are said, `*` standing for every weight that is not named.

    Raises:
        Unusable: a name that is no parameter, or a text that is no law.
    """
    unknown = sorted(set(said) - set(parameters) - {"*"})
    if unknown:
        raise Unusable(f"`{unknown[0]}` has a law and is no parameter of the circuit; correct its name")
    laws = {name: parse_law(text) for name, text in said.items() if name != "*"}
    if "*" in said:
        laws |= {name: parse_law(said["*"]) for name in weights if name not in laws}
    return laws
