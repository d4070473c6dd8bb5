"""Building graphs of derivations: order, failures, locks, and several processes at once."""

from __future__ import annotations

import bz2
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from system_manager.base.events import BuildFinished, BuildOutput, BuildStarted, CollectingObserver
from system_manager.store.addressing import ContentAddress, IngestionMethod, compute_text_path
from system_manager.store.building.context import BuildContext, BuiltinBuilder
from system_manager.store.building.realise import realise
from system_manager.store.building.settings import BuildSettings
from system_manager.store.errors import (
    BuildFailedError,
    InvalidDerivationError,
    PathNotValidError,
    StoreError,
    StoreUnavailableError,
)
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.metadata import write_store_file
from system_manager.store.nar import file_nar
from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from system_manager.store.verification import verify
from tests.store.building import Instantiated, build, instantiate, shell, text, tree


def entries(store: Store) -> set[str]:
    return {path.name for path in store.layout.store_directory.iterdir()}


def valid(store: Store) -> set[str]:
    return {path.base_name for path in store.database.all_valid()}


class TestResults:
    def test_what_is_asked_for(self, store: Store) -> None:
        item = shell(store, "x", "mkdir $out $dev; echo hi > $dev/file", outputs=("out", "dev"))
        paths = {name: item.derivation.output_path(name) for name in ("out", "dev")}
        assert realise(store, [(item.path, None)]) == {item.path: paths}
        assert realise(store, [(item.path, ["dev"])]) == {item.path: {"dev": paths["dev"]}}
        assert realise(store, [(item.path, ["dev"]), (item.path, ["out"])]) == {item.path: paths}
        assert realise(store, []) == {}

    def test_what_is_registered(self, store: Store) -> None:
        dependency, unused = text(store, "dependency", "d"), text(store, "unused", "u")
        source = store.add_text("source", "s")
        script = 'mkdir $out; ln -s $dependency $out/link; echo "$out $source" > $out/file'
        environment = {"dependency": str(dependency), "source": str(source), "unused": str(unused)}
        item = shell(store, "x", script, environment, inputs=[dependency, unused], sources=[source])
        build(store, item)
        info = store.path_info(item.out)
        assert info.references == {item.out, dependency.out, source}
        assert info.deriver == item.path
        assert info.ultimate
        assert info.content_address is None
        assert store.is_valid(unused.out)
        assert list(verify(store, check_contents=True)) == []

    def test_what_is_there_is_not_built_again(self, store: Store) -> None:
        item = tree(store, "x", {"a": "a", "b": "b"})
        observer = CollectingObserver()
        build(store, item, observer=observer)
        started = [event.path for event in observer.events if isinstance(event, BuildStarted)]
        finished = [event.path for event in observer.events if isinstance(event, BuildFinished)]
        assert len(started) == 3
        assert started == finished
        assert started[-1] == str(item.path)
        again = CollectingObserver()
        build(store, item, observer=again)
        assert again.events == []

    def test_inputs_of_what_is_there_need_not_be(self, store: Store) -> None:
        unused = text(store, "unused", "u")
        item = shell(store, "x", "echo > $out", inputs=[unused])
        build(store, item)
        store.close()
        with Store.open(store.layout.root) as other:
            other.database.invalidate([unused.out])
            observer = CollectingObserver()
            build(other, item, observer=observer)
            assert observer.events == []
            assert not other.database.is_valid(unused.out)

    def test_nothing_but_valid_paths_is_left_behind(self, store: Store) -> None:
        build(store, shell(store, "x", "echo > $out", {"input": str(tree(store, "y", {"a": "b"}))}))
        assert entries(store) == valid(store)

    def test_two_derivations_with_the_same_fixed_output(self, store: Store, tmp_path: Path) -> None:
        content = ContentAddress(IngestionMethod.FLAT, hash_bytes(HashAlgorithm.SHA256, b"content"))
        items = []
        for name in ("one", "two"):
            (tmp_path / name).write_bytes(b"content")
            items.append(
                instantiate(store, "same", "builtin:fetchurl", {"url": f"file://{tmp_path / name}"}, content=content)
            )
        user = shell(store, "user", "cat $one $two > $out", {"one": str(items[0]), "two": str(items[1])}, inputs=items)
        assert build(store, user).read_text() == "contentcontent"

    def test_a_long_chain(self, store: Store) -> None:
        with store.batch():
            item = text(store, "link", "start")
            for _ in range(1100):
                item = instantiate(store, "link", "builtin:write-text", {"text": str(item)}, inputs=[item])
        build(store, item)
        assert len(store.closure([item.out])) == 1101

    def test_a_builder_of_somebody_else(self, store: Store) -> None:
        def shout(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext) -> None:
            context.log("shouting")
            write_store_file(outputs["out"], environment["text"].upper().encode())

        settings = BuildSettings(extra_builders={"builtin:shout": BuiltinBuilder(shout, is_quick=False)})
        observer = CollectingObserver()
        item = instantiate(store, "x", "builtin:shout", {"text": "hi"})
        assert build(store, item, settings=settings, observer=observer).read_text() == "HI"
        assert BuildOutput(str(item.path), "shouting") in observer.events


