"""Debian's and Ubuntu's package manager: index, package files, installation."""
