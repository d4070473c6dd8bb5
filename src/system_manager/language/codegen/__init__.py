"""Writing Python source text for the units of a program."""
