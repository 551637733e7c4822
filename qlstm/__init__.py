"""A compact trainer of quantum LSTMs that uses only circuits which `qverify` verified.

Importing this package computes nothing and loads nothing heavy: each public name is imported on first use.
"""

from importlib import import_module

_HOME = {
    "CompiledCircuit": "qlstm.compile",
    "compile_circuit": "qlstm.compile",
    "expectations": "qlstm.compile",
    "validate_cell": "qlstm.translation",
    "Cell": "qlstm.cells",
    "assemble": "qlstm.cells",
    "load_series": "qlstm.run",
    "windowed": "qlstm.windows",
    "Config": "qlstm.config",
    "accuracies": "qlstm.evaluate",
    "float64": "qlstm.precision",
}

__all__ = [
    "Cell",
    "CompiledCircuit",
    "Config",
    "accuracies",
    "assemble",
    "compile_circuit",
    "expectations",
    "float64",
    "load_series",
    "validate_cell",
    "windowed",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module `qlstm` has no public name `{name}`")
    return getattr(import_module(_HOME[name]), name)
