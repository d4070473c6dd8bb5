"""The same inputs given to real Nix, and stores handed from one program to the other."""

from __future__ import annotations

import base64
import io
import json
import random
import shlex
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from system_manager.base.events import CollectingObserver
from system_manager.store.addressing import IngestionMethod, compute_text_path
from system_manager.store.building.realise import realise
from system_manager.store.collector import CollectorOptions, collect_garbage
from system_manager.store.derivation import derivation_path, parse_derivation
from system_manager.store.errors import StoreError
from system_manager.store.hashing import HashAlgorithm
from system_manager.store.metadata import remove_tree
from system_manager.store.nar import hash_file, hash_nar
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from system_manager.store.verification import verify
from tests.store import golden
from tests.store.building import build, instantiate, shell, text, tree
from tests.store.trees import File, Tree, make
from tests.support.oracle import Oracle

pytestmark = pytest.mark.oracle


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "scratch"
    directory.mkdir()
    yield directory
    remove_tree(directory)


@pytest.mark.parametrize("case", golden.DERIVATION_CASES)
def test_what_is_kept_of_nix_is_what_nix_says(oracle: Oracle, case: str, scratch: Path) -> None:
    found = golden.ask(oracle, case, scratch)
    assert found == golden.written(case)
    for name, content in found.items():
        path = StorePath.from_base_name(name)
        assert derivation_path(parse_derivation(content, path.name.removesuffix(".drv"))) == path


def test_the_paths_that_are_kept_are_what_nix_says(oracle: Oracle, scratch: Path) -> None:
    assert golden.ask_paths(oracle, scratch) == json.loads((golden.CASES / "paths.json").read_text("utf-8"))


def test_the_archive_that_is_kept_is_what_nix_says(oracle: Oracle) -> None:
    assert golden.ask_archive(oracle) == (golden.CASES / "trees/plain.nar").read_bytes()


def random_tree(source: random.Random, depth: int = 0) -> Tree:
    match source.randrange(5 if depth < 3 else 3):
        case 0 | 1:
            return File(source.randbytes(source.randrange(40)), executable=source.random() < 0.3)
        case 2:
            return source.choice(["x", "/absolute", "../up", "ü"])
        case _:
            names = {bytes(source.choices(b"abAB.-_ \xc3\xff09", k=source.randrange(1, 6))) for _ in range(4)}
            return {name: random_tree(source, depth + 1) for name in names if name not in (b".", b"..")}


def test_random_trees(oracle: Oracle, tmp_path: Path, store: Store) -> None:
    source = random.Random(20260101)
    directory = tmp_path / "trees"
    directory.mkdir()
    count = 30
    for number in range(count):
        make(random_tree(source), directory / f"t{number}")
    oracle.share(directory, "/trees")
    script = """
        cd /trees
        for t in $(seq 0 $(($1 - 1))); do
            nix hash path --type sha256 t$t
            nix hash path --type md5 --base16 t$t
            nix-store --add t$t
            nix-store --add-fixed --recursive sha1 t$t
            if [ -f t$t ] && [ ! -L t$t ]; then
                nix-hash --flat --type sha512 --base32 t$t
                nix-store --add-fixed sha256 t$t
                nix-store --add-fixed md5 t$t
            fi
        done
    """
    answers = iter(oracle.run(["sh", "-euc", script, "sh", str(count)], check=True).stdout.splitlines())
    for number in range(count):
        path, name = directory / f"t{number}", f"t{number}"
        assert hash_nar(path).hash.sri == next(answers)
        assert hash_nar(path, HashAlgorithm.MD5).hash.base16 == next(answers)
        assert str(store.add_path(path, name)) == next(answers)
        assert str(store.add_path(path, name, algorithm=HashAlgorithm.SHA1)) == next(answers)
        if path.is_file() and not path.is_symlink():
            assert hash_file(path, HashAlgorithm.SHA512).hash.nix32 == next(answers)
            assert str(store.add_path(path, name, method=IngestionMethod.FLAT)) == next(answers)
            assert str(store.add_path(path, name, method=IngestionMethod.FLAT, algorithm=HashAlgorithm.MD5)) == next(
                answers
            )
    assert next(answers, None) is None


