"""The Nix language: text to values, pure. It has never heard of a store."""
