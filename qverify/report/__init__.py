"""What an audit found, as a value, and pure functions that turn it into text."""

from qverify.report.model import Report, SubjectReport

__all__ = ["Report", "SubjectReport"]
