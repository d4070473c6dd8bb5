"""Store paths: ``/nix/store/<32 digits of base 32>-<name>``; :mod:`.addressing` computes them."""

from __future__ import annotations

from system_manager.base.records import record
from system_manager.store.errors import InvalidStorePathError

STORE_DIRECTORY = "/nix/store"
"""The logical store directory. It is part of every fingerprint, so it never depends on where the store is."""

HASH_PART_LENGTH = 32
MAXIMUM_NAME_LENGTH = (
    211  # 255, the limit of most file systems, less the hash part, its dash, and room for ".drv.chroot"
)
DERIVATION_EXTENSION = ".drv"

# No patterns: importing ``re`` would take longer than starting many a program takes otherwise.
_NAME = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?=")
_HASH_PART = frozenset("0123456789abcdfghijklmnpqrsvwxyz")


def check_name(name: str) -> None:
    """Raise :class:`InvalidStorePathError` unless ``name`` may follow the hash part of a store path."""
    if not name:
        raise InvalidStorePathError("name must not be empty")
    if len(name) > MAXIMUM_NAME_LENGTH:
        raise InvalidStorePathError(f"name '{name}' must be no longer than {MAXIMUM_NAME_LENGTH} characters")
    if name[0] == "." and (dots := name.partition("-")[0]) in (".", ".."):
        if dots == name:
            raise InvalidStorePathError(f"name '{name}' is not valid")
        raise InvalidStorePathError(f"name '{name}' is not valid: first dash-separated component must not be '{dots}'")
    if not _NAME.issuperset(name):
        illegal = next(character for character in name if character not in _NAME)
        raise InvalidStorePathError(
            f"name '{name}' contains illegal character '{illegal}'",
            hint="use only letters, digits and the characters + - . _ ? =",
        )


@record(frozen=True)
class StorePath:
    """One entry of the store; printed in full by ``str()``. Ordered as Nix orders them: by base name."""

    hash_part: str
    name: str

    @property
    def base_name(self) -> str:
        """The file name inside the store directory: hash part, dash, name."""
        return f"{self.hash_part}-{self.name}"

    def __str__(self) -> str:
        return f"{STORE_DIRECTORY}/{self.hash_part}-{self.name}"

    def __lt__(self, other: StorePath) -> bool:
        return (self.hash_part, self.name) < (other.hash_part, other.name)

    def __hash__(self) -> int:
        # The hash part alone tells paths apart, and text remembers its hash; sets of paths are everywhere.
        return hash(self.hash_part)

    @property
    def is_derivation(self) -> bool:
        """Whether the name ends in ``.drv``."""
        return self.name.endswith(DERIVATION_EXTENSION)

    @classmethod
    def from_base_name(cls, base_name: str) -> StorePath:
        """Read ``<hash part>-<name>``; raise :class:`InvalidStorePathError`."""
        if len(base_name) < HASH_PART_LENGTH + 1:
            raise InvalidStorePathError(f"'{base_name}' is too short to be a valid store path")
        hash_part, name = base_name[:HASH_PART_LENGTH], base_name[HASH_PART_LENGTH + 1 :]
        if base_name[HASH_PART_LENGTH] != "-":
            raise InvalidStorePathError(
                f"'{base_name}' cannot name a store path because the hash part is not followed by a '-'"
            )
        if not _HASH_PART.issuperset(hash_part):
            raise InvalidStorePathError(f"the hash part of store path '{base_name}' is not base 32")
        try:
            check_name(name)
        except InvalidStorePathError as error:
            raise InvalidStorePathError(f"path '{base_name}' is not a valid store path: {error.what}") from None
        return cls(hash_part, name)

    @classmethod
    def parse(cls, text: str) -> StorePath:
        """Read a full store path, exactly ``/nix/store/<base name>``; raise :class:`InvalidStorePathError`."""
        directory, _, base_name = text.rpartition("/")
        if directory != STORE_DIRECTORY:
            raise InvalidStorePathError(f"path '{text}' is not in the Nix store")
        return cls.from_base_name(base_name)

    @classmethod
    def containing(cls, text: str) -> tuple[StorePath, str]:
        """Split a path at or below a store path into that and the rest (``""`` or ``/…``).

        Raises :class:`InvalidStorePathError`, for the store directory itself too.
        """
        prefix = STORE_DIRECTORY + "/"
        if not text.startswith(prefix):
            raise InvalidStorePathError(f"path '{text}' is not in the Nix store")
        base_name, slash, rest = text[len(prefix) :].partition("/")
        return cls.from_base_name(base_name), slash + rest
