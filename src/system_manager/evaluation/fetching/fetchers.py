"""What ``fetchurl``, ``fetchTarball``, ``fetchGit`` and ``fetchTree`` do with their arguments."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.base.records import record
from system_manager.base.type_hints import Callable, Mapping, TypeVar
from system_manager.evaluation.fetching.download import download, file_of_url
from system_manager.evaluation.fetching.git import NO_REVISION, GitSource, GitTree, fetch_git, git_uri
from system_manager.evaluation.fetching.sources import base_name, has_scheme, is_below
from system_manager.evaluation.fetching.unpack import unpack_tarball
from system_manager.evaluation.hashes import parse_expected_hash, parse_hash
from system_manager.evaluation.settings import Purity
from system_manager.evaluation.state import EvaluationState
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import (
    Lazy,
    Value,
    coerce_to_string,
    force,
    force_attributes,
    force_plain_string,
    normalize_path,
    string_text,
    type_of,
)
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_fixed_output_path
from system_manager.store.errors import StoreError
from system_manager.store.hashing import Hash, HashAlgorithm
from system_manager.store.nar import hash_file, hash_nar
from system_manager.store.paths import StorePath

_Result = TypeVar("_Result")

_TARBALL_ENDINGS = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst")


@record(frozen=True)
class _Request:
    url: str
    name: str
    expected: Hash | None


class Fetchers:
    """What is fetched without a promised hash makes the evaluation's result impossible to keep."""

    def __init__(self, state: EvaluationState) -> None:
        self._state = state
        self._workspace: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0
        self._fetched: dict[object, Value] = {}

    def close(self) -> None:
        """Remove what was downloaded."""
        if self._workspace is not None:
            self._workspace.cleanup()
            self._workspace = None

    # fetchurl, fetchTarball

    def fetch_url(self, arguments: Lazy) -> Value:
        """``url`` or ``{ url, name ? <its last part>, sha256 ? <unchecked> }``."""
        request = self._request("fetchurl", arguments, default_name=None)
        return self._promised(request, IngestionMethod.FLAT) or self._download_file(request)

    def fetch_tarball(self, arguments: Lazy) -> Value:
        """As ``fetchurl``; the name is ``source`` unless given, the hash that of the unpacked tree."""
        request = self._request("fetchTarball", arguments, default_name="source")
        return self._promised(request, IngestionMethod.RECURSIVE) or self._download_tree(request)

    def _request(self, builtin: str, arguments: Lazy, default_name: str | None) -> _Request:
        value = force(arguments)
        url, name, expected = "", default_name, None
        if type_of(value) == "set" and "outPath" not in value:
            attributes = force_attributes(value)
            for key in attributes:
                if key not in {"url", "name", "sha256"}:
                    raise EvaluationError(f"unsupported argument '{key}' to '{builtin}'")
            url = self._text(attributes, "url") or ""
            name = self._text(attributes, "name") or name
            digest = self._text(attributes, "sha256")
            if digest is not None:
                expected, warning = parse_expected_hash(digest, HashAlgorithm.SHA256)
                if warning:
                    self._state.say(Warned(warning))
            if not url:
                raise EvaluationError("'url' argument required")
        else:
            url = string_text(
                coerce_to_string(
                    value, copy_to_store=False, coerce_more=False, what="while evaluating the url we should fetch"
                )
            )
        url = _resolve_channel(url)
        self._check_uri(url)
        if expected is None:
            self._require_impure(builtin, "sha256")
        return _Request(url, name or base_name(url), expected)

    def _promised(self, request: _Request, method: IngestionMethod) -> Value | None:
        """The store path that the hash promises, if that is in the store already."""
        if request.expected is not None:
            path = _fixed_path(request.name, method, request.expected)
            if self._state.store.is_valid(path):
                return self._state.store_string(path)
        return None

    def _download_file(self, request: _Request) -> Value:
        file = self._download(request.url)
        actual = hash_file(file, HashAlgorithm.SHA256).hash
        _check_hash(request, actual, "file downloaded from")
        return self._add(file, request.name, IngestionMethod.FLAT)

    def _download_tree(self, request: _Request) -> Value:
        tree, _ = self._unpack(request.url)
        if request.expected is not None:
            _check_hash(request, hash_nar(tree).hash, "tree downloaded from")
        return self._add(tree, request.name, IngestionMethod.RECURSIVE)

    # fetchGit, fetchTree

    def fetch_git(self, arguments: Lazy) -> Value:
        """``url`` or ``{ url, name, rev, ref, submodules, shallow, allRefs, exportIgnore … }``."""
        value = force(arguments)
        if type_of(value) == "set" and "outPath" not in value:
            return self._git(force_attributes(value), "fetchGit", empty_revision=True)
        what = "while evaluating the url we should fetch"
        url = string_text(coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what))
        return self._git({"url": url}, "fetchGit", empty_revision=True)

    def fetch_tree(self, arguments: Lazy) -> Value:
        """``{ type = "path" | "git" | "tarball" | "file"; … }``, or one of these as a URL."""
        value = force(arguments)
        if type_of(value) == "set" and "outPath" not in value:
            attributes = dict(force_attributes(value))
            kind = self._text(attributes, "type")
            if kind is None:
                raise EvaluationError("argument 'type' to 'fetchTree' is missing")
        else:
            what = "while evaluating the first argument passed to the fetcher"
            url = string_text(coerce_to_string(value, copy_to_store=False, coerce_more=False, what=what))
            kind, attributes = _parse_tree_url(url)
        match kind:
            case "path":
                return self._path(attributes)
            case "git":
                return self._git(attributes, "fetchTree", empty_revision=False)
            case "tarball" | "file":
                return self._tree_of_url(kind, attributes)
        raise EvaluationError(
            f"fetching a source of the type '{kind}' is not supported",
            hint="use 'path', 'git', 'tarball' or 'file'",
        )

    def _git(self, attributes: Mapping[str, Lazy], builtin: str, *, empty_revision: bool) -> Value:
        known = {"type", "url", "name", "rev", "ref", "submodules", "shallow", "allRefs", "exportIgnore", "narHash",
                 "lastModified", "revCount", "lfs", "verifyCommit", "publicKey", "publicKeys", "keytype"}  # fmt: skip
        for key in attributes:
            if key not in known:
                raise EvaluationError(f"input attribute '{key}' not supported by scheme 'git'")
        for key in ("lfs", "verifyCommit", "publicKey", "publicKeys"):
            if attributes.get(key) and force(attributes[key]):
                raise EvaluationError(f"the argument '{key}' to '{builtin}' is not supported")
        url = self._location(attributes, builtin)
        submodules = self._flag(attributes, "submodules")
        export_ignore = self._flag(attributes, "exportIgnore", default=builtin == "fetchGit" and not submodules)
        if submodules and export_ignore:
            raise EvaluationError("exportIgnore and submodules are not supported together")
        source = GitSource(
            url=url.removeprefix("git+"),
            ref=self._text(attributes, "ref"),
            revision=self._text(attributes, "rev"),
            shallow=self._flag(attributes, "shallow", default=builtin == "fetchTree"),
            submodules=submodules,
            export_ignore=export_ignore,
        )
        uri = git_uri(source)
        if source.revision is None and "narHash" not in attributes:
            self._require_locked(builtin, uri)
        self._check_uri(uri)
        if source.revision is None:
            self._state.facts.volatile = "a hash of the files does not tell which revision they are of"
        name = self._text(attributes, "name") or "source"
        identity = (source, name)
        if identity not in self._fetched:
            tree = self._new_path()
            found = _as_evaluation_error(lambda: fetch_git(source, tree, self._new_directory()))
            if found.changes is not None and self._state.settings.warn_dirty:
                self._state.say(Warned(f"Git tree '{found.changes}' is dirty"))
            self._check_nar_hash(attributes, tree, url)
            result = self._describe(tree, name, found.last_modified)
            self._fetched[identity] = result | _git_attributes(found, source, empty_revision)
        return self._fetched[identity]

    def _location(self, attributes: Mapping[str, Lazy], builtin: str) -> str:
        if "url" not in attributes:
            raise EvaluationError(f"argument 'url' is missing in call to '{builtin}'")
        what = "while evaluating the 'url' attribute of the fetcher"
        return string_text(coerce_to_string(attributes["url"], copy_to_store=False, coerce_more=False, what=what))

    def _path(self, attributes: Mapping[str, Lazy]) -> Value:
        if "path" not in attributes:
            raise EvaluationError("argument 'path' is missing in call to 'fetchTree'")
        path, _ = self._state.coerce_to_path(attributes["path"], "while evaluating the 'path' of the source")
        if "narHash" not in attributes:
            self._require_locked("fetchTree", f"path:{path}")
        self._check_uri(f"path:{path}")
        self._state.facts.volatile = "the time of a path's last change was asked for"
        real = Path(self._state.files.real(self._state.files.resolve(path)))
        self._state.files.look_existing(path)
        self._check_nar_hash(attributes, real, path)
        store_path = self._state.add_source(path, "source")
        modified = _newest(real)
        return {
            "outPath": self._state.store_string(store_path),
            "narHash": hash_nar(real).hash.sri,
            "lastModified": modified,
            "lastModifiedDate": _date(modified),
        }

    def _tree_of_url(self, kind: str, attributes: Mapping[str, Lazy]) -> Value:
        url = self._location(attributes, "fetchTree")
        if "narHash" not in attributes:
            self._require_locked("fetchTree", url)
        self._check_uri(url)
        name = self._text(attributes, "name") or "source"
        if kind == "file":
            file = self._download(url)
            self._check_nar_hash(attributes, file, url)
            nar_hash = hash_nar(file).hash.sri
            return {"outPath": self._add(file, name, IngestionMethod.RECURSIVE), "narHash": nar_hash}
        self._state.facts.volatile = "a hash of the files does not tell their times"
        tree, modified = self._unpack(url)
        self._check_nar_hash(attributes, tree, url)
        return self._describe(tree, name, modified)

    def _describe(self, tree: Path, name: str, modified: int) -> dict[str, Lazy]:
        return {
            "outPath": self._add(tree, name, IngestionMethod.RECURSIVE),
            "narHash": hash_nar(tree).hash.sri,
            "lastModified": modified,
            "lastModifiedDate": _date(modified),
        }

    # What they have in common

    def _text(self, attributes: Mapping[str, Lazy], name: str) -> str | None:
        if name not in attributes:
            return None
        return force_plain_string(attributes[name], f"while evaluating the argument '{name}' of the fetcher")

    def _flag(self, attributes: Mapping[str, Lazy], name: str, *, default: bool = False) -> bool:
        value = force(attributes.get(name, default))
        if type_of(value) != "bool":
            raise EvaluationError(f"the argument '{name}' of the fetcher must be a Boolean")
        return value is True

    def _require_impure(self, builtin: str, missing: str) -> None:
        if self._state.settings.purity is Purity.PURE:
            raise EvaluationError(f"in pure evaluation mode, '{builtin}' requires a '{missing}' argument")
        self._state.facts.volatile = f"'{builtin}' was called without '{missing}'"

    def _require_locked(self, builtin: str, uri: str) -> None:
        if self._state.settings.purity is Purity.PURE:
            raise EvaluationError(f"in pure evaluation mode, '{builtin}' doesn't fetch unlocked input '{uri}'")
        self._state.facts.volatile = f"'{builtin}' fetched an unlocked input"

    def _check_uri(self, uri: str) -> None:
        """Raise an error if the settings forbid to fetch from there."""
        allowed = self._state.settings.allowed_uris
        if allowed is None or any(is_below(uri, prefix) for prefix in allowed):
            return
        path = uri if uri.startswith("/") else file_of_url(uri)
        if path is None:
            hint = "allow it with --allowed-uris"
            raise EvaluationError(f"access to URI '{uri}' is forbidden in restricted mode", hint=hint)
        self._state.files.check(normalize_path(path))

    def _check_nar_hash(self, attributes: Mapping[str, Lazy], tree: Path, url: str) -> None:
        text = self._text(attributes, "narHash")
        if text is not None:
            actual = hash_nar(tree).hash
            if parse_hash(text, None) != actual:
                raise EvaluationError(f"NAR hash mismatch in input '{url}', expected '{text}' but got '{actual.sri}'")

    def _add(self, path: Path, name: str, method: IngestionMethod) -> Value:
        try:
            store_path = self._state.store.add_path(str(path), name, method, None)
        except StoreError as error:
            raise EvaluationError(error.what, hint=error.hint) from error
        if not self._state.store.is_valid(store_path):
            # Nothing is written to the store, but the program may want to read what it has fetched.
            self._state.files.mount(str(store_path), str(path))
            self._state.facts.volatile = "something was fetched that is not kept in the store"
        return self._state.store_string(store_path)

    def _download(self, url: str) -> Path:
        file = self._new_path()
        _as_evaluation_error(lambda: download(url, file))
        file.chmod(0o644)
        return file

    def _unpack(self, url: str) -> tuple[Path, int]:
        file, tree = self._download(url), self._new_path()
        modified = _as_evaluation_error(lambda: unpack_tarball(file, tree, url))
        file.unlink()
        return tree, modified

    def _new_path(self) -> Path:
        if self._workspace is None:
            self._workspace = tempfile.TemporaryDirectory(prefix="system-manager-fetch-")
        self._count += 1
        return Path(self._workspace.name) / str(self._count)

    def _new_directory(self) -> Path:
        directory = self._new_path()
        directory.mkdir()
        return directory


