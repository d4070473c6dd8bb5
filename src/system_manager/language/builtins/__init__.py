"""The pure builtins, one file per family."""
