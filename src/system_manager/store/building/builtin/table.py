"""The builders that the store brings along, by the name that derivations use."""

from __future__ import annotations

from system_manager.base.type_hints import Mapping
from system_manager.store.building.builtin.environment import build_environment
from system_manager.store.building.builtin.farm import build_link_farm
from system_manager.store.building.builtin.fetch import build_fetchurl
from system_manager.store.building.builtin.text import build_text
from system_manager.store.building.context import BuiltinBuilder

BUILDERS: Mapping[str, BuiltinBuilder] = {
    "builtin:build-env": BuiltinBuilder(build_environment),
    "builtin:fetchurl": BuiltinBuilder(build_fetchurl, is_quick=False),
    "builtin:link-farm": BuiltinBuilder(build_link_farm),
    "builtin:write-text": BuiltinBuilder(build_text),
}
