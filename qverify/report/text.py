"""Making text from a circuit, a file name or a library safe to print: no control character leaves as it came."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text with control, format and bidirectional characters shown as escapes; newlines and tabs kept."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else ascii(c)[1:-1]
        for c in text
    )


def number(value: float) -> str:
    """A number as people read it."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3g}"


def interval(lo: float, hi: float) -> str:
    """`[lo, hi]`, or the number where both ends are one."""
    return number(lo) if lo == hi else f"[{number(lo)}, {number(hi)}]"
