"""The builtins that reach outside the program: store, files, environment, clock, network."""
