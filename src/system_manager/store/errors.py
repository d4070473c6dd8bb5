"""What can go wrong in the store."""

from __future__ import annotations

from system_manager.base.errors import SystemManagerError


class StoreError(SystemManagerError):
    """Root of the store's errors."""


class InvalidHashError(StoreError):
    """A text does not denote a hash."""


class InvalidStorePathError(StoreError):
    """A text is not a store path, or a name cannot be part of one."""


class InvalidDerivationError(StoreError):
    """A derivation is malformed, inconsistent, or of a kind that is not supported."""


class InvalidNarError(StoreError):
    """A Nix archive is malformed or hostile."""


class PathNotValidError(StoreError):
    """A store path is not registered as valid."""


class StoreUnavailableError(StoreError):
    """The store cannot be opened or written."""


class CorruptStoreError(StoreError):
    """The store's own records contradict each other."""


class BuildFailedError(StoreError):
    """A derivation could not be built."""


class SandboxUnavailableError(StoreError):
    """This machine does not let the process create a sandbox."""
