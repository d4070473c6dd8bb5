"""POSIX extended regular expressions with the semantics that C++ Nix has."""
