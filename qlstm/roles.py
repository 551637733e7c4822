"""Which verified circuit plays which part in a cell, by its own claims, and whether their sizes fit together.

v = [x, h] enters forget, input, update, output;  each of these gives one number per component of c
o * tanh c' enters hidden and output_processing;  hidden gives h'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qverify import VerifiedCircuit
from qverify.errors import Unusable, counted

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

ROLES = ("forget", "input", "update", "output", "hidden", "output_processing")
N_INPUT = 1  # the series' value


def by_role(cell: str, admitted: Sequence[VerifiedCircuit]) -> dict[str, VerifiedCircuit]:
    """The circuits that claim `cell`, by role, in the order of `ROLES`.

    Raises:
        Unusable: a role is missing, or two circuits claim it.
    """
    found: dict[str, VerifiedCircuit] = {}
    for verified in admitted:
        claims = verified.subject.claims
        if claims.cell != cell or claims.role not in ROLES:
            continue
        if claims.role in found:
            other = found[claims.role].subject.path
            raise Unusable(
                f"the role `{claims.role}` of cell `{cell}` is claimed by {other} too; keep one",
                str(verified.subject.path),
            )
        found[claims.role] = verified
    missing = [role for role in ROLES if role not in found]
    if missing:
        have = ", ".join(f"{role} ({v.subject.path})" for role, v in found.items()) or "none"
        raise Unusable(
            f"the cell `{cell}` has no verified circuit for {', '.join(missing)}; it has {have}; "
            f'add circuits that claim `cell = "{cell}"` and these roles'
        )
    return {role: found[role] for role in ROLES}


def measures(circuit: QuantumCircuit) -> bool:
    """Whether the circuit measures, resets or branches anywhere."""
    return any(item.clbits or item.operation.name == "reset" for item in circuit.data) or any(
        measures(item.operation.definition)
        for item in circuit.data
        if getattr(item.operation, "definition", None) is not None
    )


def check_sizes(verified: dict[str, VerifiedCircuit]) -> None:
    """Every circuit takes and gives as many numbers as its role needs.

    Raises:
        Unusable: a number of features or observables does not fit the other circuits.
    """
    n_cell = len(verified["forget"].subject.claims.observables)
    n_hidden = len(verified["hidden"].subject.claims.observables)
    for role, circuit in verified.items():
        claims, where = circuit.subject.claims, str(circuit.subject.path)
        takes = n_cell if role in ("hidden", "output_processing") else N_INPUT + n_hidden
        if len(claims.features) != takes:
            source = "o * tanh c'" if role in ("hidden", "output_processing") else "[x, h]"
            raise Unusable(
                f"the role `{role}` must take {counted(takes, 'feature')}, the size of {source}, but has "
                f"{len(claims.features)} (sizes set by "
                f"{verified['forget'].subject.path} and {verified['hidden'].subject.path})",
                where,
            )
        if role in ("input", "update", "output") and len(claims.observables) != n_cell:
            raise Unusable(
                f"the role `{role}` must give {counted(n_cell, 'observable')}, as "
                f"{verified['forget'].subject.path} does, but gives {len(claims.observables)}",
                where,
            )
        if not claims.observables:
            raise Unusable(f"the role `{role}` needs at least one observable; claim what is read", where)
