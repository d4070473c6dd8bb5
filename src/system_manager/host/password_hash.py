"""Hashing a clear-text password with the C library's crypt(3), in this process: nobody sees it in a command line."""

from __future__ import annotations

import ctypes
import secrets

from system_manager.base.errors import SystemManagerError

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so")
_SALT_CHARACTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT_LENGTH = 16
_LENGTH_OF_THE_OLDEST = 13  # of the DES hashes of crypt(5), which begin with their salt


def hash_password(password: str) -> str:
    """A SHA-512 hash (``$6$…``, crypt(5)), which every distribution can check, with a random salt."""
    salt = "".join(secrets.choice(_SALT_CHARACTERS) for _ in range(_SALT_LENGTH))
    return hash_with_salt(password, f"$6${salt}$")


def is_hash_of(hashed: str, password: str) -> bool:
    """Whether somebody with this password could log in where ``hashed`` is stored."""
    if not hashed.startswith(("$", "_")) and len(hashed) != _LENGTH_OF_THE_OLDEST:
        return False
    try:
        return secrets.compare_digest(hash_with_salt(password, hashed), hashed)
    except (SystemManagerError, UnicodeEncodeError, TypeError):
        return False


def hash_with_salt(password: str, setting: str) -> str:
    """What crypt(3) makes of a password and a setting. Raises :class:`SystemManagerError`."""
    crypt = _library().crypt
    crypt.restype = ctypes.c_char_p
    crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    if "\0" in password:
        raise SystemManagerError("a password cannot hold a zero byte")
    hashed: bytes | None = crypt(password.encode(errors="surrogateescape"), setting.encode())
    # On failure it gives nothing, or "*0" and "*1" (crypt(3)).
    if hashed is None or hashed.startswith(b"*"):
        raise SystemManagerError("the C library cannot make a hash of this kind", where=setting[:3])
    return hashed.decode()


def _library() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise SystemManagerError(
        "a password cannot be hashed, because the library libcrypt is missing",
        hint="install it (Debian: libcrypt1, Fedora: libxcrypt), or give hashedPassword instead of password",
    )
