"""Sources in git repositories: the files of a revision, and what is known about it.

The files are those of the commit, byte for byte: no line ending conversion, no smudge filters. Paths with the
attribute ``export-ignore`` are left out, as ``git archive`` does.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tarfile
from pathlib import Path, PurePath

from system_manager.base.process import CommandFailedError, Result, reading, run
from system_manager.base.records import record, replace
from system_manager.base.type_hints import Iterator
from system_manager.evaluation.fetching.download import FetchError, file_of_url

_REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NO_REVISION = "0" * 40
_EXECUTABLE, _LINK, _SUBMODULE = "100755", "120000", "160000"

# Neither the user's configuration nor hooks of the repository may run anything.
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = (
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
)


@record(frozen=True)
class GitSource:
    """What was asked for."""

    url: str
    ref: str | None = None
    revision: str | None = None
    shallow: bool = False
    submodules: bool = False
    export_ignore: bool = True


@record(frozen=True)
class GitTree:
    """What was found. ``revision`` is None for a working tree with changes; then ``dirty_revision`` is its base.

    :ivar changes: the place of that working tree.
    """

    revision: str | None
    dirty_revision: str | None
    revision_count: int
    last_modified: int
    changes: str | None = None


def git_uri(source: GitSource) -> str:
    """How Nix writes the source: what ``allowed-uris`` is compared with."""
    location = f"file://{source.url}" if source.url.startswith("/") else source.url
    flags = (("exportIgnore", source.export_ignore), ("shallow", source.shallow), ("submodules", source.submodules))
    query = {name: "1" for name, chosen in flags if chosen}
    query |= {name: text for name, text in (("ref", source.ref), ("rev", source.revision)) if text is not None}
    shown = "&".join(f"{name}={query[name]}" for name in sorted(query))
    return f"git+{location}{'?' if shown else ''}{shown}"


def _git(repository: Path, *arguments: str) -> Result:
    return run(["git", *_OPTIONS, "-C", repository, *arguments], extra_environment=_ENVIRONMENT)


def fetch_git(source: GitSource, destination: Path, workspace: Path) -> GitTree:
    """Write the files to a new directory. ``workspace`` is a directory for a clone. Raises :class:`FetchError`."""
    if source.revision is not None and not _REVISION.fullmatch(source.revision):
        raise FetchError(f"'{source.revision}' is not a full git revision", where=source.url)
    try:
        local = _local_path(source.url)
        if local is not None and source.ref is None and source.revision is None and not _is_bare(local):
            return _working_tree(local, source, destination)
        repository = local or _clone(source, workspace)
        revision = source.revision or _resolve(repository, source.ref or "HEAD", local is None)
        tree = _export(repository, revision, source, destination)
        if source.submodules:
            _export_submodules(repository, revision, source, destination, workspace)
        return tree
    except CommandFailedError as error:
        raise FetchError(f"cannot fetch the git repository '{source.url}': {error.what}", hint=error.hint) from error


def _local_path(url: str) -> Path | None:
    path = url if url.startswith("/") else file_of_url(url)
    if path is None:
        return None
    if not Path(path).is_dir():
        raise FetchError(f"there is no git repository at '{url}'")
    return Path(path)


def _is_bare(repository: Path) -> bool:
    return _git(repository, "rev-parse", "--is-bare-repository").output.strip() == "true"


def _clone(source: GitSource, workspace: Path) -> Path:
    repository = workspace / "repository"
    run(["git", *_OPTIONS, "init", "--quiet", "--bare", repository], extra_environment=_ENVIRONMENT)
    wanted = source.revision or source.ref or "HEAD"
    depth = ["--depth=1"] if source.shallow else []
    # "--" is not accepted before the URL by old versions; a URL that begins with a dash is refused.
    if source.url.startswith("-"):
        raise FetchError(f"'{source.url}' is not the location of a git repository")
    _git(repository, "fetch", "--quiet", *depth, source.url, f"+{wanted}:refs/heads/fetched")
    return repository


def _resolve(repository: Path, ref: str, fetched: bool) -> str:
    name = "refs/heads/fetched" if fetched else ref
    for candidate in (name,) if fetched or ref == "HEAD" else (f"refs/heads/{ref}", ref):
        try:
            return _git(
                repository, "rev-parse", "--verify", "--end-of-options", f"{candidate}^{{commit}}"
            ).output.strip()
        except CommandFailedError:
            continue
    raise FetchError(f"the git repository has no reference '{ref}'", where=str(repository))


def _commit_facts(repository: Path, revision: str) -> tuple[int, int]:
    """Number of commits up to this one, and its time in seconds since 1970."""
    shallow = _git(repository, "rev-parse", "--is-shallow-repository").output.strip() == "true"
    count = 0 if shallow else int(_git(repository, "rev-list", "--count", revision).output)
    return count, int(_git(repository, "log", "-1", "--format=%ct", "--no-show-signature", revision).output)


def _working_tree(repository: Path, source: GitSource, destination: Path) -> GitTree:
    """The tracked files as they lie there, whether they were changed or not."""
    top = Path(_git(repository, "rev-parse", "--show-toplevel").output.rstrip("\n"))
    has_commit = bool(_git(top, "rev-list", "--max-count=1", "--all").output.strip())
    changed = bool(_git(top, "status", "--porcelain", "--untracked-files=no").output.strip())
    names = [name for name in _git(top, "ls-files", "-z", "--cached").output.split("\0") if name]
    ignored = _export_ignored(top, names) if source.export_ignore else set()
    destination.mkdir()
    submodules = _submodule_locations(top, "--file", str(top / ".gitmodules")) if source.submodules else {}
    for name in names:
        if name in ignored:
            continue
        if name in submodules:
            _copy_submodule(top / name, source, destination / name)
        else:
            _copy_tracked(top / name, destination / name)
    if not has_commit:
        return GitTree(None, None, 0, 0, str(repository) if changed else None)
    base = _resolve(top, "HEAD", False)
    if not changed:
        for entry in _wanted_entries(top, base, source):
            if entry.mode == _SUBMODULE:
                (destination / entry.name).mkdir(parents=True, exist_ok=True)
    count, modified = _commit_facts(top, base)
    if changed:
        return GitTree(None, f"{base}-dirty", 0, modified, str(repository))
    return GitTree(base, None, count, modified)


def _copy_tracked(file: Path, copy: Path) -> None:
    if file.is_symlink():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(file.readlink())
    elif file.is_file():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)


def _copy_submodule(submodule: Path, source: GitSource, copy: Path) -> None:
    if not (submodule / ".git").exists():
        raise FetchError(f"the submodule '{submodule}' is not checked out", hint="git submodule update --init")
    copy.parent.mkdir(parents=True, exist_ok=True)
    _working_tree(submodule, source, copy)


def _export_ignored(top: Path, names: list[str]) -> set[str]:
    """Those names that have the attribute ``export-ignore``, or lie in a directory that has it."""
    directories = {str(parent) for name in names for parent in PurePath(name).parents} - {"."}
    if not any(name.rpartition("/")[2] == ".gitattributes" for name in names):
        return set()
    asked = "\0".join([*names, *directories]) + "\0"
    command: list[str | Path] = ["git", *_OPTIONS, "-C", top, "check-attr", "-z", "--stdin", "export-ignore"]
    fields = run(command, stdin=asked, extra_environment=_ENVIRONMENT).output.split("\0")
    ignored = {path for path, value in zip(fields[0::3], fields[2::3], strict=False) if value == "set"}
    below = {name for name in names if not ignored.isdisjoint(map(str, PurePath(name).parents))}
    return ignored | below


def _submodule_locations(repository: Path, *gitmodules: str) -> dict[str, str]:
    """The URL of every submodule by its path, from a ``.gitmodules`` that the arguments of git-config name."""
    try:
        listing = _git(repository, "config", *gitmodules, "-z", "--list").output
    except CommandFailedError:
        return {}  # there is no such file
    settings = dict(line.partition("\n")[::2] for line in listing.split("\0") if line)
    return {
        path: settings.get(key.removesuffix("path") + "url", "")
        for key, path in settings.items()
        if key.startswith("submodule.") and key.endswith(".path")
    }


def _export_submodules(repository: Path, revision: str, source: GitSource, destination: Path, workspace: Path) -> None:
    """Put the files of submodules, and of theirs, where the revision wants them."""
    locations = _submodule_locations(repository, "--blob", f"{revision}:.gitmodules")
    wanted = [entry for entry in _entries(repository, revision) if entry.mode == _SUBMODULE]
    for number, entry in enumerate(entry for entry in wanted if entry.name in locations):
        place = destination / entry.name
        if not place.is_dir():
            continue  # left out of archives
        place.rmdir()
        url = _submodule_url(repository, source, locations[entry.name])
        inner = workspace / f"submodule-{number}"
        inner.mkdir()
        fetch_git(replace(source, url=url, ref=None, revision=entry.identity), place, inner)


def _submodule_url(repository: Path, source: GitSource, url: str) -> str:
    """Where a submodule comes from. A URL that begins with ``./`` or ``../`` starts at that of the repository."""
    outer = source.url
    if _is_local(outer):
        with contextlib.suppress(CommandFailedError):
            outer = _git(repository, "config", "remote.origin.url").output.rstrip("\n")
    if url.startswith(("./", "../")):
        while url.startswith(("./", "../")):
            step, _, url = url.partition("/")
            if step == "..":
                outer = outer.rstrip("/").rpartition("/")[0]
        return f"{outer.rstrip('/')}/{url}"
    if _is_local(url) and not _is_local(source.url):
        raise FetchError(f"the submodule '{url}' of a repository from elsewhere is on this machine", where=source.url)
    return url


def _is_local(url: str) -> bool:
    """Whether the URL leads to this machine: it is a path or ``file://…``, neither ``https://…`` nor ``host:path``."""
    return url.startswith("file:") or ":" not in url.partition("/")[0]


