"""Scenarios as data: a machine, what is done to it step by step, and beside it what must come out.

``NAME.toml``::

    about = "one sentence"

    [store]                      # store paths, by name
    "motd" = "text"              # a file, also as { text = "x", mode = "0755" }; another table is a directory

    [before]                     # the machine before
    "/etc/motd" = "text"                                  # a file, 0644, root's
    "/etc/key" = { text = "x", mode = "0600", user = 1, group = 2 }
    "/etc/link" = { link = "/target" }
    "/etc/dir" = { mode = "0700" }                        # a directory
    "/etc/raw" = { hex = "ff0a" }                         # a file that is no UTF-8; "link-hex" is a link
    "/run/x" = { special = "fifo" }                       # or socket, device

    [[step]]
    do = "activate"              # or another verb of the engine, or edit
    files = [ … ]                # the manifest's files, and any other key of a manifest
    arguments = ["--to", "1"]    # of the engine; @waiting is the transaction that waits for being confirmed
    edit = { "/etc/motd" = "text", "/etc/key" = { absent = true } }   # for "edit"

The verb "expire" is not the engine's: it lets the time pass in which a change can be confirmed.

``NAME.expected`` says of every step how it ends, what was planned, and what the machine looks like afterwards.
``pytest --accept`` writes it anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from system_manager.activation.engine import run_engine
from system_manager.activation.known_state import read_state
from system_manager.activation.record_copy import COPY
from system_manager.generation.event_stream import LineWriter
from system_manager.generation.profile import Generation, Profile
from system_manager.host.root import Root

DIRECTORY = Path(__file__).parent / "scenarios"
_OURS = "/var/lib/system-manager/"
_BOOT_UNIT = "system-manager-recover.service"
_BOOT_UNIT_PATHS = (f"/etc/systemd/system/{_BOOT_UNIT}", f"/etc/systemd/system/sysinit.target.wants/{_BOOT_UNIT}")
_MANIFEST_KEYS = (
    "files",
    "units",
    "userUnits",
    "healthChecks",
    "settleTime",
    "users",
    "groups",
    "mutableUsers",
    "packages",
    "tmpfiles",
    "path",
    "preActivationChecks",
)
_ACCOUNTS = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n",
    "/etc/group": "root:x:0:\nusers:x:100:\nalice:x:1000:\n",
}
_DATABASES = frozenset(f"/etc/{name}" for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid"))
_RECORDS = frozenset(
    f"{_OURS}{name}" for name in ("state.json", "journal.json", "boot-unit.json", "at-boot", "history.jsonl")
) | {COPY}
_TYPE = 0o170000
_SPECIAL = {"fifo": stat.S_IFIFO, "socket": stat.S_IFSOCK, "device": stat.S_IFCHR}
_CLEAR_TEXT = re.compile(r"\$6\$[^:$]{16}\$[^:]{86}")
_TRANSACTION = re.compile(r"/edited/[0-9a-f]{12}")
_LOCKS = frozenset({"/run/system-manager/lock", "/etc/.pwd.lock"})


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of the engine ended."""

    exit_code: int
    result: dict[str, Any]
    events: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """Everything that was said."""
        return json.dumps([self.result, self.events], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def expected(self) -> Path:
        return self.path.with_suffix(".expected")

    def read(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text())


def all_scenarios() -> list[Scenario]:
    return [Scenario(path) for path in sorted(DIRECTORY.glob("*.toml"))]


def run(root: Path, *arguments: str) -> Result:
    """One verb of the engine, in this process."""
    output = io.StringIO()
    code = run_engine([*arguments, "--root", str(root), "--settle", "0"], LineWriter(output))
    lines = [json.loads(line) for line in output.getvalue().split("\n")[:-1]]
    return Result(int(code), lines[-1]["result"], lines[:-1])


def put(path: Path, what: Any) -> None:
    """Make one entry of a tree; whatever is there goes."""
    entry = {"text": what} if isinstance(what, str) else what
    if entry.get("touch"):
        os.utime(path)
        return
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        path.unlink()
    elif path.is_dir() and "mode" not in entry:
        subprocess.run(["rm", "-r", path], check=True)
    if entry.get("absent"):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    is_link = "link" in entry or "link-hex" in entry
    if is_link:
        os.symlink(entry["link"] if "link" in entry else bytes.fromhex(entry["link-hex"]), os.fsencode(path))
    elif "special" in entry:
        os.mknod(path, 0o600 | _SPECIAL[entry["special"]], os.makedev(1, 3))
    elif "hex" in entry:
        path.write_bytes(bytes.fromhex(entry["hex"]))
    elif "text" in entry:
        path.write_text(entry["text"])
    else:
        path.mkdir(exist_ok=True)
    for name, value in entry.get("attributes", {}).items():
        os.setxattr(path, name, value.encode())
    os.chown(path, entry.get("user", 0), entry.get("group", 0), follow_symlinks=False)
    if not is_link:
        path.chmod(int(entry.get("mode", "0755" if path.is_dir() else "0644"), 8))


def below(root: Path, logical: str) -> Path:
    return root / logical.lstrip("/")


class Run:
    """A scenario on its way: the machine, and the steps that are left."""

    def __init__(self, scenario: Scenario, root: Path) -> None:
        data = scenario.read()
        self.root = root
        self.steps: list[dict[str, Any]] = data["step"]
        for logical in ("/etc", "/var/lib", "/run", "/nix/store"):
            below(root, logical).mkdir(parents=True)
        for logical, text in _ACCOUNTS.items():
            put(below(root, logical), text)
        for name, what in data.get("store", {}).items():
            self._put_store(f"/nix/store/{name}", what)
        for logical, what in data.get("before", {}).items():
            put(below(root, logical), what)
        for index, step in enumerate(self.steps, 1):
            if step["do"] in {"activate", "plan", "register", "test", "boot", "populate"} and "toplevel" not in step:
                self._put_manifest(f"/nix/store/toplevel-{index}", step)
                step["toplevel"] = f"/nix/store/toplevel-{index}"

    def _put_store(self, logical: str, what: Any) -> None:
        if isinstance(what, str) or "text" in what:
            put(below(self.root, logical), what)
            return
        below(self.root, logical).mkdir(parents=True, exist_ok=True)
        for name, inner in what.items():
            self._put_store(f"{logical}/{name}", inner)

    def _put_manifest(self, toplevel: str, step: dict[str, Any]) -> None:
        text = step.get("manifest")
        if text is None:
            chosen = {key: step[key] for key in _MANIFEST_KEYS if key in step}
            text = json.dumps({"version": step.get("version", 1), **chosen})
        put(below(self.root, f"{toplevel}/manifest.json"), text)

    def arguments(self, step: dict[str, Any]) -> list[str]:
        toplevel = ["--toplevel", step["toplevel"]] if "toplevel" in step else []
        arguments = [self._waiting() if word == "@waiting" else word for word in step.get("arguments", [])]
        return [step["do"], *toplevel, *arguments]

    def _waiting(self) -> str:
        name: str = json.loads(below(self.root, _OURS + "state.json").read_text()).get("transaction", "none")
        return name

    def do(self, step: dict[str, Any]) -> Result | None:
        """Carry out one step."""
        if step["do"] == "edit":
            for logical, what in step["edit"].items():
                put(below(self.root, logical), what)
            return None
        if step["do"] == "expire":
            path = below(self.root, _OURS + "state.json")
            state = json.loads(path.read_text())
            state["unconfirmed"]["until"] = 0.0
            path.write_text(json.dumps(state))
            return None
        return run(self.root, *self.arguments(step))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is compared of one path."""

    kind: str
    mode: int
    user: int
    group: int
    content: str
    attributes: tuple[tuple[str, bytes], ...]
    modified: int = 0


def tree(root: Path, *, times: bool = False) -> dict[str, Entry]:
    """Everything on the machine and in its store, but locks, state, journal and the boot unit.

    Hashes of clear text read ``HASH``.

    Of our own directories only the files count: a lock's directory stays. Names made from a transaction's
    identifier read ``ID``.
    """
    found = {}
    for path, status in _walk(str(root)):
        logical = path.removeprefix(str(root))
        is_directory = stat.S_ISDIR(status.st_mode)
        name = logical.removesuffix(".new")
        if logical in _LOCKS or name in _BOOT_UNIT_PATHS or name in _RECORDS:
            continue
        if is_directory and (f"{logical}/".startswith(("/nix/", "/run/", "/var/"))):
            continue
        kind, content = ("directory" if is_directory else "file"), ""
        if stat.S_ISLNK(status.st_mode):
            kind, content = "link", os.fsencode(os.readlink(path)).decode(errors="backslashreplace")
        elif status.st_mode & _TYPE in _SPECIAL.values():
            kind = next(name for name, mode in _SPECIAL.items() if mode == status.st_mode & _TYPE)
        elif not is_directory:
            content = _CLEAR_TEXT.sub("HASH", Path(path).read_text(errors="replace"))
        names = os.listxattr(path, follow_symlinks=False)
        attributes = tuple((name, os.getxattr(path, name, follow_symlinks=False)) for name in names)
        modified = status.st_mtime_ns if times and kind == "file" else 0
        mode = stat.S_IMODE(status.st_mode)
        entry = Entry(kind, mode, status.st_uid, status.st_gid, content, attributes, modified)
        found[_TRANSACTION.sub("/edited/ID", logical)] = entry
    for logical in reversed(_made_for_the_boot_unit(root)):
        if not any(name.startswith(f"{logical}/") for name in found):
            found.pop(logical, None)
    return found


def _made_for_the_boot_unit(root: Path) -> list[str]:
    record = below(root, _OURS + "boot-unit.json")
    made: list[str] = json.loads(record.read_text())["directories"] if record.exists() else []
    return made


def has_boot_unit(root: Path) -> bool:
    """Whether the unit that recovers at boot is in place; never only a part of it."""
    places = [below(root, logical) for logical in _BOOT_UNIT_PATHS]
    found = {os.path.lexists(place) for place in places}
    assert len(found) == 1, "the unit that recovers at boot is there in part"
    assert not any(os.path.lexists(f"{place}.new") for place in places)
    return found.pop()


def is_managed(root: Path) -> bool:
    """Whether anything on the machine is ours."""
    state = below(root, _OURS + "state.json")
    if not state.exists():
        return not read_state(Root(str(root))).is_empty
    return bool(json.loads(state.read_text()).keys() & {"toplevel", "files", "packages", "at_boot"})


def _walk(directory: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            status = entry.stat(follow_symlinks=False)
            yield entry.path, status
            if stat.S_ISDIR(status.st_mode):
                yield from _walk(entry.path)


def _generations(root: Path) -> str:
    profile = Profile(below(root, "/nix/var/nix/profiles/system-manager-profiles"))
    shown = [
        f"{generation.number}{_mark(generation)} {generation.toplevel.rpartition('/')[2]}"
        for generation in profile.generations()
    ]
    return ", ".join(shown) or "none"


def _mark(generation: Generation) -> str:
    return " (current)" if generation.current else " (waiting)" if generation.waiting else ""


def _tree_lines(root: Path) -> Iterator[str]:
    yield f"    generations: {_generations(root)}"
    for logical, entry in sorted(tree(root).items()):
        if logical == "/etc" or logical.startswith("/nix/") or _ACCOUNTS.get(logical) == entry.content:
            continue
        owner = "" if (entry.user, entry.group) == (0, 0) else f" {entry.user}:{entry.group}"
        attributes = "".join(f" {name}={value.decode()}" for name, value in entry.attributes)
        if entry.kind == "link":
            yield f"    {logical} -> {entry.content}{owner}"
        elif entry.kind == "directory":
            yield f"    {logical}/ {entry.mode:04o}{owner}{attributes}"
        elif entry.kind in _SPECIAL:
            yield f"    {logical} {entry.kind}{owner}"
        elif logical in _DATABASES:
            yield f"    {logical} {entry.mode:04o}{owner}{attributes}"
            yield from (f"        {line}" for line in entry.content.splitlines())
        else:
            text = entry.content if len(entry.content) < 60 else hashlib.sha256(entry.content.encode()).hexdigest()[:12]
            yield f"    {logical} {entry.mode:04o}{owner}{attributes} {text!r}"


def steps_of(result: dict[str, Any]) -> Iterator[str]:
    """The plan as text."""
    for step in result.get("steps", []):
        detail = f" ({step['detail']})" if step["detail"] else ""
        reason = f": {step['reason']}" if step["reason"] else ""
        yield f"    {step['action']} {step['target']}{detail}{reason}"
    for notice in result.get("notices", []):
        yield f"    note: {notice}"
    for conflict in result.get("conflicts", []):
        yield f"    conflict {conflict['target']}: {conflict['why']}"
    if (chosen := result.get("atNextBoot")) is not None:
        yield f"    at the next boot, for {chosen['reason']}: generation {chosen['generation']} {chosen['toplevel']}"
    if (waiting := result.get("toConfirm")) is not None:
        yield f"    to confirm: generation {waiting['generation']}"
    if result.get("secondsToConfirm") is not None:
        yield f"    to confirm within {result['secondsToConfirm']:g} seconds"
    for drift in result.get("drift", []):
        yield f"    drift {drift['target']} {drift['what']}"
    for what in result.get("stays", []) if result["outcome"] == "uninstalled" else []:
        yield f"    stays: {what}"
    if "error" in result:
        for key in ("what", "where", "hint"):
            for line in (result["error"][key] or "").splitlines():
                yield f"    {key}: {line}"


def describe(number: int, step: dict[str, Any], result: Result | None, root: Path) -> str:
    """The part of the expected text that is about one step."""
    lines = [f"== {number} {step['do']}"]
    if result is not None:
        lines.append(f"exit {result.exit_code}, {result.result['outcome']}")
        lines.extend(steps_of(result.result))
    lines.append("machine")
    lines.extend(_tree_lines(root))
    text = "\n".join(lines).replace(str(root), "ROOT")
    return _TRANSACTION.sub("/edited/ID", text) + "\n"
