"""Refusing what a derivation asks for and cannot have here, before anything is built."""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.store.building.environment import structured_attributes
from system_manager.store.building.settings import BuildSettings
from system_manager.store.derivation import Derivation
from system_manager.store.errors import BuildFailedError
from system_manager.store.paths import StorePath

_FEATURES = frozenset({"benchmark", "big-parallel"})
_REFUSED = {
    "__noChroot": "wants to be built outside the sandbox",
    "exportReferencesGraph": "wants a file with the graph of its references",
    "__impure": "is impure",
    "__contentAddressed": "is content-addressed",
}


def refuse_unsupported(path: StorePath, derivation: Derivation, settings: BuildSettings) -> None:
    """Raise :class:`BuildFailedError` if this derivation cannot be built by a process here."""
    attributes: Mapping[str, object] = structured_attributes(derivation) or derivation.environment
    for name, what in _REFUSED.items():
        if attributes.get(name):
            raise BuildFailedError(f"the derivation {what} ('{name}'), which is not supported", where=str(path))
    if derivation.platform not in (settings.system, "builtin"):
        raise BuildFailedError(
            f"a '{derivation.platform}' is needed to build this derivation, and this machine is a '{settings.system}'",
            where=str(path),
        )
    features = attributes.get("requiredSystemFeatures", ())
    wanted = features.split() if isinstance(features, str) else features
    missing = [str(name) for name in wanted if name not in _FEATURES] if isinstance(wanted, list | tuple) else []
    if missing:
        raise BuildFailedError(
            f"the derivation needs features that this machine does not offer: {', '.join(missing)}", where=str(path)
        )