def _export(repository: Path, revision: str, source: GitSource, destination: Path) -> GitTree:
    destination.mkdir()
    entries = _wanted_entries(repository, revision, source)
    _check_nesting(entries, repository)
    kept = None
    if any(entry.name.rpartition("/")[2] == ".gitattributes" for entry in entries):
        if source.export_ignore:
            kept = set(_archived(repository, revision))
        for entry in entries:
            if kept is None or entry.name in kept:
                _write_entry(destination / entry.name, entry.mode, _blob(repository, entry))
    else:
        # One process for all files, where no attribute can change what git packs.
        modes = {entry.name: entry.mode for entry in entries}
        for name, content in _archived(repository, revision).items():
            if name in modes:
                _write_entry(destination / name, modes[name], content)
    count, modified = _commit_facts(repository, revision)
    return GitTree(revision, None, count, modified)


@record(frozen=True)
class _Entry:
    mode: str
    identity: str
    name: str


def _entries(repository: Path, revision: str) -> Iterator[_Entry]:
    for line in _git(repository, "ls-tree", "-r", "-z", "--full-tree", revision).output.split("\0"):
        description, _, name = line.partition("\t")
        if name:
            mode, _, identity = description.split()
            if not {"", ".", ".."}.isdisjoint(name.split("/")):
                raise FetchError(f"the git repository has a file with the name '{name}'", where=str(repository))
            yield _Entry(mode, identity, name)


