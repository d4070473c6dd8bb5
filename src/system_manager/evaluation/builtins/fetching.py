"""``fetchurl``, ``fetchTarball``, ``fetchGit`` and ``fetchTree``: sources that are brought here while evaluating.

Only their names are here. What does the work is imported when one of them is called, since few programs do.
"""

from __future__ import annotations

from system_manager.base.type_hints import Iterator, Protocol
from system_manager.evaluation.state import EvaluationState
from system_manager.language.builtins.registry import Builtin
from system_manager.language.errors import EvaluationError
from system_manager.language.runtime import Lazy, Value


class _Fetchers(Protocol):
    def fetch_url(self, arguments: Lazy) -> Value: ...

    def fetch_tarball(self, arguments: Lazy) -> Value: ...

    def fetch_git(self, arguments: Lazy) -> Value: ...

    def fetch_tree(self, arguments: Lazy) -> Value: ...

    def close(self) -> None: ...


class FetchBuiltins:
    """Loads :class:`system_manager.evaluation.fetching.fetchers.Fetchers` on the first call."""

    def __init__(self, state: EvaluationState) -> None:
        self._state = state
        self._loaded: _Fetchers | None = None

    def close(self) -> None:
        """Remove what was downloaded."""
        if self._loaded is not None:
            self._loaded.close()

    def builtins(self) -> Iterator[Builtin]:
        """The records for the evaluator."""
        yield Builtin("fetchurl", 1, self.fetch_url, "Download a file; its store path.")
        yield Builtin("fetchTarball", 1, self.fetch_tarball, "Download and unpack an archive; its store path.")
        yield Builtin("fetchGit", 1, self.fetch_git, "Fetch a git repository; a set with `outPath`, `rev` and more.")
        yield Builtin("fetchTree", 1, self.fetch_tree, "Fetch a source described by a set or a URL.")
        yield Builtin("fetchMercurial", 1, fetch_mercurial, "Not supported.")

    def fetch_url(self, arguments: Lazy) -> Value:
        """See :meth:`Fetchers.fetch_url`."""
        return self._fetchers().fetch_url(arguments)

    def fetch_tarball(self, arguments: Lazy) -> Value:
        """See :meth:`Fetchers.fetch_tarball`."""
        return self._fetchers().fetch_tarball(arguments)

    def fetch_git(self, arguments: Lazy) -> Value:
        """See :meth:`Fetchers.fetch_git`."""
        return self._fetchers().fetch_git(arguments)

    def fetch_tree(self, arguments: Lazy) -> Value:
        """See :meth:`Fetchers.fetch_tree`."""
        return self._fetchers().fetch_tree(arguments)

    def _fetchers(self) -> _Fetchers:
        if self._loaded is None:
            from system_manager.evaluation.fetching.fetchers import Fetchers  # noqa: PLC0415 -- see the module

            self._loaded = Fetchers(self._state)
        return self._loaded


def fetch_mercurial(_arguments: Lazy) -> Value:
    """Refused in plain words."""
    raise EvaluationError("fetching Mercurial repositories is not supported", hint="use fetchGit or fetchTarball")
