"""What the names of units say: systemd.unit(5)."""

from __future__ import annotations

import re

# The text after the first "@" up to the last dot is the instance, which may hold dots itself.
_INSTANCE = r"([^@]+@)(.+)(\.[a-z]+)"


def template_of(name: str) -> str | None:
    """``foo@.service`` for ``foo@bar.service``; None for what is no instance."""
    match = re.fullmatch(_INSTANCE, name)
    return f"{match[1]}{match[3]}" if match else None


def is_template(name: str) -> bool:
    """Whether this names a template, which itself is never started."""
    return "@." in name and template_of(name) is None


def prefixes_of(name: str) -> list[str]:
    """``a-.service`` and ``a-b-.service`` for ``a-b-c.service``: names of drop-in directories that are for it, too."""
    match = re.fullmatch(r"([^@]+)(@.*)?(\.[a-z]+)", name)
    if match is None:
        return []
    stem, instance, suffix = match[1], match[2], match[3]
    stems = [stem[: at + 1] for at, character in enumerate(stem[:-1]) if character == "-" and at]
    instances = ("",) if instance is None else tuple(dict.fromkeys(("", "@", instance)))
    return [f"{stem}{part}{suffix}" for stem in stems for part in instances]


def is_prefix(name: str) -> bool:
    """Whether drop-ins for this name are for units whose names begin with it."""
    return re.fullmatch(r"[^@]+-(@.*)?\.[a-z]+", name) is not None
