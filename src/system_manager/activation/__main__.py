"""``python -m system_manager.activation``: the same as the ``system-manager-engine`` command."""

from __future__ import annotations

import gc

from system_manager.base.type_hints import NoReturn


def main() -> NoReturn:
    """Run the engine."""
    # What is imported stays, and the engine ends before there is any garbage to speak of. Looking for it would take
    # a tenth of the time, and nearly as much again with the records of many files.
    gc.disable()
    from system_manager.activation import engine

    engine.main()


if __name__ == "__main__":
    main()
