"""Which distribution a machine runs, from ``os-release(5)``."""

from __future__ import annotations

import shlex

from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.host.root import Root


@record(frozen=True)
class Distribution:
    """``id`` is lower case, e.g. ``debian``; ``like`` names the distributions it is derived from, nearest first."""

    id: str
    version_id: str
    like: tuple[str, ...]


def parse_os_release(text: str) -> dict[str, str]:
    """The assignments of an ``os-release`` file, unquoted as a shell would; other lines are passed over."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, raw = line.strip().partition("=")
        if not equals or not name.isidentifier():
            continue
        try:
            words = shlex.split(raw, comments=False)
        except ValueError:
            continue
        values[name] = words[0] if words else ""
    return values


def read_distribution(root: Root) -> Distribution:
    """Read ``/etc/os-release``, else ``/usr/lib/os-release``."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(root.real(path), encoding="utf-8", errors="replace") as file:
                values = parse_os_release(file.read())
        except OSError:
            continue
        return Distribution(
            id=values.get("ID", "linux"),
            version_id=values.get("VERSION_ID", ""),
            like=tuple(values.get("ID_LIKE", "").split()),
        )
    raise SystemManagerError(
        "this machine does not say which distribution it runs",
        where="/etc/os-release",
        hint="restore the file from the package that ships it (Debian: base-files)",
    )
