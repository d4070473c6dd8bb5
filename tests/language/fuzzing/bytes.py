"""Any bytes into the lexer and the parser, chosen by libFuzzer for the code that they reach.

The arguments are libFuzzer's: options and directories with examples. Needs atheris (``pip install '.[fuzz]'``).
"""

from __future__ import annotations

import importlib
import sys

_SECONDS, _MEGABYTES, _LENGTH = 20, 2048, 4096


def main() -> int:
    """Run until libFuzzer ends the process."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("bytes are not fuzzed: atheris is not installed (pip install '.[fuzz]')", file=sys.stderr)
        return 0
    with atheris.instrument_imports(include=["system_manager.language"]):
        from system_manager.language.errors import NixSyntaxError
        from system_manager.language.parser import parse
        from system_manager.language.source import Source
        from system_manager.language.syntax_printer import print_syntax

    def parse_and_print(data: bytes) -> None:
        try:
            tree = parse(Source.from_bytes(data, "/fuzzed.nix", "/"))
        except NixSyntaxError as error:
            error.render()
        else:
            print_syntax(tree, directory="/", home="/root")

    limits = [f"-timeout={_SECONDS}", f"-rss_limit_mb={_MEGABYTES}", f"-max_len={_LENGTH}", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *limits, *sys.argv[1:]], parse_and_print)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
