"""The tests, in three rings: pure, files, machine."""
