"""The real apt, on a system and an archive of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from system_manager.base.events import NullObserver
from system_manager.base.records import replace
from system_manager.host.apt.archive import list_archive
from system_manager.host.package_files import fetch_verified
from system_manager.host.packages import (
    DownloadError,
    EntryKind,
    PackageAction,
    PackageChange,
    PackageConflictError,
    PackageError,
    PackageNotFoundError,
    RequestedPackage,
)
from tests.conftest import unavailable
from tests.host.apt_root import AptRoot

NOBODY = NullObserver()
NO_UNITS: frozenset[str] = frozenset()


def wanted(apt: AptRoot, name: str) -> RequestedPackage:
    found = apt.index().lookup(name)
    assert found is not None
    return RequestedPackage(found.name, found.version, found.architecture, found.sha256)


def install(apt: AptRoot, *names: str) -> tuple[PackageChange, ...]:
    return apt.manager.install([wanted(apt, name) for name in names], managed_units=NO_UNITS, observer=NOBODY)


def versions(apt: AptRoot, *names: str) -> dict[str, str]:
    return {name: package.version for name, package in apt.manager.installed(names).items()}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A directory on a file system that has no room left."""
    if os.geteuid() != 0:
        unavailable("mounting a file system needs root")
    place = tmp_path / "full"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", place], check=True)
    (place / "filler").write_bytes(bytes(4096))
    yield place
    subprocess.run(["umount", place], check=True)


class TestIndex:
    def test_knows_the_newest_version_and_its_file(self, apt: AptRoot) -> None:
        apt.add("hello", "1.0")
        newer = apt.add("hello", "1.10~rc1", Section="misc")
        apt.update()
        found = apt.index().lookup("hello")
        assert found is not None
        assert (found.version, found.architecture, found.file_name) == ("1.10~rc1", "all", newer.name)
        assert found.size == newer.stat().st_size
        assert found.description == "hello made for a test"

    def test_says_that_lists_have_to_be_fetched_first(self, apt: AptRoot) -> None:
        apt.add("hello", "1.0")
        assert apt.index().advice() == "there are no package lists on this machine; fetch them first: apt update"
        apt.update()
        assert apt.index().advice() is None

    def test_a_pin_decides_the_version(self, apt: AptRoot) -> None:
        apt.add("hello", "1.0")
        apt.add("hello", "2.0")
        apt.path("/etc/apt/preferences.d/old").write_text("Package: hello\nPin: version 1.0\nPin-Priority: 1001\n")
        apt.update()
        found = apt.index().lookup("hello")
        assert found is not None
        assert found.version == "1.0"

    @pytest.mark.parametrize("name", ["absent", "", "-o", "../x", "Hello", "a b", "hello:../x", "virtual"])
    def test_there_is_no_such_package(self, apt: AptRoot, name: str) -> None:
        apt.add("hello", Provides="virtual")
        apt.update()
        assert apt.index().lookup(name) is None

    def test_answers_although_there_is_no_room_for_a_cache(self, apt: AptRoot, full: Path) -> None:
        apt.add("hello", "1.0")
        apt.update()
        apt.system = replace(apt.system, cache_directory=full)
        found = apt.index().lookup("hello")
        assert found is not None
        assert found.version == "1.0"
        assert apt.manager.installed(["hello"]) == {}

    def test_names_are_sorted(self, apt: AptRoot) -> None:
        for name in ("zsh", "apt", "hello"):
            apt.add(name)
        apt.update()
        assert apt.index().names() == ["apt", "hello", "zsh"]

    def test_remembers_answers_only_as_long_as_they_hold(self, apt: AptRoot, tmp_path: Path) -> None:
        apt.add("hello", "1.0")
        apt.update()
        before = apt.index(tmp_path / "memory")
        first = before.lookup("hello")
        assert before.names() == apt.index(tmp_path / "memory").names() == ["hello"]
        assert apt.index(tmp_path / "memory").identity() == before.identity()
        apt.add("hello", "2.0")
        apt.add("world")
        apt.update()
        after = apt.index(tmp_path / "memory")
        assert after.identity() != before.identity()
        assert after.names() == ["hello", "world"]
        second = after.lookup("hello")
        assert first is not None and second is not None
        assert (first.version, second.version) == ("1.0", "2.0")

    @pytest.mark.parametrize("torn", [b"", b"{", b"[]", b'{"hello": 1}', b'{"hello": {"name": "hello"}}', b"\xff"])
    def test_torn_memory_is_only_slower(self, apt: AptRoot, tmp_path: Path, torn: bytes) -> None:
        apt.add("hello")
        apt.update()
        apt.index(tmp_path / "memory").lookup("hello")
        (file,) = (tmp_path / "memory").glob("records-*")
        file.write_bytes(torn)
        assert apt.index(tmp_path / "memory").lookup("hello") is not None


