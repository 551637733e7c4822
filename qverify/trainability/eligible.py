"""Whether the second moments of a chain are the sum over walks: no two different strings ever meet again.

E f**2 is a sum over pairs (P, P') of strings that are pulled back together. The walk keeps the pairs P = P' alone,
which is exact iff every other pair has weight 0 at the end and none turns into a pair P = P'. Run backwards, with
R = P P' and a space of bit vectors that contains every R there can be:

    observable             the span of all products of two of its strings
    Clifford gate          R -> U^dagger R U, one to one
    random turn about Q    (P, P') -> E cos**2 (P, P') + E sin**2 (QP, QP') where both anticommute with Q,
                           E cos (P, P') where one does (E sin = E sin cos = 0): R stays. A uniform turn has
                           E cos = 0, so pairs whose R anticommutes with Q die: cut to the R that commute. In
                           E (d f)**2 the derivative of the string that commutes is 0, so they die all the more
    fixed or drawn turn    both P and QP remain, with amplitudes: R -> R and Q R. So Q joins the span; if Q is in it
                           already, a pair could become P = P' again, and the circuit is refused
    dephased wire          strings with X or Y there vanish, so of a pair that lives R is I or Z there: cut
    reset wire             the same cut, then Z becomes I: a pair with R = Z there alone would become P = P', and
                           is refused
    input                  R = I or Z on a wire in |0>, R = I on a wire in a random letter, anything elsewhere

Eligible iff nothing but R = I is left. The space may be larger than what occurs, so eligible is proved and refused
is not. Where it is 0 already, a step costs nothing. Cost: O(1) integer operations a step, with one digit a
dimension, and O(wires) for each dimension that is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qverify.errors import Undecidable
from qverify.trainability.chain import Chain, End, Linear, Reset, Step, Turn
from qverify.trainability.clifford_maps import CODES, LETTERS, columns_after

SHOWN = 6  # letters of a string in a refusal
_AXES = (1, 3, 2)  # the codes of a start's columns X, Y, Z


class Ineligible(Undecidable):
    """The second moments of this circuit are no sum over walks, for the reason given."""


def is_uniform(turn: Turn) -> bool:
    """Whether a turn is random with E cos = E sin = 0."""
    return turn.slope != 0.0 and turn.mean == 0.0


def is_random(turn: Turn) -> bool:
    """Whether a turn's angle has a law and so a slope, rather than being fixed or drawn with the features."""
    return turn.slope != 0.0


def require_eligible(chain: Chain, free: frozenset[int] = frozenset(), label: Callable[[int], str] = str) -> None:
    """Refuse a chain in which a product of two different strings may survive.

    Args:
        free: wires that start in a random letter of 0 1 + - r l.
        label: how a wire is called in a refusal.

    Raises:
        Ineligible: with the string that survives, and where.
    """
    space = _Space(chain.wires, _differences(chain.ends), label)
    for step in reversed(chain.steps):
        _pull(space, step)
    for wire, row in enumerate(chain.start.tolist()):
        if not space.alive:
            return
        letters = [code for code, value in zip(_AXES, row, strict=True) if value != 0.0]  # NaN is unequal to 0
        if wire in free:
            space.cut(space.columns[2 * wire])
            space.cut(space.columns[2 * wire + 1])
        elif len(letters) == 1:
            space.cut_to(wire, letters[0])
    if space.alive:
        raise Ineligible(
            f"the strings P and P {space.shown()} of the observable, pulled back to the input, interfere; "
            "no random angle on the way separates them"
        )


def _pull(space: _Space, step: Step) -> None:
    """One step backwards."""
    if isinstance(step, Turn):
        if not is_random(step):
            space.join(step.wires, step.word)
        elif step.mean == 0.0 and space.alive:
            space.cut(space.against(step.wires, step.word))
    elif not space.alive:
        return
    elif isinstance(step, Linear):
        space.map(step)
    else:
        space.cut(space.columns[2 * step.wire])  # x must vanish
        if isinstance(step, Reset):
            space.reset(step.wire)


def _differences(ends: Sequence[End]) -> list[dict[int, int]]:
    """Strings wire -> code that span all products of two strings of the observable."""
    found: list[dict[int, int]] = []
    first: dict[int, int] | None = None
    for end in ends:
        choices = {
            wire: [code for code, weight in zip((0, 1, 3, 2), weights, strict=True) if weight > 0.0]
            for wire, weights in end.letters.items()
        }
        if end.weight == 0.0 or not all(choices.values()):
            continue
        found += [{wire: codes[0] ^ code} for wire, codes in choices.items() for code in codes[1:]]
        one = {wire: codes[0] for wire, codes in choices.items()}
        if first is None:
            first = one
        else:
            found.append({wire: one.get(wire, 0) ^ first.get(wire, 0) for wire in one.keys() | first.keys()})
    return found


