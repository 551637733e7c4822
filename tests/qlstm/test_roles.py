from __future__ import annotations

import msgspec
import pytest

from qlstm.roles import ROLES, by_role, check_sizes
from qverify.errors import Unusable
from tests.qlstm.published import verified_like


def six(cell="chen2020"):
    return [verified_like(role, cell) for role in ROLES]


def changed(circuits, role, **claims):
    """The same circuits, with other claims for one role."""
    for circuit in circuits:
        if circuit.subject.claims.role == role:
            circuit.subject.claims = msgspec.structs.replace(circuit.subject.claims, **claims)
    return circuits


def test_roles_are_found_in_any_order_among_other_cells():
    found = by_role("chen2020", [*six("mcmc"), *reversed(six())])
    assert tuple(found) == ROLES
    assert all(v.subject.claims.cell == "chen2020" for v in found.values())


def test_missing_role_is_named_with_the_files_there_are():
    with pytest.raises(Unusable, match=r"no verified circuit for hidden; it has forget \(chen2020/forget.qasm\)"):
        by_role("chen2020", [v for v in six() if v.subject.claims.role != "hidden"])


def test_two_circuits_for_one_role_are_both_named():
    twin = verified_like("input")
    twin.subject.path = twin.subject.path.with_name("twin.qasm")
    with pytest.raises(Unusable, match=r"twin.qasm: the role `input` .* claimed by chen2020/input.qasm too"):
        by_role("chen2020", [*six(), twin])


def test_published_sizes_fit():
    check_sizes(by_role("chen2020", six()))


@pytest.mark.parametrize("role", ["update", "output_processing"])
def test_wrong_number_of_features_names_role_and_file(role):
    circuits = changed(six(), role, features=("x0", "x1", "x2"))
    with pytest.raises(Unusable, match=rf"{role}.qasm: the role `{role}` must take 4 features"):
        check_sizes(by_role("chen2020", circuits))


def test_wrong_number_of_observables_names_role_and_file():
    circuits = changed(six(), "output", observables=("Z0",))
    with pytest.raises(Unusable, match=r"output.qasm: the role `output` must give 4 observables, as .*forget.qasm"):
        check_sizes(by_role("chen2020", circuits))


def test_role_without_observables_is_refused():
    circuits = changed(six(), "output_processing", observables=())
    with pytest.raises(Unusable, match="needs at least one observable"):
        check_sizes(by_role("chen2020", circuits))