class TestFailures:
    def test_a_builder_that_fails(self, store: Store) -> None:
        item = shell(store, "x", "for n in $(seq 100); do echo line $n; done; echo oops >&2; echo > $out; exit 3")
        with pytest.raises(BuildFailedError) as caught:
            build(store, item, settings=BuildSettings(log_lines=5))
        assert "failed with exit code 3" in caught.value.what
        assert caught.value.what.splitlines()[-2:] == ["> line 100", "> oops"]
        assert len(caught.value.what.splitlines()) == 1 + 5
        assert caught.value.where == str(item.path)
        assert not store.is_valid(item.out)
        assert entries(store) == valid(store)

    def test_the_whole_log_is_kept_where_nix_looks_for_it(self, store: Store) -> None:
        item = shell(store, "x", "echo first; printf last; exit 1")
        with pytest.raises(BuildFailedError):
            build(store, item)
        name = item.path.base_name
        file = store.layout.root / "nix/var/log/nix/drvs" / name[:2] / f"{name[2:]}.bz2"
        assert bz2.decompress(file.read_bytes()) == b"first\nlast"

    def test_a_builder_that_is_killed(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="was killed by SIGTERM"):
            build(store, shell(store, "x", "kill -TERM $$"))

    def test_a_builder_that_is_killed_by_a_signal_without_a_name(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="was killed by signal 40"):
            build(store, shell(store, "x", "kill -40 $$"))

    def test_a_builder_that_makes_nothing(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="failed to produce the output 'dev'"):
            build(store, shell(store, "x", "echo > $out", outputs=("out", "dev")))
        assert entries(store) == valid(store)

    def test_a_builder_that_does_not_exist(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match=r"executing '/no/such' failed: No such file"):
            build(store, instantiate(store, "x", "/no/such"))
        with pytest.raises(BuildFailedError, match="unknown builder 'builtin:magic'"):
            build(store, instantiate(store, "x", "builtin:magic"))

    def test_what_depends_on_a_failure_is_not_tried(self, store: Store) -> None:
        bad = shell(store, "bad", "exit 1")
        observer = CollectingObserver()
        with pytest.raises(BuildFailedError) as caught:
            build(store, shell(store, "user", "echo > $out", inputs=[bad]), observer=observer)
        assert caught.value.where == str(bad.path)
        assert [event.path for event in observer.events if isinstance(event, BuildStarted)] == [str(bad.path)]

    def test_the_rest_is_built_if_asked_for(self, store: Store) -> None:
        bad, worse, good = (
            shell(store, "bad", "exit 1"),
            shell(store, "worse", "exit 2"),
            shell(store, "good", "echo > $out"),
        )
        user = shell(store, "user", "echo > $out", inputs=[bad, good])
        with pytest.raises(BuildFailedError, match="2 builds failed") as caught:
            build(store, user, worse, settings=BuildSettings(keep_going=True))
        assert str(bad.path) in caught.value.what
        assert str(worse.path) in caught.value.what
        assert store.is_valid(good.out)
        assert not store.is_valid(user.out)

    def test_what_was_built_before_stays(self, store: Store) -> None:
        good = text(store, "good", "x")
        with pytest.raises(BuildFailedError):
            build(store, shell(store, "bad", "exit 1", inputs=[good]))
        with Store.open(store.layout.root, read_only=True) as other:
            assert other.is_valid(good.out)

    def test_others_are_ended(self, store: Store) -> None:
        slow, bad = shell(store, "slow", "sleep 1000"), shell(store, "bad", "sleep 1; exit 1")
        with pytest.raises(BuildFailedError) as caught:
            build(store, slow, bad, settings=BuildSettings(jobs=2))
        assert caught.value.where == str(bad.path)
        assert entries(store) == valid(store)

    def test_too_slow(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match=r"took longer than 0\.5 seconds"):
            build(store, shell(store, "x", "sleep 1000"), settings=BuildSettings(timeout_seconds=0.5))
        assert entries(store) == valid(store)

    def test_nothing_of_a_build_survives_its_end(self, store: Store) -> None:
        script = "trap '' TERM INT HUP; while true; do mkdir -p $out/a/b; rm -rf $out/a; done"
        with pytest.raises(BuildFailedError, match=r"took longer"):
            build(store, shell(store, "x", script), settings=BuildSettings(timeout_seconds=1))
        assert entries(store) == valid(store)

    def test_what_is_missing(self, store: Store) -> None:
        item = text(store, "x", "x")
        with pytest.raises(PathNotValidError, match="is not valid"):
            realise(store, [(StorePath("0" * 32, "x.drv"), None)])
        with pytest.raises(InvalidDerivationError, match="not a valid derivation path"):
            realise(store, [(store.add_text("text", ""), None)])
        with pytest.raises(InvalidDerivationError, match="does not have an output 'dev'"):
            realise(store, [(item.path, ["dev"])])

    def test_a_source_that_is_gone(self, store: Store) -> None:
        source = store.add_text("source", "s")
        item = text(store, "x", "x")
        user = shell(store, "user", "echo > $out", sources=[source], inputs=[item])
        store.close()
        with Store.open(store.layout.root) as other:
            other.database.invalidate([user.path, source])
            other.real_path(source).unlink()
            with pytest.raises(PathNotValidError):
                realise(other, [(user.path, None)])

    def test_a_store_that_is_read_only(self, store: Store) -> None:
        item = text(store, "x", "x")
        with Store.open(store.layout.root, read_only=True) as reader, pytest.raises(StoreUnavailableError):
            realise(reader, [(item.path, None)])

    @pytest.mark.parametrize(
        ("environment", "system", "message"),
        [
            ({"__noChroot": "1"}, None, "outside the sandbox"),
            ({"exportReferencesGraph": "graph x"}, None, "graph of its references"),
            ({"requiredSystemFeatures": "big-parallel kvm"}, None, "features that this machine does not offer: kvm"),
            ({}, "mips-plan9", "a 'mips-plan9' is needed"),
            ({"a=b": "x"}, None, "cannot have an environment variable 'a=b'"),
            ({"x": "a\0b"}, None, "cannot have an environment variable 'x'"),
            ({"__json": "{"}, None, "cannot process __json"),
            ({"__json": "[]"}, None, "cannot process __json"),
        ],
    )
    def test_what_is_not_supported(
        self, store: Store, environment: dict[str, str], system: str | None, message: str
    ) -> None:
        with pytest.raises(StoreError, match=message):
            build(store, shell(store, "x", "echo > $out", environment, system=system))


