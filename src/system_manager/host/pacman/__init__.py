"""The package manager of Arch Linux and what is derived from it."""
