"""What a builder sees and what it cannot do, as root and as somebody else."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import system_manager
from system_manager.base.events import BuildOutput, CollectingObserver
from system_manager.store.addressing import ContentAddress, IngestionMethod, make_placeholder
from system_manager.store.building.settings import BuildSettings
from system_manager.store.errors import BuildFailedError, StoreError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.metadata import remove_tree
from system_manager.store.store import Store
from tests.conftest import unavailable
from tests.store.building import build, instantiate, shell, text, tree

NOBODY = 54321


def output_of(store: Store, script: str, **options: object) -> list[str]:
    return build(store, shell(store, "x", f"({script}) > $out 2>&1", **options)).read_text().splitlines()


class TestEnvironment:
    def test_variables(self, store: Store) -> None:
        item = shell(store, "x", "env > $out", {"own": "a\nb", "empty": ""})
        found = build(store, item, settings=BuildSettings(cores=3)).read_text().splitlines()
        assert sorted(found) == sorted(
            [
                "HOME=/homeless-shelter",
                "NIX_BUILD_CORES=3",
                "NIX_BUILD_TOP=/build",
                "NIX_LOG_FD=2",
                "NIX_STORE=/nix/store",
                "PATH=/usr/bin:/bin",
                "PWD=/build",
                "TEMP=/build",
                "TEMPDIR=/build",
                "TERM=xterm-256color",
                "TMP=/build",
                "TMPDIR=/build",
                "b",
                "empty=",
                f"out={item}",
                "own=a",
            ]
        )

    def test_a_path_has_to_be_asked_for(self, store: Store) -> None:
        item = instantiate(store, "x", "/bin/sh", arguments=["-c", "echo $PATH > $out"])
        assert build(store, item).read_text() == "/path-not-set\n"

    def test_placeholders_become_paths(self, store: Store) -> None:
        placeholder = make_placeholder("dev")
        environment = {"where": f"in {placeholder}/lib", "PATH": "/bin:/usr/bin"}
        script = f"mkdir {placeholder}; echo $where > $out"
        item = instantiate(store, "x", "/bin/sh", environment, arguments=["-c", script], outputs=("out", "dev"))
        assert build(store, item).read_text() == f"in {item.derivation.output_path('dev')}/lib\n"

    def test_attributes_as_files(self, store: Store) -> None:
        large = "x" * 300_000  # more than the kernel takes in one variable
        script = "echo ${large-unset} ${largePath%%-*} > $out; cat $largePath >> $out"
        item = shell(store, "x", script, {"large": large, "passAsFile": "large"})
        assert build(store, item).read_text() == f"unset /build/.attr\n{large}"

    def test_a_variable_that_is_too_large(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="Argument list too long"):
            build(store, shell(store, "x", "echo > $out", {"large": "x" * 300_000}))

    def test_structured_attributes(self, store: Store) -> None:
        attributes = {
            "text": "it's",
            "number": 3,
            "fraction": 1.5,
            "on": True,
            "off": False,
            "none": None,
            "list": ["a b", 1],
            "mixed": [["nested"]],
            "set": {"k k": "v"},
            "not-a-name": "x",
        }
        script = """
            . "$NIX_ATTRS_SH_FILE"
            { echo "$text|$number|${fraction-unset}|$on|$off|$none|${list[0]}|${set['k k']}|${mixed-unset}"
              cat "$NIX_ATTRS_JSON_FILE"; } > "${outputs[out]}"
        """
        item = instantiate(
            store,
            "x",
            "/bin/bash",
            {"__json": json.dumps(attributes)},
            arguments=["-euc", f"PATH=/usr/bin:/bin; {script}"],
        )
        first, second = build(store, item).read_text().splitlines()
        assert first == "it's|3|unset|1|||a b|v|unset"
        assert json.loads(second) == {**attributes, "outputs": {"out": str(item)}}


class TestIsolation:
    def test_user_host_and_processes(self, store: Store) -> None:
        script = "id -u; id -g; id -un; cat /proc/sys/kernel/hostname; ls -d /proc/[0-9]* | wc -l"
        uid, gid, name, host, processes = output_of(store, script)
        assert (uid, gid, name, host) == ("1000", "100", "nixbld", "localhost")
        assert int(processes) < 10

    def test_only_the_closure_of_its_inputs_is_in_the_store(self, store: Store) -> None:
        inner, unrelated = text(store, "inner", "x"), text(store, "unrelated", "x")
        outer = instantiate(store, "outer", "builtin:write-text", {"text": str(inner)}, inputs=[inner])
        build(store, unrelated)
        found = set(output_of(store, "ls /nix/store", inputs=[outer]))
        assert {inner.out.base_name, outer.out.base_name} < found
        assert unrelated.out.base_name not in found
        assert len(found) == 3

    def test_directories_links_and_files_as_inputs(self, store: Store, tmp_path: Path) -> None:
        directory = tree(store, "tree", {"a/b": "content"})
        (tmp_path / "link").symlink_to(f"{directory}/a")
        link = store.add_path(tmp_path / "link", "link")
        found = output_of(store, f"cat {link}/b; readlink {link}", inputs=[directory], sources=[link])
        assert found == [f"content{directory}/a"]

    @pytest.mark.parametrize(
        "place", ["/x", "/etc/x", "/usr/x", "/bin/x", "/nix/x", "/nix/var/x", "/dev/x", "/proc/sys/kernel/hostname"]
    )
    def test_where_it_cannot_write(self, store: Store, place: str) -> None:
        with pytest.raises(BuildFailedError):
            build(store, shell(store, "x", f"echo x > {place}; echo > $out"))

    @pytest.mark.parametrize("place", ["/tmp/x", "/build/x", "/dev/shm/x", "/dev/null"])
    def test_where_it_can(self, store: Store, place: str) -> None:
        build(store, shell(store, "x", f"echo x > {place}; echo > $out"))
        assert Path(place) == Path("/dev/null") or not Path(place).exists()

    def test_its_inputs_are_safe_from_it(self, store: Store) -> None:
        item = tree(store, "tree", {"a": "content"})
        script = f"rm -rf {item} || true; chmod -R u+w {item} || true; echo evil > {item}/a || true; echo > $out"
        build(store, shell(store, "x", script, inputs=[item]))
        with Store.open(store.layout.root) as other:
            assert (other.real_path(item.out) / "a").is_symlink()
            assert (other.real_path(item.out).stat().st_mode & 0o777) == 0o555

    def test_nothing_of_the_host_but_its_tools(self, store: Store, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("secret")
        secret.chmod(0o644)
        script = f"cat {secret} /etc/shadow || true; ls /root /home /var /run /sys || true; cut -d: -f1 /etc/passwd"
        found = "\n".join(output_of(store, script))
        assert "secret" not in found.replace(str(secret), "")
        assert found.splitlines()[-3:] == ["root", "nixbld", "nobody"]
        assert found.count("No such file or directory") == 7

    def test_no_privileges_can_be_gained(self, store: Store) -> None:
        found = output_of(store, "grep -E '^(CapEff|CapPrm|NoNewPrivs)' /proc/self/status")
        assert [line.split()[1] for line in found] == ["0000000000000000", "0000000000000000", "1"]

    def test_what_it_leaves_running_is_ended(self, store: Store) -> None:
        script = "(setsid sleep 4321 < /dev/null > /dev/null 2>&1 &) ; echo > $out"
        build(store, shell(store, "x", script))
        running = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # others end meanwhile
                running.append(path.read_bytes())
        assert b"sleep\x004321\x00" not in running

    def test_no_network(self, store: Store) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            script = f"exec 3<>/dev/tcp/127.0.0.1/{port}"
            found = output_of(store, f"cut -d: -f1 /proc/net/dev | tail -n +3; bash -c '{script}' || echo refused")
            assert found[0].strip() == "lo"
            assert found[-1] == "refused"

    def test_network_if_the_output_is_fixed(self, store: Store) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            content = ContentAddress(IngestionMethod.FLAT, hash_bytes(HashAlgorithm.SHA256, b"connected\n"))
            script = (
                f"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' && test $NIX_OUTPUT_CHECKED = 1 && echo connected > $out"
            )
            build(store, shell(store, "x", script, content=content))

    def test_impure_variables_if_the_output_is_fixed(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://proxy.example")
        content = ContentAddress(IngestionMethod.FLAT, hash_bytes(HashAlgorithm.SHA256, b"http://proxy.example \n"))
        environment = {"impureEnvVars": "http_proxy not_set"}
        script = 'echo "$http_proxy $not_set" > $out'
        build(store, shell(store, "x", script, environment, content=content))
        with pytest.raises(BuildFailedError, match="http_proxy"):
            build(store, shell(store, "y", script, environment))


class TestOutputs:
    def test_they_rest_as_the_store_wants_them(self, store: Store) -> None:
        script = "mkdir -p $out/d; cd $out; touch f d/x; chmod 4755 d/x; chmod 700 d; ln -s f l; ln f h"
        real = build(store, shell(store, "x", script))
        modes = {path.relative_to(real).as_posix(): oct(path.lstat().st_mode & 0o7777) for path in real.rglob("*")}
        assert modes == {"d": "0o555", "d/x": "0o555", "f": "0o444", "h": "0o444", "l": "0o777"}
        for path in [real, *real.rglob("*")]:
            status = path.lstat()
            assert (status.st_uid, status.st_gid, status.st_mtime) == (os.geteuid(), os.getegid(), 1)

    @pytest.mark.parametrize("script", ["mkfifo $out", "mkdir $out; mkfifo $out/pipe"])
    def test_files_that_cannot_be_in_the_store(self, store: Store, script: str) -> None:
        with pytest.raises(StoreError, match="unsupported type"):
            build(store, shell(store, "x", script))

    def test_an_output_that_everybody_can_write(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="can be written by everybody"):
            build(store, shell(store, "x", "echo > $out; chmod 666 $out"))

    def test_links_that_lead_out_are_not_followed(self, store: Store, tmp_path: Path) -> None:
        victim = tmp_path / "victim"
        victim.write_text("precious")
        victim.chmod(0o640)
        real = build(store, shell(store, "x", f"mkdir $out; ln -s {victim} $out/link; ln -s / $out/root"))
        assert (real / "link").is_symlink()
        assert (victim.stat().st_mode & 0o777, victim.stat().st_mtime > 1) == (0o640, True)

    def test_a_directory_deeper_than_any_path_name(self, store: Store) -> None:
        script = 'mkdir $out; cd $out; perl -e \'for (1..1500) { mkdir "directory"; chdir "directory" }\''
        with pytest.raises(StoreError, match="too long"):
            build(store, shell(store, "x", script))
        assert {path.name for path in store.layout.store_directory.iterdir()} == {
            path.base_name for path in store.database.all_valid()
        }

    def test_output_is_passed_on_line_by_line(self, store: Store) -> None:
        observer = CollectingObserver()
        item = shell(store, "x", "echo one; echo two >&2; printf '\\377three'; echo > $out")
        build(store, item, observer=observer)
        lines = [event.line for event in observer.events if isinstance(event, BuildOutput)]
        assert lines == ["one", "two", "\ufffdthree"]


AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
STARTS_ITSELF = "import sqlite3, subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"


def python_for_everybody() -> str:
    """An interpreter that another user can start, too; the one of the tests may be in root's home directory."""
    others = (shutil.which(f"python3.{minor}", path="/usr/bin:/usr/local/bin") for minor in range(11, 20))
    for candidate in (sys.executable, *filter(None, others)):
        if (
            subprocess.run([*AS_NOBODY, candidate, "-c", STARTS_ITSELF], check=False, capture_output=True).returncode
            == 0
        ):
            return candidate
    return unavailable("no Python of at least 3.11 that other users than root can start")


