"""Where `layout_undone` used to live."""

from qverify.layout import layout_undone

__all__ = ["layout_undone"]
