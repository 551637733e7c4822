"""Six blocks as one Qiskit circuit of a time step, and time steps as one circuit of a window.

    cell    = block 1, block 2, ... on shared registers; a register `<bits>_in` and its measurement are left out
    window  = cell with x -> x_0 and f -> f_0, then cell with x -> x_1 and f -> f_1, ...

Registers and parameters meet by name, as in sequence.py, which reads the same blocks on its own: this is the
circuit that is audited, run on qiskit-aer and compared with what is trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Many
from typing import TYPE_CHECKING

from qverify.errors import Unusable

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def compose(blocks: Mapping[str, QuantumCircuit]) -> QuantumCircuit:
    """One time step.

    Args:
        blocks: a name for refusals -> its circuit, in the order of the cell.

    Raises:
        Unusable: registers of one name differ in size.
    """
    from qiskit.circuit import ClassicalRegister, Parameter, QuantumCircuit, QuantumRegister

    cell = QuantumCircuit()
    wires: dict[str, QuantumRegister] = {}
    bits: dict[str, ClassicalRegister] = {}
    parameters: dict[str, Parameter] = {}
    for where, block in blocks.items():
        stripped = without_given(block)
        for registers, known, kind in (
            (stripped.qregs, wires, QuantumRegister),
            (stripped.cregs, bits, ClassicalRegister),
        ):
            for register in registers:
                if register.name not in known:
                    known[register.name] = kind(register.size, register.name)
                    cell.add_register(known[register.name])
                elif known[register.name].size != register.size:
                    raise Unusable(f"the register `{register.name}` has another size in an earlier block", where)
        shared = {p: parameters.setdefault(p.name, Parameter(p.name)) for p in stripped.parameters}
        cell.compose(
            stripped.assign_parameters(shared),
            [q for register in stripped.qregs for q in wires[register.name]],
            [b for register in stripped.cregs for b in bits[register.name]],
            inplace=True,
        )
    return cell


def without_given(block: QuantumCircuit) -> QuantumCircuit:
    """The block without its registers `<bits>_in` and their measurements: an earlier block wrote those bits."""
    given = {q for register in block.qregs if register.name.endswith("_in") for q in register}
    kept = block.copy_empty_like()
    if given:
        from qiskit import QuantumCircuit

        kept = QuantumCircuit(*(r for r in block.qregs if not given & set(r)), *block.cregs)
    for item in block.data:
        if not given & set(item.qubits):
            kept.append(item)
    return kept


def window(cell: QuantumCircuit, steps: int, features: Many[str] = ("x",)) -> QuantumCircuit:
    """`steps` time steps, one after the other on the same wires.

    Returns:
        A circuit whose features are called `x_0 .. x_{steps-1}` and whose classical registers `f_0`, `i_0`, ...;
        weights keep their names.
    """
    from qiskit.circuit import ClassicalRegister, Parameter, QuantumCircuit

    whole = QuantumCircuit(*cell.qregs)
    fed = [p for p in cell.parameters if p.name in features]
    for t in range(steps):
        bits = [ClassicalRegister(register.size, f"{register.name}_{t}") for register in cell.cregs]
        for register in bits:
            whole.add_register(register)
        step = cell.assign_parameters({p: Parameter(f"{p.name}_{t}") for p in fed})
        whole.compose(step, cell.qubits, [b for register in bits for b in register], inplace=True)
    return whole
