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
