"""What real Nix makes of the inputs in ``cases``, kept beside them.

``python -m tests.store.golden`` asks Nix again and writes the answers down; the tests compare with what is written,
so they need no Nix, and one test asks Nix again and compares that, too.
"""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from pathlib import Path

from tests.support import oracle as nix_oracle
from tests.support.oracle import Oracle

CASES = Path(__file__).parent / "cases"
DERIVATION_CASES = tuple(sorted(path.stem for path in (CASES / "derivations").glob("*.nix")))


def ask(oracle: Oracle, case: str, scratch: Path) -> dict[str, bytes]:
    """The ``.drv`` files, by base name, that instantiating a case leaves in an empty store."""
    (scratch / "nix").mkdir()
    oracle.share(scratch / "nix", "/nix")
    oracle.share(CASES, "/cases")
    oracle.run(["nix-instantiate", f"/cases/derivations/{case}.nix"], check=True)
    return {file.name: file.read_bytes() for file in (scratch / "nix/store").glob("*.drv")}


def ask_paths(oracle: Oracle, scratch: Path) -> object:
    """The value of ``paths.nix``."""
    (scratch / "nix").mkdir()
    oracle.share(scratch / "nix", "/nix")
    oracle.share(CASES, "/cases")
    command = ["nix-instantiate", "--eval", "--strict", "--json", "/cases/paths.nix"]
    return json.loads(oracle.run(command, check=True).stdout)


def ask_archive(oracle: Oracle) -> bytes:
    """The archive of the tree in ``cases``, in base 64 on the way."""
    oracle.share(CASES, "/cases")
    text = oracle.run(["sh", "-c", "nix-store --dump /cases/trees/plain | base64"], check=True).stdout
    return base64.b64decode(text)


def written(case: str) -> dict[str, bytes]:
    """The ``.drv`` files that are kept for a case."""
    return {file.name: file.read_bytes() for file in (CASES / "derivations" / case).glob("*.drv")}


def main() -> None:
    """Ask Nix about everything and write its answers down."""
    for case in DERIVATION_CASES:
        with tempfile.TemporaryDirectory() as scratch:
            files = ask(nix_oracle.nix(), case, Path(scratch))
            directory = CASES / "derivations" / case
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            for name, content in files.items():
                (directory / name).write_bytes(content)
    with tempfile.TemporaryDirectory() as scratch:
        text = json.dumps(ask_paths(nix_oracle.nix(), Path(scratch)), indent=2, sort_keys=True, ensure_ascii=False)
        (CASES / "paths.json").write_text(text + "\n", "utf-8")
    (CASES / "trees/plain.nar").write_bytes(ask_archive(nix_oracle.nix()))


if __name__ == "__main__":
    main()
