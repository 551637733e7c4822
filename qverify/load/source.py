"""Bytes of a circuit file: read once, from a regular file, up to a limit.

Rule: a link is followed only to a regular file; the descriptor that was checked is the one that is read, so the
file cannot be exchanged in between. Pipes and devices are refused without blocking (open(2), O_NONBLOCK).
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from qverify.errors import CannotLoad

CIRCUIT_SUFFIXES = (".qasm", ".qasm2", ".qasm3", ".qpy")
MAX_BYTES = 16 * 1024 * 1024

_FAULTS = {
    errno.ENOENT: "the file does not exist; check the path",
    errno.ENOTDIR: "the file does not exist; check the path",
    errno.EACCES: "the file may not be read; change its permissions",
    errno.EPERM: "the file may not be read; change its permissions",
    errno.ELOOP: "the link points at itself; name the file",
    errno.EISDIR: "this is a directory; name a circuit file",
    errno.ENAMETOOLONG: "the path is too long; check the path",
}


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file, read once.

    Args:
        limit: the largest size accepted, bytes.

    Raises:
        CannotLoad: the path is missing, unreadable, no regular file, empty or too large.
    """
    where = str(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as fault:
        kind = "" if fault.errno in _FAULTS else _special(path)
        sentence = _FAULTS.get(fault.errno or 0, kind or f"the file cannot be opened ({fault.strerror})")
        raise CannotLoad(sentence, where) from None
    except ValueError:
        raise CannotLoad("the path contains a NUL byte; check the path", where) from None
    try:
        data = _read(descriptor, limit, where)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise CannotLoad(f"the file is larger than {limit:,} bytes; split the circuit", where)
    if not data.strip():
        raise CannotLoad("the file is empty; an empty file is no circuit", where)
    return data


def _read(descriptor: int, limit: int, where: str) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise CannotLoad(f"this is {_kind(status.st_mode)}; name a circuit file", where)
    if status.st_size > limit:
        raise CannotLoad(f"the file is larger than {limit:,} bytes; split the circuit", where)
    parts, left = [], limit + 1  # one byte more than allowed, so that a growing file is noticed
    try:
        while left > 0 and (part := os.read(descriptor, left)):
            parts.append(part)
            left -= len(part)
    except OSError as fault:
        raise CannotLoad(f"the file cannot be read ({fault.strerror})", where) from None
    return b"".join(parts)


def _special(path: Path) -> str:
    """The sentence for something that cannot even be opened (a socket), or nothing."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    return "" if stat.S_ISREG(mode) else f"this is {_kind(mode)}; name a circuit file"


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "no regular file")


def text_of(data: bytes, name: str) -> str:
    """The text of a source file: UTF-8 (a byte order mark is dropped), without NUL bytes.

    Raises:
        CannotLoad: the bytes are no such text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CannotLoad("the file is UTF-16 text; save it as UTF-8", name)
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise CannotLoad("the file contains a NUL byte, so it is no text; save it as UTF-8", name, line)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise CannotLoad("the file is no UTF-8 text; save it as UTF-8", name, line) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
