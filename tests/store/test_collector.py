"""What the garbage collector keeps, what it deletes, and what verification finds."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from system_manager.store.addressing import compute_text_path
from system_manager.store.collector import CollectorOptions, collect_garbage, paths_in_use
from system_manager.store.errors import CorruptStoreError, StoreUnavailableError
from system_manager.store.paths import StorePath
from system_manager.store.roots import find_roots
from system_manager.store.store import Store
from system_manager.store.verification import ProblemKind, verify
from tests.store.building import build, shell, text, tree
from tests.store.trees import File, make


def entries(root: Path) -> set[str]:
    return {path.name for path in (root / "nix/store").iterdir()}


def collect(root: Path, **options: bool) -> set[str]:
    """Collect with a store of its own, so that no temporary roots of the test are in the way."""
    with Store.open(root) as store:
        return {path.base_name for path in collect_garbage(store, CollectorOptions(**options)).paths}


def add(root: Path, *names: str) -> list[StorePath]:
    with Store.open(root) as store:
        return [store.add_text(name, name) for name in names]


class TestRoots:
    def test_nothing_is_kept_without_one(self, root: Path) -> None:
        added = add(root, "a", "b")
        assert collect(root, dry_run=True) == {path.base_name for path in added}
        assert entries(root) == {path.base_name for path in added}
        assert collect(root) == {path.base_name for path in added}
        assert entries(root) == set()

    def test_what_a_root_refers_to_is_kept(self, root: Path) -> None:
        with Store.open(root) as store:
            a = store.add_text("a", "a")
            b = store.add_text("b", str(a), [a])
            c = store.add_text("c", str(b), [b])
            d = store.add_text("d", str(c), [c])
            store.add_root(store.layout.roots_directory / "root", c)
        assert collect(root) == {d.base_name}
        assert entries(root) == {path.base_name for path in (a, b, c)}

    @pytest.mark.parametrize(
        ("place", "target"),
        [
            ("nix/var/nix/gcroots/x", "{path}"),
            ("nix/var/nix/gcroots/deep/er/x", "{path}"),
            ("nix/var/nix/gcroots/x", "{path}/bin/sh"),
            ("nix/var/nix/gcroots/x", "{real}"),
            ("nix/var/nix/profiles/system-1-link", "{path}"),
            ("nix/var/nix/profiles/per-user/u/profile-3-link", "{path}"),
            ("nix/var/nix/profiles/system-manager-profiles/system-manager-1-link", "{path}"),
        ],
    )
    def test_links_that_are_roots(self, root: Path, place: str, target: str) -> None:
        (kept,) = add(root, "kept")
        link = root / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target.format(path=kept, real=root / str(kept).lstrip("/")))
        assert collect(root) == set()

    @pytest.mark.parametrize(
        ("place", "target"),
        [
            ("nix/var/nix/x", "{path}"),
            ("nix/var/nix/gcroots/x", "/nix/store"),
            ("nix/var/nix/gcroots/x", "/elsewhere{path}"),
            ("nix/var/nix/gcroots/x", "/nix/store/nonsense"),
            ("nix/var/nix/gcroots/x", "x"),
        ],
    )
    def test_links_that_are_none(self, root: Path, place: str, target: str) -> None:
        (added,) = add(root, "added")
        (root / place).symlink_to(target.format(path=added))
        assert collect(root) == {added.base_name}

    def test_a_file_named_like_a_path_is_a_root(self, root: Path) -> None:
        (kept,) = add(root, "kept")
        (root / "nix/var/nix/gcroots" / kept.base_name).touch()
        assert collect(root) == set()

    def test_generations_that_are_removed(self, root: Path) -> None:
        paths = add(root, "one", "two")
        profiles = root / "nix/var/nix/profiles"
        for number, path in enumerate(paths):
            (profiles / f"p-{number}-link").symlink_to(str(path))
        (profiles / "p").symlink_to("p-1-link")
        assert collect(root) == set()
        (profiles / "p-0-link").unlink()
        assert collect(root) == {paths[0].base_name}

    def test_an_indirect_root_ends_with_its_link(self, root: Path, tmp_path: Path) -> None:
        with Store.open(root) as store:
            kept = store.add_text("kept", "x")
            store.add_root(tmp_path / "result", kept)
        assert collect(root) == set()
        (tmp_path / "result").unlink()
        assert collect(root) == {kept.base_name}
        assert list((root / "nix/var/nix/gcroots/auto").iterdir()) == []

    def test_an_indirect_root_seen_from_inside_the_root_directory(self, root: Path) -> None:
        (kept,) = add(root, "kept")
        (root / "home").mkdir()
        (root / "home/result").symlink_to(str(kept))
        (root / "nix/var/nix/gcroots/auto/x").symlink_to("/home/result")
        assert collect(root) == set()

    def test_roots_and_where_they_are(self, store: Store, tmp_path: Path) -> None:
        path = store.add_text("x", "x")
        store.add_root(tmp_path / "result", path)
        assert [(root.link, root.path) for root in find_roots(store.layout)] == [(tmp_path / "result", path)]

    def test_what_an_open_store_has_added_is_kept(self, root: Path, store: Store) -> None:
        path = store.add_text("x", "x")
        assert collect(root) == set()
        assert store.real_path(path).exists()

    def test_temporary_roots_of_processes_that_are_gone(self, root: Path) -> None:
        program = f"""
            import os
            from pathlib import Path
            from system_manager.store.store import Store
            store = Store.open(Path({str(root)!r}))
            store.add_text("x", "x")
            os._exit(1)
        """
        subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
        assert len(list((root / "nix/var/nix/temproots").iterdir())) == 1
        assert len(collect(root)) == 1
        assert list((root / "nix/var/nix/temproots").iterdir()) == []


class TestDerivations:
    @pytest.fixture
    def built(self, root: Path) -> dict[str, str]:
        with Store.open(root) as store:
            tool = text(store, "tool", "t")
            item = shell(store, "item", "echo > $out; echo > $dev", inputs=[tool], outputs=("out", "dev"))
            build(store, item)
            store.add_root(store.layout.roots_directory / "root", item.out)
            return {
                "tool": tool.out.base_name,
                "tool.drv": tool.path.base_name,
                "item": item.out.base_name,
                "item.drv": item.path.base_name,
                "item-dev": item.derivation.output_path("dev").base_name,
            }

    @pytest.mark.parametrize(
        ("options", "deleted"),
        [
            ({}, {"tool", "item-dev"}),
            ({"keep_derivations": False}, {"tool", "item-dev", "tool.drv", "item.drv"}),
            ({"keep_outputs": True}, set()),
            ({"keep_derivations": False, "keep_outputs": True}, {"tool", "item-dev", "tool.drv", "item.drv"}),
        ],
    )
    def test_what_goes_with_a_live_output(
        self, root: Path, built: dict[str, str], options: dict[str, bool], deleted: set[str]
    ) -> None:
        assert collect(root, **options) == {built[name] for name in deleted}
        assert entries(root) == {built[name] for name in built.keys() - deleted}


class TestDebris:
    def test_what_is_not_valid_is_removed(self, root: Path) -> None:
        (kept,) = add(root, "kept")
        (root / "nix/var/nix/gcroots/x").symlink_to(str(kept))
        directory = root / "nix/store"
        debris = {
            "0" * 32 + "-unfinished": {b"deep": {b"er": File(b"x")}},
            "1" * 32 + "-x.drv.chroot": {b"store": {}},
            "2" * 32 + "-x.lock": File(b""),
            "tmp-1234-5678": {b"x": File(b"x")},
            "anything": File(b"x"),
            "link": "/etc/passwd",
        }
        for name, content in debris.items():
            make(content, directory / name)
        with Store.open(root) as store:
            dry = collect_garbage(store, CollectorOptions(dry_run=True))
            assert dry.debris == tuple(sorted(debris))
            assert dry.freed_bytes == 0
            result = collect_garbage(store)
        assert result.debris == tuple(sorted(debris))
        assert result.freed_bytes > 0
        assert entries(root) == {kept.base_name}
        assert Path("/etc/passwd").exists()

    def test_what_belongs_to_a_temporary_root_is_not(self, root: Path, store: Store) -> None:
        path = compute_text_path("being-written", "x")
        store.add_temporary_roots([path])
        names = [path.base_name, f"{path.base_name}.lock", f"{path.base_name}.chroot"]
        for name in names:
            make({}, store.layout.store_directory / name)
        collect(root)
        assert entries(root) == set(names)

    def test_read_only_and_deep(self, root: Path) -> None:
        Store.open(root).close()
        content: dict[bytes, object] = {b"file": File(b"x")}
        for _ in range(300):
            content = {b"d": content}
        make(content, root / "nix/store/debris")  # type: ignore[arg-type]  # deeper than its type is written
        for directory, _, _ in os.walk(root / "nix/store/debris"):
            os.chmod(directory, 0o555)  # noqa: PTH101 - os.walk gives texts
        collect(root)
        assert entries(root) == set()

    def test_names_of_contents_that_nothing_uses(self, root: Path) -> None:
        (kept,) = add(root, "kept")
        (root / "nix/var/nix/gcroots/x").symlink_to(str(kept))
        links = root / "nix/store/.links"
        links.mkdir()
        (links / "used").hardlink_to(root / "nix/store" / kept.base_name)
        (links / "unused").touch()
        collect(root)
        assert [path.name for path in links.iterdir()] == ["used"]


def test_a_path_that_is_referred_to_cannot_be_forgotten(store: Store) -> None:
    first = store.add_text("first", "x")
    second = store.add_text("second", str(first), [first])
    with pytest.raises(CorruptStoreError, match="another one refers to it"):
        store.database.invalidate([first])
    assert store.database.is_valid(first)
    store.database.invalidate([first, second])
    assert store.database.all_valid() == set()


def test_a_path_that_refers_to_itself_can_be(root: Path) -> None:
    with Store.open(root) as store:
        build(store, shell(store, "x", "echo $out > $out"))
    assert len(collect(root)) == 2


def test_a_read_only_store_is_not_collected(root: Path) -> None:
    add(root, "x")
    with Store.open(root, read_only=True) as store, pytest.raises(StoreUnavailableError):
        collect_garbage(store)


def test_paths_that_processes_use() -> None:
    path = compute_text_path("in-use", "x")
    with subprocess.Popen(["sleep", "60"], env={"TOOL": f"{path}/bin/tool"}) as process:
        try:
            assert path in paths_in_use()
        finally:
            process.kill()


class TestVerification:
    def test_a_good_store(self, root: Path) -> None:
        with Store.open(root) as store:
            build(store, tree(store, "x", {"a": "a"}))
        for read_only in (True, False):
            with Store.open(root, read_only=read_only) as store:
                assert list(verify(store, check_contents=True)) == []

    def test_what_is_wrong(self, store: Store) -> None:
        missing, longer, executable, fine, unreadable = (
            store.add_text(name, name) for name in ("missing", "longer", "executable", "fine", "unreadable")
        )
        store.real_path(missing).unlink()
        store.real_path(longer).chmod(0o644)
        with store.real_path(longer).open("a") as file:
            file.write("!")
        store.real_path(executable).chmod(0o555)
        store.real_path(unreadable).unlink()
        os.mkfifo(store.real_path(unreadable))
        found = {(problem.path, problem.kind) for problem in verify(store, check_contents=True)}
        assert found == {
            (missing, ProblemKind.MISSING),
            (longer, ProblemKind.MODIFIED),
            (executable, ProblemKind.MODIFIED),
            (unreadable, ProblemKind.UNREADABLE),
        }
        assert {problem.path for problem in verify(store)} == {missing}
        assert fine not in {path for path, _ in found}