class TestDownload:
    def test_fetches_the_file(self, apt: AptRoot, tmp_path: Path) -> None:
        file = apt.add("hello", files={"/usr/bin/hello": "#!/bin/sh\n"})
        apt.update()
        package = wanted(apt, "hello")
        fetch_verified(
            apt.manager,
            name="hello",
            version=package.version,
            architecture="all",
            sha256=package.sha256,
            destination=tmp_path / "result",
        )
        assert (tmp_path / "result").read_bytes() == file.read_bytes()
        assert not list(tmp_path.glob(".download-*"))

    @pytest.mark.parametrize(
        ("version", "sha256", "error"),
        [("9.9", "0" * 64, PackageNotFoundError), ("1.0", "0" * 64, DownloadError)],
    )
    def test_refuses_another_file(
        self, apt: AptRoot, tmp_path: Path, version: str, sha256: str, error: type[PackageError]
    ) -> None:
        apt.add("hello", "1.0")
        apt.update()
        with pytest.raises(error):
            fetch_verified(
                apt.manager,
                name="hello",
                version=version,
                architecture="all",
                sha256=sha256,
                destination=tmp_path / "result",
            )
        assert not (tmp_path / "result").exists()

    def test_an_archive_that_lost_the_file_says_so(self, apt: AptRoot, tmp_path: Path) -> None:
        file = apt.add("hello", "1.0")
        apt.update()
        package = wanted(apt, "hello")
        file.unlink()
        with pytest.raises(DownloadError):
            fetch_verified(
                apt.manager,
                name="hello",
                version="1.0",
                architecture="all",
                sha256=package.sha256,
                destination=tmp_path / "result",
            )


