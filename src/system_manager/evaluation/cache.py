"""Results of evaluations, kept together with everything that they were made from.

An entry is used only while every fact in it still holds, which costs a few ``stat`` calls. What is damaged, foreign or
outdated is as good as absent: the evaluation is done again.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

from system_manager.base.digests import content_digest, new_digest
from system_manager.base.events import Traced, Warned
from system_manager.base.records import record
from system_manager.base.type_hints import Any, Callable, Protocol, Sequence
from system_manager.evaluation.facts import Content, Facts, Node, NodeKind
from system_manager.evaluation.package_index import PackageIndex, describe_package, digest_names
from system_manager.store.errors import InvalidStorePathError
from system_manager.store.paths import StorePath

_FORMAT = 4
_MAXIMUM_ENTRIES = 256
_MAXIMUM_BYTES = 256 * 1024 * 1024
_MAXIMUM_ENTRY_BYTES = 32 * 1024 * 1024
_CODE = ("language", "evaluation", "store")


class KnownObjects(Protocol):
    """The part of a store that is asked whether facts about its paths still hold."""

    def is_valid(self, path: StorePath, /) -> bool: ...

    def path_info(self, path: StorePath, /) -> _PathInfo: ...


class _PathInfo(Protocol):
    @property
    def nar_hash(self) -> _Hash: ...


class _Hash(Protocol):
    @property
    def sri(self) -> str: ...


@record(frozen=True)
class CachedResult:
    """What an evaluation yielded, made of what JSON has, and what the program said meanwhile."""

    value: Any
    messages: tuple[Traced | Warned, ...]


def program_identity() -> str:
    """A text that changes with the code that evaluates."""
    package = os.path.dirname(os.path.dirname(__file__))
    digest = new_digest(sys.version.encode())
    pending = [f"{package}/{part}" for part in _CODE]
    while pending:
        with os.scandir(pending.pop()) as found:
            for entry in sorted(found, key=lambda entry: entry.name):
                if entry.name.endswith((".py", ".nix", ".sql")):
                    status = entry.stat()
                    digest.update(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
                elif "." not in entry.name and entry.name != "__pycache__":
                    pending.append(entry.path)
    return digest.hexdigest()


class EvaluationCache:
    """A directory of results. It must belong to this user, since whoever writes it decides what is evaluated.

    Entries are marshalled: importing ``json`` takes longer than all the rest of finding a result.

    :param packages: answers whether the packages that an evaluation looked up are still the same.
    :param store: opens the store that evaluations use; None if there is none. Called for results that depend on it.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        packages: PackageIndex | None = None,
        store: Callable[[], KnownObjects | None] = lambda: None,
    ) -> None:
        self._directory = os.fspath(directory)
        self._packages = packages
        self._store = store

    def key(self, *parts: str) -> str:
        """The name of an evaluation: everything that decides its result and is no fact.

        The directory that relative paths start from, and the home directory, are added to ``parts``.
        """
        digest = new_digest()
        places = (os.getcwd(), os.environ.get("HOME", ""))
        for part in (str(_FORMAT), program_identity(), *places, *parts):
            data = part.encode("utf-8", "surrogateescape")
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.hexdigest()

    def lookup(self, key: str, *, accept: Callable[[Any], bool] = lambda _value: True) -> CachedResult | None:
        """The result under this key if all facts still hold and ``accept`` takes the value, else None."""
        entry = self._read(f"{self._directory}/{key}")
        if entry is None:
            return None
        facts, result = entry
        holds = facts.still_hold() and self._packages_hold(facts) and self._objects_hold(facts)
        if not holds or not accept(result.value):
            return None
        try:
            os.utime(f"{self._directory}/{key}")  # the entries that go first are those that nobody asked for longest
        except OSError:
            pass  # another process took it away
        return result

    def outdated(self, key: str) -> CachedResult | None:
        """The last result under this key, whether it is still right or not."""
        entry = self._read(f"{self._directory}/{key}")
        return None if entry is None else entry[1]

    def store(self, key: str, value: Any, facts: Facts, messages: Sequence[Traced | Warned]) -> None:
        """Keep a result, unless its facts say that it is good for once only."""
        if facts.volatile is not None:
            return
        # Late: whoever finds a result does not write one.
        from system_manager.base.files import Mode, write_atomically  # noqa: PLC0415

        encoded = [[type(message).__name__, message.text] for message in messages]
        body = marshal.dumps({"facts": _encode_facts(facts), "value": value, "messages": encoded})
        if len(body) > _MAXIMUM_ENTRY_BYTES:
            return
        checksum = content_digest(body).encode()
        try:
            os.makedirs(self._directory, exist_ok=True, mode=0o700)
            write_atomically(f"{self._directory}/{key}", checksum + b"\n" + body, mode=Mode(0o600), durable=False)
            self._evict()
        except OSError:
            pass  # only speed is lost

    def _read(self, path: str) -> tuple[Facts, CachedResult] | None:
        try:
            if not _is_private(os.lstat(self._directory), stat.S_IFDIR):
                return None
            data = _read_private(path)
        except OSError:
            return None
        checksum, _, body = data.partition(b"\n")
        if content_digest(body).encode() != checksum:
            return None
        try:
            # Written by ourselves: owner, mode and checksum are right.
            decoded = marshal.loads(body)  # noqa: S302
            result = CachedResult(decoded["value"], tuple(_decode_message(*each) for each in decoded["messages"]))
            return _decode_facts(decoded["facts"]), result
        except (EOFError, KeyError, TypeError, ValueError, AttributeError, InvalidStorePathError):
            return None

    def _evict(self) -> None:
        entries = []
        with os.scandir(self._directory) as found:
            for entry in found:
                status = entry.stat(follow_symlinks=False)
                entries.append((status.st_mtime_ns, status.st_size, entry.path))
        kept = 0
        for number, (_, size, path) in enumerate(sorted(entries, reverse=True)):
            kept += size
            if number >= _MAXIMUM_ENTRIES or kept > _MAXIMUM_BYTES:
                try:
                    os.unlink(path)
                except FileNotFoundError:
                    pass  # another process was faster

    def _objects_hold(self, facts: Facts) -> bool:
        if not facts.objects:
            return True
        store = self._store()
        return store is not None and all(_same_object(store, path, known) for path, known in facts.objects.items())

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


def _same_object(store: KnownObjects, path: StorePath, known: str | None) -> bool:
    if not store.is_valid(path):
        return known is None
    return known == "" or (known is not None and store.path_info(path).nar_hash.sri == known)


def _read_private(path: str) -> bytes:
    """A file's content. Raises OSError unless it is a regular file that only this user can write."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not _is_private(status, stat.S_IFREG) or status.st_size > 2 * _MAXIMUM_ENTRY_BYTES:
            raise PermissionError
        return file.read()


def _is_private(status: os.stat_result, kind: int) -> bool:
    ours = status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o022
    return ours and stat.S_IFMT(status.st_mode) == kind


def _decode_message(kind: str, text: str) -> Traced | Warned:
    kinds: dict[str, type[Traced] | type[Warned]] = {"Traced": Traced, "Warned": Warned}
    return kinds[kind](text)


def _encode_facts(facts: Facts) -> dict[str, Any]:
    return {
        "nodes": {path: [node.kind.value, node.target] for path, node in facts.nodes.items()},
        "files": _encode_contents(facts.files),
        "listings": _encode_contents(facts.listings),
        "tree_files": _encode_contents(facts.tree_files),
        "objects": {str(path): known for path, known in facts.objects.items()},
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
        objects={StorePath.parse(path): known for path, known in encoded["objects"].items()},
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
