"""Tests of classical bits as trees: drawn, negated, rewritten, evaluated, and built as Qiskit's.

("=bit", b, v), ("=reg", r, v)          Qiskit's pair (bit or register, value)
truth values   ("bit", b) ("true",) ("false",) ("not", t) ("and"|"or"|"xor"|"band"|"bor", s, t)
               ("eq"|"ne"|"lt"|"le"|"gt"|"ge", u, v) ("index", u, k) ("cast", u)
numbers        ("reg", r) ("num", value, width) ("uand"|"uor"|"uxor", u, v) ("unot", u) ("shl"|"shr", u, k)
               ("wide", t, width): a truth value as a number
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from random import Random
from typing import Any

from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types

from .sketch import Sketch, Tree, read_by

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}  # fmt: skip
BUILD: dict[str, Callable[..., expr.Expr]] = {
    "eq": expr.equal, "ne": expr.not_equal, "lt": expr.less, "le": expr.less_equal, "gt": expr.greater,
    "ge": expr.greater_equal, "and": expr.logic_and, "or": expr.logic_or, "xor": expr.bit_xor,
    "band": expr.bit_and, "bor": expr.bit_or, "uand": expr.bit_and, "uor": expr.bit_or, "uxor": expr.bit_xor,
    "not": expr.logic_not, "unot": expr.bit_not,
}  # fmt: skip
MOST_BITS = 5  # read by a test that is written out over all values


def width(tree: Tree, sketch: Sketch) -> int:
    """Bits of a number."""
    if tree[0] == "reg":
        return len(sketch.registers[tree[1]][1])
    return int(tree[2]) if tree[0] in ("num", "wide") else width(tree[1], sketch)


def value(tree: Tree, bits: Mapping[int, int], sketch: Sketch) -> int:
    """The value of a tree where the bits have values; truth values are 0 and 1."""

    def of(part: Tree) -> int:
        return value(part, bits, sketch)

    kind = tree[0]
    if kind in ("reg", "=reg"):
        number = sum(bits[b] << j for j, b in enumerate(sketch.registers[tree[1]][1]))
        return number if kind == "reg" else int(number == tree[2])
    if kind in COMPARE:
        return int(COMPARE[kind](of(tree[1]), of(tree[2])))
    simple: dict[str, Callable[[], int]] = {
        "=bit": lambda: int(bits[tree[1]] == tree[2]), "bit": lambda: bits[tree[1]], "true": lambda: 1,
        "false": lambda: 0, "not": lambda: 1 - of(tree[1]), "and": lambda: of(tree[1]) & of(tree[2]),
        "or": lambda: of(tree[1]) | of(tree[2]), "index": lambda: of(tree[1]) >> tree[2] & 1,
        "cast": lambda: int(of(tree[1]) != 0), "num": lambda: int(tree[1]), "wide": lambda: of(tree[1]),
        "xor": lambda: of(tree[1]) ^ of(tree[2]), "band": lambda: of(tree[1]) & of(tree[2]),
        "bor": lambda: of(tree[1]) | of(tree[2]), "uand": lambda: of(tree[1]) & of(tree[2]),
        "uor": lambda: of(tree[1]) | of(tree[2]), "uxor": lambda: of(tree[1]) ^ of(tree[2]),
        "unot": lambda: ~of(tree[1]) % (1 << width(tree, sketch)), "shr": lambda: of(tree[1]) >> tree[2],
        "shl": lambda: (of(tree[1]) << tree[2]) % (1 << width(tree, sketch)),
    }  # fmt: skip
    return simple[kind]()


# ------------------------------------------------------------------------------ drawing


def drawn(source: Random, sketch: Sketch, likely: Sequence[int]) -> Tree:
    """A test; likely: bits that were written before."""
    chance = source.random()
    if chance < 0.5 or not sketch.registers:
        return ("=bit", one_bit(source, sketch, likely), source.choice([1, 1, 0]))
    if chance < 0.7:
        r = source.randrange(len(sketch.registers))
        return ("=reg", r, source.randrange(2 ** len(sketch.registers[r][1])))
    return truth_tree(source, sketch, likely, source.choice([1, 1, 2]))


def one_bit(source: Random, sketch: Sketch, likely: Sequence[int]) -> int:
    """A bit, mostly one that was written."""
    return source.choice(likely) if likely and source.random() < 0.85 else source.randrange(sketch.bits)


def truth_tree(source: Random, sketch: Sketch, likely: Sequence[int], depth: int) -> Tree:
    """An expression that is a truth value."""
    if depth == 0 or source.random() < 0.15:
        return ("bit", one_bit(source, sketch, likely)) if source.random() < 0.95 else ("true",)
    kind = source.choice(["not", "and", "or", "xor", "band", "bor", "compare", "compare", "index", "cast"])
    if kind == "not":
        return ("not", truth_tree(source, sketch, likely, depth - 1))
    if kind not in ("compare", "index", "cast") or not sketch.registers:
        kind = kind if kind not in ("compare", "index", "cast") else "and"
        return (kind, *(truth_tree(source, sketch, likely, depth - 1) for _ in range(2)))
    number = number_tree(source, sketch, likely, depth - 1)
    if kind == "index":
        return ("index", number, source.randrange(width(number, sketch)))
    if kind == "cast":
        return ("cast", number)
    w = width(number, sketch)
    same = [("reg", r) for r, (_, bits) in enumerate(sketch.registers) if len(bits) == w]
    other = source.choice(same) if same and source.random() < 0.2 else ("num", source.randrange(2**w), w)
    return (source.choice(sorted(COMPARE)), number, other)


def number_tree(source: Random, sketch: Sketch, likely: Sequence[int], depth: int) -> Tree:
    """An expression that is a number."""
    register: Tree = ("reg", source.randrange(len(sketch.registers)))
    w = width(register, sketch)
    kind = source.choice(["reg", "reg", "reg", "uand", "uor", "uxor", "unot", "shl", "shr", "wide"])
    if depth == 0 or kind == "reg":
        return register
    if kind == "unot":
        return ("unot", register)
    if kind in ("shl", "shr"):
        return (kind, register, source.randint(1, w))
    if kind == "wide":
        return ("wide", truth_tree(source, sketch, likely, 0), source.randint(1, 3))
    return (kind, register, ("num", source.randrange(2**w), w))


# ------------------------------------------------------------------------------ rewriting


def as_expression(tree: Tree, sketch: Sketch) -> Tree:
    """A pair as an expression."""
    if tree[0] == "=bit":
        return ("bit", tree[1]) if tree[2] else ("not", ("bit", tree[1]))
    if tree[0] == "=reg":
        return ("eq", ("reg", tree[1]), ("num", tree[2], len(sketch.registers[tree[1]][1])))
    return tree


def negated(source: Random, tree: Tree, sketch: Sketch) -> Tree:
    """The opposite test, written in one of several ways."""
    if tree[0] == "=bit" and source.random() < 0.7:
        return ("=bit", tree[1], 1 - tree[2])
    plain = as_expression(tree, sketch)
    opposite = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
    if plain[0] in opposite and source.random() < 0.5:
        return (opposite[plain[0]], *plain[1:])
    if plain[0] in ("and", "or") and source.random() < 0.5:
        return ("or" if plain[0] == "and" else "and", ("not", plain[1]), ("not", plain[2]))
    return plain[1] if plain[0] == "not" and source.random() < 0.5 else ("not", plain)


def rewritten(source: Random, tree: Tree, sketch: Sketch) -> Tree | None:
    """The same test in other words."""
    bits = sorted(read_by(tree, sketch).reads)
    plain = as_expression(tree, sketch)
    ways = ["not not", "and true", "xor"]
    ways += ["written out"] * 3 if 0 < len(bits) <= MOST_BITS else []
    ways += ["expression"] * 2 if plain != tree else []
    way = source.choice(ways)
    if way == "expression":
        return plain
    if way == "not not":
        return ("not", negated(source, plain, sketch))
    if way == "and true":
        return source.choice([("and", plain, ("true",)), ("or", ("false",), plain), ("band", plain, plain)])
    if way == "xor":
        return ("not", ("xor", plain, ("true",)))
    return written_out(tree, bits, sketch)


def written_out(tree: Tree, bits: Sequence[int], sketch: Sketch) -> Tree:
    """The test as an `or` over all values of its bits that satisfy it."""
    terms: list[Tree] = []
    for values in product((0, 1), repeat=len(bits)):
        if value(tree, dict(zip(bits, values, strict=True)), sketch):
            literals: list[Tree] = [
                ("bit", b) if v else ("not", ("bit", b)) for b, v in zip(bits, values, strict=True)
            ]
            terms.append(joined("and", literals))
    return joined("or", terms) if terms else ("false",)


def joined(kind: str, trees: list[Tree]) -> Tree:
    """Several tests as one."""
    out = trees[0]
    for tree in trees[1:]:
        out = (kind, out, tree)
    return out


# ------------------------------------------------------------------------------ building


def built(tree: Tree, bits: Mapping[int, Clbit], registers: Mapping[int, ClassicalRegister]) -> Any:
    """Qiskit's condition, or the target of a switch."""
    if tree[0] in ("=bit", "=reg"):
        return (bits[tree[1]] if tree[0] == "=bit" else registers[tree[1]]), tree[2]
    return _expression(tree, bits, registers)


def _expression(tree: Tree, bits: Mapping[int, Clbit], registers: Mapping[int, ClassicalRegister]) -> expr.Expr:
    def of(part: Tree) -> expr.Expr:
        return _expression(part, bits, registers)

    kind = tree[0]
    if kind in BUILD:
        return BUILD[kind](*(of(part) for part in tree[1:]))
    simple: dict[str, Callable[[], expr.Expr]] = {
        "bit": lambda: expr.lift(bits[tree[1]]), "reg": lambda: expr.lift(registers[tree[1]]),
        "true": lambda: expr.lift(True), "false": lambda: expr.lift(False),
        "num": lambda: expr.Value(tree[1], types.Uint(tree[2])),
        "index": lambda: expr.index(of(tree[1]), tree[2]), "cast": lambda: expr.cast(of(tree[1]), types.Bool()),
        "wide": lambda: expr.cast(of(tree[1]), types.Uint(tree[2])),
        "shl": lambda: expr.shift_left(of(tree[1]), tree[2]),
        "shr": lambda: expr.shift_right(of(tree[1]), tree[2]),
    }  # fmt: skip
    return simple[kind]()
