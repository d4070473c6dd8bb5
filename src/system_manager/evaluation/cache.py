"""Results of evaluations, kept together with everything that they were made from.

An entry is used only while every fact in it still holds, which costs a few ``stat`` calls. What is damaged, foreign or
outdated is as good as absent: the evaluation is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from system_manager.base.events import Traced, Warned
from system_manager.base.files import Mode, write_atomically
from system_manager.base.records import record
from system_manager.evaluation.facts import Content, Facts, Node, NodeKind
from system_manager.evaluation.package_index import PackageIndex, describe_package, digest_names

_FORMAT = 1
_MAXIMUM_ENTRIES = 128
_CODE = ("language", "evaluation", "store")


@record(frozen=True)
class CachedResult:
    """What an evaluation yielded: a JSON value of its caller's choice, and what the program said meanwhile."""

    value: Any
    messages: tuple[Traced | Warned, ...]


def program_identity() -> str:
    """A text that changes with the code that evaluates."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for part in _CODE:
        for directory, directories, names in os.walk(package / part):
            directories.sort()
            for name in sorted(names):
                if name.endswith((".py", ".nix", ".sql")):
                    status = Path(directory, name).stat()
                    digest.update(f"{directory}/{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class EvaluationCache:
    """A directory of results. It must belong to this user, since whoever writes it decides what is evaluated.

    :param packages: answers whether the packages that an evaluation looked up are still the same.
    """

    def __init__(self, directory: Path, packages: PackageIndex | None = None) -> None:
        self._directory = directory
        self._packages = packages

    def key(self, *parts: str) -> str:
        """The name of an evaluation: everything that decides its result and is no fact."""
        text = "\0".join((str(_FORMAT), program_identity(), *parts))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

    def lookup(self, key: str, *, accept: Callable[[Any], bool] = lambda _value: True) -> CachedResult | None:
        """The result under this key if all facts still hold and ``accept`` takes the value, else None."""
        body = self._read(self._directory / key)
        if body is None:
            return None
        try:
            facts = _decode_facts(body["facts"])
            result = CachedResult(body["value"], tuple(_decode_message(*each) for each in body["messages"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        if not facts.still_hold() or not self._packages_hold(facts) or not accept(result.value):
            return None
        return result

    def store(self, key: str, value: Any, facts: Facts, messages: list[Traced | Warned]) -> None:
        """Keep a result, unless its facts say that it is good for once only."""
        if facts.volatile is not None:
            return
        encoded = [[type(message).__name__, message.text] for message in messages]
        body = json.dumps({"facts": _encode_facts(facts), "value": value, "messages": encoded}).encode()
        checksum = hashlib.sha256(body).hexdigest().encode()
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(self._directory / key, checksum + b"\n" + body, mode=Mode(0o600), durable=False)
            self._evict()
        except OSError:
            pass  # only speed is lost

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            if not _is_private(self._directory) or not _is_private(path):
                return None
            checksum, _, body = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(body).hexdigest().encode() != checksum:
            return None
        decoded = json.loads(body)
        return decoded if isinstance(decoded, dict) else None

    def _evict(self) -> None:
        entries = sorted(self._directory.iterdir(), key=lambda entry: entry.stat().st_mtime_ns)
        for entry in entries[:-_MAXIMUM_ENTRIES]:
            entry.unlink(missing_ok=True)

    def _packages_hold(self, facts: Facts) -> bool:
        if facts.package_index is None:
            return True
        if self._packages is None:
            return False
        if facts.package_index == self._packages.identity():
            return True
        if facts.package_names is not None and digest_names(self._packages.names()) != facts.package_names:
            return False
        return all(describe_package(self._packages.lookup(name)) == known for name, known in facts.packages.items())


def _is_private(path: Path) -> bool:
    status = path.stat()
    return status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o022


def _decode_message(kind: str, text: str) -> Traced | Warned:
    kinds: dict[str, type[Traced] | type[Warned]] = {"Traced": Traced, "Warned": Warned}
    return kinds[kind](text)


def _encode_facts(facts: Facts) -> dict[str, Any]:
    return {
        "nodes": {path: [node.kind.value, node.target] for path, node in facts.nodes.items()},
        "files": _encode_contents(facts.files),
        "listings": _encode_contents(facts.listings),
        "tree_files": _encode_contents(facts.tree_files),
        "environment": facts.environment,
        "packages": facts.packages,
        "package_names": facts.package_names,
        "package_index": facts.package_index,
    }


def _decode_facts(encoded: dict[str, Any]) -> Facts:
    return Facts(
        nodes={path: Node(NodeKind(kind), target) for path, (kind, target) in encoded["nodes"].items()},
        files=_decode_contents(encoded["files"]),
        listings=_decode_contents(encoded["listings"]),
        tree_files=_decode_contents(encoded["tree_files"]),
        environment=encoded["environment"],
        packages=encoded["packages"],
        package_names=encoded["package_names"],
        package_index=encoded["package_index"],
    )


def _encode_contents(contents: dict[str, Content]) -> dict[str, Any]:
    return {path: [content.digest, content.signature] for path, content in contents.items()}


def _decode_contents(encoded: dict[str, Any]) -> dict[str, Content]:
    return {
        path: Content(digest, None if signature is None else tuple(signature))
        for path, (digest, signature) in encoded.items()
    }
