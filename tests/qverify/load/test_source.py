"""Reading bytes: regular files only, once, up to a limit."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qverify.errors import CannotLoad
from qverify.load import load_circuit, read_bytes


def test_a_file_is_read_also_through_a_link(tmp_path):
    (tmp_path / "a.qasm").write_bytes(b"OPENQASM 3.0;")
    (tmp_path / "b.qasm").symlink_to("a.qasm")
    assert read_bytes(tmp_path / "a.qasm") == read_bytes(tmp_path / "b.qasm") == b"OPENQASM 3.0;"


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


MADE = [
    (lambda _: None, "does not exist"),
    (lambda path: path.mkdir(), "a directory"),
    (lambda path: path.write_bytes(b""), "is empty"),
    (lambda path: path.write_bytes(b" \n\t"), "is empty"),
    (lambda path: path.write_bytes(b"x" * 101), "larger than 100 bytes"),
    (make_pipe, "a pipe"),
    (make_socket, "a socket"),
    (lambda path: path.symlink_to("/dev/zero"), "a device"),
    (lambda path: path.symlink_to(path.name), "points at itself"),
    (lambda path: path.symlink_to("nowhere"), "does not exist"),
]


@pytest.mark.parametrize(("make", "sentence"), MADE)
def test_anything_else_is_refused_at_once(make, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "f")
    begin = time.monotonic()
    with pytest.raises(CannotLoad, match=sentence):
        read_bytes(tmp_path / "f", limit=100)
    assert time.monotonic() - begin < 1


def test_devices_and_odd_paths_are_refused():
    for path, sentence in (("/dev/zero", "a device"), ("a\0b", "NUL"), ("x" * 5000, "too long")):
        with pytest.raises(CannotLoad, match=sentence):
            read_bytes(Path(path))


def test_a_sparse_file_is_refused_by_its_size(tmp_path):
    with (tmp_path / "f").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(CannotLoad, match="larger than"):
        read_bytes(tmp_path / "f")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_refused(tmp_path):
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "f").chmod(0)
    with pytest.raises(CannotLoad, match="may not be read"):
        read_bytes(tmp_path / "f")


TEXTS = [
    ("OPENQASM 3.0; qubit q;".encode("utf-16"), "UTF-16", None),
    ("OPENQASM 3.0;\nqubit q;".encode("utf-16-le"), "NUL", 1),
    (b"OPENQASM 3.0;\n\xff\xfe", "no UTF-8", 2),
    (b"OPENQASM 3.0;\n\x00", "NUL", 2),
    (b"\x89PNG\r\n", "no UTF-8", 1),
]


@pytest.mark.parametrize(("data", "sentence", "line"), TEXTS)
def test_what_is_no_text_is_refused(data, sentence, line):
    with pytest.raises(CannotLoad, match=sentence) as refusal:
        load_circuit(data, "f.qasm")
    assert refusal.value.line == line


def test_a_byte_order_mark_and_foreign_line_ends_are_accepted():
    text = "\ufeffOPENQASM 3.0;\r\nqubit q;\r\nU(0, 0, 0) q;"
    assert load_circuit(text.encode(), "f.qasm").lines == (3,)


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, qverify.load; sys.exit(any(m in sys.modules for m in ('qiskit', 'numpy', 'openqasm3')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
