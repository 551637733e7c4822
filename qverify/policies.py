"""Which policy applies where: the root's, tightened by the policies on the way down to a circuit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from qverify.discovery import POLICY_NAME, file_of
from qverify.errors import BadPolicy, CannotLoad
from qverify.load import read_bytes
from qverify.policy import Policy, default_policy, narrowed, parse_policy

MAX_POLICY = 2**20


def read_policy(file: Path) -> Policy:
    """Read a policy file.

    Raises:
        BadPolicy: it cannot be read, or does not say what policies say.
    """
    try:
        text = read_bytes(file, MAX_POLICY).decode("utf-8-sig")
    except CannotLoad as fault:
        empty = os.path.lexists(file) and not file.is_dir() and file.stat().st_size == 0
        raise BadPolicy("is empty; require at least one check" if empty else fault.sentence, str(file)) from None
    except UnicodeDecodeError:
        raise BadPolicy("is not UTF-8 text; save it as UTF-8", str(file)) from None
    return parse_policy(text, str(file))


def root_of(path: str) -> Path:
    """The folder that a circuit argument is audited in."""
    where = file_of(path)
    return where if where.is_dir() else where.parent


def root_policy(root: Path) -> tuple[Policy, str]:
    """The policy at the root of an audited path, or the built-in one; and where it came from."""
    file = root / POLICY_NAME
    if os.path.lexists(file):
        return read_policy(file), str(file)
    return default_policy(), "built-in"


def policy_at(policy: Policy, root: Path, path: str) -> Policy:
    """The root's policy, tightened by every `policy.toml` between the root and the circuit.

    Raises:
        BadPolicy: a deeper policy loosens, or cannot be read.
    """
    for folder in _folders_between(root, file_of(path).parent):
        file = folder / POLICY_NAME
        if os.path.lexists(file):
            try:
                policy = narrowed(policy, read_policy(file))
            except BadPolicy as fault:
                raise fault.at(str(file)) from None
    return policy


def _folders_between(root: Path, folder: Path) -> Iterator[Path]:
    """The folders below `root` down to `folder`, outermost first; none where `folder` is not below it."""
    top, bottom = root.resolve(), folder.resolve()
    if top == bottom or not bottom.is_relative_to(top):
        return
    here = top
    for part in bottom.relative_to(top).parts:
        here /= part
        yield here
