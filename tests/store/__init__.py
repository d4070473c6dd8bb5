"""The store, compared with real Nix and attacked."""
