"""Expected output in files."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest


def compare(actual: str, expected: Path, *, accept: bool) -> None:
    """Fail with a diff if the text is not what the file has; with ``accept``, write the file instead."""
    if accept:
        expected.write_text(actual, encoding="utf-8", errors="surrogateescape")
        return
    if not expected.exists():
        pytest.fail(f"{expected.name} is missing; --accept writes it:\n{actual}")
    wanted = expected.read_text(encoding="utf-8", errors="surrogateescape")
    if actual != wanted:
        difference = difflib.unified_diff(
            wanted.splitlines(), actual.splitlines(), expected.name, "what came out", lineterm=""
        )
        pytest.fail("\n".join(difference), pytrace=False)
