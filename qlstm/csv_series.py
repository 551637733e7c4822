"""Columns of a CSV file: one as the series, others as features; a refusal names the line and what to write instead.

The first row names the columns. Values are decimal numbers, one row a time step, in order of time.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from qlstm.data import Series
from qlstm.errors import BadData, BadUsage, did_you_mean
from qverify.errors import counted


def read_csv(path: Path, target: str | None) -> Series:
    """The column `target` (the only column, if there is one and `target` is None), shape (n_rows,).

    Raises:
        BadData: the file cannot be read, or holds a value that is no finite number.
        BadUsage: the column is not there, or must be chosen with `--target`.
    """
    where = str(path)
    rows = _rows(_text(path), where)
    _, header = next(rows, (1, []))
    column = _column([name.strip() for name in header], target, where)
    return np.array([_value(row, column, header, where, line) for line, row in rows])


def read_features(path: Path, features: Sequence[str]) -> Series:
    """Columns by name, shape (n_rows, n_features).

    Raises:
        BadData, BadUsage: as `read_csv`.
    """
    where = str(path)
    rows = _rows(_text(path), where)
    _, header = next(rows, (1, []))
    columns = [_column([name.strip() for name in header], feature, where) for feature in features]
    return np.array([[_value(row, k, header, where, line) for k in columns] for line, row in rows])


def _text(path: Path) -> str:
    where = str(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadData("the file is not UTF-8 text; save it as UTF-8 CSV", where) from None
    except OSError as error:
        raise BadData(f"the file cannot be read ({error.strerror}); check its name", where) from None


def _rows(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line numbers; a blank line is passed over, but is a missing value in a file of one column."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    blank = columns = 0
    try:
        for row in reader:
            columns = columns or len(row)
            if row and blank and columns == 1:
                raise BadData("this line is blank, so a time step is missing; fill or remove it", where, blank)
            if row:
                yield reader.line_num, row
            else:
                blank = blank or reader.line_num
    except csv.Error as error:
        raise BadData(f"this is no CSV ({error}); quote values evenly", where, reader.line_num) from None


def _column(names: list[str], target: str | None, where: str) -> int:
    if not names:
        raise BadData("the file is empty; its first row must name the columns", where)
    if any(_number(name) is not None for name in names):
        raise BadData("the first row must name the columns, but holds numbers; add a header row", where, 1)
    if target is None and len(names) == 1:
        return 0
    if target is None:
        raise BadUsage(f"choose a column with --target; the file has {', '.join(names)}", where)
    if target not in names:
        raise BadUsage(f"there is no column `{target}`{did_you_mean(target, names)}", where, 1)
    return names.index(target)


def _value(row: list[str], column: int, header: list[str], where: str, line: int) -> float:
    if len(row) != len(header):
        values, columns = counted(len(row), "value"), counted(len(header), "column")
        raise BadData(f"this row has {values}, but the header names {columns}", where, line)
    value = _number(row[column])
    if value is None:
        raise BadData(f"`{row[column][:40]}` in column `{header[column].strip()}` is no number", where, line)
    if not math.isfinite(value):
        raise BadData(f"`{row[column][:40]}` is not finite; fill or remove this time step", where, line)
    return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