def _git_attributes(found: GitTree, source: GitSource, empty_revision: bool) -> dict[str, Lazy]:
    result: dict[str, Lazy] = {"submodules": source.submodules}
    if found.revision is not None:
        result |= {"rev": found.revision, "shortRev": found.revision[:7]}
    elif empty_revision:
        result |= {"rev": NO_REVISION, "shortRev": NO_REVISION[:7]}
    if found.dirty_revision is not None:
        base = found.dirty_revision.removesuffix("-dirty")
        result |= {"dirtyRev": found.dirty_revision, "dirtyShortRev": f"{base[:7]}-dirty"}
    if found.revision is not None and not source.shallow:
        result["revCount"] = found.revision_count
    elif empty_revision:
        result["revCount"] = 0
    return result


def _as_evaluation_error(action: Callable[[], _Result]) -> _Result:
    try:
        return action()
    except SystemManagerError as error:
        raise EvaluationError(error.what, hint=error.hint) from error


def _fixed_path(name: str, method: IngestionMethod, expected: Hash) -> StorePath:
    try:
        return make_fixed_output_path(name, ContentAddress(method, expected))
    except StoreError as error:
        raise EvaluationError(error.what, hint=error.hint) from error


def _check_hash(request: _Request, actual: Hash, what: str) -> None:
    if request.expected is not None and request.expected != actual:
        raise EvaluationError(
            f"hash mismatch in {what} '{request.url}':\n  specified: {request.expected.sri}\n  got:       {actual.sri}"
        )


