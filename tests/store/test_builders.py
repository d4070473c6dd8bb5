"""The builders that run inside the process: texts, farms of links, environments, and fetched files."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from system_manager.base.events import BuildOutput, CollectingObserver
from system_manager.base.files import umask
from system_manager.store.addressing import ContentAddress, IngestionMethod
from system_manager.store.errors import BuildFailedError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.store import Store
from tests.store.building import Instantiated, build, instantiate, text, tree
from tests.store.trees import File, look


class TestText:
    @pytest.mark.parametrize(
        ("extra", "expected"),
        [
            ({}, File(b"hi")),
            ({"executable": "1"}, File(b"hi", executable=True)),
            ({"executable": ""}, File(b"hi")),
            ({"destination": "/bin/run", "executable": "1"}, {b"bin": {b"run": File(b"hi", executable=True)}}),
            ({"destination": "/a/./b//c"}, {b"a": {b"b": {b"c": File(b"hi")}}}),
        ],
    )
    def test_where_it_goes(self, store: Store, extra: dict[str, str], expected: object) -> None:
        assert look(build(store, text(store, "t", "hi", **extra))) == expected

    def test_bytes_that_are_no_text(self, store: Store) -> None:
        assert build(store, text(store, "t", "a\udcff\n")).read_bytes() == b"a\xff\n"

    def test_it_mentions_its_own_place(self, store: Store) -> None:
        item = instantiate(
            store, "t", "builtin:write-text", {"text": "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9"}
        )
        assert build(store, item).read_text() == str(item)
        assert store.path_info(item.out).references == {item.out}

    @pytest.mark.parametrize("mask", [0o000, 0o077])
    def test_whatever_the_umask(self, store: Store, mask: int) -> None:
        with umask(mask):
            output = build(store, text(store, "t", "hi", destination="/a/b"))
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (output, output / "a", output / "a/b")]
        assert modes == [0o555, 0o555, 0o444]

    @pytest.mark.parametrize("destination", ["/../escape", "/a/../../b", ".."])
    def test_a_place_outside(self, store: Store, destination: str) -> None:
        with pytest.raises(BuildFailedError, match="not a place inside the output"):
            build(store, text(store, "t", "hi", destination=destination))
        assert not list(store.layout.store_directory.glob("*escape*"))

    def test_no_text(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="needs the attribute 'text'"):
            build(store, instantiate(store, "t", "builtin:write-text"))


class TestLinkFarm:
    def farm(self, store: Store, entries: object) -> Instantiated:
        return instantiate(store, "farm", "builtin:link-farm", {"entries": json.dumps(entries)})

    def test_links_and_directories(self, store: Store) -> None:
        entries = [{"name": "a/b", "path": "/x"}, {"name": "/c", "path": "../y"}, {"name": "a/d", "path": "/z"}]
        assert look(build(store, self.farm(store, entries))) == {b"a": {b"b": "/x", b"d": "/z"}, b"c": "../y"}

    def test_none(self, store: Store) -> None:
        assert look(build(store, self.farm(store, []))) == {}

    def test_the_last_one_of_a_name_wins(self, store: Store) -> None:
        entries = [{"name": "a", "path": "/first"}, {"name": "./a", "path": "/last"}]
        assert look(build(store, self.farm(store, entries))) == {b"a": "/last"}

    def test_what_it_links_to_is_a_reference(self, store: Store) -> None:
        item = tree(store, "farm", {"etc/motd": "hello"})
        real = build(store, item)
        assert len(store.path_info(item.out).references) == 1
        assert (store.layout.store_directory / (real / "etc/motd").readlink().name).read_text() == "hello"

    @pytest.mark.parametrize(
        ("entries", "message"),
        [
            ("[", "must be a JSON list"),
            ({}, "must be a JSON list"),
            (["x"], "must be a JSON list"),
            ([{"name": "x"}], "must be a JSON list"),
            ([{"name": "x", "path": ""}], "must be a JSON list"),
            ([{"name": "x", "path": 1}], "must be a JSON list"),
            ([{"name": "x", "path": "a\0b"}], "null byte"),
            ([{"name": "../x", "path": "/y"}], "not a place inside"),
            ([{"name": "", "path": "/y"}], "needs a name"),
            ([{"name": "a", "path": "/y"}, {"name": "a/b", "path": "/z"}], "lies inside another entry"),
        ],
    )
    def test_entries_that_make_no_farm(self, store: Store, entries: object, message: str) -> None:
        environment = {"entries": entries if isinstance(entries, str) else json.dumps(entries)}
        with pytest.raises(BuildFailedError, match=message):
            build(store, instantiate(store, "farm", "builtin:link-farm", environment))


class TestEnvironment:
    def make(self, store: Store, packages: list[object], inputs: list[Instantiated], **extra: object) -> Path:
        environment = {"paths": json.dumps(packages)}
        environment |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in extra.items()}
        return build(store, instantiate(store, "env", "builtin:build-env", environment, inputs=inputs))

    def packages(self, store: Store, *trees: dict[str, str]) -> list[Instantiated]:
        items = [tree(store, f"package-{number}", files) for number, files in enumerate(trees)]
        build(store, *items)
        return items

    def test_a_directory_of_one_package_is_one_link(self, store: Store) -> None:
        a, b = self.packages(store, {"bin/a": "a"}, {"lib/b": "b"})
        assert look(self.make(store, [str(a), str(b)], [a, b])) == {b"bin": f"{a}/bin", b"lib": f"{b}/lib"}

    def test_a_directory_of_two_is_merged(self, store: Store) -> None:
        a, b = self.packages(store, {"bin/a": "a", "bin/sub/x": "x"}, {"bin/b": "b"})
        expected = {b"bin": {b"a": f"{a}/bin/a", b"sub": f"{a}/bin/sub", b"b": f"{b}/bin/b"}}
        assert look(self.make(store, [str(a), str(b)], [a, b])) == expected
        assert look(self.make(store, [str(b), str(a)], [a, b])) == expected

    def test_only_the_places_that_are_wanted(self, store: Store) -> None:
        (a,) = self.packages(store, {"bin/a": "a", "share/man/x": "x", "share/doc/y": "y", "lib/z": "z"})
        found = look(self.make(store, [str(a)], [a], pathsToLink=["/bin", "/share/man"]))
        assert found == {b"bin": {b"a": f"{a}/bin/a"}, b"share": {b"man": {b"x": f"{a}/share/man/x"}}}

    def test_files_that_belong_to_one_package_only(self, store: Store) -> None:
        (a,) = self.packages(
            store,
            {
                "nix-support/setup": "",
                "share/info/dir": "",
                "share/mime/types": "",
                "share/mime/packages/p": "",
                "lib/perllocal.pod": "",
                "lib/x": "",
            },
        )
        found = look(self.make(store, [str(a)], [a], pathsToLink=["/", "/lib", "/share/info", "/share/mime"]))
        assert found == {
            b"lib": {b"x": f"{a}/lib/x"},
            b"share": {b"info": {}, b"mime": {b"packages": f"{a}/share/mime/packages"}},
        }

    def test_two_files_at_the_same_place(self, store: Store) -> None:
        a, b = self.packages(store, {"bin/x": "a"}, {"bin/x": "b"})
        with pytest.raises(BuildFailedError, match=r"same place, '/bin/x'") as caught:
            self.make(store, [str(a), str(b)], [a, b])
        assert f"{a}/bin/x" in caught.value.what
        assert f"{b}/bin/x" in caught.value.what

    @pytest.mark.parametrize("order", [False, True])
    def test_the_lower_priority_number_wins(self, store: Store, order: bool) -> None:
        a, b = self.packages(store, {"bin/x": "a", "bin/only-a": ""}, {"bin/x": "b", "bin/only-b": ""})
        packages = [{"paths": [str(a)], "priority": 10}, {"paths": [str(b)], "priority": 4}]
        found = look(self.make(store, packages[::-1] if order else packages, [a, b]))
        assert found == {b"bin": {b"x": f"{b}/bin/x", b"only-a": f"{a}/bin/only-a", b"only-b": f"{b}/bin/only-b"}}

    def test_collisions_can_be_ignored(self, store: Store) -> None:
        a, b = self.packages(store, {"bin/x": "a"}, {"bin/x": "b"})
        assert look(self.make(store, [str(a), str(b)], [a, b], ignoreCollisions="1")) == {b"bin": {b"x": f"{a}/bin/x"}}

    @pytest.mark.parametrize(("contents", "collide"), [(("same", "same"), False), (("one", "other"), True)])
    def test_contents_can_be_compared(self, store: Store, contents: tuple[str, str], collide: bool) -> None:
        items = [
            text(store, f"p{number}", content, destination="/bin/x", number=str(number))
            for number, content in enumerate(contents)
        ]
        packages = [str(item) for item in items]
        if collide:
            with pytest.raises(BuildFailedError, match="same place"):
                self.make(store, packages, items, checkCollisionContents="1")
        else:
            assert look(self.make(store, packages, items, checkCollisionContents="1")) == {
                b"bin": {b"x": f"{items[0]}/bin/x"}
            }

    def test_the_same_package_twice(self, store: Store) -> None:
        (a,) = self.packages(store, {"bin/x": "a"})
        assert look(self.make(store, [str(a), str(a), {"paths": [str(a)], "priority": 1}], [a])) == {b"bin": f"{a}/bin"}

    def test_two_links_to_the_same_file_do_not_collide(self, store: Store) -> None:
        target = text(store, "target", "t")
        farms = [
            instantiate(
                store,
                f"farm-{number}",
                "builtin:link-farm",
                {"entries": json.dumps([{"name": "bin/x", "path": str(target)}]), "number": str(number)},
                inputs=[target],
            )
            for number in range(2)
        ]
        build(store, *farms)
        found = look(self.make(store, [str(farm) for farm in farms], farms))
        assert found == {b"bin": {b"x": f"{farms[0]}/bin/x"}}

    def test_links_to_directories_are_merged_like_directories(self, store: Store) -> None:
        (inner,) = self.packages(store, {"a": "a"})
        outer = instantiate(
            store,
            "outer",
            "builtin:link-farm",
            {"entries": json.dumps([{"name": "share", "path": str(inner)}])},
            inputs=[inner],
        )
        other = tree(store, "other", {"share/b": "b"})
        found = look(self.make(store, [str(outer), str(other)], [outer, other, inner]))
        assert found == {b"share": {b"a": f"{outer}/share/a", b"b": f"{other}/share/b"}}

    def test_a_file_and_a_directory_at_the_same_place(self, store: Store) -> None:
        a, b = self.packages(store, {"x": "file"}, {"x/y": "in a directory"})
        for packages in ([a, b], [b, a]):
            with pytest.raises(BuildFailedError, match="same place"):
                self.make(store, [str(item) for item in packages], packages)

    def test_what_a_package_brings_along(self, store: Store) -> None:
        (brought,) = self.packages(store, {"bin/brought": "x", "bin/a": "loses"})
        a = tree(store, "bringer", {"bin/a": "wins", "nix-support/propagated-user-env-packages": f"{brought}\n"})
        found = look(self.make(store, [str(a)], [a, brought]))
        assert found == {b"bin": {b"a": f"{a}/bin/a", b"brought": f"{brought}/bin/brought"}}

    def test_a_prefix(self, store: Store) -> None:
        (a,) = self.packages(store, {"bin/x": "a"})
        assert look(self.make(store, [str(a)], [a], extraPrefix="/usr")) == {b"usr": {b"bin": f"{a}/bin"}}

    def test_programs_of_the_distribution(self, store: Store) -> None:
        entries = [{"name": "bin/sh", "path": "/bin/sh"}, {"name": "bin/gone", "path": "/no/such/program"}]
        package = instantiate(store, "sh", "builtin:link-farm", {"entries": json.dumps(entries)})
        build(store, package)
        found = look(self.make(store, [str(package)], [package], pathsToLink=["/bin"]))
        assert found == {b"bin": {b"sh": f"{package}/bin/sh", b"gone": f"{package}/bin/gone"}}

    @pytest.mark.parametrize(
        ("path", "warned"),
        [("/no/such/program", []), ("no-such-file", ["/bin/gone"]), ("/nix/store/nothing", ["/bin/gone"])],
    )
    def test_only_links_that_can_never_lead_anywhere_are_warned_of(
        self, store: Store, path: str, warned: list[str]
    ) -> None:
        package = instantiate(
            store, "gone", "builtin:link-farm", {"entries": json.dumps([{"name": "bin/gone", "path": path}])}
        )
        environment = {"paths": json.dumps([str(package)]), "pathsToLink": '["/bin"]'}
        observer = CollectingObserver()
        build(
            store,
            instantiate(store, "env", "builtin:build-env", environment, inputs=[package]),
            observer=observer,
        )
        warnings = [event.line for event in observer.events if isinstance(event, BuildOutput)]
        assert [re.findall("symbolic link '([^']*)'", line)[0] for line in warnings] == warned

    @pytest.mark.parametrize(
        ("packages", "extra", "message"),
        [
            ("x", {}, "'paths' must be a JSON list"),
            ([1], {}, "'paths' must be a JSON list"),
            ([{"priority": 1}], {}, "'paths' must be a JSON list"),
            ([{"paths": ["/x"], "priority": "high"}], {}, "'paths' must be a JSON list"),
            (["/nix/store/nothing"], {}, "does not exist"),
            ([], {"pathsToLink": ["bin"]}, "list of absolute paths"),
            ([], {"pathsToLink": "x"}, "'pathsToLink' must be a JSON list"),
            ([], {"pathsToLink": ["/../x"]}, "not a place inside"),
            ([], {"extraPrefix": "/../x"}, "not a place inside"),
        ],
    )
    def test_attributes_that_make_no_environment(
        self, store: Store, packages: list[object], extra: dict[str, object], message: str
    ) -> None:
        with pytest.raises(BuildFailedError, match=message):
            self.make(store, packages, [], **extra)

    def test_a_package_that_is_a_file(self, store: Store) -> None:
        item = text(store, "file", "x")
        with pytest.raises(BuildFailedError, match="is a file and cannot be merged"):
            self.make(store, [str(item)], [item])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine, with one file."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served/file").write_bytes(b"content")
    handler = functools.partial(_QuietHandler, directory=str(tmp_path / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"content")
        else:
            super().do_GET()


class TestFetching:
    def fetch(
        self, store: Store, content: bytes = b"content", *, recursive: bool = False, **environment: str
    ) -> Instantiated:
        method = IngestionMethod.RECURSIVE if recursive else IngestionMethod.FLAT
        address = ContentAddress(method, hash_bytes(HashAlgorithm.SHA256, content))
        return instantiate(store, "fetched", "builtin:fetchurl", environment, content=address)

    def test_from_a_server(self, store: Store, server: str) -> None:
        item = self.fetch(store, url=f"{server}/file")
        assert build(store, item).read_bytes() == b"content"
        assert store.path_info(item.out).content_address == item.derivation.outputs["out"].content

    def test_from_this_machine(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "with space").write_bytes(b"content")
        assert build(store, self.fetch(store, url=f"file://{tmp_path}/with%20space")).read_bytes() == b"content"

    def test_the_first_address_that_answers(self, store: Store, server: str) -> None:
        urls = f"{server}/missing ftp://nowhere/x {server}/short {server}/file"
        assert build(store, self.fetch(store, urls=urls)).read_bytes() == b"content"

    @pytest.mark.parametrize(
        ("path", "message"),
        [("missing", "the server answered 404"), ("short", "the connection ended after 7 of 100 bytes")],
    )
    def test_from_a_server_that_does_not_give_it(self, store: Store, server: str, path: str, message: str) -> None:
        with pytest.raises(BuildFailedError, match=message):
            build(store, self.fetch(store, url=f"{server}/{path}"))

    def test_from_a_server_that_is_not_there(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="cannot download"):
            build(store, self.fetch(store, url="http://127.0.0.1:1/file"))

    def test_another_content(self, store: Store, server: str) -> None:
        item = self.fetch(store, b"expected", url=f"{server}/file")
        with pytest.raises(BuildFailedError, match="hash mismatch") as caught:
            build(store, item)
        assert hash_bytes(HashAlgorithm.SHA256, b"content").sri in caught.value.what
        assert hash_bytes(HashAlgorithm.SHA256, b"expected").sri in caught.value.what
        assert not store.is_valid(item.out)
        assert not os.path.lexists(store.real_path(item.out))

    @pytest.mark.parametrize(
        ("environment", "message"),
        [
            ({}, "needs the attribute 'url'"),
            ({"url": "gopher://x/y"}, "scheme 'gopher' is not supported"),
            ({"url": "/etc/passwd"}, "scheme '' is not supported"),
            ({"url": "file:///x", "unpack": "1"}, "does not unpack"),
            ({"url": "http://[::1"}, "Invalid IPv6 URL"),
        ],
    )
    def test_what_cannot_be_fetched(self, store: Store, environment: dict[str, str], message: str) -> None:
        with pytest.raises(BuildFailedError, match=message):
            build(store, self.fetch(store, **environment))

    def test_without_a_hash(self, store: Store) -> None:
        with pytest.raises(BuildFailedError, match="must be a fixed-output derivation"):
            build(store, instantiate(store, "x", "builtin:fetchurl", {"url": "file:///x"}))

    def test_what_it_says_meanwhile(self, store: Store, server: str) -> None:
        observer = CollectingObserver()
        item = self.fetch(store, url=f"{server}/file")
        build(store, item, observer=observer)
        assert BuildOutput(str(item.path), f"fetching {server}/file") in observer.events