class TestArchive:
    def test_lists_every_path_with_its_kind(self, apt: AptRoot) -> None:
        file = apt.add(
            "hello",
            files={"/usr/sbin/hello": "x", "/etc/hello.conf": "a"},
            links={"/usr/bin/hi": "../sbin/hello"},
            scripts={"postinst": "true || update-alternatives --install /usr/bin/greet greet \\\n /usr/sbin/hello 50"},
        )
        listed = {entry.path: entry for entry in list_archive(file)}
        assert listed["/usr/sbin/hello"].kind is EntryKind.FILE
        assert listed["/usr/sbin/hello"].executable
        assert not listed["/etc/hello.conf"].executable
        assert listed["/usr/bin/hi"].kind is EntryKind.LINK
        assert listed["/usr/bin"].kind is EntryKind.DIRECTORY
        assert listed["/usr/bin/greet"].kind is EntryKind.LINK

    @pytest.mark.parametrize(
        "content", [b"", b"!<arch>\n", b"not an archive", b"!<arch>\ndebian-binary   " + b"x" * 99]
    )
    def test_refuses_what_is_no_package(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.deb").write_bytes(content)
        with pytest.raises(PackageError, match="no package file"):
            list_archive(tmp_path / "x.deb")


class TestInstall:
    def test_brings_dependencies_and_reports_them(self, apt: AptRoot) -> None:
        apt.add("library")
        apt.add("extra")
        apt.add("hello", Depends="library", Recommends="extra")
        apt.update()
        changes = install(apt, "hello")
        assert {(change.action, change.name) for change in changes} == {
            (PackageAction.INSTALL, "hello"),
            (PackageAction.INSTALL, "library"),
        }
        found = apt.manager.installed(["hello", "library", "extra"])
        assert {name: package.automatic for name, package in found.items()} == {"hello": False, "library": True}

    def test_does_nothing_when_everything_is_there(self, apt: AptRoot) -> None:
        apt.add("hello")
        apt.update()
        install(apt, "hello")
        status = apt.path("/var/lib/dpkg/status").stat()
        assert install(apt, "hello") == ()
        assert apt.path("/var/lib/dpkg/status").stat().st_mtime_ns == status.st_mtime_ns

    def test_simulation_touches_nothing(self, apt: AptRoot) -> None:
        apt.add("hello")
        apt.update()
        changes = apt.manager.simulate([wanted(apt, "hello")])
        assert changes == (PackageChange(PackageAction.INSTALL, "hello", None, "1.0", "all"),)
        assert versions(apt, "hello") == {}

    def test_takes_the_file_at_hand_for_a_version_that_the_archive_lost(self, apt: AptRoot, tmp_path: Path) -> None:
        old = apt.add("hello", "1.0")
        apt.update()
        before = wanted(apt, "hello")
        kept = tmp_path / "kept" / old.name
        kept.parent.mkdir()
        old.rename(kept)
        apt.add("hello", "2.0")
        apt.update()
        install(apt, "hello")
        request = RequestedPackage(before.name, before.version, before.architecture, before.sha256, kept)
        (change,) = apt.manager.install([request], managed_units=NO_UNITS, observer=NOBODY)
        assert change == PackageChange(PackageAction.DOWNGRADE, "hello", "2.0", "1.0", change.architecture)
        assert versions(apt, "hello") == {"hello": "1.0"}

    def test_revert_brings_old_versions_back_and_new_packages_away(self, apt: AptRoot) -> None:
        apt.add("hello", "1.0")
        apt.update()
        install(apt, "hello")
        apt.add("hello", "2.0")
        apt.add("world")
        apt.update()
        changes = install(apt, "hello", "world")
        for _ in range(2):  # a revert that was interrupted is done again
            apt.manager.revert(changes, (), managed_units=NO_UNITS, observer=NOBODY)
            assert versions(apt, "hello", "world") == {"hello": "1.0"}

    def test_refuses_to_remove_what_is_in_conflict(self, apt: AptRoot) -> None:
        apt.add("exim")
        apt.add("postfix", Conflicts="exim")
        apt.update()
        install(apt, "exim")
        with pytest.raises(PackageConflictError, match="would remove exim"):
            install(apt, "postfix")
        assert versions(apt, "exim", "postfix") == {"exim": "1.0"}

    def test_puts_one_in_the_place_of_another(self, apt: AptRoot) -> None:
        """Both are what a third package, which stays, needs."""
        for name in ("exim", "postfix"):
            conflict = {"Provides": "mta", "Conflicts": "mta", "Replaces": "mta"}
            apt.add(name, files={"/usr/sbin/sendmail": name, f"/etc/{name}.conf": name}, **conflict)
        apt.add("mailx", Depends="exim | mta")
        apt.update()
        install(apt, "exim", "mailx")
        request = wanted(apt, "postfix")
        with pytest.raises(PackageConflictError, match="would remove exim"):
            apt.manager.install([request], managed_units=NO_UNITS, observer=NOBODY, leaving=["mailx"])
        changes = apt.manager.install([request], managed_units=NO_UNITS, observer=NOBODY, leaving=["exim"])
        assert {(change.action, change.name) for change in changes} == {
            (PackageAction.REMOVE, "exim"),
            (PackageAction.INSTALL, "postfix"),
        }
        assert versions(apt, "exim", "postfix", "mailx") == {"postfix": "1.0", "mailx": "1.0"}
        assert not apt.path("/etc/exim.conf").exists()
        apt.manager.revert(changes, (), managed_units=NO_UNITS, observer=NOBODY)
        assert versions(apt, "exim", "postfix", "mailx") == {"exim": "1.0", "mailx": "1.0"}
        assert apt.path("/etc/exim.conf").exists()

    def test_refuses_what_cannot_be_satisfied(self, apt: AptRoot) -> None:
        apt.add("hello", Depends="nowhere (>= 3)")
        apt.update()
        with pytest.raises(PackageConflictError, match="nowhere"):
            install(apt, "hello")

    def test_refuses_a_held_package(self, apt: AptRoot) -> None:
        apt.add("hello", "1.0")
        apt.update()
        install(apt, "hello")
        apt.system.apt("apt-mark", "hold", "hello")
        apt.add("hello", "2.0")
        apt.update()
        with pytest.raises(PackageConflictError, match="holds hello"):
            install(apt, "hello")

    @pytest.mark.parametrize("name", ["absent", "-o", "./x.deb", "a/b", ""])
    def test_there_is_no_such_package(self, apt: AptRoot, name: str) -> None:
        apt.update()
        with pytest.raises(PackageNotFoundError):
            apt.manager.install([RequestedPackage(name, "1", "all", "")], managed_units=NO_UNITS, observer=NOBODY)

    def test_nothing_is_unpacked_when_a_download_fails(self, apt: AptRoot) -> None:
        lost = apt.add("library")
        apt.add("hello", Depends="library")
        apt.update()
        lost.unlink()
        with pytest.raises(DownloadError):
            install(apt, "hello")
        assert versions(apt, "hello", "library") == {}

    def test_a_failing_script_is_reported_and_can_be_reverted(self, apt: AptRoot) -> None:
        apt.add("hello", scripts={"postinst": "echo 'no such luck' >&2; exit 3"})
        apt.update()
        request = wanted(apt, "hello")
        changes = apt.manager.simulate([request])
        with pytest.raises(PackageError, match="apt-get failed"):
            install(apt, "hello")
        assert versions(apt, "hello") == {}
        apt.manager.revert(changes, (), managed_units=NO_UNITS, observer=NOBODY)
        assert "hello" not in apt.path("/var/lib/dpkg/status").read_text()

    def test_what_somebody_left_half_done_is_said_before_anything_is_touched(self, apt: AptRoot) -> None:
        self._leave_half_configured(apt, "theirs")
        apt.add("hello")
        apt.update()
        with pytest.raises(PackageError, match=r"unfinished: theirs \(half-configured\)") as raised:
            apt.manager.simulate([wanted(apt, "hello")])
        assert "dpkg --configure -a" in (raised.value.hint or "")
        with pytest.raises(PackageError, match="unfinished"):
            install(apt, "hello")
        apt.path("/fail").unlink()
        install(apt, "theirs")  # who asks for it has it finished
        install(apt, "hello")
        assert versions(apt, "hello", "theirs") == {"hello": "1.0", "theirs": "1.0"}

    @staticmethod
    def _leave_half_configured(apt: AptRoot, name: str) -> None:
        apt.path("/fail").touch()
        apt.add(name, scripts={"postinst": '[ ! -e "$DPKG_ROOT/fail" ]'})
        apt.update()
        with pytest.raises(PackageError):
            install(apt, name)

    def test_what_fails_in_others_hinders_no_way_back(self, apt: AptRoot) -> None:
        """As initramfs-tools does in its trigger when there is no room."""
        interest = {"triggers": "interest-noawait /usr/share/images\n"}
        script = '[ "$1" != triggered ] || [ ! -e "$DPKG_ROOT/fail" ]'
        apt.add("hello", "1.0", files={"/usr/share/images/x": "x"})
        apt.add("maker", scripts={"postinst": script}, control_files=interest)
        apt.update()
        install(apt, "hello", "maker")
        apt.add("hello", "2.0", files={"/usr/share/images/x": "y"})
        apt.add("world", files={"/usr/share/images/y": "y"})
        apt.update()
        requests = [wanted(apt, "hello"), wanted(apt, "world")]
        changes = apt.manager.simulate(requests)
        apt.path("/fail").touch()
        with pytest.raises(PackageError, match="maker"):
            apt.manager.install(requests, managed_units=NO_UNITS, observer=NOBODY)
        apt.manager.revert(changes, (), managed_units=NO_UNITS, observer=NOBODY)
        assert versions(apt, "hello", "world") == {"hello": "1.0"}


class TestRemove:
    def test_takes_along_what_other_versions_brought(self, apt: AptRoot) -> None:
        """A new default of an untouched file, a new file, and a version beside a file that was edited."""
        before = sorted(apt.path("/etc").rglob("*"))
        for version, files in (
            ("1.0", {"/etc/hello.conf": "a\n", "/etc/edited.conf": "a\n"}),
            ("2.0", {"/etc/hello.conf": "b\n", "/etc/edited.conf": "b\n", "/etc/new.d/new.conf": "b\n"}),
        ):
            apt.add("hello", version, files=files)
            apt.update()
            install(apt, "hello")
            edited = apt.path("/etc/edited.conf")
            edited.write_text("mine\n")
        assert apt.path("/etc/hello.conf").read_text() == "b\n"
        assert apt.path("/etc/edited.conf.dpkg-dist").exists()
        apt.manager.remove(["hello"], managed_units=NO_UNITS, observer=NOBODY)
        assert sorted(apt.path("/etc").rglob("*")) == sorted([*before, edited])

    def test_keeps_what_was_edited_before_another_version_came(self, apt: AptRoot) -> None:
        apt.add("hello", "1.0", files={"/etc/hello.conf": "a\n"})
        apt.update()
        install(apt, "hello")
        apt.path("/etc/hello.conf").write_text("b\n")
        apt.add("hello", "2.0", files={"/etc/hello.conf": "b\n"})
        apt.update()
        install(apt, "hello")
        apt.manager.remove(["hello"], managed_units=NO_UNITS, observer=NOBODY)
        assert apt.path("/etc/hello.conf").read_text() == "b\n"

    def test_leaves_etc_as_it_was(self, apt: AptRoot) -> None:
        apt.add(
            "hello",
            files={"/etc/hello/hello.conf": "a\n", "/usr/share/hello/x": "x"},
            scripts={"postinst": 'mkdir -p "$DPKG_ROOT/etc/hello/conf.d"; ln -s x "$DPKG_ROOT/etc/hello/link"'},
        )
        apt.update()
        before = sorted(apt.path("/etc").rglob("*"))
        install(apt, "hello")
        assert len(sorted(apt.path("/etc").rglob("*"))) == len(before) + 4
        apt.manager.remove(["hello"], managed_units=NO_UNITS, observer=NOBODY)
        assert sorted(apt.path("/etc").rglob("*")) == before

    def test_leaves_alone_what_came_with_others(self, apt: AptRoot) -> None:
        link = 'mkdir -p "$DPKG_ROOT/etc/rc5.d"; ln -s ../init.d/%s "$DPKG_ROOT/etc/rc5.d/S01%s"'
        for name in ("one", "two"):
            apt.add(name, files={f"/etc/init.d/{name}": "#!/bin/sh\n"}, scripts={"postinst": link % (name, name)})
        apt.update()
        before = sorted(apt.path("/etc").rglob("*"))
        install(apt, "one", "two")
        apt.manager.remove(["one"], managed_units=NO_UNITS, observer=NOBODY)
        left = {str(path.relative_to(apt.root)) for path in set(apt.path("/etc").rglob("*")) - set(before)}
        assert left == {"etc/init.d", "etc/init.d/two", "etc/rc5.d", "etc/rc5.d/K01two"}
        apt.manager.remove(["two"], managed_units=NO_UNITS, observer=NOBODY)
        assert sorted(apt.path("/etc").rglob("*")) == before

    def test_keeps_edited_configuration_and_data(self, apt: AptRoot) -> None:
        apt.add(
            "hello",
            files={"/etc/hello.conf": "a\n"},
            scripts={
                "postinst": 'mkdir -p "$DPKG_ROOT/var/lib/hello"',
                "postrm": 'if [ "$1" = purge ]; then rm -rf "$DPKG_ROOT/var/lib/hello"; fi',
            },
        )
        apt.update()
        install(apt, "hello")
        apt.path("/etc/hello.conf").write_text("edited\n")
        apt.manager.remove(["hello"], managed_units=NO_UNITS, observer=NOBODY)
        assert apt.path("/etc/hello.conf").read_text() == "edited\n"
        assert apt.path("/var/lib/hello").is_dir()

    def test_configuration_is_back_after_another_installation(self, apt: AptRoot) -> None:
        apt.add("hello", files={"/etc/hello.conf": "a\n"})
        apt.update()
        for _ in range(3):
            install(apt, "hello")
            assert apt.path("/etc/hello.conf").read_text() == "a\n"
            apt.manager.remove(["hello"], managed_units=NO_UNITS, observer=NOBODY)
            assert not apt.path("/etc/hello.conf").exists()

    def test_refuses_to_take_others_along(self, apt: AptRoot) -> None:
        apt.add("library")
        apt.add("hello", Depends="library")
        apt.update()
        install(apt, "hello")
        with pytest.raises(PackageConflictError, match="hello would have to be removed"):
            apt.manager.remove(["library"], managed_units=NO_UNITS, observer=NOBODY)
        assert versions(apt, "hello", "library") == {"hello": "1.0", "library": "1.0"}

    def test_removing_what_is_not_there_is_nothing(self, apt: AptRoot) -> None:
        apt.update()
        assert apt.manager.remove(["hello", "-o", ""], managed_units=NO_UNITS, observer=NOBODY) == ()


ASK_POLICY = """
policy="$DPKG_ROOT/usr/sbin/policy-rc.d"
for question in "hello start" "hello.service restart" "--quiet hello reload" "hello stop" "other start"; do
    if [ -x "$policy" ]; then "$policy" $question && status=$? || status=$?; else status=none; fi
    echo "$question: $status" >> "$DPKG_ROOT/answers"
done
mkdir -p "$DPKG_ROOT/etc/systemd/system/multi-user.target.wants"
ln -s /lib/systemd/system/hello.service "$DPKG_ROOT/etc/systemd/system/multi-user.target.wants/hello.service"
"""


class TestServicesStayDown:
    @pytest.fixture
    def hello(self, apt: AptRoot) -> AptRoot:
        apt.add("hello", files={"/lib/systemd/system/hello.service": "[Service]"}, scripts={"postinst": ASK_POLICY})
        apt.update()
        return apt

    def answers(self, apt: AptRoot) -> dict[str, str]:
        lines = apt.path("/answers").read_text().splitlines()
        return dict(line.rsplit(": ", 1) for line in lines)

    def test_starting_is_forbidden_and_enabling_taken_back(self, hello: AptRoot) -> None:
        install(hello, "hello")
        assert self.answers(hello) == {
            "hello start": "101",
            "hello.service restart": "101",
            "--quiet hello reload": "101",
            "hello stop": "0",
            "other start": "101",
        }
        assert not hello.path("/etc/systemd/system/multi-user.target.wants").exists()

    def test_nothing_of_the_guard_is_left(self, hello: AptRoot) -> None:
        install(hello, "hello")
        assert not hello.path("/usr/sbin/policy-rc.d").exists()
        assert not list(hello.path("/run").rglob("*.preset"))
        assert not hello.path("/run/system-manager/package-installation").exists()

    def test_managed_units_are_not_even_stopped(self, hello: AptRoot) -> None:
        hello.manager.install([wanted(hello, "hello")], managed_units=frozenset({"hello.service"}), observer=NOBODY)
        assert self.answers(hello)["hello stop"] == "101"

    def test_the_administrators_policy_is_asked_and_put_back(self, hello: AptRoot) -> None:
        policy = hello.path("/usr/sbin/policy-rc.d")
        policy.parent.mkdir(parents=True)
        policy.write_text("#!/bin/sh\nexit 104\n")
        policy.chmod(0o755)
        install(hello, "hello")
        answers = self.answers(hello)
        assert (answers["hello start"], answers["hello stop"]) == ("101", "104")
        assert policy.read_text() == "#!/bin/sh\nexit 104\n"
        assert [path.name for path in policy.parent.iterdir()] == ["policy-rc.d"]

    def test_links_that_were_there_before_stay(self, hello: AptRoot) -> None:
        link = hello.path("/etc/systemd/system/sshd.service")
        link.parent.mkdir(parents=True)
        link.symlink_to("/lib/systemd/system/ssh.service")
        install(hello, "hello")
        assert link.is_symlink()

    def test_the_guard_of_a_killed_process_forbids_nothing(self, hello: AptRoot) -> None:
        state = hello.path("/run/system-manager/package-installation")
        install(hello, "hello")
        guard_of_the_dead(hello)
        assert (state / "process").exists()
        hello.add("world", scripts={"postinst": ASK_POLICY})
        hello.path("/answers").unlink()
        policy = hello.path("/usr/sbin/policy-rc.d")
        assert policy.exists()
        import subprocess

        dead = subprocess.run([policy, "hello", "start"], env={"DPKG_ROOT": str(hello.root)}, check=False)
        assert dead.returncode == 0
        hello.manager.recover(NOBODY)
        assert not policy.exists()
        assert not state.exists()


def guard_of_the_dead(apt: AptRoot) -> None:
    """Leave a guard behind as a process does that is killed while it installs."""
    import os
    import signal

    from system_manager.host.service_guard import ServiceGuard

    child = os.fork()
    if child == 0:
        with ServiceGuard(apt.root, asks_policy=True).closed():
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
