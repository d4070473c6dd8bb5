"""A disk that fills up: a clear error, and a store that is still whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import unavailable

PREAMBLE = """
import os, sys
from pathlib import Path
from system_manager.store.building.realise import realise
from system_manager.store.collector import collect_garbage
from system_manager.store.errors import StoreError
from system_manager.store.store import Store
from system_manager.store.verification import verify
from tests.store.building import build, instantiate, shell, text
root = Path(sys.argv[1])
big = "x" * (1 << 20)

def check():
    with Store.open(root) as store:
        assert list(verify(store, check_contents=True)) == []
        valid = {path.base_name for path in store.database.all_valid()}
        print("valid:", len(valid))
        collect_garbage(store)
    with Store.open(root) as store:
        assert store.real_path(store.add_text("small", "fits again")).read_text() == "fits again"
"""


@pytest.fixture
def on_small_disk(tmp_path: Path) -> Callable[[str], list[str]]:
    """Runs a program with a file system of 24 MiB, 8 of which the store keeps in reserve; returns what it prints."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        unavailable("needs root and unshare, to mount a small file system")

    def run(program: str) -> list[str]:
        (tmp_path / "small").mkdir()
        whole = PREAMBLE + f"FILL = {FILL!r}\n" + textwrap.dedent(program)
        script = 'mount -t tmpfs -o size=24m tmpfs "$1" && exec "$2" -c "$3" "$1"'
        completed = subprocess.run(
            ["unshare", "--mount", "sh", "-euc", script, "sh", tmp_path / "small", sys.executable, whole],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert completed.returncode == 0, completed.stderr
        return completed.stdout.splitlines()

    return run


def test_adding_until_it_is_full(on_small_disk: Callable[[str], list[str]]) -> None:
    printed = on_small_disk("""
        with Store.open(root) as store:
            try:
                for number in range(100):
                    store.add_text(f"text-{number}", f"{number}{big}")
            except StoreError as error:
                print(error)
            assert 5 < len(store.database.all_valid()) < 20
        check()
    """)
    assert "No space left on device" in printed[0]
    assert printed[2] == "hint: free some space, for example by collecting garbage"


def test_a_batch_that_does_not_fit(on_small_disk: Callable[[str], list[str]]) -> None:
    printed = on_small_disk("""
        with Store.open(root) as store:
            try:
                with store.batch():
                    for number in range(100):
                        store.add_text(f"text-{number}", f"{number}{big}")
            except StoreError as error:
                print(error.what)
            print(len(store.database.all_valid()) > 5)
        check()
    """)
    assert "No space left on device" in printed[0]
    assert printed[1] == "True"


def test_many_small_files_in_a_batch(on_small_disk: Callable[[str], list[str]]) -> None:
    """Here it may be the database that does not fit any more."""
    printed = on_small_disk("""
        with Store.open(root) as store:
            try:
                with store.batch():
                    for number in range(100_000):
                        store.add_text(f"text-{number}", "x")
            except StoreError as error:
                print(error.what)
        check()
    """)
    assert "space" in printed[0] or "full" in printed[0]


def test_building_until_it_is_full(on_small_disk: Callable[[str], list[str]]) -> None:
    printed = on_small_disk("""
        with Store.open(root) as store:
            items = [text(store, f"text-{number}", f"{number}{big[:600_000]}") for number in range(18)]
            try:
                build(store, *items)
            except StoreError as error:
                print(error)
        check()
    """)
    assert "No space left on device" in printed[0]
    assert printed[1].startswith("at: /nix/store/")
    assert printed[2].startswith("hint: free some space")


def test_a_builder_that_fills_it(on_small_disk: Callable[[str], list[str]]) -> None:
    printed = on_small_disk("""
        with Store.open(root) as store:
            try:
                build(store, shell(store, "filler", "cat /dev/zero > $out"))
            except StoreError as error:
                print(error.what.splitlines()[0], error.what.splitlines()[-1])
            assert not list(root.glob("nix/store/*.chroot"))
            build(store, text(store, "small", "still fits"))
        check()
    """)
    assert printed[0].startswith("the builder failed with exit code 1")
    assert "No space left on device" in printed[0]


FILL = """
with open(root / "ballast", "wb", buffering=0) as file:
    try:
        while file.write(bytes(4096)):
            pass
    except OSError:
        pass
"""


def test_collecting_when_not_a_byte_is_left(on_small_disk: Callable[[str], list[str]]) -> None:
    printed = on_small_disk(
        """
        with Store.open(root) as store:
            store.add_text("garbage", big)
        exec(FILL)
        try:
            with Store.open(root) as store:
                collect_garbage(store)
        except StoreError as error:
            print("full")
        with Store.open(root, use_reserve=True) as store:
            print(len(collect_garbage(store).paths))
        (root / "ballast").unlink()
        check()
        """
    )
    assert printed == ["full", "1", "valid: 0"]


def test_no_room_for_a_store_at_all(on_small_disk: Callable[[str], list[str]]) -> None:
    printed = on_small_disk("""
        exec(FILL)
        try:
            Store.open(root)
        except StoreError as error:
            print(error)
        (root / "ballast").unlink()
        check()
    """)
    assert "No space left" in printed[0] or "full" in printed[0]
