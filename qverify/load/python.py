"""Circuits that a Python function builds: `file.py:function` or `package.module:function`.

Rule: this executes code, so only a caller who has been told to (`--allow-python`) calls it. The module gets a
name of its own and leaves `sys.modules` and `sys.path` as they were.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from qverify.errors import CannotLoad, Unusable
from qverify.load.circuit import LoadedCircuit, checked
from qverify.load.panics import plainly


def build_circuit(spec: str, root: Path) -> LoadedCircuit:
    """Import a module and call one of its functions, without arguments, for a circuit.

    Args:
        spec: `file.py:function`, relative to `root`, or `package.module:function`.
        root: where the file, or the package, is looked for first.

    Raises:
        CannotLoad: nothing of that name, the code raised (with the line of the file), or it gave no circuit.
    """
    from qiskit import QuantumCircuit

    from qverify.layout import layout_undone
    from qverify.plain import plain

    with _restored(root), _refusing(spec):
        circuit = _called(spec, root)
        if not isinstance(circuit, QuantumCircuit):
            function, kind = spec.rpartition(":")[2], type(circuit).__name__
            raise CannotLoad(f"`{function}()` returned `{kind}`; return a QuantumCircuit", spec)
        circuit = plain(layout_undone(circuit))
    loaded = LoadedCircuit(circuit, tuple(circuit.parameters), (None,) * len(circuit.data), "python")
    return checked(loaded, spec)


def build_object(spec: str, root: Path, *arguments: int) -> object:
    """Import a module and call one of its functions for whatever it returns.

    Raises:
        CannotLoad: as `build_circuit`.
    """
    with _restored(root), _refusing(spec):
        return _called(spec, root, *arguments)


def _called(spec: str, root: Path, *arguments: int) -> object:
    place, _, function = spec.rpartition(":")
    if not place or not function.isidentifier():
        raise CannotLoad("this names no function; write `file.py:function` or `package.module:function`", spec)
    module = _from_file(root / place, spec) if place.endswith(".py") else _from_name(place, spec)
    build = getattr(module, function, None)
    if not callable(build):
        raise CannotLoad(f"there is no function `{function}` in `{place}`; check the name", spec)
    return build(*arguments)


def _from_file(file: Path, spec: str) -> ModuleType:
    if not file.is_file():
        raise CannotLoad("the Python file does not exist; check the path", spec)
    name = f"_qverify_builder_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]}"
    found = importlib.util.spec_from_file_location(name, file)
    if found is None or found.loader is None:
        raise CannotLoad("the file is no Python source; check the path", spec)
    linecache.checkcache(str(file))
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module  # dataclasses and pickling look their module up while it runs
    found.loader.exec_module(module)
    return module


def _from_name(name: str, spec: str) -> ModuleType:
    if not all(word.isidentifier() for word in name.split(".")):
        raise CannotLoad("this names no module; write `file.py:function` or `package.module:function`", spec)
    return importlib.import_module(name)


@contextmanager
def _restored(root: Path) -> Iterator[None]:
    """Let the code import its neighbours, and forget them afterwards."""
    path, modules, bytecode = list(sys.path), set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = bytecode
        for name in [n for n, m in list(sys.modules.items()) if n not in modules and _is_below(m, root)]:
            del sys.modules[name]


def _is_below(module: object, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and Path(file).resolve().is_relative_to(root.resolve())


@contextmanager
def _refusing(spec: str) -> Iterator[None]:
    """Whatever the code raises, as one sentence with the line of that code."""
    try:
        yield
    except Unusable:
        raise
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as fault:
        if not isinstance(fault, Exception | SystemExit) and type(fault).__name__ != "PanicException":
            raise
        what = f"{type(fault).__name__}: {plainly(fault)}" if str(fault) else type(fault).__name__
        raise CannotLoad(f"the Python code raised {what}; correct it", spec, _line(fault)) from None


def _line(fault: BaseException) -> int | None:
    """The innermost line that is code of the user: neither of this package nor installed."""
    if isinstance(fault, SyntaxError):
        return fault.lineno
    here = str(Path(__file__).parent)
    frames = [f for f in traceback.extract_tb(fault.__traceback__) if _is_users(f.filename, here)]
    return frames[-1].lineno if frames else None


def _is_users(filename: str, here: str) -> bool:
    installed = "site-packages" in filename or filename.startswith(("<frozen", sys.base_prefix + "/lib"))
    return not installed and not filename.startswith(here)
