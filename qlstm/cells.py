"""The cell of Chen, Yoo and Fang: an LSTM whose six linear maps are variational quantum circuits (VQC).

    v  = [x, h]
    f  = sigmoid(VQC1 v)       i = sigmoid(VQC2 v)       C~ = tanh(VQC3 v)
    c' = f * c + i * C~        o = sigmoid(VQC4 v)
    h' = VQC5(o * tanh c')     y~ = VQC6(o * tanh c')    y  = Linear(y~)

Source: arXiv:2009.01783; equations 2a-2f of arXiv:2210.14876. VQC6 reads o * tanh c', not h'.
The circuits come by their claimed roles; sizes are theirs: x has one component, c and h as many as VQC1 and
VQC5 have observables. With the published circuits: c has 4, h has 3, 6 * 24 + 5 = 149 weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from qlstm import measured_cell
from qlstm.compile import CompiledCircuit, compile_circuit
from qlstm.measured_cell import MeasuredCell, assemble_measured
from qlstm.models import Model, Parameters
from qlstm.roles import ROLES, by_role, check_sizes, measures
from qlstm.together import Readings, readings, unitaries
from qverify import VerifiedCircuit


@dataclass(frozen=True, eq=False)
class Cell:
    """Six compiled circuits by role, in the order of `ROLES`, and the verified ones they came from."""

    name: str
    circuits: dict[str, CompiledCircuit]
    verified: dict[str, VerifiedCircuit]

    @property
    def qubits(self) -> int:
        """Live qubits, where the six circuits run one after the other."""
        return max(circuit.program.n_qubits for circuit in self.circuits.values())

    def still_holds(self) -> None:
        """Check every circuit in memory against its digest.

        Raises:
            NotAdmitted: a circuit changed since it was admitted.
        """
        for circuit in self.verified.values():
            circuit.still_holds()


AnyCell = Cell | MeasuredCell


def assemble(name: str, admitted: Sequence[VerifiedCircuit]) -> AnyCell:
    """The cell whose six circuits claim `cell = name`, each role once.

    Where some circuit measures, resets or branches, the six are joined into one dynamic circuit a time step
    (measured_cell.py); else they are the linear maps of the cell above.

    Raises:
        Unusable: a role is missing or claimed twice, sizes, registers, features or bits do not fit together, or a
            circuit cannot be compiled.
        NotAdmitted: a circuit changed since it was admitted.
    """
    verified = by_role(name, admitted)
    if any(measures(v.subject.circuit) for v in verified.values()):
        return assemble_measured(name, verified)
    check_sizes(verified)
    return Cell(name, {role: compile_circuit(verified[role]) for role in ROLES}, verified)


def initial_parameters(cell: Cell, key: jax.Array) -> Parameters:
    """Circuits' weights 0.01 N(0, 1) radians; Linear uniform in +-1/sqrt(n_in), as torch.nn.Linear.

    Returns:
        For each role a vector in claimed order; `linear_weight` of shape (n_in,) and `linear_bias` of shape ().
    """
    keys = jax.random.split(key, len(ROLES) + 2)
    parameters = {
        role: 0.01 * jax.random.normal(keys[k], (len(cell.circuits[role].weights),)) for k, role in enumerate(ROLES)
    }
    n_in = len(cell.circuits["output_processing"].observables)
    limit = n_in**-0.5
    parameters["linear_weight"] = jax.random.uniform(keys[-2], (n_in,), minval=-limit, maxval=limit)
    parameters["linear_bias"] = jax.random.uniform(keys[-1], (), minval=-limit, maxval=limit)
    return parameters


def vqcs(cell: Cell, parameters: Parameters) -> tuple[Readings, Readings, Readings]:
    """VQC1 to VQC4, VQC5 and VQC6 as functions of features (B, k), ready for all windows and time steps."""
    circuits = [cell.circuits[role] for role in ROLES]
    weights = [parameters[role] for role in ROLES]
    built = unitaries(circuits, weights)
    first, fifth, sixth = slice(0, 4), slice(4, 5), slice(5, 6)
    return (
        readings(circuits[first], weights[first], built[first]),
        readings(circuits[fifth], weights[fifth], built[fifth]),
        readings(circuits[sixth], weights[sixth], built[sixth]),
    )


def forecast(cell: Cell, parameters: Parameters, windows: jax.Array) -> jax.Array:
    """Windows of shape (B, L) to next values of shape (B,), scaled units; h and c start at zero."""
    vqc_1_to_4, vqc_5, vqc_6 = vqcs(cell, parameters)
    h = jnp.zeros((windows.shape[0], len(cell.circuits["hidden"].observables)), dtype=windows.dtype)
    c = jnp.zeros((windows.shape[0], len(cell.circuits["forget"].observables)), dtype=windows.dtype)
    for x in windows.T:  # x: (B,), one time step
        v = jnp.concatenate([x[:, None], h], axis=1)
        vqc_1, vqc_2, vqc_3, vqc_4 = vqc_1_to_4(v)
        f = jax.nn.sigmoid(vqc_1)
        i = jax.nn.sigmoid(vqc_2)
        new = jnp.tanh(vqc_3)
        c = f * c + i * new
        o = jax.nn.sigmoid(vqc_4)
        (h,) = vqc_5(o * jnp.tanh(c))
    (y,) = vqc_6(o * jnp.tanh(c))  # only the last step's output is used
    return y @ parameters["linear_weight"] + parameters["linear_bias"]


def model(cell: AnyCell, length: int) -> Model:
    """The cell as something that can be trained on windows of `length` values."""
    if isinstance(cell, MeasuredCell):
        return measured_cell.model(cell, length)
    return Model(
        f"qlstm {cell.name}",
        lambda key: initial_parameters(cell, key),
        lambda parameters, windows: forecast(cell, parameters, windows),
    )
