"""Where a package's files would be if it were built for the Nix store: ``bin/nginx`` for ``/usr/sbin/nginx``.

Modules written for NixOS say ``${pkgs.nginx}/bin/nginx``. So every file of a distribution package gets a place
relative to its store path, and the link there leads to where the package really puts the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from system_manager.host.packages import ArchiveEntry, EntryKind

# Of two programs with the same name the one in the earlier directory is meant, as in PATH.
_PROGRAMS = ("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/games/")
# Nobody refers to these by path; what shows them finds them where the distribution has them.
_LEFT_OUT = tuple(f"/usr/share/{name}/" for name in ("doc", "doc-base", "info", "lintian", "locale", "man"))


def place_files(entries: Iterable[ArchiveEntry], programs: Mapping[str, str]) -> dict[str, str]:
    """From place to target, e.g. ``{"bin/nginx": "/usr/sbin/nginx"}``.

    :param programs: more names in ``bin``, each with the name that the distribution gave to the program, or with the
        path where it is once the package is installed, because another one that it needs brings it.
    """
    files = [entry.path for entry in entries if entry.kind is not EntryKind.DIRECTORY]
    links: dict[str, str] = {}
    for directory in _PROGRAMS:
        for path in files:
            name = path.removeprefix(directory)
            if path.startswith(directory) and "/" not in name:
                links.setdefault(f"bin/{name}", path)
    for alias, name in programs.items():
        if name.startswith("/"):
            links[f"bin/{alias}"] = name
        elif f"bin/{name}" in links:
            links[f"bin/{alias}"] = links[f"bin/{name}"]
    for path in files:
        place = _place(path)
        if place is not None:
            links.setdefault(place, path)
    return links


def _place(path: str) -> str | None:
    if path.startswith(_PROGRAMS) or path.startswith(_LEFT_OUT):
        return None
    if path.startswith(("/etc/", "/lib/")):
        return path[1:]
    if path.startswith("/usr/") and not path.startswith("/usr/local/"):
        return path.removeprefix("/usr/")
    return None
