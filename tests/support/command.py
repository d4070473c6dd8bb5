"""Running ``system-manager`` as a user does: as a process, in a clean environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = Path(sys.executable).with_name("system-manager")


def system_manager(
    *arguments: str | Path,
    directory: Path,
    environment: Mapping[str, str] | None = None,
    stdin: str | bytes | None = None,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """Run the command in ``directory``, which is also its home, and return what it said."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    completed = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        cwd=directory,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(directory), **(environment or {})},
        timeout=timeout,
        check=False,
    )
    output, errors = (part.decode("utf-8", "surrogateescape") for part in (completed.stdout, completed.stderr))
    assert "Traceback" not in errors, errors
    assert "this should not have happened" not in errors, errors
    return subprocess.CompletedProcess(completed.args, completed.returncode, output, errors)
