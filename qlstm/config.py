"""What a training run was asked to do: one frozen value, printed at the start and kept in the checkpoint."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Config:
    """The published training by default (PyTorch's RMSprop, batches in order).

    cell: whose claimed roles are assembled.      data: a series' name or a .csv file.
    target: the CSV column.                       window: L, values per window.
    epochs: passes over the training part.        batch: windows per update; the last one may be smaller.
    learning_rate, decay, epsilon: of RMSprop, w <- w - learning_rate g / (sqrt(v) + epsilon),
        v <- decay v + (1 - decay) g^2, v = 0 at the start.
    seed: of the initial weights, the only random thing.
    """

    cell: str
    data: str
    target: str | None = None
    window: int = 4
    epochs: int = 100
    batch: int = 10
    learning_rate: float = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8
    seed: int = 0

    def without_epochs(self) -> dict[str, object]:
        """All that a resumed run must share with the run it continues."""
        return {name: value for name, value in asdict(self).items() if name != "epochs"}
