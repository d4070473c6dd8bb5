"""NixOS-style declarative configuration for ordinary Linux distributions."""
