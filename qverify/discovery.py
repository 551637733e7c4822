"""From paths to subjects: which circuits lie below a folder, and loading one with its claims and reference.

A circuit `file.qasm` has its claims beside it in `file.toml`. A claims file with `source = "file.py:function"`
stands for a Python builder. `policy.toml` is no claims file. Names are sorted, so the order is the same everywhere.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from qverify.errors import BadClaims, CannotLoad
from qverify.load import CIRCUIT_SUFFIXES, LoadedCircuit, build_circuit, load_circuit, read_bytes
from qverify.subject import Claims, Reference, Subject, make_subject, parse_claims
from qverify.subject.canonical import circuit_digest
from qverify.toml import nearest

POLICY_NAME = "policy.toml"
MAX_CLAIMS = 2**20
_NEEDS_PYTHON = "is a Python builder, and building runs its code; add `--allow-python` if you trust it"


def is_builder(path: str) -> bool:
    """Whether a circuit argument names a Python function, as in `file.py:function`."""
    return ":" in path and not path.lower().endswith((*CIRCUIT_SUFFIXES, ".toml")) and not Path(path).is_dir()


def file_of(path: str) -> Path:
    """The file of a circuit argument; for a builder, the part before its function."""
    return Path(path.rpartition(":")[0]) if is_builder(path) else Path(path)


def find_circuits(paths: Iterable[str]) -> tuple[str, ...]:
    """The circuit files, builder claims and named builders below paths, each once, in sorted order per path.

    Raises:
        CannotLoad: a path does not exist or is no circuit.
    """
    found: dict[str, None] = {}
    for path in paths:
        for each in _below(path):
            found.setdefault(each)
    return tuple(found)


def _below(path: str) -> list[str]:
    where = Path(path)
    if is_builder(path):
        return [path]
    if where.is_dir():
        return sorted(_in_folder(where))
    if not os.path.lexists(path):
        raise CannotLoad("does not exist; check the path", path)
    if where.name == POLICY_NAME:
        raise CannotLoad("is a policy, no circuit; audit the folder that it governs", path)
    if path.lower().endswith((*CIRCUIT_SUFFIXES, ".toml")):
        return [path]
    raise CannotLoad(f"is no circuit; circuits end in {', '.join(CIRCUIT_SUFFIXES)}", path)


def _in_folder(folder: Path) -> Iterable[str]:
    for here, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        yield from (str(Path(here) / name) for name in links if any(_in_folder(Path(here) / name)))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        circuits = [name for name in names if name.lower().endswith(CIRCUIT_SUFFIXES)]
        yield from (str(Path(here) / name) for name in circuits)
        stems = {Path(name).stem for name in circuits}
        for name in names:
            if name.endswith(".toml") and name != POLICY_NAME and Path(name).stem not in stems:
                file = Path(here) / name
                if _looks_like_claims(file):
                    yield str(file)


def _looks_like_claims(file: Path) -> bool:
    """A TOML file with no circuit beside it that says something only claims say."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return True  # what cannot be read may be claims, and is told to the user as what it is
    known = [field.name for field in msgspec.structs.fields(Claims)]
    return any(nearest(key, known) for key in data)


def load_subject(path: str, *, allow_python: bool = False) -> Subject:
    """Load one circuit with its claims and its claimed reference; each file is read once.

    Args:
        path: a circuit file, a claims file that names a builder, or `file.py:function`.

    Raises:
        CannotLoad, BadClaims: with file, line and remedy.
    """
    claims, data, loaded = _load_with_claims(path, allow_python)
    names = tuple(p.name for p in loaded.parameters)
    reference = _load_reference(path, claims, allow_python)
    try:
        return make_subject(
            path, loaded.circuit, names, claims=claims, lines=loaded.lines, data=data, reference=reference
        )
    except CannotLoad as fault:
        raise fault.at(path) from None


def _load_with_claims(path: str, allow_python: bool) -> tuple[Claims, bytes, LoadedCircuit]:
    if is_builder(path):
        return Claims(), path.encode(), _build(path, Path(), allow_python, path)
    file = Path(path)
    if not path.isascii() and "\\udc" in ascii(path):
        raise CannotLoad("its name is not UTF-8; rename it", ascii(path)[1:-1])
    if file.is_dir():
        raise CannotLoad("is a link to a folder, which is not followed; audit that folder itself", path)
    if file.suffix.lower() == ".toml":
        claims = _read_claims(file)
        if not claims.source:
            raise BadClaims("has no circuit beside it and no `source`; add `file.qasm` or `source`", path)
        return claims, path.encode(), _build(claims.source, file.parent, allow_python, path)
    data = read_bytes(file)
    beside = file.with_suffix(".toml")
    claims = _read_claims(beside) if os.path.lexists(beside) else Claims()
    return claims, data, load_circuit(data, path)


def _build(spec: str, root: Path, allow_python: bool, where: str) -> LoadedCircuit:
    if not allow_python:
        raise CannotLoad(_NEEDS_PYTHON, where)
    return build_circuit(spec, root)


def _read_claims(file: Path) -> Claims:
    data = read_bytes(file, MAX_CLAIMS)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadClaims("is not UTF-8 text; save it as UTF-8", str(file)) from None
    return parse_claims(text, str(file))


def _load_reference(path: str, claims: Claims, allow_python: bool) -> Reference | None:
    if claims.equivalent_to is None:
        return None
    spec, root = claims.equivalent_to.circuit, Path() if is_builder(path) else Path(path).parent
    if is_builder(spec):
        where, loaded = spec, _build(spec, root, allow_python, path)
    else:
        where = os.path.normpath(root / spec)
        try:
            loaded = load_circuit(read_bytes(Path(where)), where)
        except CannotLoad as fault:
            claimed_in = str(Path(path).with_suffix(".toml"))
            raise BadClaims(f"its `equivalent_to` cannot be read: {fault}", claimed_in) from None
    names = tuple(p.name for p in loaded.parameters)
    return Reference(where, loaded.circuit, names, circuit_digest(loaded.circuit, names))