@pytest.fixture
def as_nobody() -> Iterator[Callable[[str], subprocess.CompletedProcess[str]]]:
    """Runs a Python program as an ordinary user in a directory of their own; arguments: the program's text."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        unavailable("needs root and setpriv, to become another user")
    python = python_for_everybody()
    home = Path(tempfile.mkdtemp(prefix="system-manager-test-", dir="/tmp"))  # the others are for nobody but root
    os.chown(home, NOBODY, NOBODY)
    # Other processes may be writing compiled modules, under names that are gone a moment later.
    ignored = shutil.ignore_patterns("cases", "test_*", "*.pyc.*")
    shutil.copytree(Path(system_manager.__file__).parent, home / "code/system_manager", ignore=ignored)
    shutil.copytree(Path(__file__).parents[1], home / "code/tests", ignore=ignored)

    def run(program: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*AS_NOBODY, python, "-c", program],
            cwd=home,
            env={"PYTHONPATH": "code", "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    remove_tree(home)


PROGRAM = """
import os
from pathlib import Path
from system_manager.store.store import Store
from system_manager.store.verification import verify
from system_manager.store.collector import collect_garbage
from tests.store.building import build, shell, tree
with Store.open(Path("store")) as store:
    item = tree(store, "tree", {"a": "content"})
    script = "id -u > $out; cat $item/a >> $out; chmod u+w $item || echo safe >> $out"
    real = build(store, shell(store, "x", script, {"item": str(item)}, inputs=[item]))
    print(real.read_text())
    assert real.stat().st_uid == os.getuid()
    assert list(verify(store, check_contents=True)) == []
