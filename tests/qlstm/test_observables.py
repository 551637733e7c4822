from __future__ import annotations

import numpy as np
import pytest
from qiskit.quantum_info import Operator, SparsePauliOp

from qlstm.observables import observable_matrix
from qverify.errors import Unusable


@pytest.mark.parametrize(
    ("text", "paulis"),
    [
        ("Z0", [("IIZ", 1)]),
        ("X0 Y2", [("YIX", 1)]),
        ("0.5*Z0 + 0.5*Z1", [("IIZ", 0.5), ("IZI", 0.5)]),
        ("-1*Z0 Z1", [("IZZ", -1)]),
        ("-Z2 - 2e-1*X1", [("ZII", -1), ("IXI", -0.2)]),
        ("P0[1]", [("III", 0.5), ("IZI", 0.5)]),
    ],
)
def test_matrix_is_qiskits(text, paulis):
    np.testing.assert_allclose(
        observable_matrix(text, 3), Operator(SparsePauliOp.from_list(paulis)).data, atol=1e-15
    )


def test_zeros_is_the_projector_onto_all_wires_zero():
    expected = np.zeros((4, 4))
    expected[0, 0] = 1
    np.testing.assert_array_equal(observable_matrix("zeros", 2), expected)


@pytest.mark.parametrize("text", ["", "Z", "M0", "Z0 +", "Z0 Z1 Q", "2 Z0", "Z0 0.5*Z1", "*Z0"])
def test_text_that_is_no_observable_is_refused(text):
    with pytest.raises(Unusable, match="is no observable"):
        observable_matrix(text, 2)


@pytest.mark.parametrize("text", ["Z2", "Z0 X0", "zeros Z0"])
def test_wire_that_is_absent_or_named_twice_is_refused(text):
    with pytest.raises(Unusable, match="at most once"):
        observable_matrix(text, 2)
