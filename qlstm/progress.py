"""How far a run is: bars on stderr, one a model, with its epoch and loss; and the seconds that epochs take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def bars(console: Console, epochs: int) -> Iterator[Callable[[str, int, float], None]]:
    """A function to call after each epoch with the model's name, the epochs done and the loss."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3e}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=console.quiet) as progress:
        tasks = {}

        def report(model: str, epoch: int, loss: float) -> None:
            if model not in tasks:
                tasks[model] = progress.add_task(model, total=epochs, loss=loss)
            progress.update(tasks[model], completed=epoch, loss=loss)

        yield report


@dataclass
class Stopwatch:
    """Seconds of each epoch; the first one includes compiling."""

    laps: list[float] = field(default_factory=list)
    since: float = field(default_factory=time.perf_counter)

    def lap(self) -> None:
        """An epoch ends now."""
        now = time.perf_counter()
        self.laps.append(now - self.since)
        self.since = now

    def per_epoch(self) -> float | None:
        """The median without the first epoch, seconds."""
        return median(self.laps[1:]) if len(self.laps) > 1 else None
