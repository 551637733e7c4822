"""What all commands share: the application, the options they have in common, and where they print."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="qverify",
    help="Verify variational and mid-circuit-measurement quantum circuits.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help needs no rich, which is most of the time that --help would take
)
PIPE_WIDTH = 120  # where stdout is no terminal


class Format(StrEnum):
    """What stdout carries."""

    RICH = "rich"
    JSON = "json"


Notion = Literal["unitary", "instrument", "channel", "outcomes"]
Input = Literal["any", "zero"]
FormatOption = Annotated[Format, typer.Option("--format", help="What stdout carries.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colour (NO_COLOR is honoured too).")]


def color_of(no_color: bool) -> bool | None:
    """False where colour is unwanted, None to let the terminal decide."""
    return False if no_color or os.environ.get("NO_COLOR") else None


def console_of(stream: TextIO, no_color: bool) -> Console:
    """A console on stdout or stderr; a pipe has no width of its own."""
    from rich.console import Console

    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=stream, no_color=no_color or None, highlight=False, width=width)
