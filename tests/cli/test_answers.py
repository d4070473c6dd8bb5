"""What ``eval`` and ``instantiate`` were asked before is answered without evaluation, until anything has changed.

Whether an answer was at hand is seen by forging it: the entry in the cache is given another text and the checksum for
that. Where the forged text is printed, nothing was evaluated; where it is not, the change was noticed.
"""

from __future__ import annotations

import json
import marshal
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from system_manager.base.digests import content_digest
from system_manager.store.collector import collect_garbage
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from tests.support.command import system_manager

FORGED = "forged\n"
DERIVATION = 'derivation { name = "a"; system = "x"; builder = "b"; }'


@dataclass
class Asked:
    """A directory with files in it, and one question about them."""

    directory: Path
    arguments: tuple[str, ...]
    verb: str = "eval"
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)

    def link(self, name: str, target: str) -> None:
        (self.directory / name).unlink(missing_ok=True)
        (self.directory / name).symlink_to(target)

    def ask(self, *more: str) -> subprocess.CompletedProcess[str]:
        return system_manager(
            self.verb,
            *("--store", "store"),
            *self.arguments,
            *more,
            directory=self.directory,
            environment=self.environment,
        )

    @property
    def entries(self) -> list[Path]:
        cache = self.directory / ".cache/system-manager/evaluation"
        return list(cache.iterdir()) if cache.exists() else []

    def forge(self) -> None:
        (entry,) = self.entries
        body = marshal.loads(entry.read_bytes().partition(b"\n")[2])
        body["value"] = {"texts": [FORGED], "has_members": False}
        data = marshal.dumps(body)
        entry.write_bytes(content_digest(data).encode() + b"\n" + data)


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Asked]:
    def prepare(*arguments: str, **others: object) -> Asked:
        question = Asked(tmp_path, arguments, **others)  # type: ignore[arg-type]
        for name, text in FILES.items():
            question.write(name, text)
        question.link("link.nix", "one.nix")
        question.link("there", "directory")
        with Store.open(tmp_path / "store") as store:
            store.add_text("kept", "kept text")
            store.add_path(tmp_path / "text", "promised")
        return question

    return prepare


FILES: Mapping[str, str] = {
    "one.nix": "1",
    "two.nix": "2",
    "imports.nix": "import ./one.nix",
    "text": "text",
    "directory/x.nix": "3",
    "other/x.nix": "4",
    "first/unrelated.nix": "5",
    "second/found.nix": "6",
}
KEPT = "/nix/store/545mmpgrjinw9shl2dmc26hdf941xis3-kept"
PROMISED = "sha256-5wn2xiN7EfkiP7m1tx8ZlfoL6ig/uMMmSt6M9orR4/w="

