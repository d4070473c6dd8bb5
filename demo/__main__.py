"""``python -m demo``: tell the story of :mod:`demo.story` on a container made for it."""

from __future__ import annotations

import os
import sys
import time

from demo.narrator import Narrator, StoryError
from demo.story import tell
from tests.support.machine import BootError, machine
from tests.support.roots import UnavailableError


def main() -> int:
    """Tell it; 0 if everything was as told."""
    begin = time.monotonic()
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    try:
        sys.stdout.write("Making a Debian root (the first time takes half a minute) and booting it …\n")
        sys.stdout.flush()
        with machine() as fresh:
            tell(Narrator(fresh, aloud=True, coloured=coloured))
    except (UnavailableError, BootError, StoryError) as error:
        sys.stderr.write(f"\nThe demonstration failed: {error}\n")
        return 1
    sys.stdout.write(f"\nDone in {time.monotonic() - begin:.0f} seconds.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
