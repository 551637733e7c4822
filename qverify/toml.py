"""TOML into a typed, frozen value, with errors that name the line and the nearest known key.

tomllib reads, msgspec converts; this adds where in the file the fault stands, which neither of them knows
once the text has become a dictionary.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TypeVar

import msgspec

from qverify.errors import Unusable

T = TypeVar("T")


def nearest(word: str, known: list[str]) -> str:
    """A did-you-mean: ` (did you mean \\`x\\`?)` or nothing."""
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def line_of(text: str, key: str) -> int | None:
    """The first 1-based line that assigns `key` or opens it as a table, or None."""
    pattern = re.compile(rf"""^\s*(\[+\s*([\w."'-]+\.)?)?["']?{re.escape(key)}["']?\s*(=|\]|\.)""")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return number
    return None


def parse_toml(text: str, kind: type[T], where: str, error: type[Unusable]) -> T:
    """Read TOML `text` as a `kind` (a msgspec Struct).

    Raises:
        error: the text is not TOML, or says something `kind` does not know.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"\(at line (\d+), column \d+\)", str(fault))
        line = int(found[1]) if found else None
        raise error(f"is not TOML: {str(fault).split(' (at ')[0]}", where, line) from None
    except RecursionError:
        raise error("is nested too deeply; write it more plainly", where) from None
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as fault:
        raise _explained(str(fault), text, kind, where, error) from None


def _explained(fault: str, text: str, kind: type, where: str, error: type[Unusable]) -> Unusable:
    message, _, path = fault.partition(" - at `")
    keys = re.findall(r"[A-Za-z_][\w-]*", path)
    unknown = re.search(r"unknown field `([^`]*)`", message)
    if unknown:
        known = _fields(kind)
        sentence = f"unknown key `{unknown[1]}`{nearest(unknown[1], known)}"
        return error(sentence, where, line_of(text, unknown[1]))
    name = f"`{keys[-1]}`: " if keys else ""
    return error(f"{name}{message[0].lower()}{message[1:]}", where, line_of(text, keys[-1]) if keys else None)


def _fields(kind: type) -> list[str]:
    """Every key that `kind` or a part of it knows."""
    names: set[str] = set()
    schema = msgspec.json.schema(kind)
    for part in [schema, *schema.get("$defs", {}).values()]:
        names.update(part.get("properties", {}))
    return sorted(names)
