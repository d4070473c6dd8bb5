"""A kept result is used as long as everything it was made from is the same, and not one change longer."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from system_manager.base.events import NullObserver, Traced, Warned
from system_manager.evaluation.cache import EvaluationCache
from system_manager.evaluation.configuration import ConfigurationEvaluator, ConfigurationSource, EvaluatedConfiguration
from system_manager.evaluation.package_index import Distribution
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings, parse_search_path
from system_manager.host.packages import IndexedPackage
from system_manager.language.printer import print_value
from system_manager.store.store import Store
from tests.evaluation.conftest import CODE_CACHE


@dataclass
class Packages:
    """A package index whose answers the test decides."""

    versions: dict[str, str] = field(default_factory=dict)
    serial: int = 0

    def names(self) -> list[str]:
        return sorted(self.versions)

    def lookup(self, name: str) -> IndexedPackage | None:
        version = self.versions.get(name)
        return version and IndexedPackage(name, version, "all", "0" * 64, 1, f"{name}.deb", "")

    def identity(self) -> str:
        return str(self.serial)

    def advice(self) -> str | None:
        return None


class Evaluation:
    """A program in a directory, evaluated through a cache; counts how often it was really evaluated."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.files = directory / "files"
        self.files.mkdir()
        self.cache = EvaluationCache(directory / "cache")
        self.runs = 0

    def write(self, name: str, text: str) -> Path:
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def result(self) -> str:
        key = self.cache.key(str(self.files))
        known = self.cache.lookup(key)
        if known is not None:
            return str(known.value)
        self.runs += 1
        with EvaluationSession(EvaluationSettings()) as session:
            value = session.run(
                lambda: print_value(session.evaluate_file(str(self.files / "default.nix")), strict=True)
            )
            self.cache.store(key, value, session.facts, session.messages)
        return value

    def is_kept(self) -> bool:
        """Whether asking twice evaluates only once."""
        self.result()
        before = self.runs
        self.result()
        return self.runs == before


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    return Evaluation(tmp_path)


def settle(directory: Path) -> None:
    """Make all files look old, so that the shortcut over their times is taken."""
    past = time.time() - 1000
    for path in (*directory.rglob("*"), directory):
        os.utime(path, (past, past), follow_symlinks=False)


Change = Callable[[Evaluation], object]

# What the program looks at, and what is done to that.
DEPENDENCIES: dict[str, tuple[str, Change]] = {
    "the program itself": ("1", lambda e: e.write("default.nix", "2")),
    "an imported file": ("import ./other.nix", lambda e: e.write("other.nix", "2")),
    "an imported file, same size": ("import ./other.nix", lambda e: e.write("other.nix", "7")),
    "a file that is read": ("builtins.readFile ./text", lambda e: e.write("text", "changed")),
    "a file that is hashed": ('builtins.hashFile "md5" ./text', lambda e: e.write("text", "changed")),
    "a new entry of a directory": ("builtins.readDir ./directory", lambda e: e.write("directory/new", "")),
    "an entry that goes": ("builtins.readDir ./directory", lambda e: (e.files / "directory/x").unlink()),
    "the type of an entry": (
        "builtins.readDir ./directory",
        lambda e: ((e.files / "directory/x").unlink(), (e.files / "directory/x").mkdir()),
    ),
    "a file that comes to exist": ("builtins.pathExists ./nothing", lambda e: e.write("nothing", "")),
    "a file that no longer exists": ("builtins.pathExists ./text", lambda e: (e.files / "text").unlink()),
    "a type that is asked for": (
        "builtins.readFileType ./text",
        lambda e: ((e.files / "text").unlink(), (e.files / "text").mkdir()),
    ),
    "the target of a link": (
        "import ./link.nix",
        lambda e: ((e.files / "link.nix").unlink(), (e.files / "link.nix").symlink_to("default.nix.other")),
    ),
    "a directory that becomes a link": (
        "builtins.readFile ./directory/x",
        lambda e: (shutil.move(e.files / "directory", e.files / "moved"), (e.files / "directory").symlink_to("other")),
    ),
    "a copied file": ('"${./text}"', lambda e: e.write("text", "changed")),
    "the mode of a copied file": ('"${./text}"', lambda e: (e.files / "text").chmod(0o755)),
    "a file in a copied tree": ('"${./directory}"', lambda e: e.write("directory/x", "changed")),
    "a new file in a copied tree": ('"${./directory}"', lambda e: e.write("directory/new", "")),
    "a link in a copied tree": (
        '"${./directory}"',
        lambda e: ((e.files / "directory/link").unlink(), (e.files / "directory/link").symlink_to("elsewhere")),
    ),
    "a new file that a filter may take": (
        'builtins.filterSource (p: t: baseNameOf p != "x") ./directory',
        lambda e: e.write("directory/new", ""),
    ),
}


