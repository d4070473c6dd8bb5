"""What is imported before a small program has its value, module by module.

Times cannot be tested on a machine with other work; what takes the time can. A module that is missing from these lists
is either loaded late (where it is needed) or worth its place, which docs/decisions/what-the-short-path-loads.md judges.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.support.command import COMMAND

RECURSIVE = "let count = n: if n == 0 then [ ] else [ n ] ++ count (n - 1); in builtins.length (count 10)"

COMMAND_LINE = """
__future__ _types atexit gc io types
system_manager system_manager.cli system_manager.cli.main system_manager.cli.command_line system_manager.cli.settings
system_manager.base system_manager.base.ending system_manager.base.enumerations system_manager.base.errors
system_manager.base.records system_manager.base.type_hints
"""

QUESTION = """
_blake2
system_manager.cli.commands system_manager.cli.commands.evaluate system_manager.cli.evaluation_options
system_manager.cli.language_settings system_manager.cli.nix_configuration system_manager.cli.places
system_manager.cli.program
system_manager.base.digests system_manager.base.events
system_manager.evaluation system_manager.evaluation.facts system_manager.evaluation.requests
system_manager.evaluation.settings
system_manager.language system_manager.language.lints system_manager.language.source
system_manager.store system_manager.store.errors system_manager.store.paths
"""

KEPT_ANSWER = """
system_manager.cli.answers system_manager.evaluation.cache system_manager.evaluation.package_index
"""

KEPT_CODE = """
itertools zlib
system_manager.cli.sessions
system_manager.evaluation.builtins system_manager.evaluation.builtins.table system_manager.evaluation.effects
system_manager.evaluation.printing system_manager.evaluation.selection system_manager.evaluation.session
system_manager.language.abi system_manager.language.arithmetic system_manager.language.attribute_keys
system_manager.language.builtins system_manager.language.builtins.registry system_manager.language.builtins.table
system_manager.language.byte_strings system_manager.language.call_depth system_manager.language.calls
system_manager.language.code_cache
system_manager.language.codegen system_manager.language.codegen.naming system_manager.language.coercion
system_manager.language.comparison system_manager.language.data_literals system_manager.language.describe
system_manager.language.effects
system_manager.language.errors system_manager.language.evaluator system_manager.language.global_scope
system_manager.language.partial_application system_manager.language.printer system_manager.language.program
system_manager.language.runtime system_manager.language.thunks system_manager.language.unit_code
system_manager.language.values
"""

MACHINE = """
system_manager.evaluation.builtins.contexts system_manager.evaluation.builtins.derivations
system_manager.evaluation.builtins.fetching system_manager.evaluation.builtins.flakes
system_manager.evaluation.builtins.hashing system_manager.evaluation.builtins.imports
system_manager.evaluation.builtins.machine system_manager.evaluation.builtins.paths
system_manager.evaluation.builtins.sources
system_manager.evaluation.context system_manager.evaluation.fetching system_manager.evaluation.fetching.sources
system_manager.evaluation.files system_manager.evaluation.hashes system_manager.evaluation.notes
system_manager.evaluation.search_path system_manager.evaluation.state system_manager.evaluation.store_access
system_manager.store.addressing system_manager.store.derivation system_manager.store.hashing
system_manager.store.layout system_manager.store.modulo system_manager.store.nar system_manager.store.references
"""

# What is asked; which lists may be loaded when it is asked again; and what else.
STARTS = [
    pytest.param(["eval", "--expr", "1"], (QUESTION, KEPT_ANSWER), "", id="kept answer"),
    pytest.param(["eval", "--expr", "1", "--option", "eval-cache", "false"], (QUESTION, KEPT_CODE), "", id="kept code"),
    pytest.param(
        ["eval", "--expr", RECURSIVE, "--option", "eval-cache", "false"],
        (QUESTION, KEPT_CODE),
        "system_manager.language.builtins.lists",
        id="a family of built-ins",
    ),
    pytest.param(
        ["eval", "--expr", "import ./answer.nix", "--option", "eval-cache", "false"],
        (QUESTION, KEPT_CODE, MACHINE),
        "",
        id="a program that looks beyond itself",
    ),
]


def _without_a_store() -> list[str]:
    """What a program is run with to find no store at ``/nix``, whatever this machine has there."""
    if not Path("/nix/var/nix/db/db.sqlite").exists():
        return []
    if os.geteuid() != 0:
        unavailable("needs root, to hide the store of this machine")
    return ["unshare", "--mount", "sh", "-euc", 'mount -t tmpfs tmpfs /nix/var; exec "$@"', "sh"]


def _loaded(program: list[str], directory: Path) -> set[str]:
    """The modules that a program imports beyond those that Python itself does."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "PYTHONPROFILEIMPORTTIME": "1"}
    ended = subprocess.run(
        [*_without_a_store(), *program], env=environment, cwd=directory, capture_output=True, text=True, check=True
    )
    return {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize(("arguments", "lists", "more"), STARTS)
def test_what_is_loaded(arguments: list[str], lists: tuple[str, ...], more: str, tmp_path: Path) -> None:
    (tmp_path / "answer.nix").write_text("42")
    _loaded([str(COMMAND), *arguments], tmp_path)
    found = _loaded([str(COMMAND), *arguments], tmp_path) - _loaded([sys.executable, "-c", ""], tmp_path)
    expected = set("".join((COMMAND_LINE, *lists, more)).split())
    # Of the standard library another Python may have loaded some before.
    assert found - expected == set()
    assert {name for name in expected - found if name.startswith("system_manager")} == set()


def test_a_program_that_was_never_seen_is_compiled(tmp_path: Path) -> None:
    found = _loaded([str(COMMAND), "eval", "--expr", RECURSIVE], tmp_path)
    assert {"re", "system_manager.language.parser", "system_manager.base.files"} <= found
