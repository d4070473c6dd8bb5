"""SELinux: whether it is there, and which label the machine's policy has for a path (selabel_lookup(3))."""

from __future__ import annotations

import errno
import os

from system_manager.base.errors import SystemManagerError
from system_manager.host.root import Root

ATTRIBUTE = "security.selinux"
_MOUNTED = "/sys/fs/selinux"
_LIBRARY = "libselinux.so.1"
_FILE_CONTEXTS = 0  # SELABEL_CTX_FILE
_PATH_OPTION = 3  # SELABEL_OPT_PATH


class LabelError(SystemManagerError):
    """The policy cannot be asked."""


def is_enforced(root: Root) -> bool:
    """Whether SELinux refuses what the policy does not allow, see selinux(8)."""
    try:
        with open(root.join(f"{_MOUNTED}/enforce"), encoding="ascii") as file:
            return file.read().strip() == "1"
    except OSError:
        return False


def find_labels(root: Root) -> Labels | None:
    """The policy of the running machine; None where SELinux is off. Raises :class:`LabelError`."""
    return Labels() if root.is_live and os.path.exists(f"{_MOUNTED}/enforce") else None


class Labels:
    """The file contexts of a policy.

    :param contexts: a file as in file_contexts(5); None for the machine's own policy.
    """

    def __init__(self, contexts: str | None = None) -> None:
        import ctypes

        class Option(ctypes.Structure):
            """``struct selinux_opt``."""

            _fields_ = (("type", ctypes.c_int), ("value", ctypes.c_char_p))

        self._ctypes = ctypes
        try:
            self._library = ctypes.CDLL(_LIBRARY, use_errno=True)
        except OSError:
            raise LabelError(
                "SELinux is on, and its library is not installed", where=_LIBRARY, hint="install libselinux"
            ) from None
        self._library.selabel_open.restype = ctypes.c_void_p
        options = (Option * 1)(Option(_PATH_OPTION, None if contexts is None else os.fsencode(contexts)))
        self._handle = self._library.selabel_open(
            ctypes.c_uint(_FILE_CONTEXTS), options, ctypes.c_uint(0 if contexts is None else 1)
        )
        if not self._handle:
            reason = os.strerror(ctypes.get_errno())
            raise LabelError(f"the file contexts of SELinux's policy cannot be read: {reason}", where=contexts)

    def of(self, path: str, mode: int) -> bytes | None:
        """The label for a logical path; None when the policy has none for it.

        :param mode: with the type of the file, as in ``st_mode``.
        """
        ctypes = self._ctypes
        label = ctypes.c_char_p()
        found = self._library.selabel_lookup_raw(
            ctypes.c_void_p(self._handle), ctypes.byref(label), os.fsencode(path), ctypes.c_int(mode)
        )
        if found != 0:
            code = ctypes.get_errno()
            if code == errno.ENOENT:
                return None
            raise LabelError(f"SELinux's policy says nothing: {os.strerror(code)}", where=path)
        value: bytes | None = label.value
        self._library.freecon(label)
        return value


def label_of(path: str) -> bytes | None:
    """The label that a path has, a link its own; None for none. Raises OSError."""
    try:
        return os.getxattr(path, ATTRIBUTE, follow_symlinks=False).rstrip(b"\0")
    except OSError as error:
        if error.errno in {errno.ENODATA, errno.EOPNOTSUPP}:
            return None
        raise


def set_label(place: str | int, label: bytes | None) -> None:
    """Give a path or an open file its label, unless it has it. A link is not followed. Raises OSError."""
    if label is None:
        return
    # The kernel's own way to write it ends with a zero byte.
    label += b"\0"
    follow = isinstance(place, int)
    try:
        if os.getxattr(place, ATTRIBUTE, follow_symlinks=follow).rstrip(b"\0") + b"\0" == label:
            return
    except OSError as error:
        if error.errno not in {errno.ENODATA, errno.EOPNOTSUPP}:
            raise
    try:
        os.setxattr(place, ATTRIBUTE, label, follow_symlinks=follow)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:  # a file system without labels of its own
            raise
