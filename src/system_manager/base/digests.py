"""Digests by which caches tell contents apart: BLAKE2b, 32 bytes.

``hashlib`` has the same function and loads OpenSSL for the others, which takes longer than many an evaluation.
"""

from __future__ import annotations

from system_manager.base.type_hints import BinaryIO

try:
    from _blake2 import blake2b
except ImportError:  # a Python that was built without its own hash functions
    from hashlib import blake2b

_PIECE = 1024 * 1024


def new_digest(data: bytes = b"") -> blake2b:
    """A running digest."""
    return blake2b(data, digest_size=32)


def content_digest(data: bytes) -> str:
    """The digest of some bytes, in hexadecimal."""
    return new_digest(data).hexdigest()


def file_digest(file: BinaryIO) -> str:
    """The digest of the rest of a file, in hexadecimal. Raises OSError."""
    digest = new_digest()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
