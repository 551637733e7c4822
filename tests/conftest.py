"""What all tests share: compiled JAX functions, kept between the processes of one run and between runs."""

from __future__ import annotations

import os

for library in ("OMP", "OPENBLAS", "MKL"):  # before NumPy is loaded: several workers share the cores
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import pytest  # noqa: E402  # it may load NumPy


def pytest_configure(config: pytest.Config) -> None:
    """Training is compiled once, not once in every worker and in every command that is tried."""
    if hasattr(config, "cache") and config.cache is not None:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(config.cache.mkdir("jax")))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")
