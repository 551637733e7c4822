from __future__ import annotations

import pytest

from qlstm.csv_series import read_csv
from qlstm.errors import BadData, BadUsage


def written(tmp_path, content):
    path = tmp_path / "series.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_target_column_is_read(tmp_path):
    path = written(tmp_path, "\ufefftime, load\n1,2.5\n\n2,-3e1\n")
    assert list(read_csv(path, "load")) == [2.5, -30]


def test_single_column_needs_no_target(tmp_path):
    assert list(read_csv(written(tmp_path, "load\n1\n2\n"), None)) == [1, 2]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        ("1,2\n3,4\n", "csv:1: the first row must name the columns"),
        ("time,load\n1,2\n2,NaN\n", "csv:3: `NaN` is not finite"),
        ("time,load\n1,2\n2,inf\n", "csv:3: `inf` is not finite"),
        ("time,load\n1,2\n2,\n", "csv:3: `` in column `load` is no number"),
        ("time,load\n1,two\n", "csv:2: `two` in column `load` is no number"),
        ("load\n1\n\n2\n", "csv:3: this line is blank, so a time step is missing"),
        ("time,load\n1,2\n2\n", "csv:3: this row has 1 value, but the header names 2"),
        ('time,load\n1,"2\n', "this is no CSV"),
        (b"\xff\xfe1\x00", "not UTF-8"),
    ],
)
def test_bad_file_is_one_sentence_with_its_line(tmp_path, content, sentence):
    with pytest.raises(BadData) as refusal:
        read_csv(written(tmp_path, content), "load")
    assert sentence in str(refusal.value)


def test_missing_column_suggests_the_nearest(tmp_path):
    with pytest.raises(BadUsage, match=r"no column `laod`; did you mean `load`\?"):
        read_csv(written(tmp_path, "time,load\n1,2\n"), "laod")


def test_several_columns_ask_for_a_target(tmp_path):
    with pytest.raises(BadUsage, match="choose a column with --target; the file has time, load"):
        read_csv(written(tmp_path, "time,load\n1,2\n"), None)


def test_absent_file_and_folder_are_refused(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(BadData, match="cannot be read"):
            read_csv(path, None)
