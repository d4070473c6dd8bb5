"""Builders that run inside this process, because starting one for each small file would take longer than the file."""
