"""Words on the command line that can be checked before anything heavy starts."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from qlstm.errors import BadUsage, did_you_mean

CELLS = frozenset({"chen2020", "mcmc"})


def check_cell(name: str, circuits: Path) -> None:
    """A cell is one of `CELLS`, or claimed by some circuit below the folder.

    Raises:
        BadUsage: neither.
    """
    if name in CELLS:
        return
    known = CELLS | claimed_cells(circuits)
    if name not in known:
        raise BadUsage(f"no circuit claims the cell `{name}`{did_you_mean(name, known)}")


def claimed_cells(circuits: Path) -> frozenset[str]:
    """Every `cell = "..."` in the claims files below a folder; files that are no TOML are admission's to refuse."""
    found = set()
    for path in sorted(circuits.rglob("*.toml")):
        try:
            cell = tomllib.loads(path.read_text(encoding="utf-8")).get("cell")
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(cell, str) and cell:
            found.add(cell)
    return frozenset(found)


def check_folder(out: Path) -> None:
    """Results can be written below `out`.

    Raises:
        BadUsage: `out` or a folder above it is a file.
    """
    for path in (out, *out.parents):
        if path.exists() and not path.is_dir():
            raise BadUsage(f"--out {out} cannot be a folder, because {path} is a file; name another")
    existing = next(path for path in (out, *out.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        raise BadUsage(f"--out {out} cannot be written below {existing}; name another")
