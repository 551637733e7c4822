"""A compact trainer of quantum LSTMs that uses only circuits which `qverify` verified.

Importing this package computes nothing and loads nothing heavy: each public name is imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qlstm.cells import Cell, assemble
    from qlstm.compile import CompiledCircuit, compile_circuit, expectations
    from qlstm.config import Config
    from qlstm.evaluate import accuracies
    from qlstm.precision import float64
    from qlstm.run import load_series
    from qlstm.translation import validate_cell
    from qlstm.windows import windowed

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


_HOMES = {
    "Cell": "qlstm.cells",
    "CompiledCircuit": "qlstm.compile",
    "Config": "qlstm.config",
    "accuracies": "qlstm.evaluate",
    "assemble": "qlstm.cells",
    "compile_circuit": "qlstm.compile",
    "expectations": "qlstm.compile",
    "float64": "qlstm.precision",
    "load_series": "qlstm.run",
    "validate_cell": "qlstm.translation",
    "windowed": "qlstm.windows",
}


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qlstm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