class _Space:
    """A space of strings; columns[2 w], [2 w + 1]: who has x, z on wire w, one binary digit a basis vector.

    alive: the digits in use. Digits of vectors that are gone are 0 in every column.
    """

    def __init__(self, wires: int, spanning: list[dict[int, int]], label: Callable[[int], str]) -> None:
        self.columns = [0] * (2 * wires)
        self.alive, self.size, self.label = 0, 0, label
        basis: dict[int, dict[int, int]] = {}  # leading place -> vector
        for string in spanning:
            rest = {wire: code for wire, code in string.items() if code}
            while rest:
                lead = max(2 * wire + (code >> 1) for wire, code in rest.items())
                if lead not in basis:
                    basis[lead] = rest
                    self.add(rest)
                    break
                other = basis[lead]
                joined = {wire: rest.get(wire, 0) ^ other.get(wire, 0) for wire in rest.keys() | other.keys()}
                rest = {wire: code for wire, code in joined.items() if code}

    def add(self, string: dict[int, int]) -> None:
        """One more basis vector."""
        gone = ~self.alive & ((1 << self.size) - 1)
        digit = gone & -gone or 1 << self.size
        self.size, self.alive = max(self.size, digit.bit_length()), self.alive | digit
        for wire, code in string.items():
            for j in range(2):
                if code >> j & 1:
                    self.columns[2 * wire + j] |= digit

    def against(self, wires: Sequence[int], word: str) -> int:
        """Which basis vectors anticommute with a word."""
        odd = 0
        for wire, letter in zip(wires, word, strict=True):
            if letter != "Z":
                odd ^= self.columns[2 * wire + 1]
            if letter != "X":
                odd ^= self.columns[2 * wire]
        return odd

    def cut(self, odd: int) -> None:
        """Keep what is even in a linear function that is odd on these basis vectors."""
        if not odd:
            return
        pivot = odd & -odd
        rest = odd ^ pivot
        for k, column in enumerate(self.columns):
            if column & pivot:
                self.columns[k] = column ^ pivot ^ rest
        self.alive ^= pivot
        if not self.alive:
            self.columns, self.size = [0] * len(self.columns), 0

    def cut_to(self, wire: int, code: int) -> None:
        """Keep what is I or this letter on a wire."""
        x, z = self.columns[2 * wire], self.columns[2 * wire + 1]
        self.cut((x if code & 2 else 0) ^ (z if code & 1 else 0))

    def map(self, step: Linear) -> None:
        """A Clifford gate."""
        places = [2 * wire + j for wire in step.wires for j in range(2)]
        moved = columns_after(step.rows, [self.columns[k] for k in places])
        for k, column in zip(places, moved, strict=True):
            self.columns[k] = column

    def reset(self, wire: int) -> None:
        """After the cut to I and Z on a wire: Z becomes I."""
        if self.contains((wire,), "Z"):
            raise Ineligible(
                f"the strings P and P Z of the observable become one where wire {self.label(wire)} is reset"
            )
        self.columns[2 * wire + 1] = 0

    def join(self, wires: Sequence[int], word: str) -> None:
        """A fixed rotation about a word."""
        if self.contains(wires, word):
            on = ", ".join(self.label(wire) for wire in wires)
            raise Ineligible(
                f"a fixed or data-driven turn about {word} on wire {on} meets strings that an earlier such turn or "
                "the observable left to interfere; no random angle between separates them"
            )
        self.add({wire: CODES[letter] for wire, letter in zip(wires, word, strict=True)})

    def contains(self, wires: Sequence[int], word: str) -> bool:
        """Whether a word is in the space: whether some sum of basis vectors is it."""
        if not self.alive:
            return False
        codes = [(wire, CODES[letter]) for wire, letter in zip(wires, word, strict=True)]
        wanted = {2 * wire + j for wire, code in codes for j in (0, 1) if code >> j & 1}
        # Gauss: equations (column, right side) over the basis vectors' coefficients
        pivots: list[tuple[int, int, int]] = []
        for place, column in enumerate(self.columns):
            right = int(place in wanted)
            if not column and not right:
                continue
            for digit, equation, value in pivots:
                if column & digit:
                    column, right = column ^ equation, right ^ value  # noqa: PLW2901  # reduced in place
            if column:
                pivots.append((column & -column, column, right))
            elif right:
                return False
        return True

    def shown(self) -> str:
        """One string of the space, in words."""
        digit = self.alive & -self.alive
        letters = []
        for wire in range(len(self.columns) // 2):
            code = bool(self.columns[2 * wire] & digit) + 2 * bool(self.columns[2 * wire + 1] & digit)
            if code:
                letters.append(f"{LETTERS[code]}{self.label(wire)}")
        return " ".join(letters[:SHOWN]) + (f" and {len(letters) - SHOWN} more" if len(letters) > SHOWN else "")
