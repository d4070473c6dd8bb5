"""What can be wrong with an expression."""

from __future__ import annotations


class InvalidRegexError(ValueError):
    """The text is not a regular expression of the dialect."""


class RegexSpaceError(ValueError):
    """The expression, or matching it, would need more memory than is allowed."""
