"""The power fails, and what was not flushed is lost. A file system with a journal keeps names in their order, and
promises nothing of what is in a file before its fsync: afterwards the machine is the old one or the new one."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from system_manager.activation.history import HISTORY_FILE
from tests.activation import faults
from tests.activation.scenario import Scenario, below, run
from tests.activation.test_flushes import Disk, followed
from tests.activation.test_interruptions import Prepared, assert_old_or_new, prepare

Loss = Callable[[bytes], bytes]
PAGE = 4096
LONG = "\n".join(map(str, range(3000)))  # some pages
SCENARIO = f'''
    [store]
    long = """{LONG}"""
    other = "other"
    [before]
    "/etc/foreign" = "foreign"
    [[step]]
    do = "activate"
    files = [
        {{ kind = "copy", target = "/etc/changed", source = "/nix/store/other", mode = "0644" }},
        {{ kind = "copy", target = "/etc/old/gone", source = "/nix/store/long", mode = "0600" }},
    ]
    [[step]]
    do = "activate"
    files = [
        {{ kind = "copy", target = "/etc/changed", source = "/nix/store/long", mode = "0644" }},
        {{ kind = "copy", target = "/etc/foreign", source = "/nix/store/long", mode = "0640", replaceExisting = true }},
        {{ kind = "link", target = "/etc/link", source = "/nix/store/long" }},
        {{ kind = "copy", target = "/etc/new/deep", source = "/nix/store/long", mode = "0600" }},
        {{ kind = "copy", target = "/etc/new/short", source = "/nix/store/other", mode = "0600" }},
    ]
'''


def is_empty(_written: bytes) -> bytes:
    return b""


def is_zeros(written: bytes) -> bytes:
    return bytes(len(written))


def is_there_in_parts(written: bytes) -> bytes:
    pages = [written[at : at + PAGE] for at in range(0, len(written), PAGE)]
    return b"".join(bytes(len(page)) if number % 2 else page for number, page in enumerate(pages))


def lose(disk: Disk, root: Path, loss: Loss) -> None:
    """Have all content that was not flushed be lost; what was flushed before something was appended stays."""
    for logical in disk.contents - {HISTORY_FILE}:
        path = below(root, logical)
        if path.is_file() and not path.is_symlink():
            data, kept = path.read_bytes(), disk.flushed_sizes.get(logical, 0)
            with path.open("r+b") as file:
                file.truncate(kept)
                file.seek(kept)
                file.write(loss(data[kept:]))


def cut(prepared: Prepared, root: Path, *, at: int, loss: Loss) -> bool:
    """Run until right before the changing call with this index; whether there were that many."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            disk = Disk(root)

            def before(now: int, _name: str) -> None:
                if now == at:
                    lose(disk, root, loss)
                    os._exit(faults.KILLED)

            with followed(disk), faults.intercepted(before):
                run(root, *prepared.arguments)
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, faults.KILLED}
    return status != 0


@pytest.mark.parametrize("loss", [is_empty, is_zeros, is_there_in_parts])
def test_content_that_was_not_flushed(loss: Loss, place: Path) -> None:
    path = place / "x.toml"
    path.write_text(SCENARIO)
    prepared = prepare(Scenario(path), place)
    index = 0
    root = prepared.fresh()
    while cut(prepared, root, at=index, loss=loss):
        recovered = run(root, "recover")
        assert recovered.exit_code == 0, recovered.text
        assert_old_or_new(prepared, root, None)
        index, root = index + 1, prepared.fresh()
    assert index > 50
