"""The one door: bytes and a name become a `LoadedCircuit`, or one sentence.

Rule: the format is told by the content (`QISKIT` for QPY, the `OPENQASM` header for text), never by the suffix
alone; every circuit has at least one qubit, finite angles, and parameters of distinct names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from qverify.errors import CannotLoad
from qverify.load.source import CIRCUIT_SUFFIXES, text_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import CircuitInstruction, Operation, Parameter

Format = Literal["openqasm2", "openqasm3", "qpy", "python"]
MAX_OPERATIONS = 2_000_000  # walked below, one by one


@dataclass(frozen=True)
class LoadedCircuit:
    """A circuit with the order of its parameters and the places of its operations.

    Args:
        circuit: the circuit; little-endian qubit order, angles in radians.
        parameters: in declared order (OpenQASM 3) or Qiskit's (sorted by name, vectors by index). An input that a
            file declares and no operation uses is listed here and is not in `circuit.parameters`.
        lines: 1-based source line of `circuit.data[i]`, None where unknown; shape (len(circuit.data),).
        format: what the source was written in.
    """

    circuit: QuantumCircuit
    parameters: tuple[Parameter, ...]
    lines: tuple[int | None, ...]
    format: Format


def load_circuit(data: bytes, name: str) -> LoadedCircuit:
    """The circuit in the bytes of an OpenQASM 2, OpenQASM 3 or QPY file.

    Args:
        data: the whole file.
        name: the file's name, for messages; a suffix that contradicts the content is refused.

    Raises:
        CannotLoad: the bytes are no circuit, or one that cannot be read safely.

    >>> load_circuit(b"OPENQASM 3.0; qubit q; U(0, 0, pi) q;", "flip.qasm").lines
    (1,)
    """
    try:
        return checked(_parse(data, name), name)
    except CannotLoad as refusal:
        raise refusal.at(name) from None
    except RecursionError:
        raise CannotLoad("the circuit is nested too deeply; write it more plainly", name) from None
    except MemoryError:
        raise CannotLoad("the circuit does not fit into memory; make it smaller", name) from None
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # anything else is a bug, shown as one
            raise
        raise CannotLoad("Qiskit gave up on this circuit with a panic; write it more plainly", name) from None


def _parse(data: bytes, name: str) -> LoadedCircuit:
    suffix = PurePath(name).suffix.lower()
    if data.startswith(b"QISKIT"):
        if suffix in CIRCUIT_SUFFIXES and suffix != ".qpy":
            raise CannotLoad(f"the content is QPY but the suffix is `{suffix}`; rename the file to `.qpy`")
        from qverify.load.qpy import load_qpy

        return load_qpy(data)
    if suffix == ".qpy":
        raise CannotLoad("the file does not begin with `QISKIT`, so it is no QPY; write it with `qiskit.qpy.dump`")
    if not data.strip():
        raise CannotLoad("the file is empty; an empty file is no circuit")
    from qverify.load.statements import Source

    source = Source.of(text_of(data, name))
    if source.version == 2:
        from qverify.load.openqasm2 import load_openqasm2

        return load_openqasm2(source)
    from qverify.load.openqasm3 import load_openqasm3

    return load_openqasm3(source)


def checked(loaded: LoadedCircuit, name: str) -> LoadedCircuit:
    """The same circuit, if it has qubits, distinct parameter names and finite angles.

    Raises:
        CannotLoad: it has not.
    """
    circuit = loaded.circuit
    if circuit.num_qubits == 0:
        raise CannotLoad("the circuit has no qubits; declare at least one", name)
    seen: set[str] = set()
    for parameter in {*circuit.parameters, *loaded.parameters}:
        if parameter.name in seen:
            raise CannotLoad(f"two different parameters are called `{parameter.name}`; rename one", name)
        seen.add(parameter.name)
    phase = circuit.global_phase
    if isinstance(phase, int | float) and not math.isfinite(phase):
        raise CannotLoad("the global phase is not finite; write a finite angle", name)
    for index, (path, instruction) in enumerate(_operations(circuit)):
        if index >= MAX_OPERATIONS:
            raise CannotLoad(f"the circuit has more than {MAX_OPERATIONS:,} operations; make it smaller", name)
        for angle in instruction.params:
            if _is_number(angle) and not math.isfinite(abs(angle)):
                what = f"`{instruction.operation.name}` has the angle {angle}; write a finite angle"
                raise CannotLoad(what, name, loaded.lines[path] if path < len(loaded.lines) else None)
    return loaded


def _operations(circuit: QuantumCircuit) -> Iterator[tuple[int, CircuitInstruction]]:
    """Every operation, also inside control flow and definitions, with the index of the top-level one it is in."""
    stack = [(index, item) for index, item in enumerate(circuit.data)]
    seen: dict[object, object] = {}
    while stack:
        index, item = stack.pop()
        yield index, item
        if item.is_standard_gate():
            continue
        for block in _inside(item.operation, seen):
            stack.extend((index, inner) for inner in block.data)


def _inside(operation: Operation, seen: dict[object, object]) -> Sequence[QuantumCircuit]:
    """The circuits that the file gave for an operation, each once; definitions Qiskit derives are left alone."""
    blocks: Sequence[QuantumCircuit] = getattr(operation, "blocks", ())
    if blocks:
        return blocks
    read = type(operation).__name__ == "_DefinedGate"  # OpenQASM 2: one definition a name, built when asked for
    if not read and getattr(operation, "_definition", None) is None:
        return ()
    key = (operation.name, *operation.params) if read else id(operation)
    if key in seen:
        return ()
    seen[key] = operation  # kept, so that no other object gets its id
    return (operation.definition,)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | complex) and not isinstance(value, bool)
