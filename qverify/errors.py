"""The ways an input can be refused: one sentence each, with file, line and remedy.

An `Unusable` is the fault of an input and is shown to the user as it is; any other exception is a fault of
this program and is never dressed up as a bad file.
"""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def counted(number: int, thing: str) -> str:
    """A number of things: `1 wire`, `2 wires`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def every(number: int, thing: str) -> str:
    """All of a number of things: `the one weight`, `all 2 weights`."""
    return f"the one {thing}" if number == 1 else f"all {number} {thing}s"


class Unusable(Exception):
    """An input that cannot be used.

    Args:
        sentence: what is wrong and what to do about it, without the file's name.
        where: the file (or `file.py:function`) it is about.
        line: 1-based line in that file, when known.
    """

    def __init__(self, sentence: str, where: str = "", line: int | None = None) -> None:
        self.sentence = " ".join(_ANSI.sub("", sentence).split())  # libraries draw boxes around theirs
        self.where, self.line = where, line
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.sentence}" if place else self.sentence

    def at(self, where: str) -> Unusable:
        """The same refusal, told about the file `where`; a place already known is kept."""
        return self if self.where else type(self)(self.sentence, where, self.line)


class CannotLoad(Unusable):
    """A file that is no circuit, or one that cannot be read safely (exit code 3)."""


class BadClaims(Unusable):
    """A claims file that does not say what claims files say (exit code 3)."""


class BadPolicy(Unusable):
    """A policy that cannot judge (exit code 2)."""


class NotAdmitted(Unusable):
    """A circuit without a certificate that holds for it (exit code 1)."""


class CannotWrite(Unusable):
    """A file that cannot be written where the user wants it (exit code 2)."""


class CannotCompare(Unusable):
    """A question about two circuits that does not fit them (exit code 2)."""


class Undecidable(Unusable):
    """A question that the method at hand cannot answer for this circuit; never a pass, never a failure."""
