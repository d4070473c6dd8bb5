"""Whether the ssh server reads the keys that the configuration gives to users."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from system_manager.generation.manifest import File
from system_manager.host.root import Root

KEYS_DIRECTORY = "/etc/ssh/authorized_keys.d/"
_CONFIGURATION = "/etc/ssh/sshd_config"
_READS_THEM = re.compile(r"^[ \t]*AuthorizedKeysFile[ \t=].*authorized_keys\.d/", re.IGNORECASE | re.MULTILINE)


def unread_keys(files: Sequence[File], root: Root) -> list[str]:
    """A sentence when keys are put where sshd_config(5) does not look for them; none where there is no server."""
    if not any(file.target.startswith(KEYS_DIRECTORY) for file in files):
        return []
    ours = {file.target: file.source for file in files if file.target.startswith(_CONFIGURATION)}
    texts = [*_texts(root, ours.values())]
    if _CONFIGURATION not in ours:
        there = _texts(root, [_CONFIGURATION])
        if not there:
            return []
        texts += there
    texts += _texts(root, _drop_ins(root))
    if any(_READS_THEM.search(text) for text in texts):
        return []
    return [
        f"sshd does not read the keys in {KEYS_DIRECTORY}: set AuthorizedKeysFile to"
        f" '.ssh/authorized_keys {KEYS_DIRECTORY}%u' in {_CONFIGURATION}.d"
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