NAMES = [
    *("ok", ".hidden", "...", "..a", ".", "..", ".-a", "..-a", "a b", "a/b", "ä", "", "-", "a?=+_", "a@b", "~"),
    *("x" * 211, "x" * 212),
]


def test_names(oracle: Oracle, store: Store) -> None:
    expressions = [f'builtins.toFile {json.dumps(name, ensure_ascii=False)} "x"' for name in NAMES]
    # An error message may cut a character in two, and would then be no text.
    script = 'for e in "$@"; do nix-instantiate --eval --expr "$e" 2>/dev/null || echo refused; done'
    answers = oracle.run(["sh", "-uc", script, "sh", *expressions], check=True).stdout.splitlines()
    ours = []
    for name in NAMES:
        try:
            ours.append(json.dumps(str(store.add_text(name, "x"))))
        except StoreError:
            ours.append("refused")
    assert dict(zip(NAMES, ours, strict=True)) == dict(zip(NAMES, answers, strict=True))
    assert 0 < ours.count("refused") < len(NAMES)


class TestOurStoreGivenToNix:
    @pytest.fixture
    def contents(self, root: Path, tmp_path: Path) -> dict[str, str]:
        with Store.open(root) as store, store.batch():
            make({b"a": {b"b": File(b"x", executable=True)}, b"l": "a/b"}, tmp_path / "source")
            source = store.add_path(tmp_path / "source", "source")
            flat = store.add_path(golden.CASES / "paths.nix", "flat", method=IngestionMethod.FLAT)
            inner = text(store, "inner", "x")
            farm = tree(store, "farm", {"etc/x": "y", "bin/z": "w"})
            env = instantiate(
                store,
                "env",
                "builtin:build-env",
                {"paths": json.dumps([str(farm)]), "pathsToLink": '["/bin"]'},
                inputs=[farm],
            )
            script = "mkdir $out; echo $inner $source > $out/file; ln -s $env $out/env; echo $out > $dev"
            item = shell(
                store,
                "item",
                script,
                {"inner": str(inner), "source": str(source), "env": str(env)},
                inputs=[inner, env],
                sources=[source],
                outputs=("out", "dev"),
            )
            build(store, item)
            store.add_root(store.layout.roots_directory / "root", item.out)
            dead = store.add_text("dead", "no root refers to it")
        assert dead
        return {"item": str(item), "drv": str(item.path), "flat": str(flat), "source": str(source), "dead": str(dead)}

    def nix(self, oracle: Oracle, root: Path, *command: str) -> str:
        oracle.share(root / "nix", "/nix")
        completed = oracle.run(command)
        assert completed.returncode == 0, completed.stderr
        return completed.stdout

    def test_it_verifies(self, oracle: Oracle, root: Path, contents: dict[str, str]) -> None:
        oracle.share(root / "nix", "/nix")
        completed = oracle.run(["nix-store", "--verify", "--check-contents"])
        assert completed.returncode == 0
        assert "checking store hashes" in completed.stderr
        assert "modified" not in completed.stderr
        assert "disappeared" not in completed.stderr

    def test_nix_knows_what_we_know(self, oracle: Oracle, root: Path, contents: dict[str, str]) -> None:
        requisites = self.nix(oracle, root, "nix-store", "--query", "--requisites", contents["item"]).split()
        outputs = self.nix(oracle, root, "nix-store", "--query", "--outputs", contents["drv"]).split()
        information = json.loads(self.nix(oracle, root, "nix", "path-info", "--json", "--all"))
        with Store.open(root, read_only=True) as store:
            assert set(map(StorePath.parse, requisites)) == store.closure([StorePath.parse(contents["item"])])
            assert set(outputs) == set(
                map(str, store.database.derivation_outputs(StorePath.parse(contents["drv"])).values())
            )
            assert set(information) == set(map(str, store.database.all_valid()))
            for text_path, known in information.items():
                info = store.path_info(StorePath.parse(text_path))
                assert known["narHash"] == info.nar_hash.sri
                assert known["narSize"] == info.nar_size
                assert known["deriver"] == (str(info.deriver) if info.deriver else None)
                assert set(known["references"]) == set(map(str, info.references))
                assert known["ca"] == (str(info.content_address) if info.content_address else None)
                assert known["ultimate"] == info.ultimate
                assert known["registrationTime"] == info.registration_time

    def test_nix_does_not_build_it_again(self, oracle: Oracle, root: Path, contents: dict[str, str]) -> None:
        oracle.share(root / "nix", "/nix")
        completed = oracle.run(["nix-store", "--realise", contents["drv"]])
        assert completed.returncode == 0
        assert completed.stdout.split()[-1].startswith("/nix/store/")
        assert "building" not in completed.stderr

    def test_nix_reads_the_log(self, oracle: Oracle, root: Path) -> None:
        with Store.open(root) as store:
            item = shell(store, "talks", "echo said this; echo > $out")
            build(store, item)
        assert self.nix(oracle, root, "nix-store", "--read-log", str(item.path)) == "said this\n"

    def test_nix_collects_what_we_would(self, oracle: Oracle, root: Path, contents: dict[str, str]) -> None:
        with Store.open(root) as store:
            ours = {str(path) for path in collect_garbage(store, CollectorOptions(dry_run=True)).paths}
        theirs = set(self.nix(oracle, root, "nix-store", "--gc", "--print-dead").split())
        assert ours == theirs
        assert contents["dead"] in ours
        assert contents["item"] not in ours
        self.nix(oracle, root, "nix-store", "--gc")
        with Store.open(root) as store:
            assert list(verify(store, check_contents=True)) == []
            assert not store.is_valid(StorePath.parse(contents["dead"]))
            assert store.is_valid(StorePath.parse(contents["item"]))

    def test_nix_adds_to_it_and_we_go_on(self, oracle: Oracle, root: Path, contents: dict[str, str]) -> None:
        added = self.nix(
            oracle, root, "nix-instantiate", "--eval", "--raw", "--read-write-mode", "--expr", 'builtins.toFile "n" "x"'
        )
        with Store.open(root) as store:
            assert store.is_valid(StorePath.parse(added))
            again = store.add_text("n", "x")
            assert str(again) == added
            assert list(verify(store, check_contents=True)) == []

    def test_nix_respects_our_temporary_roots(self, oracle: Oracle, root: Path) -> None:
        with Store.open(root) as store:
            path = store.add_text("in-use", "x")
            self.nix(oracle, root, "nix-store", "--gc")
            assert store.real_path(path).exists()
        self.nix(oracle, root, "nix-store", "--gc")
        assert not store.real_path(path).exists()


