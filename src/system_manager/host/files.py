"""Looking at single paths, and the few ways in which activation changes them.

All paths here are real ones (see :mod:`system_manager.host.root`). Nothing follows a symbolic link in the last
part of a path. Every function raises OSError and leaves no half-made entry under the final name.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from typing import Literal

import msgspec

from system_manager.base.files import shortened, write_all
from system_manager.host import renaming
from system_manager.host.labels import set_label

_CHUNK = 1 << 16  # from 128 KiB on, each buffer would be mapped and unmapped


class Seen(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """What is at a path. Times are nanoseconds; ``text`` is a symbolic link's."""

    kind: Literal["absent", "link", "file", "directory", "other"]
    text: str = ""
    mode: int = 0
    user: int = 0
    group: int = 0
    size: int = 0
    modified: int = 0
    changed: int = 0
    inode: int = 0
    device: int = 0

    def is_same_as(self, other: Seen) -> bool:
        """Whether nobody replaced or changed it between two looks."""
        return self == other


ABSENT = Seen("absent")
NAMES = {"other": "neither file nor link", "file": "a file", "link": "a link", "directory": "a directory"}
"""What to call a kind in a sentence."""


class OtherThereError(Exception):
    """What was to be replaced is not there any more: somebody put something else in its place, or wrote to it."""


def look(path: str) -> Seen:
    """See what is at ``path``. A path below something that is no directory is absent."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    return _seen(path, status)


def _seen(path: str, status: os.stat_result) -> Seen:
    mode = status.st_mode
    text = ""
    kind: Literal["link", "file", "directory", "other"] = "other"
    if stat.S_ISLNK(mode):
        kind, text = "link", os.readlink(path)
    elif stat.S_ISREG(mode):
        kind = "file"
    elif stat.S_ISDIR(mode):
        kind = "directory"
    return Seen(
        kind,
        text,
        stat.S_IMODE(mode),
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    )


def digest_of(path: str) -> str:
    """The SHA-256 of a file's content, hexadecimal."""
    import hashlib

    sum_ = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            sum_.update(chunk)
    return sum_.hexdigest()


def temporary_beside(path: str, transaction: str) -> str:
    """The name under which a transaction makes what is renamed to ``path``: recovery knows it, and removes it."""
    directory, _, name = path.rpartition("/")
    return f"{directory}/.{shortened(name)}.{transaction}.new"


def is_same_entry(first: str, second: str) -> bool:
    """Whether two names are hard links to one thing. False when either is absent."""
    try:
        one, two = os.lstat(first), os.lstat(second)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)


def keep_name(path: str, saved: str) -> None:
    """Give what is at ``path`` a second name on the same file system: content and metadata stay as they are."""
    os.link(path, saved, follow_symlinks=False)


def put_link(
    path: str, text: str, *, temporary: str | None, label: bytes | None = None, replaced: Seen | None = None
) -> None:
    """Make a symbolic link at ``path``.

    With ``temporary`` it replaces what is there in one step; with None there must be nothing, and no label to give.

    :param replaced: what has to be there now; None for whatever it is.
    :raises OtherThereError: when something else is; it stays.
    """
    if temporary is None:
        try:
            os.symlink(text, path)
        except FileExistsError:
            raise OtherThereError from None
        return
    try:
        os.symlink(text, temporary)
    except FileExistsError:
        remove(temporary)
        os.symlink(text, temporary)
    set_label(temporary, label)
    _place(temporary, path, replaced)


def put_copy(
    path: str,
    source: str,
    *,
    mode: int,
    user: int,
    group: int,
    temporary: str,
    replaced: Seen,
    label: bytes | None = None,
) -> str:
    """Put a copy of ``source`` at ``path`` in one step, with its final owner, mode and label from the first moment.

    Returns the SHA-256 of the content. The data is not flushed to disk: see :func:`make_durable`.

    :param replaced: what has to be there now.
    :raises OtherThereError: when something else is; it stays.
    """
    import hashlib

    sum_ = hashlib.sha256()
    with _opened(source) as origin, filled(temporary, new_temporary(temporary)) as target:
        while chunk := os.read(origin, _CHUNK):
            sum_.update(chunk)
            write_all(target, chunk)
        _own(target, user, group)
        os.fchmod(target, mode)
        set_label(target, label)
    _place(temporary, path, replaced)
    return sum_.hexdigest()