def _resolve_channel(url: str) -> str:
    if url.startswith("channel:"):
        return f"https://channels.nixos.org/{url.removeprefix('channel:')}/nixexprs.tar.xz"
    return url


def _parse_tree_url(url: str) -> tuple[str, dict[str, Lazy]]:
    if url.startswith(("/", "path:")):
        return "path", {"path": url.removeprefix("path:").partition("?")[0]}
    kind, plus, rest = url.partition("+")
    if plus and kind in {"git", "tarball", "file"} and has_scheme(rest):
        location, _, query = rest.partition("?")
        fields = dict(part.partition("=")[::2] for part in query.split("&") if part)
        # A set is fetched without its history unless it asks for that, a URL with.
        switches = {"shallow": False} if kind == "git" else {}
        switches |= {name: fields.pop(name) == "1" for name in ("shallow", "submodules", "allRefs") if name in fields}
        return kind, {"url": location, **fields, **switches}
    if has_scheme(url) and url.partition(":")[0] in {"http", "https", "file"}:
        return ("tarball" if url.partition("?")[0].endswith(_TARBALL_ENDINGS) else "file"), {"url": url}
    return url.partition(":")[0] or url, {}


def _newest(path: Path) -> int:
    """The latest change in a tree, in whole seconds since 1970."""
    newest = path.lstat().st_mtime
    for found in path.rglob("*") if path.is_dir() and not path.is_symlink() else ():
        newest = max(newest, found.lstat().st_mtime)
    return int(newest)


def _date(seconds: int) -> str:
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds))