def prepare(evaluation: Evaluation, program: str) -> None:
    evaluation.write("default.nix", program)
    evaluation.write("default.nix.other", "3")
    evaluation.write("other.nix", "1")
    evaluation.write("text", "text")
    evaluation.write("directory/x", "x")
    evaluation.write("other/x", "y")
    (evaluation.files / "directory/link").symlink_to("x")
    (evaluation.files / "link.nix").symlink_to("other.nix")


class TestEveryKindOfDependency:
    @pytest.mark.parametrize("settled", [True, False], ids=["old files", "new files"])
    @pytest.mark.parametrize("name", DEPENDENCIES)
    def test_a_change_is_seen(self, evaluation: Evaluation, name: str, settled: bool) -> None:
        program, change = DEPENDENCIES[name]
        prepare(evaluation, program)
        if settled:
            settle(evaluation.files)
        before = evaluation.result()
        assert evaluation.is_kept()
        runs = evaluation.runs
        change(evaluation)
        after = evaluation.result()
        assert evaluation.runs == runs + 1
        assert after != before

    @pytest.mark.parametrize("name", DEPENDENCIES)
    def test_nothing_else_matters(self, evaluation: Evaluation, name: str) -> None:
        program, _ = DEPENDENCIES[name]
        prepare(evaluation, program)
        evaluation.result()
        evaluation.write("unrelated", "x")
        for file in evaluation.files.rglob("*.nix"):
            if not file.is_symlink():
                file.touch()  # other times, same content
        evaluation.result()
        assert evaluation.runs == 1

    def test_a_filtered_file_does_not_matter(self, evaluation: Evaluation) -> None:
        prepare(evaluation, 'builtins.filterSource (p: t: baseNameOf p != "x") ./directory')
        evaluation.result()
        evaluation.write("directory/x", "changed")
        evaluation.result()
        assert evaluation.runs == 1

    def test_an_environment_variable(self, evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
        evaluation.write("default.nix", 'builtins.getEnv "A" + builtins.getEnv "B"')
        monkeypatch.setenv("A", "1")
        monkeypatch.delenv("B", raising=False)
        assert evaluation.result() == '"1"'
        monkeypatch.setenv("UNRELATED", "1")
        assert evaluation.is_kept()
        monkeypatch.setenv("B", "2")
        assert evaluation.result() == '"12"'
        monkeypatch.delenv("A")
        assert evaluation.result() == '"2"'

    def test_the_time_is_never_kept(self, evaluation: Evaluation) -> None:
        evaluation.write("default.nix", "builtins.currentTime > 0")
        assert not evaluation.is_kept()

    def test_what_was_fetched_without_a_hash_is_never_kept(self, evaluation: Evaluation) -> None:
        file = evaluation.write("text", "x")
        evaluation.write("default.nix", f'builtins.fetchurl "file://{file}"')
        assert not evaluation.is_kept()

    def test_a_change_back_is_seen(self, evaluation: Evaluation) -> None:
        for text in ("1", "2", "1", "2"):
            evaluation.write("default.nix", text)
            assert evaluation.result() == text

    def test_a_file_of_the_same_size_and_time(self, evaluation: Evaluation) -> None:
        file = evaluation.write("default.nix", "1")
        settle(evaluation.files)
        status = file.stat()
        assert evaluation.result() == "1"
        file.write_text("2")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert evaluation.result() == "2"


EDITS = st.lists(
    st.tuples(st.sampled_from(["default.nix", "a.nix", "b.nix", "d/c.nix"]), st.integers(0, 2), st.booleans()),
    max_size=6,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(edits=EDITS)
def test_a_kept_result_is_always_the_right_one(tmp_path_factory: pytest.TempPathFactory, edits: list) -> None:
    evaluation = Evaluation(tmp_path_factory.mktemp("law"))
    program = """
        let m = p: if builtins.pathExists p then import p else null;
        in [ %d (m ./a.nix) (m ./b.nix) (builtins.readDir ./d) ]
    """
    (evaluation.files / "d").mkdir()
    state = {"default.nix": 0}
    for name, number, remove in [("default.nix", 0, False), *edits]:
        if remove and name != "default.nix":
            state.pop(name, None)
            (evaluation.files / name).unlink(missing_ok=True)
        else:
            state[name] = number
            evaluation.write(name, program % number if name == "default.nix" else str(number))
        directory = '{ "c.nix" = "regular"; }' if "d/c.nix" in state else "{ }"
        expected = [str(state.get(n, "null")) for n in ("default.nix", "a.nix", "b.nix")]
        assert evaluation.result() == f"[ {' '.join(expected)} {directory} ]"


class TestEntries:
    @pytest.fixture
    def kept(self, evaluation: Evaluation) -> Path:
        evaluation.write("default.nix", "1")
        evaluation.result()
        (entry,) = (evaluation.directory / "cache").iterdir()
        return entry

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"",
            lambda data: data[: len(data) // 2],
            lambda data: data[:-1],
            lambda data: data.replace(b"value", b"valve"),
            lambda data: b"\0" * len(data),
            lambda data: data + b" ",
        ],
    )
    def test_a_damaged_entry_is_ignored(self, evaluation: Evaluation, kept: Path, damage) -> None:
        kept.write_bytes(damage(kept.read_bytes()))
        assert evaluation.result() == "1"
        assert evaluation.runs == 2

    @pytest.mark.parametrize("mode", [0o666, 0o622, 0o620])
    def test_an_entry_that_others_can_write_is_ignored(self, evaluation: Evaluation, kept: Path, mode: int) -> None:
        kept.chmod(mode)
        evaluation.result()
        assert evaluation.runs == 2

    def test_a_directory_that_others_can_write_is_ignored(self, evaluation: Evaluation, kept: Path) -> None:
        kept.parent.chmod(0o777)
        evaluation.result()
        assert evaluation.runs == 2

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
    def test_somebody_elses_entry_is_ignored(self, evaluation: Evaluation, kept: Path) -> None:
        os.chown(kept, 1, 1)
        evaluation.result()
        assert evaluation.runs == 2

    def test_entries_are_not_readable_for_others(self, kept: Path) -> None:
        assert kept.stat().st_mode & 0o077 == 0
        assert kept.parent.stat().st_mode & 0o077 == 0

    def test_an_unwritable_cache_is_no_error(self, evaluation: Evaluation) -> None:
        (evaluation.directory / "cache").write_text("in the way")
        evaluation.write("default.nix", "1")
        assert evaluation.result() == "1"

    def test_old_entries_go(self, evaluation: Evaluation) -> None:
        evaluation.write("default.nix", "1")
        with EvaluationSession(EvaluationSettings()) as session:
            for number in range(300):
                evaluation.cache.store(evaluation.cache.key(str(number)), number, session.facts, [])
        assert len(list((evaluation.directory / "cache").iterdir())) <= 256
        newest = evaluation.cache.lookup(evaluation.cache.key("299"))
        assert newest is not None
        assert newest.value == 299

    def test_messages_are_kept(self, evaluation: Evaluation) -> None:
        with EvaluationSession(EvaluationSettings()) as session:
            session.run(lambda: session.evaluate_text('builtins.trace "t" (builtins.warn "w" 1)', directory="/"))
            evaluation.cache.store("0" * 64, 1, session.facts, session.messages)
        known = evaluation.cache.lookup("0" * 64)
        assert known is not None
        assert known.messages == (Traced("trace: t"), Warned("w"))


class TestConfigurations:
    @pytest.fixture
    def packages(self) -> Packages:
        return Packages({"tree": "1.0", "hello": "2.0", "bash": "5", "zsh": "5", "fish": "3"})

    @pytest.fixture
    def evaluate(self, tmp_path: Path, packages: Packages) -> Callable[..., EvaluatedConfiguration]:
        def run(file: Path, **changes: object) -> EvaluatedConfiguration:
            with Store.open(tmp_path / "store") as store:
                evaluator = ConfigurationEvaluator(
                    store,
                    EvaluationSettings(write_store=True, **changes),
                    Distribution("debian", "12", packages),
                    NullObserver(),
                    cache=EvaluationCache(tmp_path / "cache", packages, lambda: store),
                    code_cache=CODE_CACHE,
                )
                return evaluator.evaluate(ConfigurationSource(file))

        return run

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        file = tmp_path / "system.nix"
        file.write_text('{ pkgs, ... }: { environment.systemPackages = [ pkgs.tree ]; warnings = [ "mind" ]; }')
        return file

    def test_asking_again_costs_nothing_and_says_the_same(self, evaluate, file: Path) -> None:
        first, second = evaluate(file), evaluate(file)
        assert (first.from_cache, second.from_cache) == (False, True)
        assert (first.derivation, first.output, first.warnings) == (second.derivation, second.output, second.warnings)
        assert second.warnings == ("mind",)

    def test_a_package_that_is_used_changes(self, evaluate, file: Path, packages: Packages) -> None:
        first = evaluate(file)
        packages.versions["tree"], packages.serial = "1.1", 1
        second = evaluate(file)
        assert not second.from_cache
        assert second.derivation != first.derivation

    def test_a_package_that_is_not_used_changes(self, evaluate, file: Path, packages: Packages) -> None:
        evaluate(file)
        packages.versions["hello"], packages.serial = "2.1", 1
        assert evaluate(file).from_cache

    def test_a_package_comes(self, evaluate, file: Path, packages: Packages) -> None:
        evaluate(file)
        packages.versions["new"], packages.serial = "1", 1
        assert not evaluate(file).from_cache

    def test_other_settings_are_another_evaluation(self, evaluate, file: Path) -> None:
        evaluate(file)
        assert not evaluate(file, search_path=parse_search_path("x=/")).from_cache

    def test_a_derivation_that_is_no_longer_in_the_store_is_made_again(
        self, evaluate, file: Path, tmp_path: Path
    ) -> None:
        first = evaluate(file)
        shutil.rmtree(tmp_path / "store")
        second = evaluate(file)
        assert not second.from_cache
        assert second.derivation == first.derivation
