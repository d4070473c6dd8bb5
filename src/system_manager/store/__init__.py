"""The Nix store: content and builds. It has never heard of an expression."""
