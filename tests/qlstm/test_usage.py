from __future__ import annotations

import pytest

from qlstm.errors import BadUsage
from qlstm.usage import check_cell, check_folder


def test_unknown_cell_suggests_the_nearest(tmp_path):
    with pytest.raises(BadUsage, match="did you mean `chen2020`"):
        check_cell("chen2002", tmp_path)


def test_cell_that_a_circuit_claims_is_known(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.toml").write_text('cell = "mine"\n')
    (tmp_path / "broken.toml").write_text("cell = ")
    check_cell("mine", tmp_path)


def test_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadUsage, match="is a file; name another"):
        check_folder(tmp_path / "file" / "run")
    check_folder(tmp_path / "new" / "run")
