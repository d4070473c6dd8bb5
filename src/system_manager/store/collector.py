"""The garbage collector: deletes what no root needs.

Alive is what a root points to, everything that refers to, and the derivations of all that. A path that is being
written right now is a temporary root of the process that writes it. While a collector runs, nobody can add a
temporary root; so none can be missed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from pathlib import Path

from system_manager.base.records import field, record
from system_manager.base.type_hints import Iterable, Iterator
from system_manager.store.errors import InvalidStorePathError
from system_manager.store.metadata import remove_tree
from system_manager.store.paths import HASH_PART_LENGTH, STORE_DIRECTORY, StorePath
from system_manager.store.roots import find_roots
from system_manager.store.store import Store, clear_file_errors
from system_manager.store.temporary_roots import collector_lock, read_temporary_roots

_IN_USE = re.compile(STORE_DIRECTORY.encode() + rb"/[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-._?=]+")


@record(frozen=True)
class CollectorOptions:
    """What to keep, and whether to delete at all.

    :ivar keep_derivations: keep the derivations that live paths were built from.
    :ivar keep_outputs: keep the outputs of live derivations.
    :ivar include_processes: what running processes have open, mapped or in their environment is a root.
    :ivar dry_run: only say what would be deleted.
    """

    keep_derivations: bool = True
    keep_outputs: bool = False
    include_processes: bool = True
    dry_run: bool = False


@record(frozen=True)
class CollectorResult:
    """What was deleted, or would be.

    :ivar paths: store paths that were valid.
    :ivar debris: names in the store directory that were not.
    :ivar freed_bytes: disk space; 0 for a dry run.
    """

    paths: tuple[StorePath, ...]
    debris: tuple[str, ...]
    freed_bytes: int


def collect_garbage(store: Store, options: CollectorOptions | None = None) -> CollectorResult:
    """Delete what no root needs. Waits while others add roots. Raises :class:`StoreError`."""
    options = options or CollectorOptions()
    store.require_writable()
    store.flush()
    layout = store.layout
    with clear_file_errors(layout.state_directory):
        if not options.dry_run:
            # On a full disk this is what lets the database write down what is deleted.
            (layout.database_directory / "reserved").unlink(missing_ok=True)
        with collector_lock(layout, exclusive=True):
            return _Collector(store, options).run()


@record()
class _Collector:
    store: Store
    options: CollectorOptions
    graph: dict[StorePath, set[StorePath]] = field(default_factory=dict)

    def run(self) -> CollectorResult:
        layout = self.store.layout
        temporary = read_temporary_roots(layout)
        roots = {root.path for root in find_roots(layout)} | temporary
        if self.options.include_processes and layout.root == Path("/"):
            roots |= paths_in_use()
        # Read after the roots: what became valid since then is a temporary root.
        self.graph = self.store.database.references_of_all()
        alive = self._alive(roots)
        dead = [path for path in self._referrers_first() if path not in alive]
        # Lock files and build directories go with the path that they belong to, whose hash part they begin with.
        busy = {path.hash_part for path in roots} | {path.hash_part for path in alive}
        debris = sorted(self._debris(busy))
        if self.options.dry_run:
            return CollectorResult(tuple(dead), tuple(debris), 0)
        self.store.database.invalidate(dead)
        freed = 0
        for name in [*(path.base_name for path in dead), *debris]:
            freed += remove_tree(layout.store_directory / name)
        return CollectorResult(tuple(dead), tuple(debris), freed + self._remove_unused_links())

    def _alive(self, roots: Iterable[StorePath]) -> set[StorePath]:
        alive: set[StorePath] = set()
        pending = list(roots)
        database = self.store.database
        while pending:
            path = pending.pop()
            if path in alive or path not in self.graph:
                continue
            alive.add(path)
            pending.extend(self.graph[path])
            if self.options.keep_derivations and not path.is_derivation:
                pending.extend(database.valid_derivers(path))
            if self.options.keep_outputs and path.is_derivation:
                pending.extend(database.derivation_outputs(path).values())
        return alive

    def _referrers_first(self) -> list[StorePath]:
        """Every valid path before what it refers to, so that a deletion that is interrupted leaves no gap."""
        order: list[StorePath] = []
        done: set[StorePath] = set()
        for start in sorted(self.graph):
            pending = [(start, False)]
            while pending:
                path, finished = pending.pop()
                if finished:
                    order.append(path)
                elif path not in done:
                    done.add(path)
                    pending.append((path, True))
                    pending.extend((reference, False) for reference in self.graph[path] if reference not in done)
        order.reverse()
        return order

    def _debris(self, busy: set[str]) -> Iterator[str]:
        for name in os.listdir(self.store.layout.store_directory):  # noqa: PTH208 - only the names are needed
            if name == self.store.layout.links_directory.name or name[:HASH_PART_LENGTH] in busy:
                continue
            try:
                if StorePath.from_base_name(name) in self.graph:
                    continue
            except InvalidStorePathError:
                if _is_locked(self.store.layout.store_directory / name):
                    continue
            yield name

    def _remove_unused_links(self) -> int:
        """Nix's store optimisation has a name for each file's content; the last name of a file is of no use."""
        freed = 0
        with contextlib.suppress(FileNotFoundError), os.scandir(self.store.layout.links_directory) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if status.st_nlink == 1:
                    Path(entry.path).unlink()
                    freed += status.st_blocks * 512
        return freed


def _is_locked(path: Path) -> bool:
    """Whether a running Nix holds this temporary directory of its own."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def paths_in_use() -> set[StorePath]:
    """Store paths that running processes use, as far as this user may see."""
    found: set[bytes] = set()
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        # Processes end while they are looked at, and others belong to somebody else.
        with contextlib.suppress(OSError):
            for link in (process / "exe", process / "cwd", process / "root"):
                found.update(_IN_USE.findall(os.fsencode(link.readlink())))
            for file in ("maps", "environ", "cmdline"):
                found.update(_IN_USE.findall((process / file).read_bytes()))
            for descriptor in (process / "fd").iterdir():
                found.update(_IN_USE.findall(os.fsencode(descriptor.readlink())))
    paths = set()
    for text in found:
        with contextlib.suppress(InvalidStorePathError):
            paths.add(StorePath.parse(text.decode()))
    return paths
