"""``python -m system_manager``: the same as the ``system-manager`` command."""

from system_manager.cli.main import main

if __name__ == "__main__":
    main()
