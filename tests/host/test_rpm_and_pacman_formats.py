"""Reading what dnf prints, what repositories of rpm packages offer, and the databases of pacman."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from system_manager.host.dnf.table import Row, parse_table
from system_manager.host.package_command import is_package_name, is_running, is_version
from system_manager.host.packages import EntryKind, PackageAction, PackageError
from system_manager.host.pacman.database import describe_file, list_archive, parse_description, split_dependency
from system_manager.host.rpm.repodata import find, names_in

TABLE = """\
Last metadata expiration check: 0:00:01 ago on Mon Nov 23 06:59:24 2026.
Dependencies resolved.
================================================================================
 Package          Architecture    Version             Repository           Size
================================================================================
Installing:
 greeter          noarch          1:1.0-1.fc41        test                6.4 k
Installing dependencies:
 a-library-with-a-name-that-is-longer-than-its-column
                  x86_64          2.0-1               @commandline        5.9 M
Upgrading:
 other            noarch          3.0-1               test                 12
     replacing  older.noarch 1.0-1
Downgrading:
 third            noarch          0.1-1               test                 1.0 GiB
Removing dependent packages:
 fourth           noarch          4.0-1               @test                3

Transaction Summary
================================================================================
Install  2 Packages
"""


def test_a_table_of_dnf_is_read_however_its_lines_are_broken() -> None:
    assert parse_table(TABLE) == [
        Row(PackageAction.INSTALL, "greeter", "noarch", "1:1.0-1.fc41"),
        Row(
            PackageAction.INSTALL,
            "a-library-with-a-name-that-is-longer-than-its-column",
            "x86_64",
            "2.0-1",
        ),
        Row(PackageAction.UPGRADE, "other", "noarch", "3.0-1"),
        Row(PackageAction.DOWNGRADE, "third", "noarch", "0.1-1"),
        Row(PackageAction.REMOVE, "fourth", "noarch", "4.0-1"),
    ]


@pytest.mark.parametrize(
    "output",
    [
        "",
        "Dependencies resolved.\nNothing to do.\nComplete!\n",
        "Error: \n Problem: conflicting requests\n  - nothing provides nowhere needed by broken-1.0-1.noarch\n",
        "Installing:\nTransaction Summary\n",
        "Installing:\n cut off\n",
        "Reinstalling:\n greeter noarch 1.0-1 test 6.4 k\nTransaction Summary\n",
    ],
)
def test_where_there_is_no_table_nothing_is_read(output: str) -> None:
    assert parse_table(output) == []


PRIMARY = """<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" packages="2">
<package type="rpm">
  <name>gtk&amp;more</name>
  <arch>x86_64</arch>
  <version epoch="2" ver="1.0" rel="1.fc41"/>
  <checksum type="sha256" pkgid="YES">5EB32f68f51b55d5028cb1848fa6a46ec205d25c615214a0b7d25985ce25e088</checksum>
  <summary>a &lt;toolkit&gt;</summary>
  <size package="6061" installed="1" archive="260"/>
  <location href="Packages/g/gtk-1.0-1.fc41.x86_64.rpm"/>
</package>
<package type="rpm">
  <name>old</name>
  <arch>noarch</arch>
  <version epoch="0" ver="1.0" rel="1"/>
  <checksum type="sha" pkgid="YES">da39a3ee5e6b4b0d3255bfef95601890afd80709</checksum>
  <size package="1" installed="1" archive="1"/>
  <location href="old-1.0-1.noarch.rpm"/>
</package>
</metadata>
"""


def repository(directory: Path, name: str, content: bytes) -> Path:
    index = directory / "repodata/repomd.xml"
    index.parent.mkdir(parents=True)
    index.write_text(f'<repomd>\n<data type="primary">\n<location href="repodata/{name}"/></data></repomd>')
    (index.parent / name).write_bytes(content)
    return index


class TestRepositoryMetadata:
    def test_knows_what_no_program_says(self, tmp_path: Path) -> None:
        indexes = [repository(tmp_path, "primary.xml.gz", gzip.compress(PRIMARY.replace("&amp;more", "").encode()))]
        found = find(indexes, "gtk", "2:1.0-1.fc41", "x86_64")
        assert found is not None
        assert found.sha256 == "5eb32f68f51b55d5028cb1848fa6a46ec205d25c615214a0b7d25985ce25e088"
        assert (found.size, found.file_name) == (6061, "gtk-1.0-1.fc41.x86_64.rpm")
        assert found.description == "a <toolkit>"

    @pytest.mark.parametrize(
        ("version", "architecture"), [("1.0-1.fc41", "x86_64"), ("2:1.0-1.fc41", "i686"), ("2:1.0-1.fc4", "x86_64")]
    )
    def test_another_version_is_another_package(self, tmp_path: Path, version: str, architecture: str) -> None:
        indexes = [repository(tmp_path, "primary.xml", PRIMARY.replace("&amp;more", "").encode())]
        assert find(indexes, "gtk", version, architecture) is None

    def test_a_package_without_a_sha256_is_of_no_use(self, tmp_path: Path) -> None:
        indexes = [repository(tmp_path, "primary.xml", PRIMARY.encode())]
        assert names_in(indexes) == {"gtk&more", "old"}
        assert find(indexes, "old", "1.0-1", "noarch") is None

    @pytest.mark.parametrize(("name", "program"), [("primary.xml.zst", "zstd"), ("primary.xml.xz", "xz")])
    def test_every_compression_is_read(self, tmp_path: Path, name: str, program: str) -> None:
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
        packed = subprocess.run([program, "-c"], input=PRIMARY.encode(), capture_output=True, check=True).stdout
        assert "old" in names_in([repository(tmp_path, name, packed)])

    @pytest.mark.parametrize("name", ["primary.xml.gz", "primary.xml.xz", "primary.xml.zck", "primary.xml.bz2"])
    def test_damaged_metadata_is_an_error(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(PackageError):
            names_in([repository(tmp_path, name, b"not compressed at all")])

    def test_metadata_that_was_not_fetched_is_no_error(self, tmp_path: Path) -> None:
        index = repository(tmp_path, "primary.xml", b"")
        (index.parent / "primary.xml").unlink()
        assert names_in([index]) == set()


DESCRIPTION = """%FILENAME%
greeter-2:2.0-1-any.pkg.tar.zst

