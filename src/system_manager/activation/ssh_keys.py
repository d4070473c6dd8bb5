"""Whether the ssh server reads the keys and principals that the configuration gives to users."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from system_manager.base.records import record
from system_manager.generation.manifest import File
from system_manager.host.root import Root

_CONFIGURATION = "/etc/ssh/sshd_config"


@record(frozen=True)
class _ReadFromDirectory:
    """A directory with a file for each user, and the setting of sshd_config(5) that names it."""

    what: str
    setting: str
    also: str
    name: str

    @property
    def directory(self) -> str:
        return f"/etc/ssh/{self.name}.d/"

    def is_named_in(self, texts: Iterable[str]) -> bool:
        pattern = rf"^[ \t]*{self.setting}[ \t=].*{self.name}\.d/"
        return any(re.search(pattern, text, re.IGNORECASE | re.MULTILINE) for text in texts)


_KINDS = (
    _ReadFromDirectory("keys", "AuthorizedKeysFile", ".ssh/authorized_keys ", "authorized_keys"),
    _ReadFromDirectory("principals", "AuthorizedPrincipalsFile", "", "authorized_principals"),
)


def unread_keys(files: Sequence[File], root: Root) -> list[str]:
    """A sentence for what is put where sshd_config(5) does not look; none where there is no server."""
    given = [kind for kind in _KINDS if any(file.target.startswith(kind.directory) for file in files)]
    if not given:
        return []
    ours = {file.target: file.source for file in files if file.target.startswith(_CONFIGURATION)}
    texts = [*_texts(root, ours.values())]
    if _CONFIGURATION not in ours:
        there = _texts(root, [_CONFIGURATION])
        if not there:
            return []
        texts += there
    texts += _texts(root, _drop_ins(root))
    return [
        f"sshd does not read the {kind.what} in {kind.directory}: set {kind.setting} to"
        f" '{kind.also}{kind.directory}%u' in {_CONFIGURATION}.d"
        for kind in given
        if not kind.is_named_in(texts)
    ]


def _drop_ins(root: Root) -> list[str]:
    directory = f"{_CONFIGURATION}.d"
    try:
        return [f"{directory}/{name}" for name in sorted(os.listdir(root.real(directory))) if name.endswith(".conf")]
    except OSError:
        return []


def _texts(root: Root, paths: Iterable[str]) -> list[str]:
    found = []
    for path in paths:
        try:
            with open(root.real(path), encoding="utf-8", errors="replace") as file:
                found.append(file.read())
        except OSError:
            continue
    return found