def _wanted_entries(repository: Path, revision: str, source: GitSource) -> list[_Entry]:
    """All entries, but for submodules that archives of the repository would not hold: those in ``.gitmodules``."""
    entries = list(_entries(repository, revision))
    if source.export_ignore and any(entry.mode == _SUBMODULE for entry in entries):
        declared = _submodule_locations(repository, "--blob", f"{revision}:.gitmodules")
        return [entry for entry in entries if entry.mode != _SUBMODULE or entry.name not in declared]
    return entries


def _check_nesting(entries: list[_Entry], repository: Path) -> None:
    """Refuse a tree where something is both a file and a directory: a link could lead writes elsewhere."""
    names = {entry.name for entry in entries}
    for name in names:
        for parent in PurePath(name).parents:
            if str(parent) in names:
                raise FetchError(
                    f"the git repository has '{parent}' as a file and as a directory", where=str(repository)
                )


def _blob(repository: Path, entry: _Entry) -> bytes:
    if entry.mode == _SUBMODULE:
        return b""
    command: list[str | Path] = ["git", *_OPTIONS, "-C", repository, "cat-file", "blob", entry.identity]
    with reading(command, extra_environment=_ENVIRONMENT) as stream:
        return stream.read()


def _archived(repository: Path, revision: str) -> dict[str, bytes]:
    """What ``git archive`` packs: everything without the attribute ``export-ignore``; links by their target."""
    command: list[str | Path] = ["git", *_OPTIONS, "-C", repository, "archive", "--format=tar", revision]
    packed = {}
    with (
        reading(command, extra_environment=_ENVIRONMENT) as stream,
        tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as archive,
    ):
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            data = b"" if content is None else content.read()
            packed[member.name.rstrip("/")] = os.fsencode(member.linkname) if member.issym() else data
    return packed


def _write_entry(path: Path, mode: str, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if mode == _SUBMODULE:  # its files are not wanted, its place is
        path.mkdir(exist_ok=True)
    elif mode == _LINK:
        path.symlink_to(os.fsdecode(content))
    else:
        path.write_bytes(content)
        path.chmod(0o755 if mode == _EXECUTABLE else 0o644)
