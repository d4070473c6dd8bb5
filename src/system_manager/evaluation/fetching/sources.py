"""Telling locations apart and naming what they lead to."""

from __future__ import annotations

_SCHEME = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+.-")


def is_url(text: str) -> bool:
    """Whether a search path entry or an argument names something to be fetched rather than a path."""
    return text.startswith(("channel:", "flake:")) or _begins_with_scheme(text, "://")


def has_scheme(text: str) -> bool:
    """Whether the text begins as a URL does."""
    return _begins_with_scheme(text, ":")


def _begins_with_scheme(text: str, end: str) -> bool:
    # No pattern: importing ``re`` takes longer than most programs.
    scheme, found, _ = text.partition(end)
    return bool(found and scheme[:1].isascii() and scheme[:1].isalpha() and _SCHEME.issuperset(scheme))


def is_below(uri: str, prefix: str) -> bool:
    """Whether an element of Nix's ``allowed-uris`` allows this URI: itself, what is below it, or its whole scheme."""
    if uri == prefix:
        return True
    if not prefix or not uri.startswith(prefix):
        return False
    return prefix.endswith("/") or uri[len(prefix)] == "/" or _is_scheme(prefix)


def _is_scheme(text: str) -> bool:
    return text.endswith(":") and ":" not in text[:-1] and has_scheme(text)


def base_name(url: str) -> str:
    """What follows the last slash of a URL, with what a store path cannot hold replaced."""
    name = url.rstrip("/").rpartition("/")[2]
    return name.partition("?")[0] if "?" in name else name
