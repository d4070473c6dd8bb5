"""From a package of the archive to a store path that modules written for NixOS can use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from system_manager.base.errors import SystemManagerError
from system_manager.cli.distribution_builders import distribution_builders
from system_manager.evaluation.distribution import distribution_value
from system_manager.evaluation.instantiate import read_derivation
from system_manager.evaluation.package_index import Distribution
from system_manager.evaluation.session import EvaluationSession
from system_manager.evaluation.settings import EvaluationSettings
from system_manager.evaluation.toplevel import LIBRARY
from system_manager.host.package_links import place_files
from system_manager.host.packages import ArchiveEntry, EntryKind
from system_manager.language.runtime import apply, select
from system_manager.store.building.realise import realise
from system_manager.store.building.settings import BuildSettings
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from tests.evaluation.conftest import CODE_CACHE
from tests.host.apt_root import AptRoot


def file(path: str, *, executable: bool = False) -> ArchiveEntry:
    return ArchiveEntry(path, EntryKind.FILE, executable)


class TestPlaces:
    @pytest.mark.parametrize(
        ("path", "place"),
        [
            ("/usr/bin/x", "bin/x"),
            ("/usr/sbin/x", "bin/x"),
            ("/bin/x", "bin/x"),
            ("/sbin/x", "bin/x"),
            ("/usr/games/x", "bin/x"),
            ("/usr/lib/x/y.so", "lib/x/y.so"),
            ("/lib/systemd/system/x.service", "lib/systemd/system/x.service"),
            ("/usr/lib/systemd/system/x.service", "lib/systemd/system/x.service"),
            ("/usr/libexec/x", "libexec/x"),
            ("/usr/share/x/y", "share/x/y"),
            ("/usr/include/x.h", "include/x.h"),
            ("/etc/x/y.conf", "etc/x/y.conf"),
        ],
    )
    def test_a_file_has_the_place_of_its_kind(self, path: str, place: str) -> None:
        assert place_files([file(path)], {}) == {place: path}

    @pytest.mark.parametrize(
        "path",
        ["/usr/share/doc/x/copyright", "/usr/share/man/man1/x.1.gz", "/var/lib/x", "/opt/x", "/usr/local/x", "/boot/x"],
    )
    def test_nobody_asks_for_these(self, path: str) -> None:
        assert place_files([file(path)], {}) == {}

    def test_the_first_directory_of_path_wins(self) -> None:
        entries = [file("/usr/sbin/x"), file("/bin/x"), file("/usr/bin/x")]
        assert place_files(entries, {}) == {"bin/x": "/usr/bin/x"}

    def test_programs_get_other_names(self) -> None:
        links = place_files([file("/usr/bin/fdfind")], {"fd": "fdfind", "absent": "nothing"})
        assert links == {"bin/fdfind": "/usr/bin/fdfind", "bin/fd": "/usr/bin/fdfind"}

    def test_programs_that_another_package_brings(self) -> None:
        links = place_files([file("/usr/bin/pydoc3")], {"python3": "/usr/bin/python3"})
        assert links == {"bin/pydoc3": "/usr/bin/pydoc3", "bin/python3": "/usr/bin/python3"}

    def test_directories_are_not_linked(self) -> None:
        assert place_files([ArchiveEntry("/usr/bin/x", EntryKind.DIRECTORY, False)], {}) == {}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "machine") as opened:
        yield opened


class Builder:
    def __init__(self, apt: AptRoot, store: Store) -> None:
        self.apt = apt
        self.store = store

    def evaluate(self, name: str) -> StorePath:
        """The derivation of ``pkgs.NAME``."""
        index = self.apt.index()
        settings = EvaluationSettings(write_store=True)
        with EvaluationSession(settings, store=self.store, code_cache=CODE_CACHE) as session:

            def work() -> StorePath:
                distribution = distribution_value(Distribution("debian", "12", index), "x86_64-linux", session.facts)
                packages = session.evaluate_file(str(LIBRARY / "packages"))
                library = session.evaluate_file(str(LIBRARY / "lib"))
                pkgs = apply(packages, {"lib": library, "distribution": distribution})
                return read_derivation(select(pkgs, name)).path

            return session.run(work)

    def build(self, name: str) -> Path:
        derivation = self.evaluate(name)
        settings = BuildSettings(extra_builders=distribution_builders(self.apt.manager))
        built = realise(self.store, [(derivation, None)], settings=settings)
        return self.store.real_path(built[derivation]["out"])


@pytest.fixture
def builder(apt: AptRoot, store: Store) -> Builder:
    for shell in ("bash", "zsh", "fish"):
        apt.add(shell)
    return Builder(apt, store)


def test_a_package_is_a_farm_of_links(builder: Builder) -> None:
    file = builder.apt.add(
        "nginx",
        "1:1.22~rc1-9+deb12u3",
        files={
            "/usr/sbin/nginx": "x",
            "/lib/systemd/system/nginx.service": "[Service]",
            "/etc/nginx/nginx.conf": "conf",
            "/usr/share/nginx/html/index.html": "hello",
            "/usr/share/doc/nginx/copyright": "free",
        },
    )
    builder.apt.update()
    output = builder.build("nginx")
    links = {str(path.relative_to(output)): str(path.readlink()) for path in output.rglob("*") if path.is_symlink()}
    assert links == {
        "bin/nginx": "/usr/sbin/nginx",
        "sbin": "bin",
        "lib/systemd/system/nginx.service": "/lib/systemd/system/nginx.service",
        "etc/nginx/nginx.conf": "/etc/nginx/nginx.conf",
        "share/nginx/html/index.html": "/usr/share/nginx/html/index.html",
    }
    described = json.loads((output / "nix-support/distro-package.json").read_text())
    assert (described["name"], described["version"]) == ("nginx", "1:1.22~rc1-9+deb12u3")
    assert described["file"].endswith(".deb")
    kept = builder.store.real_path(StorePath.parse(described["file"]))
    assert kept.read_bytes() == file.read_bytes()


def test_the_package_file_is_kept_with_the_package(builder: Builder) -> None:
    builder.apt.add("hello", files={"/usr/bin/hello": "x"})
    builder.apt.update()
    output = StorePath.from_base_name(builder.build("hello").name)
    assert any(path.name.endswith(".deb") for path in builder.store.closure([output]))


def test_another_version_is_another_store_path(builder: Builder) -> None:
    builder.apt.add("hello", "1.0")
    builder.apt.update()
    before = builder.evaluate("hello")
    builder.apt.add("hello", "2.0")
    builder.apt.update()
    assert builder.evaluate("hello") != before


def test_a_package_without_programs(builder: Builder) -> None:
    builder.apt.add("data", files={"/usr/share/data/x": "x"})
    builder.apt.update()
    output = builder.build("data")
    assert not (output / "bin").exists()
    assert not (output / "sbin").is_symlink()


class TestFailures:
    def test_the_archive_moved_on(self, builder: Builder) -> None:
        old = builder.apt.add("hello", "1.0")
        builder.apt.update()
        derivation = builder.evaluate("hello")
        old.unlink()
        builder.apt.add("hello", "2.0")
        builder.apt.update()
        settings = BuildSettings(extra_builders=distribution_builders(builder.apt.manager))
        with pytest.raises(SystemManagerError, match=r"Version '1\.0' for 'hello' was not found") as raised:
            realise(builder.store, [(derivation, None)], settings=settings)
        assert "apt-get update" in str(raised.value)

    def test_the_archive_has_another_file_of_this_version(self, builder: Builder) -> None:
        builder.apt.add("hello", "1.0")
        builder.apt.update()
        derivation = builder.evaluate("hello")
        builder.apt.add("hello", "1.0", files={"/usr/bin/evil": "x"}, architecture="all")
        builder.apt.update()
        settings = BuildSettings(extra_builders=distribution_builders(builder.apt.manager))
        with pytest.raises(SystemManagerError, match="has the hash"):
            realise(builder.store, [(derivation, None)], settings=settings)
        assert not [path for path in builder.store.layout.store_directory.iterdir() if path.name.endswith(".deb")]

    def test_what_was_downloaded_is_used_again(self, builder: Builder) -> None:
        file = builder.apt.add("hello", "1.0", files={"/usr/bin/hello": "x"})
        builder.apt.update()
        first = builder.build("hello")
        file.unlink()
        assert builder.build("hello") == first
