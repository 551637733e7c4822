"""Bars on stderr, one a model, with its epoch and loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
