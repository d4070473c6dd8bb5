"""Make the machine what a description says, by plain calls: ``bring_about.py DESCRIPTION``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys


def main(description: str) -> None:
    """Put directories, links, copies and units in place, and start the services."""
    with open(description) as file:
        content = json.load(file)
    for directory in content["directories"]:
        os.makedirs(directory, exist_ok=True)
    for link in content["links"]:
        _remove(link["path"])
        os.symlink(link["target"], link["path"])
    units = [{"path": f"/etc/systemd/system/{unit['name']}", **unit} for unit in content["units"]]
    for copy in [*content["copies"], *units]:
        _remove(copy["path"])
        shutil.copyfile(copy["source"], copy["path"])
        os.chmod(copy["path"], 0o644)
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    names = [unit["name"] for unit in units]
    subprocess.run(["systemctl", "--quiet", "enable", "--now", *names], check=True)


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


if __name__ == "__main__":
    main(sys.argv[1])
