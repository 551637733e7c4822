"""The terminal report as a picture (SVG), for pages that show what the tool prints."""

from __future__ import annotations

import io

from rich.console import Console
from rich.terminal_theme import MONOKAI

from qverify.report.model import Report
from qverify.report.terminal import print_report

WIDTH = 110


def as_svg(report: Report) -> str:
    """What the terminal shows, 110 columns wide."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    print_report(report, console)
    return console.export_svg(title="qverify audit", theme=MONOKAI, unique_id="qverify")
