from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.shipped import CERTIFICATES, ROOT

__all__ = ["ROOT"]


@pytest.fixture(autouse=True, scope="session")
def _in_float64() -> None:
    from qlstm.precision import float64

    float64()


@pytest.fixture(scope="session")
def certified(audited, tmp_path_factory) -> Path:
    """A folder with circuits/, certificates/ and policy.toml: the published cell, audited."""
    folder = tmp_path_factory.mktemp("certified")
    shutil.copytree(audited[0] / "circuits" / "chen2020", folder / "circuits" / "chen2020")
    shutil.copy(audited[0] / "circuits" / "policy.toml", folder)
    shutil.copytree(audited[0] / CERTIFICATES / "circuits" / "chen2020", folder / "certificates" / "chen2020")
    return folder


@pytest.fixture(scope="session")
def admitted(certified):
    """The published cell's circuits, each a `VerifiedCircuit`."""
    from qverify import admit_folder

    return admit_folder(certified / "circuits", certified / "certificates", certified / "policy.toml")