class TestTheStoreOfNixGivenToUs:
    @pytest.fixture
    def built(self, oracle: Oracle, scratch: Path) -> str:
        """A store that Nix made, with a root; the path of what it built."""
        (scratch / "nix").mkdir()
        oracle.share(scratch / "nix", "/nix")
        expression = """
            derivation {
              name = "made-by-nix";
              system = builtins.currentSystem;
              builder = "/bin/sh";
              PATH = "/bin:/usr/bin";
              outputs = [ "out" "doc" ];
              source = builtins.toFile "source" "content";
              args = [ "-c" "mkdir $out $doc; echo $source $doc > $out/file; echo said this" ];
            }
        """
        script = f"nix-build --no-out-link --expr {shlex.quote(expression)}; nix-store --add /etc/passwd"
        completed = oracle.run(["sh", "-euc", f"cd /; {script}"])
        assert completed.returncode == 0, completed.stderr
        return completed.stdout.splitlines()[0]

    def test_it_verifies_and_reads_the_same(self, oracle: Oracle, scratch: Path, built: str) -> None:
        path = StorePath.parse(built)
        for read_only in (True, False):
            with Store.open(scratch, read_only=read_only) as store:
                assert list(verify(store, check_contents=True)) == []
                info = store.path_info(path)
                assert {reference.name for reference in info.references} == {"source", "made-by-nix-doc"}
                assert info.deriver is not None
                derivation = store.read_derivation(info.deriver)
                store.modulo.check_output_paths(derivation)
                assert derivation.output_path("out") == path

    def test_we_do_not_build_it_again_but_could(self, oracle: Oracle, scratch: Path, built: str) -> None:
        path = StorePath.parse(built)
        with Store.open(scratch) as store:
            deriver = store.path_info(path).deriver
            assert deriver is not None
            before = store.path_info(path)
            assert realise(store, [(deriver, ["out"])]) == {deriver: {"out": path}}
            assert store.path_info(path) == before
        with Store.open(scratch) as store:
            outputs = store.database.derivation_outputs(deriver).values()
            store.database.invalidate(outputs)
        with Store.open(scratch) as store:
            realise(store, [(deriver, None)])
            after = store.path_info(path)
            assert (after.nar_hash, after.nar_size, after.references) == (
                before.nar_hash,
                before.nar_size,
                before.references,
            )

    def test_we_collect_what_nix_would(self, oracle: Oracle, scratch: Path, built: str) -> None:
        (scratch / "nix/var/nix/gcroots/kept").symlink_to(built)
        theirs = set(oracle.run(["nix-store", "--gc", "--print-dead"], check=True).stdout.split())
        with Store.open(scratch) as store:
            ours = collect_garbage(store)
        assert {str(path) for path in ours.paths} == theirs
        assert theirs
        completed = oracle.run(["nix-store", "--verify", "--check-contents"])
        assert completed.returncode == 0
        assert oracle.run(["nix-store", "--query", "--requisites", built], check=True).stdout.split()


