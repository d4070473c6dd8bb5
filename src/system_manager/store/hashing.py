"""Hashes as Nix writes them.

Four spellings of the same bytes: base 16, Nix's own base 32, base 64, and the W3C's SRI form
``sha256-<base 64>``. Nix manual, "Store path specification" and ``nix hash convert``.
"""

from __future__ import annotations

from system_manager.base.enumerations import Enum
from system_manager.base.records import record
from system_manager.base.type_hints import Protocol
from system_manager.store.errors import InvalidHashError

NIX32_ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"  # no e, o, t, u: no accidental words

_NIX32_PAIRS = [high + low for high in NIX32_ALPHABET for low in NIX32_ALPHABET]
_NIX32_VALUES = {character: value for value, character in enumerate(NIX32_ALPHABET)}


_DIGEST_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}


class HashAlgorithm(Enum):
    """The algorithms that Nix accepts without experimental features; the value is Nix's name."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"

    def __init__(self, spelling: str) -> None:
        # Read millions of times; the attributes that every enum has are computed each time.
        self.spelling = spelling
        """Nix's name."""
        self.digest_size = _DIGEST_SIZES[spelling]
        """Length of a digest, in bytes."""

    @classmethod
    def parse(cls, name: str) -> HashAlgorithm:
        """Look an algorithm up by Nix's name; raise :class:`InvalidHashError`."""
        try:
            return cls(name)
        except ValueError:
            raise InvalidHashError(
                f"unknown hash algorithm '{name}'", hint="use 'md5', 'sha1', 'sha256' or 'sha512'"
            ) from None


def encode_nix32(data: bytes) -> str:
    """Write bytes in Nix's base 32: a little-endian number, most significant digit first."""
    length = nix32_length(len(data))
    number = int.from_bytes(data, "little")
    # Two digits at a time: this runs for every store path that is computed.
    pairs = _NIX32_PAIRS
    digits = [pairs[(number >> shift) & 1023] for shift in range(10 * ((length - 1) // 2), -1, -10)]
    text = "".join(digits)
    return text if length % 2 == 0 else text[1:]


def nix32_length(size: int) -> int:
    """Number of base 32 digits that ``size`` bytes take."""
    return (size * 8 + 4) // 5


def decode_nix32(text: str, size: int) -> bytes:
    """Read ``size`` bytes from Nix's base 32; raise :class:`InvalidHashError`."""
    if len(text) != nix32_length(size):
        raise InvalidHashError(f"'{text}' is not {size} bytes in Nix's base 32")
    number = 0
    for character in text:
        value = _NIX32_VALUES.get(character)
        if value is None:
            raise InvalidHashError(f"invalid character '{character}' in base-32 hash '{text}'")
        number = number << 5 | value
    try:
        return number.to_bytes(size, "little")
    except OverflowError:
        raise InvalidHashError(f"the base-32 hash '{text}' has bits beyond its last byte") from None


def compress_hash(digest: bytes, size: int) -> bytes:
    """Fold a digest to ``size`` bytes by exclusive or, as store paths do with 20."""
    folded = 0
    for start in range(0, len(digest), size):
        folded ^= int.from_bytes(digest[start : start + size], "little")
    return folded.to_bytes(size, "little")


@record(frozen=True)
class Hash:
    """A digest and the algorithm that made it."""

    algorithm: HashAlgorithm
    digest: bytes

    def __post_init__(self) -> None:
        if len(self.digest) != self.algorithm.digest_size:
            raise InvalidHashError(
                f"a {self.algorithm.value} hash has {self.algorithm.digest_size} bytes, not {len(self.digest)}"
            )

    @property
    def base16(self) -> str:
        """Lower-case hexadecimal, without the algorithm."""
        return self.digest.hex()

    @property
    def nix32(self) -> str:
        """Nix's base 32, without the algorithm."""
        return encode_nix32(self.digest)

    @property
    def base64(self) -> str:
        """Padded base 64, without the algorithm."""
        import base64  # noqa: PLC0415 -- programs that do not hash save these imports

        return base64.b64encode(self.digest).decode("ascii")

    @property
    def sri(self) -> str:
        """``sha256-<base 64>``, the form that Nix shows to people."""
        return f"{self.algorithm.value}-{self.base64}"

    @property
    def prefixed_base16(self) -> str:
        """``sha256:<base 16>``, the form inside store path fingerprints and the database."""
        return f"{self.algorithm.spelling}:{self.digest.hex()}"

    @property
    def prefixed_nix32(self) -> str:
        """``sha256:<base 32>``, the form in ``.narinfo`` files and content addresses."""
        return f"{self.algorithm.value}:{self.nix32}"

    @classmethod
    def parse(cls, text: str, algorithm: HashAlgorithm | None = None) -> Hash:
        """Read any of the spellings, with or without its algorithm.

        ``algorithm`` is needed when the text has none and must agree when it has one. Raises
        :class:`InvalidHashError`.
        """
        named, separator, rest = _split_algorithm(text)
        if separator:
            found = HashAlgorithm.parse(named)
            if algorithm is not None and algorithm is not found:
                raise InvalidHashError(f"hash '{text}' should have type '{algorithm.value}'")
            return cls(found, _decode(rest, found, sri=separator == "-"))
        if algorithm is None:
            raise InvalidHashError(
                f"hash '{text}' does not include a type, nor is the type otherwise known from context",
                hint="write it as 'sha256-…' or 'sha256:…'",
            )
        return cls(algorithm, _decode(text, algorithm, sri=False))


def _split_algorithm(text: str) -> tuple[str, str, str]:
    for separator in ":-":
        before, found, after = text.partition(separator)
        if found:
            return before, separator, after
    return "", "", text


def _decode(text: str, algorithm: HashAlgorithm, *, sri: bool) -> bytes:
    import base64  # noqa: PLC0415 -- as above
    import binascii  # noqa: PLC0415 -- as above

    size = algorithm.digest_size
    if not sri:
        if len(text) == 2 * size:
            try:
                return binascii.unhexlify(text)
            except ValueError:
                raise InvalidHashError(f"invalid base-16 hash '{text}'") from None
        if len(text) == nix32_length(size):
            return decode_nix32(text, size)
    if sri or len(text) == 4 * ((size + 2) // 3):
        # Like Nix, which reads up to the first "=" and no further, and passes over line ends and bits that are left.
        digits = text.partition("=")[0].replace("\n", "")
        digits = digits[:-1] if len(digits) % 4 == 1 else digits
        try:
            digest = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
        except ValueError:
            raise InvalidHashError(f"invalid base-64 hash '{text}'") from None
        if len(digest) == size:
            return digest
    raise InvalidHashError(f"hash '{text}' has wrong length for hash algorithm '{algorithm.value}'")


class Hasher(Protocol):
    """What :mod:`hashlib` objects offer to those who feed them."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


def new_hasher(algorithm: HashAlgorithm) -> Hasher:
    """Start a running hash."""
    import hashlib  # noqa: PLC0415 -- it loads OpenSSL

    # MD5 and SHA-1 are part of Nix's formats; nothing here relies on them for security.
    return hashlib.new(algorithm.spelling, usedforsecurity=False)


def hash_bytes(algorithm: HashAlgorithm, data: bytes) -> Hash:
    """Hash a byte string."""
    import hashlib  # noqa: PLC0415 -- it loads OpenSSL

    if algorithm is HashAlgorithm.SHA256:
        # Derivations are hashed by the thousand: this one is looked up by its name twice as fast.
        return Hash(algorithm, hashlib.sha256(data).digest())
    return Hash(algorithm, hashlib.new(algorithm.spelling, data, usedforsecurity=False).digest())
