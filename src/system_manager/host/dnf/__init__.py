"""The package manager of Fedora, Red Hat Enterprise Linux and what is derived from them."""