# The question, and a change after which the answer is another one.
CHANGES: dict[str, tuple[tuple[str, ...], Callable[[Asked], object]]] = {
    "the program": (("--file", "one.nix"), lambda a: a.write("one.nix", "7")),
    "a file that is imported": (("--file", "imports.nix"), lambda a: a.write("one.nix", "7")),
    "a file that is read": (("--expr", "builtins.readFile ./text"), lambda a: a.write("text", "7")),
    "a file that is hashed": (("--expr", 'builtins.hashFile "md5" ./text'), lambda a: a.write("text", "7")),
    "a file that is copied": (("--expr", '"${./text}"'), lambda a: a.write("text", "7")),
    "a mode that is copied": (("--expr", '"${./text}"'), lambda a: (a.directory / "text").chmod(0o755)),
    "a tree that is copied": (("--expr", '"${./directory}"'), lambda a: a.write("directory/y", "")),
    "a file of an argument": (
        ("--expr", "{ x }: x", "--arg", "x", "import ./one.nix"),
        lambda a: a.write("one.nix", "7"),
    ),
    "an entry that comes": (
        ("--strict", "--expr", "builtins.readDir ./directory"),
        lambda a: a.write("directory/y", ""),
    ),
    "an entry that goes": (
        ("--strict", "--expr", "builtins.readDir ./directory"),
        lambda a: (a.directory / "directory/x.nix").unlink(),
    ),
    "a path that comes": (("--expr", "builtins.pathExists ./nothing"), lambda a: a.write("nothing", "")),
    "a path that goes": (("--expr", "builtins.pathExists ./text"), lambda a: (a.directory / "text").unlink()),
    "the type of a path": (("--expr", "builtins.readFileType ./text"), lambda a: a.link("text", "one.nix")),
    "the target of a link": (("--expr", "import ./link.nix"), lambda a: a.link("link.nix", "two.nix")),
    "a link on the way": (("--expr", "import ./there/x.nix"), lambda a: a.link("there", "other")),
    "a directory that becomes a link": (
        ("--expr", "import ./directory/x.nix"),
        lambda a: (shutil.rmtree(a.directory / "directory"), a.link("directory", "other")),
    ),
    "a variable": (("--expr", 'builtins.getEnv "COLOUR"'), lambda a: a.environment.update(COLOUR="red")),
    "NIX_PATH": (
        ("--expr", "import <found.nix>"),
        lambda a: (a.write("third/found.nix", "7"), a.environment.update(NIX_PATH=f"{a.directory}/third")),
    ),
    "what is found first": (("--expr", "import <found.nix>"), lambda a: a.write("first/found.nix", "7")),
    "the home": (
        ("--expr", "builtins.pathExists ~/text"),
        lambda a: a.environment.update(HOME="/nowhere", XDG_CACHE_HOME=f"{a.directory}/.cache"),
    ),
    "a store object that goes": (
        ("--expr", f'builtins.pathExists "{KEPT}"'),
        lambda a: (a.directory / f"store{KEPT}").unlink(),
    ),
    "a registered object that goes": (
        ("--expr", f'builtins.path {{ path = ./nothing; name = "promised"; sha256 = "{PROMISED}"; }}'),
        lambda a: shutil.rmtree(a.directory / "store"),
    ),
    "a store object that comes": (
        ("--expr", 'builtins.pathExists "/nix/store/9krlzvny65gdc8s7kpb6lkx8cd02c25b-default-builder.sh"'),
        lambda a: a.write("store/nix/store/9krlzvny65gdc8s7kpb6lkx8cd02c25b-default-builder.sh", ""),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_an_answer_is_kept_until_something_changes(case: str, asked: Callable[..., Asked]) -> None:
    arguments, change = CHANGES[case]
    question = asked(*arguments, environment={"NIX_PATH": "first:second"})
    before = question.ask()
    assert before.returncode == 0, before.stderr
    question.forge()
    assert question.ask().stdout == FORGED
    change(question)
    after = question.ask().stdout
    assert after not in (FORGED, before.stdout)


def test_another_question_has_another_answer(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", "{ x ? 1, y ? 2 }: { a = [ x ]; b = y; }")
    printed = {
        question.ask(*more).stdout
        for more in [
            (),
            ("--strict", "--arg", "x", "5"),
            ("-A", "a"),
            ("-A", "b"),
            ("-A", "a", "-A", "b"),
            ("-A", "b", "--argstr", "y", "3"),
            ("-A", "b", "--arg", "y", "3"),
            ("-A", "b", "--argstr", "y", "3", "--raw"),
            ("-A", "b", "--xml"),
            ("-A", "a", "--json", "--strict"),
        ]
    }
    assert len(printed) == len(question.entries) == 10


def test_settings_are_part_of_the_question(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", "builtins ? currentSystem")
    assert question.ask().stdout == "true\n"
    assert question.ask("--pure").stdout == "false\n"


def test_where_relative_paths_start_is_part_of_the_question(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", "import ./x.nix")
    environment = {"XDG_CACHE_HOME": str(question.directory / ".cache")}
    printed = [
        system_manager("eval", *question.arguments, directory=question.directory / name, environment=environment).stdout
        for name in ("directory", "other", "directory")
    ]
    assert printed == ["3\n", "4\n", "3\n"]


def test_what_the_program_says_is_said_again(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", 'builtins.trace "a trace" (builtins.warn "a warning" 1)')
    said = question.ask().stderr
    assert "trace: a trace\n" in said
    assert "a warning" in said
    question.forge()
    again = question.ask()
    assert (again.stdout, again.stderr) == (FORGED, said)


@pytest.mark.parametrize(
    "program",
    [
        'throw "no"',
        "1 +",
        "builtins.currentTime > 0",
        "builtins.readFile (builtins.fetchurl (toString ./text))",
        "(builtins.fetchGit ./repository).rev",
        '(builtins.fetchTree { type = "path"; path = toString ./directory; }).narHash',
    ],
)
def test_what_is_not_kept(program: str, asked: Callable[..., Asked]) -> None:
    question = asked("--expr", program)
    repository = question.directory / "repository"
    subprocess.run(["git", "init", "-q", repository], check=True)
    (repository / "file").write_text("1")
    subprocess.run(["git", "-C", repository, "add", "file"], check=True)
    question.ask()
    assert question.entries == []


def test_a_program_that_fails_behind_its_first_value(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", '{ a = 1; b = throw "no"; }', "-A", "a", "-A", "b")
    for _ in range(2):
        completed = question.ask()
        assert (completed.stdout, completed.returncode) == ("1\n", 1)


@pytest.mark.parametrize("switch", [("--no-eval-cache",), ("--option", "eval-cache", "false")], ids="-".join)
def test_evaluated_every_time_when_asked(switch: tuple[str, ...], asked: Callable[..., Asked]) -> None:
    question = asked("--expr", "1")
    question.ask(*switch)
    assert question.entries == []
    question.ask()
    question.forge()
    assert question.ask().stdout == FORGED
    assert question.ask(*switch).stdout == "1\n"


def test_derivations_are_written_again_where_they_are_gone(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", f"{{ a = {DERIVATION}; b = [ ({DERIVATION}) ]; }}", "-A", "a", verb="instantiate")
    first = question.ask()
    (entry,) = question.entries
    kept = entry.stat()
    assert question.ask().stdout == first.stdout
    assert entry.stat().st_ino == kept.st_ino
    shutil.rmtree(question.directory / "store")
    assert question.ask().stdout == first.stdout
    assert (question.directory / f"store{first.stdout.strip()}").exists()
    assert entry.stat().st_ino != kept.st_ino


def test_written_by_eval_and_gone(asked: Callable[..., Asked]) -> None:
    question = asked("--read-write-mode", "--expr", f"({DERIVATION}).drvPath")
    path = json.loads(question.ask().stdout)
    question.forge()
    assert question.ask().stdout == FORGED
    with Store.open(question.directory / "store") as store:
        collect_garbage(store)
    assert question.ask().stdout == f'"{path}"\n'
    assert (question.directory / f"store{path}").exists()


@pytest.mark.parametrize("kind", ["link", "FIFO", "directory", "large"])
def test_an_entry_that_is_no_plain_file(kind: str, asked: Callable[..., Asked]) -> None:
    question = asked("--expr", "1")
    question.ask()
    question.forge()
    (entry,) = question.entries
    moved = question.directory / "moved"
    entry.rename(moved)
    match kind:
        case "link":
            entry.symlink_to(moved)
        case "FIFO":
            os.mkfifo(entry)
        case "directory":
            entry.mkdir()
        case "large":
            entry.touch(0o600)
            os.truncate(entry, 1 << 40)
    assert question.ask().stdout == "1\n"


def test_a_revision_is_not_told_by_a_hash_of_the_files(asked: Callable[..., Asked]) -> None:
    question = asked("--expr", "null")
    git = ["git", "-C", str(question.directory), "-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "c"]
    subprocess.run(["git", "-C", question.directory, "init", "-q"], check=True)
    subprocess.run(["git", "-C", question.directory, "add", "one.nix"], check=True)
    subprocess.run(git, check=True)
    source = f"url = {json.dumps(str(question.directory))};"
    question.arguments = ("--raw", "--expr", f"(builtins.fetchGit {{ {source} }}).narHash")
    source += f' narHash = "{question.ask().stdout}";'
    question.arguments = ("--raw", "--expr", f"(builtins.fetchGit {{ {source} }}).rev")
    first = question.ask()
    assert len(first.stdout) == 40, first.stderr
    subprocess.run([*git, "--allow-empty"], check=True)
    assert question.ask().stdout not in ("", first.stdout)


def test_what_was_built_to_be_imported_is_gone(asked: Callable[..., Asked]) -> None:
    built = """derivation { name = "x.nix"; system = "builtin"; builder = "builtin:write-text"; text = "7"; }"""
    question = asked(
        "--read-write-mode", "--expr", f"let d = {built}; in [ (import d) d.outPath ]", "--strict", "--json"
    )
    printed = question.ask()
    _, output = json.loads(printed.stdout)
    question.forge()
    assert question.ask().stdout == FORGED
    (question.directory / f"store{output}").unlink()
    with Store.open(question.directory / "store") as store:
        store.database.invalidate([StorePath.parse(output)])
    assert question.ask().stdout == printed.stdout
    assert (question.directory / f"store{output}").exists()
