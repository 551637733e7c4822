"""One module a check; the module's name is the check's name. See `qverify.check` and `qverify.registry`."""
