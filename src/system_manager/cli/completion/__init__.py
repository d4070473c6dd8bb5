"""What shells offer when somebody presses Tab behind ``system-manager``."""
