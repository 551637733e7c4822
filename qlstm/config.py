"""What a training run was asked to do: one frozen value, printed at the start and kept in the checkpoint."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Config:
    """The published training by default (PyTorch's RMSprop, batches in order).

    cell: whose claimed roles are assembled.      data: a series' name or a .csv file.
    target: the CSV column.                       window: L, values per window.
    epochs: passes over the training part.        batch: windows per update; the last one may be smaller.
    optimizer: rmsprop, adam or adam+lm (optimizers.py).
    learning_rate: of the first-order part.       decay, epsilon: of RMSprop.
    clip: the gradient's largest norm; 0 for any.
    patience: 0 to train on the whole training part and keep the last weights; else its last fifth is kept apart,
        training ends after so many epochs that do not lower the error there, and the weights of the lowest stay.
    seed: of the initial weights, the only random thing.
    """

    cell: str
    data: str
    target: str | None = None
    window: int = 4
    epochs: int = 100
    batch: int = 10
    optimizer: str = "rmsprop"
    learning_rate: float = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8
    clip: float = 0.0
    patience: int = 0
    seed: int = 0

    def fixed(self) -> dict[str, object]:
        """All that a resumed run must share with the run it continues.

        RMSprop can go on for more epochs; what the other optimizers do in one epoch depends on how many there are.
        """
        return {
            name: value for name, value in asdict(self).items() if name != "epochs" or self.optimizer != "rmsprop"
        }