@contextlib.contextmanager
def _opened(path: str, flags: int = 0) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def new_file(path: str) -> int:
    """Open a new file for writing. There must be nothing at ``path``."""
    # 0600: until owner and mode are final, nobody else can open it.
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def new_temporary(path: str) -> int:
    """As :func:`new_file`, but what a killed run left under the name goes."""
    try:
        return new_file(path)
    except FileExistsError:
        remove(path)
        return new_file(path)


@contextlib.contextmanager
def filled(path: str, descriptor: int) -> Iterator[int]:
    """Fill a new file, which is open: afterwards it is closed, and if anything failed it is gone."""
    try:
        yield descriptor
    except BaseException:
        remove(path)
        raise
    finally:
        os.close(descriptor)


def replace_content(path: str, data: bytes, *, temporary: str) -> None:
    """Give a file another content in one step; owner, mode and attributes (ACLs, SELinux labels) stay. Durable."""
    with _opened(path, os.O_NOFOLLOW) as origin, filled(temporary, new_temporary(temporary)) as target:
        write_all(target, data)
        _make_like(target, origin, os.fstat(origin))
        os.fsync(target)
    _rename(temporary, path)


def put_second_name(path: str, saved: str, *, temporary: str, replaced: Seen) -> None:
    """Put what is at ``saved`` at ``path`` too, in one step; ``saved`` stays. Across file systems it is copied.

    :param replaced: what has to be there now.
    :raises OtherThereError: when something else is; it stays.
    """
    remove(temporary)
    duplicate(saved, temporary)
    _place(temporary, path, replaced)
    # Renaming one hard link over another of the same file does nothing, and leaves both.
    remove(temporary)


def duplicate(path: str, copy: str) -> None:
    """Make ``copy`` the same thing as ``path``: a hard link, or across file systems an equal file or link."""
    try:
        keep_name(path, copy)
    except OSError as error:
        import errno

        if error.errno not in {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP}:
            raise
        copy_whole(path, copy)


def copy_whole(path: str, copy: str) -> None:
    """Copy a file or link: content, mode, owner, extended attributes (ACLs, SELinux labels) and times; durable."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(path), copy)
        os.lchown(copy, status.st_uid, status.st_gid)
    else:
        with _opened(path, os.O_NOFOLLOW) as origin, filled(copy, new_file(copy)) as target:
            while chunk := os.read(origin, _CHUNK):
                write_all(target, chunk)
            _make_like(target, origin, status)
            os.fsync(target)
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def _make_like(target: int, origin: int, status: os.stat_result) -> None:
    """Give an open file the owner, mode and extended attributes (ACLs, SELinux labels) of another one."""
    _own(target, status.st_uid, status.st_gid)
    os.fchmod(target, stat.S_IMODE(status.st_mode))
    for name in os.listxattr(origin):
        os.setxattr(target, name, os.getxattr(origin, name))


def remove(path: str) -> None:
    """Remove a file or link; nothing there is fine, also on a file system that is read-only."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        if os.path.lexists(path):
            raise


def remove_within(directory: str, names: Collection[str] | None = None) -> None:
    """Remove files and links of these names from a directory, or all that are in it. What is not there is fine."""
    with _opened(directory, os.O_DIRECTORY | os.O_NOFOLLOW) as descriptor:
        if names is None:
            with os.scandir(descriptor) as entries:
                # As they lie on disk, which is faster than as they are listed.
                names = [entry.name for entry in sorted(entries, key=os.DirEntry.inode)]
        for name in names:
            try:
                os.unlink(name, dir_fd=descriptor)
            except FileNotFoundError:
                continue
            except OSError as error:
                error.filename = f"{directory}/{name}"
                raise


