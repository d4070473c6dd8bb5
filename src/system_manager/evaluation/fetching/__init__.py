"""Bringing files from elsewhere: downloads, archives, git repositories."""
