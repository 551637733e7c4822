"""From paths to subjects: which circuits lie below a folder, and loading one with its claims, reference and twins.

A circuit `file.qasm` has its claims beside it in `file.toml`. A claims file with `source = "file.py:function"`
stands for a Python builder. `policy.toml` is no claims file. Names are sorted, so the order is the same everywhere.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from qverify.errors import BadClaims, CannotLoad, Unusable
from qverify.load import CIRCUIT_SUFFIXES, LoadedCircuit, build_circuit, load_circuit, read_bytes
from qverify.subject import Claims, Reference, Subject, Twin, make_subject, parse_claims, with_twins
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
        yield from _among(Path(here), names)


def _among(here: Path, names: Sequence[str]) -> Iterator[str]:
    """The circuit files of one folder, and its claims files that have no circuit beside them."""
    circuits = [name for name in names if name.lower().endswith(CIRCUIT_SUFFIXES)]
    yield from (str(here / name) for name in circuits)
    stems = {Path(name).stem for name in circuits}
    for name in names:
        alone = name.endswith(".toml") and name != POLICY_NAME and Path(name).stem not in stems
        if alone and _looks_like_claims(here / name):
            yield str(here / name)


def _looks_like_claims(file: Path) -> bool:
    """A TOML file with no circuit beside it that says something only claims say."""
    data = _read_toml(file)
    if data is None:
        return True  # what cannot be read may be claims, and is told to the user as what it is
    known = [field.name for field in msgspec.structs.fields(Claims)]
    return any(nearest(key, known) for key in data)


def _read_toml(file: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return None


def load_subject(path: str, *, allow_python: bool = False) -> Subject:
    """Load one circuit with its claims, its claimed reference and its twins; each file is read once.

    Args:
        path: a circuit file, a claims file that names a builder, or `file.py:function`.

    Raises:
        CannotLoad, BadClaims: with file, line and remedy.
    """
    claims, data, loaded = _load_with_claims(path, allow_python)
    names = tuple(p.name for p in loaded.parameters)
    reference = _load_reference(path, claims, allow_python)
    try:
        subject = make_subject(
            path, loaded.circuit, names, claims=claims, lines=loaded.lines, data=data, reference=reference
        )
    except CannotLoad as fault:
        raise fault.at(path) from None
    return with_twins(subject, _load_twins(path, claims, allow_python))


def _load_with_claims(path: str, allow_python: bool) -> tuple[Claims, bytes, LoadedCircuit]:
    if is_builder(path):
        return Claims(), path.encode(), _build(path, Path(), allow_python, path)
    file = Path(path)
    if not path.isascii() and "\\udc" in ascii(path):
        raise CannotLoad("its name is not UTF-8; rename it", ascii(path)[1:-1])
    if file.is_dir():
        kind = (
            "a link to a folder, which is not followed"
            if file.is_symlink()
            else "a folder, where one circuit is asked for"
        )
        raise CannotLoad(f"is {kind}; name a file, or audit that folder", path)
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


def _load_twins(path: str, claims: Claims, allow_python: bool) -> tuple[Twin, ...]:
    """The other circuits in the folder that claim the same role of the same cell, by name.

    A reference plays no role. Claims that cannot be read might claim the role, so they count as a twin that cannot.
    """
    if claims.role in ("", "reference"):
        return ()
    file = Path(path)
    try:
        names = sorted(entry.name for entry in file.parent.iterdir())
    except OSError as fault:
        raise CannotLoad(f"its folder cannot be listed ({fault.strerror})", path) from None
    twins = []
    for other in _among(file.parent, names):
        beside = Path(other).with_suffix(".toml")
        if Path(other).name == file.name or not os.path.lexists(beside):
            continue
        said = _read_toml(beside)
        if said is None:
            twins.append(Twin(other, None, f"{beside.name} cannot be read, so it might claim the same role"))
        elif (said.get("cell", ""), said.get("role", "")) == (claims.cell, claims.role):
            twins.append(_load_twin(other, allow_python))
    return tuple(twins)


def _load_twin(path: str, allow_python: bool) -> Twin:
    try:
        claims, data, loaded = _load_with_claims(path, allow_python)
        names = tuple(p.name for p in loaded.parameters)
        return Twin(path, make_subject(path, loaded.circuit, names, claims=claims, data=data))
    except Unusable as fault:
        return Twin(path, None, fault.sentence)
