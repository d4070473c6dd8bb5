"""How a process ends that has done its work."""

from __future__ import annotations

import atexit
import os
import sys

from system_manager.base.type_hints import NoReturn


def leave(status: int) -> NoReturn:
    """End the process at once: freeing one by one what it has built up takes a tenth of its time.

    Exit handlers are called, and what was written to the standard streams reaches them if they still take it.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # closed, full or gone: nobody is left to be told
    os._exit(status)
