"""The content as a deploy of pyinfra. ``description`` and ``absent`` are data of the run."""

from __future__ import annotations

import json

from pyinfra import host
from pyinfra.operations import files, systemd
from pyinfra.operations.util import any_changed

with open(host.data.description) as description:
    content = json.load(description)
units = content["units"]


def present() -> None:
    """Everything in place, and changed services restarted."""
    for directory in content["directories"]:
        files.directory(path=directory)
    for link in content["links"]:
        files.link(path=link["path"], target=link["target"])
    for copy in content["copies"]:
        files.put(src=copy["source"], dest=copy["path"], mode="644")
    written = [files.put(src=unit["source"], dest=f"/etc/systemd/system/{unit['name']}", mode="644") for unit in units]
    systemd.daemon_reload(_if=any_changed(*written))
    for unit, operation in zip(units, written, strict=True):
        systemd.service(service=unit["name"], running=True, enabled=True)
        systemd.service(service=unit["name"], restarted=True, _if=operation.did_change)


def absent() -> None:
    """Everything gone."""
    for unit in units:
        systemd.service(service=unit["name"], running=False, enabled=False)
        files.file(path=f"/etc/systemd/system/{unit['name']}", present=False)
    systemd.daemon_reload()
    files.directory(path="/etc/benchmark", present=False)


if int(host.data.absent):
    absent()
else:
    present()
