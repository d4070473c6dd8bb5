"""Where a store keeps its things, under a root directory of its own choosing."""

from __future__ import annotations

from system_manager.base.records import field, record
from system_manager.base.type_hints import Path
from system_manager.store.paths import StorePath


@record(frozen=True)
class StoreLayout:
    """Real locations of a store whose logical directory is always ``/nix/store``.

    :ivar root: ``/`` for the machine's own store.
    :ivar store_directory: the real directory behind ``/nix/store``.
    """

    root: Path
    store_directory: Path = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "store_directory", self.root / "nix/store")

    @property
    def state_directory(self) -> Path:
        """Everything that is mutable: database, roots, profiles."""
        return self.root / "nix/var/nix"

    @property
    def database_directory(self) -> Path:
        """Holds ``db.sqlite``, ``schema``, ``reserved`` and ``big-lock``."""
        return self.state_directory / "db"

    @property
    def database(self) -> Path:
        """The SQLite database of valid paths."""
        return self.database_directory / "db.sqlite"

    @property
    def roots_directory(self) -> Path:
        """Links to what must be kept."""
        return self.state_directory / "gcroots"

    @property
    def automatic_roots_directory(self) -> Path:
        """Links to links anywhere on the machine; they go stale when the user removes those."""
        return self.roots_directory / "auto"

    @property
    def profiles_directory(self) -> Path:
        """Numbered generations; each is a root."""
        return self.state_directory / "profiles"

    @property
    def temporary_roots_directory(self) -> Path:
        """One file for each running process with the paths that it needs."""
        return self.state_directory / "temproots"

    @property
    def collector_lock(self) -> Path:
        """Held exclusively while garbage is collected."""
        return self.state_directory / "gc.lock"

    @property
    def build_users_directory(self) -> Path:
        """One locked file for each user id that builds right now."""
        return self.state_directory / "userpool2"

    @property
    def links_directory(self) -> Path:
        """Hard links by content, if Nix's store optimisation made any."""
        return self.store_directory / ".links"

    @property
    def log_directory(self) -> Path:
        """What builders printed, by derivation."""
        return self.root / "nix/var/log/nix/drvs"

    def real_path(self, path: StorePath) -> Path:
        """Where the content of a store path really is."""
        return self.store_directory / path.base_name

    def log_file(self, derivation: StorePath) -> Path:
        """The compressed log of a build, where ``nix log`` looks for it."""
        base_name = derivation.base_name
        return self.log_directory / base_name[:2] / f"{base_name[2:]}.bz2"
