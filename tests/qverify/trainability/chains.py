"""Chains for tests, and their second moments by brute force: every step as a matrix on all 4**n strings.

Nothing but the types comes from the package: letters are multiplied by a table, steps are applied string by string.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from qverify.trainability.chain import Chain, Dephase, End, Linear, Reset, Turn

LETTERS = "IXYZ"
TIMES = {
    (a, b): "I" if a == b else a if b == "I" else b for a in LETTERS for b in LETTERS if a == b or "I" in (a, b)
}
TIMES |= {(a, b): ({"X", "Y", "Z"} - {a, b}).pop() for a, b in itertools.permutations("XYZ", 2)}
BITS = {"I": 0, "X": 1, "Z": 2, "Y": 3}
FROM_BITS = {v: k for k, v in BITS.items()}
CZ = (0b1001, 0b0010, 0b0110, 0b1000)  # X_0 -> X Z, Z_0 -> Z I, X_1 -> Z X, Z_1 -> I Z
CX = (0b0101, 0b0010, 0b0100, 0b1010)  # control 0: X_0 -> X X, Z_1 -> Z Z
HADAMARD, PHASE = (0b10, 0b01), (0b11, 0b10)
ZERO_STATE = (0.0, 0.0, 1.0)
PROJECTOR, ONLY_Z = (0.25, 0.0, 0.0, 0.25), (0.0, 0.0, 0.0, 1.0)


def z_on(wires):
    """The Pauli string Z on some wires."""
    return (End(1.0, dict.fromkeys(wires, ONLY_Z)),)


def zeros(n):
    """|0..0><0..0|."""
    return (End(1.0, dict.fromkeys(range(n), PROJECTOR)),)


def chain_of(n, steps, ends, start=None):
    """Steps whose turns with a parameter are numbered in order."""
    done, k = [], 0
    for step in steps:
        if isinstance(step, Turn) and step.parameter >= 0:
            done.append(Turn(step.wires, step.word, k, step.slope, step.stay))
            k += 1
        else:
            done.append(step)
    rows = np.array([ZERO_STATE] * n if start is None else start, dtype=float).reshape(n, 3)
    return Chain(n, tuple(f"t{i}" for i in range(k)), tuple(done), tuple(ends), rows)


def turn(word, *wires, stay=0.5, slope=1.0):
    return Turn(tuple(wires), word, 0, slope, stay)


def hardware_efficient(n, layers, ends):
    """RY and RZ on every wire and a line of CZ, `layers` times."""
    steps = []
    for _ in range(layers):
        steps += [turn("Y", w) for w in range(n)] + [turn("Z", w) for w in range(n)]
        steps += [Linear((w, w + 1), CZ) for w in range(n - 1)]
    return chain_of(n, steps, ends)


def product_of_ry(n, ends):
    return chain_of(n, [turn("Y", w) for w in range(n)], ends)


def one_qubit(layers):
    """(RX, RZ)**layers and Z."""
    return chain_of(1, [turn(p, 0) for _ in range(layers) for p in "XZ"], z_on([0]))


def qlstm(n, depth, ends):
    """The layer of Chen, Yoo and Fang: encoded inputs, CX(i, i + 1) and CX(i, i + 2) in rings, RZ RY RZ."""
    steps = []
    for _ in range(depth):
        for hop in (1, 2):
            steps += [Linear((w, (w + hop) % n), CX) for w in range(n)]
        steps += [turn(p, w) for w in range(n) for p in "ZYZ"]
    return chain_of(n, steps, ends, [(0.35, 0.25, 0.4)] * n)


def random_chain(rng, n=None, length=14):
    """Steps of all kinds on at most three wires, some angles not uniform, one to three ends."""
    n = int(rng.integers(1, 4)) if n is None else n
    steps = []
    for _ in range(int(rng.integers(1, length))):
        kind = rng.integers(8)
        pair = tuple(int(w) for w in rng.permutation(n)[: rng.integers(1, n + 1)])
        if kind < 4:
            stay = float(rng.choice([0.5, 0.5, 0.5, rng.random()]))
            named = bool(rng.random() < 0.8)
            word = "".join(rng.choice(list("XYZ"), len(pair)))
            steps.append(Turn(pair, word, 0 if named else -1, float(rng.choice([1.0, 2.0, -0.5])), stay))
        elif kind < 6:
            rows = [HADAMARD, PHASE][rng.integers(2)] if n == 1 else [CZ, CX][rng.integers(2)]
            wires = tuple(int(w) for w in rng.permutation(n)[: len(rows) // 2])
            steps.append(Linear(wires, rows))
        elif kind == 6 and rng.random() < 0.5:
            steps.append(Dephase(pair[0]))
        elif rng.random() < 0.5:
            steps.append(Reset(pair[0]))
        else:
            steps.append(Linear((pair[0],), [HADAMARD, PHASE][rng.integers(2)]))
    ends = []
    for _ in range(int(rng.integers(1, 4))):
        wires = [int(w) for w in rng.permutation(n)[: rng.integers(1, n + 1)]]
        kinds = [ONLY_Z, PROJECTOR, (0.0, 1.0, 0.0, 0.0), tuple(rng.random(4))]
        ends.append(End(float(rng.random() + 0.1), {w: kinds[rng.integers(4)] for w in wires}))
    start = rng.choice([0.0, 1.0, 0.3, 0.8], (n, 3))
    return chain_of(n, steps, ends, start)


def _anticommute(string, step):
    return sum(string[w] not in ("I", q) for w, q in zip(step.wires, step.word, strict=True)) % 2 == 1


def _moved(string, step):
    out = list(string)
    for w, q in zip(step.wires, step.word, strict=True):
        out[w] = TIMES[out[w], q]
    return tuple(out)


def _images(string, step):
    """(string, weight) one step nearer to the input."""
    if isinstance(step, Turn):
        if not _anticommute(string, step):
            return [(string, 1.0)]
        return [(string, step.stay), (_moved(string, step), 1.0 - step.stay)]
    out = list(string)
    if isinstance(step, Linear):
        image = 0
        for j, w in enumerate(step.wires):
            for plane in (0, 1):
                if BITS[string[w]] >> plane & 1:
                    image ^= step.rows[2 * j + plane]
        for j, w in enumerate(step.wires):
            out[w] = FROM_BITS[image >> 2 * j & 3]
        return [(tuple(out), 1.0)]
    if string[step.wire] in "XY":
        return []
    if isinstance(step, Reset):
        out[step.wire] = "I"
    return [(tuple(out), 1.0)]


def brute(chain):
    """(E f**2, array of E (d_k f)**2), by 4**n sums; turns of one parameter add up."""
    strings = list(itertools.product(LETTERS, repeat=chain.wires))
    ahead = {
        s: math.prod(1.0 if p == "I" else float(chain.start[w]["XYZ".index(p)]) for w, p in enumerate(s))
        for s in strings
    }
    kept = []
    for step in chain.steps:
        kept.append(ahead)
        ahead = {s: sum(weight * ahead[t] for t, weight in _images(s, step)) for s in strings}
    now = dict.fromkeys(strings, 0.0)
    for end in chain.ends:
        for s in strings:
            letters = (end.letters.get(w, (1.0, 0.0, 0.0, 0.0))[LETTERS.index(p)] for w, p in enumerate(s))
            now[s] += end.weight * math.prod(letters)
    cost = sum(now[s] * ahead[s] for s in strings)
    gradients = np.zeros(len(chain.names))
    for step, before in zip(reversed(chain.steps), reversed(kept), strict=True):
        if isinstance(step, Turn) and step.parameter >= 0:
            gradients[step.parameter] += step.slope**2 * sum(
                now[s] * ((1.0 - step.stay) * before[s] + step.stay * before[_moved(s, step)])
                for s in strings
                if _anticommute(s, step)
            )
        then = dict.fromkeys(strings, 0.0)
        for s in strings:
            for t, weight in _images(s, step):
                then[t] += weight * now[s]
        now = then
    return cost, gradients