with Store.open(Path("store")) as store:
    print(len(collect_garbage(store).paths), "collected")
    print(sorted(path.name for path in store.layout.store_directory.iterdir()))
"""

AsNobody = Callable[[str], subprocess.CompletedProcess[str]]


def test_an_ordinary_user_builds_in_a_store_of_their_own(as_nobody: AsNobody) -> None:
    completed = as_nobody(PROGRAM)
    assert completed.stderr == ""
    assert completed.stdout.splitlines() == ["1000", "contentsafe", "", "6 collected", "[]"]


def test_an_ordinary_user_cannot_write_the_store_of_the_machine(as_nobody: AsNobody, root: Path) -> None:
    Store.open(root).close()
    for directory in (root, *root.parents):
        if directory.stat().st_uid == 0 and str(directory).startswith("/tmp/pytest"):
            directory.chmod(0o755)
    completed = as_nobody(f"""
from pathlib import Path
from system_manager.store.errors import StoreUnavailableError
from system_manager.store.store import Store
with Store.open(Path({str(root)!r}), read_only=True) as store:
    print(store.database.all_valid())
try:
    Store.open(Path({str(root)!r}))
except StoreUnavailableError as error:
    print(error)
""")
    assert completed.stderr == ""
    assert completed.stdout.splitlines()[0] == "set()"
    assert "the store cannot be written: Permission denied" in completed.stdout
    assert "hint: become root" in completed.stdout


def test_a_machine_that_allows_no_sandbox(as_nobody: AsNobody) -> None:
    """An ordinary user inside a user namespace that may have no further ones."""
    program = """
