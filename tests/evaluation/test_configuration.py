"""Configurations through the library: what a good one gives, and what bad ones are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from system_manager.base.errors import SystemManagerError
from system_manager.base.events import CollectingObserver, Traced
from system_manager.evaluation.configuration import (
    ConfigurationEvaluator,
    ConfigurationSource,
    EvaluatedConfiguration,
)
from system_manager.evaluation.package_index import Distribution
from system_manager.evaluation.settings import EvaluationSettings, parse_search_path
from system_manager.evaluation.toplevel import FailedAssertionsError
from system_manager.host.packages import IndexedPackage, PackageError
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from tests.evaluation.conftest import CODE_CACHE


@dataclass
class Packages:
    """An index with these packages, in version 1.0; those in ``virtual`` are only provided by others."""

    real: tuple[str, ...] = ("bash", "zsh", "fish", "tree", "nginx")
    virtual: tuple[str, ...] = ("httpd",)
    looked_up: list[str] = field(default_factory=list)
    to_do: str | None = None

    def names(self) -> list[str]:
        return sorted(self.real + self.virtual)

    def lookup(self, name: str) -> IndexedPackage | None:
        self.looked_up.append(name)
        if name == "broken":
            raise PackageError("the package lists cannot be read", hint="run `apt-get update`")
        return IndexedPackage(name, "1.0-1", "all", "0" * 64, 1, f"{name}.deb", "") if name in self.real else None

    def identity(self) -> str:
        return "1"

    def advice(self) -> str | None:
        return self.to_do


class Configuration:
    """A configuration below a temporary directory."""

    def __init__(self, directory: Path, store: Store) -> None:
        self.directory = directory
        self.store = store
        self.packages = Packages()
        self.observer = CollectingObserver()

    def write(self, text: str, name: str = "system.nix") -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def evaluate(self, text: str, attribute: str | None = None, **settings: object) -> EvaluatedConfiguration:
        evaluator = ConfigurationEvaluator(
            self.store,
            EvaluationSettings(write_store=True, **settings),  # type: ignore[arg-type]
            Distribution("debian", "12", self.packages),
            self.observer,
            code_cache=CODE_CACHE,
        )
        return evaluator.evaluate(ConfigurationSource(self.write(text), attribute))

    def complaint(self, text: str, attribute: str | None = None) -> str:
        with pytest.raises(SystemManagerError) as raised:
            self.evaluate(text, attribute)
        return str(raised.value)


@pytest.fixture
def configuration(tmp_path: Path, store: Store) -> Configuration:
    directory = tmp_path / "configuration"
    directory.mkdir()
    return Configuration(directory, store)


class TestGood:
    def test_an_empty_one(self, configuration: Configuration) -> None:
        found = configuration.evaluate("{ }")
        assert configuration.store.is_valid(found.derivation)
        derivation = configuration.store.read_derivation(found.derivation)
        assert derivation.name == "system-manager"
        assert derivation.output_path("out") == found.output
        assert not configuration.store.is_valid(found.output)

    def test_the_same_gives_the_same(self, configuration: Configuration) -> None:
        text = '{ environment.etc."x".text = "y"; }'
        assert configuration.evaluate(text).derivation == configuration.evaluate(f"\n{text}").derivation
        assert configuration.evaluate(text).derivation != configuration.evaluate("{ }").derivation

    def test_imports_and_search_path(self, configuration: Configuration, tmp_path: Path) -> None:
        configuration.write('{ environment.etc."a".text = "1"; }', "a.nix")
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared/b.nix").write_text('{ environment.etc."b".text = "2"; }')
        search_path = parse_search_path(f"shared={tmp_path}/shared")
        found = configuration.evaluate("{ imports = [ ./a.nix <shared/b.nix> ]; }", search_path=search_path)
        assert found.derivation != configuration.evaluate("{ }").derivation

    def test_at_an_attribute(self, configuration: Configuration) -> None:
        text = '{ hosts.web = { environment.etc."x".text = "y"; }; hosts.db = { }; }'
        web = configuration.evaluate(text, "hosts.web").derivation
        assert web == configuration.evaluate('{ environment.etc."x".text = "y"; }').derivation
        assert web != configuration.evaluate(text, "hosts.db").derivation

    def test_only_the_packages_that_are_used_are_looked_up(self, configuration: Configuration) -> None:
        configuration.evaluate("{ pkgs, ... }: { environment.systemPackages = [ pkgs.tree ]; }")
        assert set(configuration.packages.looked_up) == {"tree"}

    def test_warnings_and_traces(self, configuration: Configuration) -> None:
        found = configuration.evaluate('{ warnings = [ "a" "b" ]; environment.etc."x".text = builtins.trace "t" ""; }')
        assert found.warnings == ("a", "b")
        assert Traced("trace: t") in configuration.observer.events

    def test_a_source_in_the_directory_is_copied(self, configuration: Configuration) -> None:
        configuration.write("hello", "files/x")
        found = configuration.evaluate('{ environment.etc."x".source = ./files/x; }')
        assert any(path.name == "x" for path in configuration.store.closure([found.derivation]))


BAD: list[tuple[str, str, list[str]]] = [
    ("syntax error", "{ environment.etc = {", ["system.nix:1:", "expected"]),
    ("undefined variable", "{ environment.etc.x.text = nothing; }", ["undefined variable 'nothing'", "system.nix:1:"]),
    ("undefined package set", "{ ... }: { environment.systemPackages = [ pkgs.tree ]; }", ["variable 'pkgs'"]),
    ("unknown option", "{ services.ngnix.enable = true; }", ["services.ngnix", "services.nginx", "system.nix"]),
    ("unknown option in a submodule", '{ environment.etc."x".txet = ""; }', ["txet", "text"]),
    ("wrong type", "{ services.nginx.enable = 1; }", ["services.nginx.enable", "boolean", "system.nix"]),
    ("wrong element type", '{ environment.etc."x".text = [ ]; }', ["environment.etc", "text", "system.nix"]),
    (
        "conflict",
        "{ imports = [ { services.nginx.enable = true; } ]; services.nginx.enable = false; }",
        ["conflicting"],
    ),
    ("not a module", "1", ["system.nix"]),
    ("a list", "[ ]", ["system.nix"]),
    (
        "infinite recursion",
        "{ config, ... }: { environment.etc.x.text = config.environment.etc.x.text; }",
        ["infinite"],
    ),
    ("missing file", "{ imports = [ ./missing.nix ]; }", ["missing.nix' does not exist"]),
    ("missing source", '{ environment.etc."x".source = ./missing; }', ["missing' does not exist"]),
    ("unknown package", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.treee ]; }", ["treee"]),
    ("virtual package", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.httpd ]; }", ["httpd", "debian 12"]),
    ("throw", '{ environment.etc.x.text = throw "not today"; }', ["not today"]),
    ("abort", '{ environment.etc.x.text = abort "not today"; }', ["not today"]),
    ("endless recursion", "let f = x: f (x + 1) + 1; in { environment.etc.x.text = f 0; }", ["stack overflow"]),
    ("a missing argument", "{ nothing, ... }: { environment.etc.x.text = nothing; }", ["nothing"]),
]


class TestBad:
    @pytest.mark.parametrize(("text", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
    def test_the_message_says_what_and_where(self, text: str, words: list[str], configuration: Configuration) -> None:
        said = configuration.complaint(text)
        assert [word for word in words if word not in said] == [], said
        assert "fault of the program" not in said

    def test_every_failed_assertion_is_listed(self, configuration: Configuration) -> None:
        text = """{ assertions = [
            { assertion = false; message = "first"; }
            { assertion = true; message = throw "fine"; }
            { assertion = 1 > 2; message = "second"; }
        ]; }"""
        with pytest.raises(FailedAssertionsError) as raised:
            configuration.evaluate(text)
        assert raised.value.messages == ("first", "second")

    def test_assertions_come_before_what_they_guard(self, configuration: Configuration) -> None:
        text = '{ assertions = [ { assertion = false; message = "guarded"; } ]; environment.etc.x.text = throw "no"; }'
        assert "guarded" in configuration.complaint(text)

    def test_the_index_fails(self, configuration: Configuration) -> None:
        configuration.packages.real += ("broken",)
        said = configuration.complaint("{ pkgs, ... }: { environment.systemPackages = [ pkgs.broken ]; }")
        assert "the package lists cannot be read" in said
        assert "apt-get update" in said

    def test_a_machine_without_package_lists(self, configuration: Configuration) -> None:
        text = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.%s ]; }"
        assert "hint" not in configuration.complaint(text % "ripgrep")
        configuration.packages.to_do = "fetch the lists first: apt update"
        assert "hint: if this is a package, fetch the lists first: apt update" in configuration.complaint(
            text % "ripgrep"
        )
        assert "hint: fetch the lists first: apt update" in configuration.complaint(text % "httpd")
        assert "apt update" not in configuration.complaint("{ environment.ect.x.text = ''; }")

    def test_there_is_no_such_file(self, configuration: Configuration) -> None:
        evaluator = ConfigurationEvaluator(
            configuration.store,
            EvaluationSettings(write_store=True),
            Distribution("debian", "12"),
            configuration.observer,
        )
        with pytest.raises(SystemManagerError, match="does not exist"):
            evaluator.evaluate(ConfigurationSource(configuration.directory / "nowhere.nix"))

    def test_there_is_no_such_attribute(self, configuration: Configuration) -> None:
        said = configuration.complaint("{ hosts.web = { }; }", "hosts.wbe")
        assert "'wbe' in selection path 'hosts.wbe' not found" in said
        assert "Did you mean web" in said

    def test_flakes_are_refused(self, configuration: Configuration) -> None:
        file = configuration.write("{ outputs = _: { }; }", "flake.nix")
        evaluator = ConfigurationEvaluator(
            configuration.store,
            EvaluationSettings(write_store=True),
            Distribution("debian", "12"),
            configuration.observer,
        )
        with pytest.raises(SystemManagerError, match="flakes cannot be evaluated yet"):
            evaluator.evaluate(ConfigurationSource(file))

    @pytest.mark.parametrize("content", [b"\xff\xfe{ }", b"\0", b'{ x = "\xff"; }', b"", b"#\n"])
    def test_strange_bytes(self, content: bytes, configuration: Configuration) -> None:
        file = configuration.write("", "system.nix")
        file.write_bytes(content)
        evaluator = ConfigurationEvaluator(
            configuration.store,
            EvaluationSettings(write_store=True),
            Distribution("debian", "12", configuration.packages),
            configuration.observer,
            code_cache=CODE_CACHE,
        )
        with pytest.raises(SystemManagerError) as raised:
            evaluator.evaluate(ConfigurationSource(file))
        assert "fault of the program" not in str(raised.value)


def test_a_failed_evaluation_leaves_nothing_half_done(configuration: Configuration) -> None:
    configuration.complaint('{ environment.etc = { a.text = "1"; z.text = throw "late"; }; }')
    store = configuration.store
    for file in store.layout.store_directory.glob("*-*"):
        assert store.is_valid(StorePath.from_base_name(file.name)), file
