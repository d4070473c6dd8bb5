"""Telling locations apart and naming what they lead to."""

from __future__ import annotations

import re


def is_url(text: str) -> bool:
    """Whether a search path entry or an argument names something to be fetched rather than a path."""
    return text.startswith(("channel:", "flake:")) or bool(re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", text))


def has_scheme(text: str) -> bool:
    """Whether the text begins as a URL does."""
    return re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text) is not None


def is_scheme(text: str) -> bool:
    """Whether the text is the scheme of a URL, with its colon, and nothing else."""
    return text.endswith(":") and ":" not in text[:-1] and has_scheme(text)


def base_name(url: str) -> str:
    """What follows the last slash of a URL, with what a store path cannot hold replaced."""
    name = url.rstrip("/").rpartition("/")[2]
    return name.partition("?")[0] if "?" in name else name
