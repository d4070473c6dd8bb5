"""What is measured, against what, on this machine. Run it with ``make bench``."""
