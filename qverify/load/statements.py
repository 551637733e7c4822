"""The text of an OpenQASM program, cut into top-level statements without parsing it.

Rule: comments become spaces (lines stay), the header names the version, brackets balance and nest at most
`MAX_NESTING` deep. A statement ends at `;` or `}` outside brackets, unless `else` follows.
Source: the OpenQASM 3 grammar (openqasm.com/grammar); OpenQASM 2 is the same at this level.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qverify.errors import CannotLoad

MAX_NESTING = 200
INCLUDES = ("stdgates.inc", "qelib1.inc")

_TOKEN = re.compile(r'"[^"\n]*"|//[^\n]*|/\*.*?\*/|/\*|[()\[\]{};]', re.DOTALL)
_HEADER = re.compile(r"\s*OPENQASM\s+(\d{1,4})(?:\s*\.\s*(\d{1,4}))?\s*;")
_INCLUDE = re.compile(r'\s*include\s*(?:"([^"\n]*)"|([^;]*))\s*;')
_INCLUDE_WORD = re.compile(r"\binclude\b")
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Statement:
    """One top-level statement: its text without leading white space, and the 1-based line of its first word."""

    text: str
    line: int


@dataclass(frozen=True)
class Source:
    """A program: its version, its text with comments blanked out, its statements after the header.

    Args:
        version: 2 or 3.
        text: the program, comments and header replaced by spaces; lines are those of the file.
        includes: the files included, with their lines; all are known libraries.
    """

    version: int
    text: str
    statements: tuple[Statement, ...]
    includes: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, text: str) -> Source:
        """Cut a program up.

        Raises:
            CannotLoad: no header, a version that is not 2.0 or 3.x, unbalanced or deep brackets, an include of
                anything but the two standard libraries.
        """
        plain = _without_comments(text)
        version, start = _version(plain)
        body = re.sub(r"[^\n]", " ", plain[:start]) + plain[start:]
        statements = _cut(body)
        return cls(version, body, statements, _includes(statements, version))


def _without_comments(text: str) -> str:
    def blank(match: re.Match[str]) -> str:
        found = match.group()
        if found == "/*":
            raise CannotLoad("a comment is not closed; add `*/`", line=_line(text, match.start()))
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found

    return _TOKEN.sub(blank, text)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _version(text: str) -> tuple[int, int]:
    header = _HEADER.match(text)
    first = len(text) - len(text.lstrip())
    if header is None:
        if not text.strip():
            raise CannotLoad("the file is empty; an empty file is no circuit")
        remedy = "begin the file with `OPENQASM 3.0;` or `OPENQASM 2.0;`"
        raise CannotLoad(f"the OpenQASM header is missing; {remedy}", line=_line(text, first))
    major, minor = int(header.group(1)), int(header.group(2) or 0)
    if major not in (2, 3) or (major == 2 and minor != 0):
        sentence = f"OpenQASM {major}.{minor} is not supported; use `OPENQASM 3.0;` or `OPENQASM 2.0;`"
        raise CannotLoad(sentence, line=_line(text, first))
    return major, header.end()


def _cut(text: str) -> tuple[Statement, ...]:
    found: list[Statement] = []
    stack: list[tuple[str, int]] = []
    start = line = position = 0  # `line` counts line ends before `position`
    for token in _TOKEN.finditer(text):
        mark, at = token.group(), token.start()
        if mark in ("(", "[", "{"):
            is_set = mark == "{" and text[start:at].rstrip().endswith(" in")
            stack.append(("{in" if is_set else mark, at))
            if len(stack) > MAX_NESTING:
                sentence = f"brackets are nested more than {MAX_NESTING} deep; write it more plainly"
                raise CannotLoad(sentence, line=_line(text, at))
            continue
        closed = ""
        if mark in _CLOSES:
            closed = stack.pop()[0] if stack else ""
            if closed[:1] != _CLOSES[mark]:
                raise CannotLoad(f"`{mark}` closes nothing; balance the brackets", line=_line(text, at))
        ends = not stack and (mark == ";" or closed == "{")
        if ends and not _ELSE.match(text, token.end()):
            body = text[start : token.end()]
            first = start + len(body) - len(body.lstrip())
            line += text.count("\n", position, first)
            position = first
            found.append(Statement(body.lstrip(), line + 1))
            start = token.end()
    if stack:
        raise CannotLoad(
            f"`{stack[-1][1] and text[stack[-1][1]]}` is not closed; balance the brackets",
            line=_line(text, stack[-1][1]),
        )
    if rest := text[start:].strip():
        word = rest.split(None, 1)[0][:40]
        sentence = f"the statement that begins with `{word}` does not end; add `;`"
        raise CannotLoad(sentence, line=_line(text, start + len(text[start:]) - len(text[start:].lstrip())))
    return tuple(found)


_ELSE = re.compile(r"\s*else\b")


def _includes(statements: tuple[Statement, ...], version: int) -> tuple[tuple[str, int], ...]:
    """Included libraries; nothing is ever opened."""
    allowed = INCLUDES if version == 3 else INCLUDES[1:]
    found = []
    for statement in statements:
        match = _INCLUDE.match(statement.text)
        if match is None:
            continue
        file = (match.group(1) if match.group(1) is not None else match.group(2)).strip()
        if file not in allowed:
            known = " and ".join(f"`{name}`" for name in allowed)
            sentence = f"the include of `{' '.join(file.split())[:100]}` is refused; only {known} may be included"
            if file.strip("'") in allowed:
                sentence = f"the include of {file} is refused; write it in double quotes"
            raise CannotLoad(sentence, line=statement.line)
        found.append((file, statement.line))
    handled = {line for _, line in found}
    for statement in statements:
        for word in _INCLUDE_WORD.finditer(statement.text):
            if word.start() or statement.line not in handled:
                sentence = "an `include` stands inside another statement; move it to the top of the file"
                raise CannotLoad(sentence, line=statement.line + statement.text.count("\n", 0, word.start()))
    return tuple(found)
