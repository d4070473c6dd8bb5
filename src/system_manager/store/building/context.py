"""What builders that run inside this process are given, and what they look like."""

from __future__ import annotations

from pathlib import Path

from system_manager.base.events import BuildOutput, NullObserver, Observer
from system_manager.base.records import field, record
from system_manager.base.type_hints import Iterable, Mapping, Protocol
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError
from system_manager.store.layout import StoreLayout
from system_manager.store.paths import StorePath


@record(frozen=True)
class BuildContext:
    """The surroundings of one build.

    :ivar path: the derivation's own store path.
    :ivar closure: the inputs and all that they refer to.
    """

    path: StorePath
    derivation: Derivation
    layout: StoreLayout
    observer: Observer = field(default_factory=NullObserver)
    closure: Iterable[StorePath] = ()

    def real_path(self, text: str) -> Path:
        """Where a path at or below a store path, or any other absolute path, really is."""
        if text.startswith("/nix/store/"):
            return self.layout.store_directory / text[len("/nix/store/") :]
        return Path(text)

    def log(self, line: str) -> None:
        """Say something to whoever watches the build."""
        self.observer.notify(BuildOutput(str(self.path), line))


class Builder(Protocol):
    """A builder that runs inside this process.

    :param environment: the derivation's environment, with placeholders of outputs replaced.
    :param outputs: real locations that it has to make, by output name. Nothing is there yet.

    It raises :class:`SystemManagerError` or OSError when it cannot.
    """

    def __call__(
        self, environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext, /
    ) -> None: ...


@record(frozen=True)
class BuiltinBuilder:
    """A builder with what the scheduler needs to know about it.

    :ivar is_quick: takes no longer than writing its output, so that a thread for it would only cost time.
    """

    build: Builder
    is_quick: bool = True


def require(environment: Mapping[str, str], name: str, context: BuildContext) -> str:
    """The value of a variable that a builder cannot do without."""
    try:
        return environment[name]
    except KeyError:
        raise BuildFailedError(
            f"builder '{context.derivation.builder}' needs the attribute '{name}'", where=str(context.path)
        ) from None