import ctypes, os
from pathlib import Path
uid, gid = os.getuid(), os.getgid()
assert ctypes.CDLL(None).unshare(0x10000000) == 0
Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
Path("/proc/sys/user/max_user_namespaces").write_text("0")
from system_manager.store.errors import SandboxUnavailableError
from system_manager.store.store import Store
from tests.store.building import build, shell
with Store.open(Path("store")) as store:
    try:
        build(store, shell(store, "x", "echo > $out"))
    except SandboxUnavailableError as error:
        print(error)
"""
    completed = as_nobody(program)
    assert completed.stderr == ""
    assert "does not let us make a sandbox: creating a user namespace failed" in completed.stdout
    assert "turn the sandbox off" in completed.stdout


def test_without_a_sandbox_only_the_store_of_the_machine_can_be_built_in(store: Store) -> None:
    with pytest.raises(BuildFailedError, match="without a sandbox nothing can be built in the store under"):
        build(store, shell(store, "x", "echo > $out"), settings=BuildSettings(sandbox=False))


ON_THE_MACHINE = """
from pathlib import Path
from system_manager.store.building.settings import BuildSettings
from system_manager.store.errors import BuildFailedError
from system_manager.store.store import Store
from system_manager.store.verification import verify
from tests.store.building import build, shell, text
settings = BuildSettings(sandbox=False)
with Store.open() as store:
    item = text(store, "input", "content")
    environment = {"item": str(item), "large": "y" * 300_000, "passAsFile": "large"}
    script = "(pwd; echo $TMPDIR; cat $item; wc -c < $largePath; env | grep -c SECRET || true) > $out"
    real = build(store, shell(store, "x", script, environment, inputs=[item]), settings=settings)
    directory, temporary, rest, count = real.read_text().splitlines()
    assert directory == temporary
    assert not Path(directory).exists()
    print(real.parent, rest, count)
    for script in ("echo said this; exit 7", "true", "sleep 1000"):
        try:
            build(store, shell(store, "bad", script), settings=BuildSettings(sandbox=False, timeout_seconds=2))
        except BuildFailedError as error:
            print(error.what)
    assert list(verify(store, check_contents=True)) == []
"""


def test_without_a_sandbox(tmp_path: Path) -> None:
    """In a copy of this machine's file system, because only there a store at ``/nix`` can be tried."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        unavailable("needs root and unshare, to mount file systems")
    script = """
        mount -t tmpfs tmpfs "$1"
        mkdir "$1/upper" "$1/work" "$1/all"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/all"
        mount --rbind /dev "$1/all/dev"
        mount --rbind /proc "$1/all/proc"
        cd "$4"
        exec chroot "$1/all" env -C "$4" SECRET=1 "$2" -c "$3"
    """
    completed = subprocess.run(
        [
            "unshare",
            "--mount",
            "sh",
            "-euc",
            script,
            "sh",
            tmp_path,
            sys.executable,
            ON_THE_MACHINE,
            Path(__file__).parents[2],
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.stderr == ""
    assert completed.stdout.splitlines() == [
        "/nix/store content300000 0",
        "the builder failed with exit code 7; its last lines:",
        "> said this",
        "the builder failed to produce the output 'out'",
        "the build took longer than 2 seconds",
    ]