def _rename(temporary: str, path: str) -> None:
    try:
        os.rename(temporary, path)
    except BaseException:
        remove(temporary)
        raise


def _place(temporary: str, path: str, replaced: Seen | None) -> None:
    """Rename, and replace nothing but what is known: an edit that came at the last moment is not lost."""
    try:
        if replaced is None:
            os.rename(temporary, path)
        elif replaced.kind == "absent":
            renaming.rename_new(temporary, path)
        elif not renaming.exchange(temporary, path):
            if not _is_still(look(path), replaced):
                raise OtherThereError
            os.rename(temporary, path)
        elif not _is_still(look(temporary), replaced):
            renaming.exchange(temporary, path)
            raise OtherThereError
        else:
            remove(temporary)
    except BaseException as error:
        remove(temporary)
        if isinstance(error, FileExistsError) or (isinstance(error, FileNotFoundError) and _is_gone(path, replaced)):
            raise OtherThereError from None
        raise


def _is_gone(path: str, replaced: Seen | None) -> bool:
    return replaced is not None and replaced.kind != "absent" and not os.path.lexists(path)


def _is_still(now: Seen, before: Seen) -> bool:
    """Whether it is the same thing, and nobody has written to it: having got another name changes its ctime, and in an
    overlay its number."""
    now, before = (msgspec.structs.replace(seen, changed=0, inode=0, device=0) for seen in (now, before))
    return now == before


def set_directory(path: str, *, mode: int, user: int, group: int) -> None:
    """Give a directory an owner and then a mode; what became a link meanwhile is refused."""
    with _opened(path, os.O_DIRECTORY | os.O_NOFOLLOW) as descriptor:
        _own(descriptor, user, group)
        os.fchmod(descriptor, mode)


def write_soon(descriptor: int) -> None:
    """Have what was written to an open file on its way to disk, so that it is there when something else is flushed, and
    its own flush has nothing left to wait for. A hint, nothing more."""
    with contextlib.suppress(OSError):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _own(descriptor: int, user: int, group: int) -> None:
    # Owner before mode: chown clears set-user-id bits. Skipped when right, so that no privilege is needed then.
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (user, group):
        os.fchown(descriptor, user, group)


_FEW = 64


def make_durable(files: Collection[str], directories: Collection[str], *, whole: Collection[str] = ()) -> None:
    """Wait until the content of ``files`` and the entries of ``directories`` are on disk.

    A few are flushed one by one; for many, each file system is flushed once (``syncfs(2)``), which costs one
    journal commit instead of thousands.

    :param whole: directories whose file systems are flushed in any case.
    """
    flushed: set[int] = set()
    many = len(files) + len(directories) > _FEW
    for path in (*whole, *(directories if many else ())):
        device = _device(path)
        if device is not None and device not in flushed:
            _with_descriptor(path, os.O_RDONLY | os.O_DIRECTORY, _sync_file_system)
            flushed.add(device)
    for path in files:
        if not many and _device(os.path.dirname(path)) not in flushed:
            _with_descriptor(path, os.O_RDONLY | os.O_NOFOLLOW, os.fsync)
    for path in directories:
        if not many and _device(path) not in flushed:
            _with_descriptor(path, os.O_RDONLY | os.O_DIRECTORY, os.fsync)


def _device(directory: str) -> int | None:
    try:
        return os.stat(directory).st_dev
    except (FileNotFoundError, NotADirectoryError):  # it made way for something else after it was noted
        return None


def _with_descriptor(path: str, flags: int, action: Callable[[int], None]) -> None:
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        action(descriptor)
    finally:
        os.close(descriptor)


def _sync_file_system(descriptor: int) -> None:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if library.syncfs(descriptor) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
