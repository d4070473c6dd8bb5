"""The machine's file system under an injected root directory.

Every path that the host and activation packages use is *logical*: absolute, as the managed machine sees it. A
:class:`Root` turns it into the path to open. With another root than ``/`` (an image that is being built, or a
test) a symbolic link inside it is followed inside it, so that nothing outside is ever read or changed.
"""

from __future__ import annotations

import os

from system_manager.base.errors import SystemManagerError

_MOST_LINKS = 40  # what the kernel follows before it gives up (path_resolution(7))


class LinkLoopError(SystemManagerError):
    """A path leads through more symbolic links than the kernel would follow."""


class Root:
    """Maps logical paths to real ones.

    :param path: the real directory that is the machine's ``/``.
    :param store: the real directory below which ``/nix`` is, when it is not ``path``.
    """

    __slots__ = ("path", "prefix", "store_prefix")

    def __init__(self, path: str = "/", store: str | None = None) -> None:
        self.path = os.path.abspath(path)
        self.prefix = "" if self.path == "/" else self.path
        real_store = self.path if store is None else os.path.abspath(store)
        self.store_prefix = "" if real_store == "/" else real_store

    @property
    def is_live(self) -> bool:
        """Whether this is the root of the running machine."""
        return not self.prefix

    def join(self, path: str) -> str:
        """The real path of a logical one. Links in it are not looked at."""
        if path.startswith("/nix/"):
            return self.store_prefix + path
        return self.prefix + path

    def resolve(self, path: str) -> str:
        """The *logical* path that remains when every symbolic link on the way is followed inside the root.

        Parts that do not exist are kept. Raises :class:`LinkLoopError`.
        """
        if not self.prefix and not self.store_prefix:
            return os.path.realpath(path)
        pending = path.split("/")[::-1]
        done: list[str] = []
        links = 0
        while pending:
            part = pending.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                del done[-1:]
                continue
            candidate = "/" + "/".join([*done, part])
            try:
                text = os.readlink(self.join(candidate))
            except OSError:
                done.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise LinkLoopError("too many symbolic links", where=path)
            if text.startswith("/"):
                done = []
            pending.extend(text.split("/")[::-1])
        return "/" + "/".join(done)

    def real(self, path: str) -> str:
        """The path to open for what is at ``path`` after following links inside the root."""
        if not self.prefix and not self.store_prefix:
            return path  # the kernel follows them
        return self.join(self.resolve(path))