class TestPromises:
    """Output checks: what a derivation says that its outputs do not refer to."""

    def test_fixed_output_with_another_content(self, store: Store) -> None:
        for method, content in (
            (IngestionMethod.FLAT, b"expected\n"),
            (IngestionMethod.RECURSIVE, file_nar(b"expected\n")),
        ):
            address = ContentAddress(method, hash_bytes(HashAlgorithm.SHA256, content))
            with pytest.raises(BuildFailedError, match="hash mismatch"):
                build(store, shell(store, "x", "echo other > $out", content=address))
            item = shell(store, "x", "echo expected > $out", content=address)
            assert build(store, item).read_text() == "expected\n"
            assert store.path_info(item.out).content_address == address

    @pytest.mark.parametrize(
        ("script", "message"), [("mkdir $out", "regular file"), ("echo x > $out; chmod +x $out", "regular file")]
    )
    def test_flat_output_that_is_no_plain_file(self, store: Store, script: str, message: str) -> None:
        address = ContentAddress(IngestionMethod.FLAT, hash_bytes(HashAlgorithm.SHA256, b"x\n"))
        with pytest.raises(BuildFailedError, match=message):
            build(store, shell(store, "x", script, content=address))

    def test_fixed_output_that_refers_to_something(self, store: Store) -> None:
        source = store.add_text("source", "s")
        address = ContentAddress(IngestionMethod.FLAT, hash_bytes(HashAlgorithm.SHA256, f"{source}\n".encode()))
        with pytest.raises(BuildFailedError, match="must not refer to store paths"):
            build(
                store,
                shell(store, "x", "echo $source > $out", {"source": str(source)}, sources=[source], content=address),
            )

    @pytest.mark.parametrize(
        ("name", "value", "fails"),
        [
            ("allowedReferences", "", True),
            ("allowedReferences", "{direct}", False),
            ("allowedReferences", "out", True),
            ("allowedRequisites", "{direct}", True),
            ("allowedRequisites", "{direct} {indirect}", False),
            ("disallowedReferences", "{direct}", True),
            ("disallowedReferences", "{indirect}", False),
            ("disallowedReferences", "out", False),
            ("disallowedRequisites", "{indirect}", True),
            ("disallowedRequisites", "{other}", False),
        ],
    )
    def test_references(self, store: Store, name: str, value: str, fails: bool) -> None:
        indirect = text(store, "indirect", "x")
        direct = instantiate(store, "direct", "builtin:write-text", {"text": str(indirect)}, inputs=[indirect])
        listed = value.format(direct=direct, indirect=indirect, other=compute_text_path("other", "x"))
        item = shell(store, "x", "echo $direct > $out", {"direct": str(direct), name: listed}, inputs=[direct])
        if fails:
            with pytest.raises(BuildFailedError, match="not allowed to refer to the following paths"):
                build(store, item)
            assert not store.is_valid(item.out)
        else:
            build(store, item)

    def test_a_promise_about_nothing(self, store: Store) -> None:
        with pytest.raises(InvalidDerivationError, match="neither a store path nor the name of an output"):
            build(store, shell(store, "x", "echo > $out", {"disallowedReferences": "nonsense"}))

    def test_outputs_that_refer_to_each_other(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="the outputs dev, out refer to each other"):
            build(store, shell(store, "x", "echo $dev > $out; echo $out > $dev", outputs=("out", "dev")))
        item = shell(store, "x", "echo $dev > $out; echo $dev > $dev", outputs=("out", "dev"))
        build(store, item)
        dev = item.derivation.output_path("dev")
        assert store.path_info(item.out).references == store.path_info(dev).references == {dev}