%NAME%
greeter

%VERSION%
2:2.0-1

%CSIZE%
491

%SHA256SUM%
2A06f7bfb4b6e6c6ba040b024b16892e1179795a7ec455a1fc992a4de260dec7

%ARCH%
any

%CONFLICTS%
enemy<2
other

%PROVIDES%
hello=2.0

%REASON%
1
"""


class TestPacmanDatabase:
    def test_a_description_is_read(self) -> None:
        found = parse_description(DESCRIPTION)
        assert found is not None
        assert (found.name, found.version, found.architecture, found.size) == ("greeter", "2:2.0-1", "any", 491)
        assert found.sha256.startswith("2a06f7")
        assert (found.conflicts, found.provides, found.automatic) == (("enemy<2", "other"), ("hello=2.0",), True)

    @pytest.mark.parametrize("text", ["", "%NAME%\n", "%NAME%\ngreeter\n", "greeter\n%VERSION%\n1.0", "%%\nx\n"])
    def test_what_describes_nothing_is_passed_over(self, text: str) -> None:
        assert parse_description(text) is None

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("glibc", ("glibc", "", "")),
            ("glibc>=2.38", ("glibc", ">=", "2.38")),
            ("glibc<2:3", ("glibc", "<", "2:3")),
            ("libx.so=1-64", ("libx.so", "=", "1-64")),
        ],
    )
    def test_dependencies_have_a_name_a_relation_and_a_version(self, text: str, parts: tuple[str, str, str]) -> None:
        assert split_dependency(text) == parts


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as made:
        for member, content in members:
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = kind, mode
    return info


class TestPacmanArchive:
    def test_lists_what_is_for_the_machine(self, tmp_path: Path) -> None:
        file = archive(
            tmp_path / "x.pkg.tar.gz",
            (member(".PKGINFO"), b"pkgname = x\npkgver = 1-1\nconflict = y\n"),
            (member(".MTREE"), b""),
            (member("usr/bin/", tarfile.DIRTYPE), b""),
            (member("usr/bin/x", mode=0o755), b"x"),
            (member("./etc/x.conf"), b"x"),
        )
        assert {entry.path: (entry.kind, entry.executable) for entry in list_archive(file)} == {
            "/usr/bin": (EntryKind.DIRECTORY, False),
            "/usr/bin/x": (EntryKind.FILE, True),
            "/etc/x.conf": (EntryKind.FILE, False),
        }
        described = describe_file(file)
        assert (described.name, described.version, described.conflicts) == ("x", "1-1", ("y",))

    @pytest.mark.parametrize("name", ["../x", "usr/../../x", "usr/bin/a\nb"])
    def test_refuses_paths_that_leave_the_root(self, tmp_path: Path, name: str) -> None:
        file = archive(tmp_path / "x.pkg.tar.gz", (member(name), b"x"))
        with pytest.raises(PackageError, match="leaves its root"):
            list_archive(file)

    @pytest.mark.parametrize("content", [b"", b"no archive", b"\x28\xb5\x2f\xfd broken", b"\x1f\x8b broken"])
    def test_refuses_what_is_no_package(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "x.pkg.tar.zst"
        file.write_bytes(content)
        with pytest.raises(PackageError, match="no package file"):
            describe_file(file)


@pytest.mark.parametrize(
    "text", ["", "-o", "--root=/", "a b", "../x", "/x", "a;b", "*", "a\nb", "./x.rpm", "@group", "a=1", "a>1"]
)
def test_what_cannot_name_a_package(text: str) -> None:
    assert not is_package_name(text)


@pytest.mark.parametrize("text", ["", "-1", "1 2", "1/2", "1=2", "1\n"])
def test_what_cannot_be_a_version(text: str) -> None:
    assert not is_version(text)


@pytest.mark.parametrize("text", ["1.0-1", "2:1.0~rc1-1.fc41", "1.0^20240101-1", "5.15.0+deb12u1"])
def test_what_can_be_a_version(text: str) -> None:
    assert is_version(text)


def test_a_process_is_told_by_its_name_whatever_others_are_called() -> None:
    """Any user can give a process a name of any bytes."""
    program = "import ctypes, sys; ctypes.CDLL(None).prctl(15, b'\\xff\\n\\xfe'); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as odd:
        assert odd.stdout is not None
        odd.stdout.readline()
        assert not is_running("no-such-program")
        assert is_running(Path("/proc/self/comm").read_text().removesuffix("\n"))
        odd.communicate()
