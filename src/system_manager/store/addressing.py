"""How store paths are computed.

The digits of a store path are 160 bits folded from the SHA-256 of a fingerprint
``<type>:sha256:<hash>:/nix/store:<name>``; Nix manual, "Store path specification".
"""

from __future__ import annotations

from system_manager.base.enumerations import Enum
from system_manager.base.records import record
from system_manager.base.type_hints import Iterable
from system_manager.store.errors import InvalidStorePathError
from system_manager.store.hashing import Hash, HashAlgorithm, compress_hash, encode_nix32, hash_bytes
from system_manager.store.paths import STORE_DIRECTORY, StorePath, check_name

_NIX32_SIZE = 20


class IngestionMethod(Enum):
    """How a file tree becomes the bytes that a content address hashes; the value is the ATerm prefix."""

    FLAT = ""  # the bytes of one regular file
    RECURSIVE = "r:"  # the Nix archive of a file tree
    TEXT = "text:"  # as FLAT, and the references go into the path


@record(frozen=True)
class ContentAddress:
    """A promise about the content of a store path, which the path itself is computed from."""

    method: IngestionMethod
    hash: Hash

    def __str__(self) -> str:
        """The spelling of the database's ``ca`` column and of ``.narinfo`` files."""
        prefix = "text" if self.method is IngestionMethod.TEXT else "fixed"
        recursive = "r:" if self.method is IngestionMethod.RECURSIVE else ""
        return f"{prefix}:{recursive}{self.hash.prefixed_nix32}"

    @classmethod
    def parse(cls, text: str) -> ContentAddress:
        """Read the spelling that ``str()`` writes; raise :class:`InvalidStorePathError` or InvalidHashError."""
        prefix, _, rest = text.partition(":")
        if prefix == "text":
            return cls(IngestionMethod.TEXT, Hash.parse(rest))
        if prefix == "fixed":
            if rest.startswith("r:"):
                return cls(IngestionMethod.RECURSIVE, Hash.parse(rest[2:]))
            return cls(IngestionMethod.FLAT, Hash.parse(rest))
        raise InvalidStorePathError(f"'{text}' is not a content address that is supported here")


def make_store_path(fingerprint_type: str, inner_hash: Hash, name: str) -> StorePath:
    """Compute the store path of a fingerprint; raise :class:`InvalidStorePathError` for a bad name."""
    check_name(name)
    fingerprint = f"{fingerprint_type}:{inner_hash.prefixed_base16}:{STORE_DIRECTORY}:{name}"
    import hashlib  # noqa: PLC0415 -- it loads OpenSSL

    digest = hashlib.sha256(fingerprint.encode()).digest()
    return StorePath(encode_nix32(compress_hash(digest, _NIX32_SIZE)), name)


def make_text_path(
    name: str, content_hash: Hash, references: Iterable[StorePath] = (), *, self_reference: bool = False
) -> StorePath:
    """Store path of a text (``builtins.toFile``, derivations) with this SHA-256."""
    return make_store_path(_with_references("text", references, self_reference), content_hash, name)


def make_fixed_output_path(
    name: str, content: ContentAddress, references: Iterable[StorePath] = (), *, self_reference: bool = False
) -> StorePath:
    """Store path of content that is known in advance, or of a source file or tree.

    Only SHA-256 of a Nix archive, and texts, can have references; others raise :class:`InvalidStorePathError`.
    """
    if content.method is IngestionMethod.TEXT:
        return make_text_path(name, content.hash, references, self_reference=self_reference)
    if content.method is IngestionMethod.RECURSIVE and content.hash.algorithm is HashAlgorithm.SHA256:
        return make_store_path(_with_references("source", references, self_reference), content.hash, name)
    if self_reference or any(True for _ in references):
        raise InvalidStorePathError(f"fixed output derivation '{name}' is not allowed to refer to other store paths")
    inner = f"fixed:out:{content.method.value}{content.hash.prefixed_base16}:"
    return make_store_path("output:out", hash_bytes(HashAlgorithm.SHA256, inner.encode()), name)


def make_output_path(output: str, modulo_hash: Hash, derivation_name: str) -> StorePath:
    """Store path of an input-addressed output of a derivation."""
    return make_store_path(f"output:{output}", modulo_hash, output_path_name(derivation_name, output))


def output_path_name(derivation_name: str, output: str) -> str:
    """Name of an output's store path: ``hello`` for ``out``, ``hello-dev`` for ``dev``."""
    return derivation_name if output == "out" else f"{derivation_name}-{output}"


def compute_text_path(name: str, text: str | bytes, references: Iterable[StorePath] = ()) -> StorePath:
    """Store path that :meth:`Store.add_text` would return."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return make_text_path(name, hash_bytes(HashAlgorithm.SHA256, data), references)


def make_placeholder(output: str) -> str:
    """What ``builtins.placeholder`` yields: replaced by the output's path when the builder runs."""
    return "/" + hash_bytes(HashAlgorithm.SHA256, f"nix-output:{output}".encode()).nix32


def _with_references(fingerprint_type: str, references: Iterable[StorePath], self_reference: bool) -> str:
    # In the order of the paths: their hash parts have one length.
    parts = [fingerprint_type, *sorted({str(path) for path in references})]
    if self_reference:
        parts.append("self")
    return ":".join(parts)
