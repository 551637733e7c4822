"""What `qlstm` refuses, beside the refusals of `qverify.errors`, and the nearest known word for a wrong one.

Each class says which exit code its sentence ends the command with.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from qverify.errors import Unusable


class BadUsage(Unusable):
    """A word on the command line that means nothing here (exit code 2)."""


class BadData(Unusable):
    """A series that cannot be trained on (exit code 3)."""


class BadCheckpoint(Unusable):
    """A checkpoint that cannot be read, or that belongs to another run (exit code 3)."""


class TranslationDiffers(RuntimeError):
    """A compiled circuit that disagrees with the reference semantics: a fault of this program; never trained."""

    def __init__(self, sentence: str, where: str) -> None:
        super().__init__(f"{where}: {sentence}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` for the nearest known word, else `; known: A, B`."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(names)}"
