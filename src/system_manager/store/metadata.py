"""The state in which files rest in the store, and how to remove them from there.

Files are 0444, or 0555 if executable; directories 0555; all belong to the store's owner, without extended
attributes, and were last modified one second after the beginning of 1970.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from system_manager.base.type_hints import BinaryIO, Iterator, cast
from system_manager.store.errors import StoreError

_TIME = 1


@contextlib.contextmanager
def new_store_file(path: Path, *, executable: bool = False) -> Iterator[BinaryIO]:
    """Write a new regular file that is in the resting state when the body ends. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        yield cast(BinaryIO, file)
        file.flush()
        os.fchmod(file.fileno(), 0o555 if executable else 0o444)
        os.utime(file.fileno(), (_TIME, _TIME))


def write_store_file(path: Path, data: bytes, *, executable: bool = False) -> None:
    """Make a regular file with this content, in the resting state. Raises OSError."""
    with new_store_file(path, executable=executable) as file:
        file.write(data)


def canonicalise(path: Path, *, builder_user: int | None = None) -> None:
    """Put a file tree into its resting state. Links are not followed.

    :param builder_user: the only user whose files are accepted. A builder could otherwise link a file of
        somebody else into its output, and have us change that file's permissions.

    Raises OSError, and :class:`StoreError` for a file of a type that cannot be in the store.
    """
    owner, group = os.geteuid(), os.getegid()
    seen: set[tuple[int, int]] = set()
    pending = [os.fsencode(path)]
    while pending:
        current = pending.pop()
        status = os.lstat(current)
        inode = (status.st_dev, status.st_ino)
        if inode in seen:
            continue  # another name of a file that is done
        seen.add(inode)
        if builder_user is not None and status.st_uid != builder_user:
            raise StoreError(f"invalid ownership on file '{os.fsdecode(current)}'")
        _canonicalise_one(current, status, owner, group)
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(current) as entries:
                pending.extend(entry.path for entry in entries)


def _canonicalise_one(path: bytes, status: os.stat_result, owner: int, group: int) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        raise StoreError(
            f"file '{os.fsdecode(path)}' has an unsupported type",
            hint="only regular files, directories and symbolic links can be in the store",
        )
    _strip_attributes(path)
    if status.st_uid != owner:
        os.chown(path, owner, group, follow_symlinks=False)
    if kind != stat.S_IFLNK:
        mode = 0o555 if kind == stat.S_IFDIR or status.st_mode & stat.S_IXUSR else 0o444
        if stat.S_IMODE(status.st_mode) != mode or status.st_uid != owner:
            os.chmod(path, mode)  # noqa: PTH101 - names as bytes
    if status.st_mtime_ns != _TIME * 10**9:
        os.utime(path, (_TIME, _TIME), follow_symlinks=False)


def _strip_attributes(path: bytes) -> None:
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENODATA):
            return
        raise
    for name in names:
        # The machine's security module labels files as it must; those labels are not ours to remove.
        if name != "security.selinux":
            os.removexattr(path, name, follow_symlinks=False)


def remove_tree(path: Path) -> int:
    """Remove whatever is at ``path``, read-only and arbitrarily deep directories included.

    Returns the number of bytes freed. Raises OSError. Nothing at all at ``path`` is fine.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0
    if not stat.S_ISDIR(status.st_mode):
        path.unlink()
        return _freed(status)
    return _remove_directory(os.fsencode(path))


def _remove_directory(top: bytes) -> int:
    """Remove a directory tree, lifting each deeper directory to the top first.

    Neither the depth of the recursion nor the length of a path name then depends on what a builder made.
    """
    freed = 0
    lifted: list[bytes] = []
    count = 0
    directory: bytes | None = top
    while directory is not None:
        os.chmod(directory, 0o700)  # noqa: PTH101 - names as bytes
        with os.scandir(directory) as entries:
            found = list(entries)
        for entry in found:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                os.chmod(entry.path, 0o700)  # noqa: PTH101 - the move changes its "..", which needs write permission
                if directory is top:
                    lifted.append(entry.path)
                else:
                    destination, count = _free_name(top, count)
                    os.rename(entry.path, destination)  # noqa: PTH104 - names as bytes
                    lifted.append(destination)
            else:
                os.unlink(entry.path)  # noqa: PTH108 - names as bytes
                freed += _freed(status)
        if directory is not top:
            os.rmdir(directory)  # noqa: PTH106 - names as bytes
        directory = lifted.pop() if lifted else None
    os.rmdir(top)  # noqa: PTH106 - names as bytes
    return freed


def _free_name(top: bytes, count: int) -> tuple[bytes, int]:
    while True:
        count += 1
        name = b"%s/.removed-%d" % (top, count)
        if not os.path.lexists(name):
            return name, count


def _freed(status: os.stat_result) -> int:
    return status.st_blocks * 512 if status.st_nlink == 1 else 0


def remove_quietly(path: Path) -> None:
    """Remove what is at ``path`` if possible, while another error is on its way to the user."""
    with contextlib.suppress(OSError):
        remove_tree(path)
