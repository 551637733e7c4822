"""What all workers of a run share: compiled JAX functions, and the shipped circuits with their certificates."""

from __future__ import annotations

import os

for library in ("OMP", "OPENBLAS", "MKL"):  # before NumPy is loaded: several workers share the cores
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402  # it may load NumPy

from tests.shipped import Said, audit_circuits, made_once  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Training is compiled once, not once in every worker and in every command that is tried."""
    if hasattr(config, "cache") and config.cache is not None:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(config.cache.mkdir("jax")))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A folder with `circuits/` and its certificates, not to be changed, and what the audit printed."""
    folder, said = made_once(tmp_path_factory, "audited", audit_circuits)
    assert said.returncode == 0, said.stdout + said.stderr
    return folder, said