def test_archives_cross_over(oracle: Oracle, root: Path, tmp_path: Path) -> None:
    """What one program exports as an archive, the other one imports."""
    with Store.open(root) as store:
        path = store.add_path(golden.CASES / "trees/plain", "plain")
        known = store.path_info(path)
    oracle.share(root / "nix", "/nix")
    dumped = base64.b64decode(oracle.run(["sh", "-c", f"nix-store --dump {path} | base64"], check=True).stdout)
    assert len(dumped) == known.nar_size
    with Store.open(tmp_path / "second") as second:
        second.add_nar(known, io.BytesIO(dumped).read)
        assert second.path_info(path) == known
        assert list(verify(second, check_contents=True)) == []
    remove_tree(tmp_path / "second")


class TestAtTheSameTime:
    """Both programs at work in one store: each respects the locks of the other."""

    def test_nix_waits_for_our_lock(self, oracle: Oracle, root: Path) -> None:
        with Store.open(root) as store, ThreadPoolExecutor() as pool:
            path = compute_text_path("n", "x")
            locks = store.lock([path])
            oracle.share(root / "nix", "/nix")
            command = ["nix-instantiate", "--eval", "--read-write-mode", "--expr", 'builtins.toFile "n" "x"']
            running = pool.submit(oracle.run, command)
            time.sleep(3)
            assert not running.done()
            assert not store.real_path(path).exists()
            locks.release()
            assert running.result().returncode == 0
            assert store.is_valid(path)

    def test_we_wait_for_a_build_of_nix(self, oracle: Oracle, root: Path) -> None:
        with Store.open(root) as store, ThreadPoolExecutor() as pool:
            item = shell(store, "slow", "sleep 4; cat /proc/sys/kernel/random/uuid > $out")
            oracle.share(root / "nix", "/nix")
            running = pool.submit(oracle.run, ["nix-store", "--realise", str(item.path)])
            lock = store.layout.store_directory / f"{item.out.base_name}.lock"
            while not lock.exists():
                assert not running.done()
                time.sleep(0.5)
            observer = CollectingObserver()
            build(store, item, observer=observer)
            assert observer.events == []
            assert running.result().returncode == 0

    def test_nix_waits_for_a_build_of_ours(self, oracle: Oracle, root: Path) -> None:
        with Store.open(root) as store, ThreadPoolExecutor() as pool:
            item = shell(store, "slow", "sleep 4; cat /proc/sys/kernel/random/uuid > $out")
            oracle.share(root / "nix", "/nix")
            ours = pool.submit(build, store, item)
            lock = store.layout.store_directory / f"{item.out.base_name}.lock"
            while not lock.exists():
                assert not ours.done()
                time.sleep(0.5)
            theirs = oracle.run(["nix-store", "--realise", str(item.path)])
            assert theirs.stdout.strip() == str(item.out)
            assert "building '" not in theirs.stderr
            assert ours.result().read_text()