def _build_in_process(root: Path, name: str) -> None:
    with Store.open(root) as store:
        item = shell(store, "shared", "sleep 1; cat /proc/sys/kernel/random/uuid > $out")
        user = shell(store, f"user-{name}", "cat $item > $out", {"item": str(item)}, inputs=[item])
        build(store, user)


def test_two_processes_build_a_thing_once(root: Path) -> None:
    Store.open(root).close()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_build_in_process, args=(root, name)) for name in ("a", "b")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
    assert [process.exitcode for process in processes] == [0, 0]
    with Store.open(root) as store:
        users = [path for path in store.database.all_valid() if path.name in ("user-a", "user-b")]
        assert len(users) == 2
        # The random content says that both have seen the output of the same run.
        assert len({store.real_path(path).read_text() for path in users}) == 1
        assert list(verify(store, check_contents=True)) == []


def _build_slowly(root: Path) -> None:
    with Store.open(root) as store:
        build(store, _slow(store))


def _slow(store: Store) -> Instantiated:
    quick = text(store, "quick", "q")
    script = "mkdir $out; echo half > $out/half; sleep 3; echo done > $out/done"
    return shell(store, "slow", script, inputs=[quick])


def test_killed_in_the_middle_and_tried_again(root: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_build_slowly, args=(root,))
    process.start()
    deadline = time.monotonic() + 300
    while not list(root.glob("nix/store/*.chroot/store/*-slow/half")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with Store.open(root) as store:
        item = _slow(store)
        assert not store.is_valid(item.out)
        assert list(verify(store, check_contents=True)) == []
        assert (build(store, item) / "done").read_text() == "done\n"
        assert entries(store) == valid(store)
        assert list(verify(store, check_contents=True)) == []
