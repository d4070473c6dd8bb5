"""A container goes from a configuration to a web server, and back. Run it with ``make demo``."""
