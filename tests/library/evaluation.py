"""Nix expressions about the library, evaluated by our evaluator or by a real Nix."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from system_manager.base.errors import SystemManagerError
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.language.runtime import force, string_text
from tests.support.oracle import Oracle

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
LIBRARY = PROJECT / "src/system_manager/library"
LIB = LIBRARY / "lib"

CONFIGURATION = f"import {LIBRARY} {{ distribution = import {HERE}/distribution.nix; configuration = %s; }}"
"""The library applied to a configuration, which is put in as Nix text."""


class RefusedError(Exception):
    """The expression has no value. The text is the whole message."""


class NixEvaluator(Protocol):
    """Whatever computes the value of an expression."""

    def value(self, expression: str) -> Any:
        """The value as JSON has it; raise :class:`RefusedError` if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Ours:
    """The evaluator of this project; nothing is written to a store."""

    code_cache: Path

    def value(self, expression: str) -> Any:
        settings = EvaluationSettings(environment={})
        with EvaluationSession(settings, code_cache=self.code_cache) as session:
            try:
                text = session.run(lambda: self._text(session, expression))
            except SystemManagerError as error:
                raise RefusedError(str(error)) from error
        return json.loads(text)

    def _text(self, session: EvaluationSession, expression: str) -> str:
        return string_text(force(session.evaluate_text(f"builtins.toJSON ({expression})", directory=str(PROJECT))))


@dataclass(frozen=True, slots=True)
class RealNix:
    """The ``nix-instantiate`` of a real Nix."""

    oracle: Oracle

    def value(self, expression: str) -> Any:
        return json.loads(self._run("--eval", "--strict", "--json", "--read-write-mode", "--expr", expression))

    def derivation(self, expression: str) -> str:
        """The store path of the derivation."""
        return self._run("--expr", expression).strip()

    def _run(self, *arguments: str) -> str:
        self.oracle.share(PROJECT)
        try:
            result = self.oracle.run(["nix-instantiate", "--show-trace", *arguments])
        finally:
            self.oracle.unshare(str(PROJECT))
        if result.returncode != 0:
            raise RefusedError(result.stderr)
        return result.stdout


def without_hashes(text: str) -> str:
    """Store paths differ whenever anything before them does, and the project may lie anywhere."""
    return re.sub(r"/nix/store/[0-9a-z]{32}-", "/nix/store/…-", text).replace(str(PROJECT), "…")
