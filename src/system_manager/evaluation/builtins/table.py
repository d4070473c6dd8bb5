"""The builtins that touch the machine, by name; :mod:`.machine` has the rest, and is imported when one is used."""

from __future__ import annotations

MACHINE_BUILTINS: dict[str, int] = {
    "addDrvOutputDependencies": 1,
    "appendContext": 2,
    "convertHash": 1,
    "derivationStrict": 1,
    "fetchGit": 1,
    "fetchMercurial": 1,
    "fetchTarball": 1,
    "fetchTree": 1,
    "fetchurl": 1,
    "filterSource": 2,
    "findFile": 2,
    "flakeRefToString": 1,
    "getContext": 1,
    "getFlake": 1,
    "hashFile": 2,
    "import": 1,
    "parseFlakeRef": 1,
    "path": 1,
    "pathExists": 1,
    "placeholder": 1,
    "readDir": 1,
    "readFile": 1,
    "readFileType": 1,
    "scopedImport": 2,
    "storePath": 1,
    "toFile": 2,
    "toPath": 1,
    "unsafeDiscardOutputDependency": 1,
}
"""Names and numbers of arguments."""
