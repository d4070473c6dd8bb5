"""Configuration to toplevel: the only package that joins language and store."""
