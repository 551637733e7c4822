"""A run on disk: one safetensors file, the arrays as tensors and everything else as JSON in its header.

    tensors   parameters.<name>, opt_state.<k>, losses         metadata   {"qlstm": JSON of `Provenance`}

No pickle: reading a checkpoint runs no code. It is written to a temporary file beside it and then renamed,
so a checkpoint is whole or absent.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from qlstm.config import Config
from qlstm.errors import BadCheckpoint
from qlstm.train import Progress

SCHEMA = "qlstm/checkpoint/1"


@dataclass(frozen=True)
class Provenance:
    """What a checkpoint belongs to.

    circuits: role -> content digest of the circuit.
    certificates: role -> digest of the certificate that admitted it; an audit repeated since may have another.
    series: digest of the values trained on.
    """

    config: Config
    circuits: dict[str, str]
    certificates: dict[str, str]
    series: str


def save_checkpoint(path: Path, progress: Progress, provenance: Provenance) -> None:
    """Write the run as it is between two epochs."""
    metadata = {"schema": SCHEMA, "epoch": len(progress.losses), **asdict(provenance)}
    write_atomically(path, save(_tensors(progress), {"qlstm": json.dumps(metadata, sort_keys=True)}))


def load_checkpoint(path: Path, template: Progress, provenance: Provenance) -> Progress:
    """Read a run in order to continue it.

    Args:
        template: a fresh start of the same model; names, shapes and types must be its.
        provenance: of the run that wants to continue; only `config.epochs` may differ.

    Raises:
        BadCheckpoint: the file is absent, damaged, or of another cell, configuration, circuit or series.
    """
    where = str(path)
    if not path.is_file():
        raise BadCheckpoint("there is no checkpoint to resume; leave out --resume to start a run", where)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = json.loads((file.metadata() or {}).get("qlstm", "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    except (SafetensorError, OSError, ValueError) as error:
        raise BadCheckpoint(f"the checkpoint is damaged ({error}); start the run anew", where) from None
    _check_provenance(metadata, provenance, where)
    return _progress(tensors, template, metadata, where)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file wholly or not at all; its folder is made when absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _tensors(progress: Progress) -> dict[str, NDArray[Any]]:
    tensors = {f"parameters.{name}": value for name, value in progress.parameters.items()}
    tensors |= {f"opt_state.{k}": leaf for k, leaf in enumerate(jax.tree.leaves(progress.opt_state))}
    return {name: np.asarray(value) for name, value in tensors.items()} | {"losses": np.array(progress.losses)}


def _check_provenance(metadata: object, provenance: Provenance, where: str) -> None:
    if not isinstance(metadata, dict) or metadata.get("schema") != SCHEMA:
        raise BadCheckpoint(f"this is no checkpoint of schema {SCHEMA}; start the run anew", where)
    asked, kept = provenance.config.fixed(), metadata.get("config")
    for name, value in asked.items():
        seen = kept.get(name) if isinstance(kept, dict) else None
        if seen != value:
            raise BadCheckpoint(
                f"the checkpoint has {name} = {seen!r}, but this run {value!r}; choose another", where
            )
    circuits = metadata.get("circuits")
    for role, digest in provenance.circuits.items():
        if not isinstance(circuits, dict) or circuits.get(role) != digest:
            raise BadCheckpoint(f"the checkpoint was trained with another circuit for the role `{role}`", where)
    if metadata.get("series") != provenance.series:
        raise BadCheckpoint("the checkpoint was trained on other values of the series", where)


def _progress(
    tensors: dict[str, NDArray[Any]], template: Progress, metadata: dict[str, Any], where: str
) -> Progress:
    expected = _tensors(template)
    losses = tensors.get("losses", np.zeros(0))
    fits = tensors.keys() == expected.keys() and all(
        tensors[name].dtype == array.dtype and (name == "losses" or tensors[name].shape == array.shape)
        for name, array in expected.items()
    )
    whole = losses.ndim == 1 and len(losses) == metadata.get("epoch") and all(map(math.isfinite, losses))
    if not (fits and whole and all(np.isfinite(tensor).all() for tensor in tensors.values())):
        raise BadCheckpoint("the checkpoint's arrays do not fit this model; start the run anew", where)
    leaves = [jnp.asarray(tensors[f"opt_state.{k}"]) for k in range(len(jax.tree.leaves(template.opt_state)))]
    return Progress(
        {name: jnp.asarray(tensors[f"parameters.{name}"]) for name in template.parameters},
        jax.tree.unflatten(jax.tree.structure(template.opt_state), leaves),
        tuple(float(loss) for loss in losses),
    )
