"""What rules of tmpfiles change, and how it was before: so that taking an activation back is true of it, too.

A rule may make things, overwrite them (``f+``, ``w``), put others in their places (``L+``), and give owners and modes
to whole trees (``Z``). What is at the paths of changed rules is looked at before they are applied; contents that a rule
may change are kept until the commit. Kernel interfaces are left out, and attributes other than mode and owner.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from system_manager.activation.change import Machine
from system_manager.activation.parents import is_behind_link
from system_manager.activation.state import UNDO_DIRECTORY
from system_manager.activation.tmpfiles_rules import Rule
from system_manager.base.events import Warned
from system_manager.base.files import Mode, write_atomically
from system_manager.generation import undecodable
from system_manager.host import files
from system_manager.host.files import Seen
from system_manager.host.root import LinkLoopError, Root

MOST = 10_000
"""How many paths are remembered: rules for larger trees are not worth a journal of that size."""

_ADJUSTS_OWNERS = frozenset("dDvqQezZmfFpcbC")
_WRITES = frozenset("Fw")
_WITH_PATTERNS = frozenset("ezZmwaAtThH")
_OF_THE_KERNEL = ("/proc/", "/sys/", "/dev/")
_MADE = f"{UNDO_DIRECTORY}/made-by-rules.json"
_DECODE = msgspec.json.Decoder(dict[str, Seen])


class Before(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """What was at a path (logical, links above it followed).

    ``saved`` is where its content is kept, None if no rule changes that.
    """

    path: str
    seen: Seen
    saved: str | None = None


def look_before(root: Root, rules: Iterable[Rule]) -> tuple[Before, ...]:
    """Everything that is there and that the rules may change, at most :data:`MOST` paths."""
    found: dict[str, Before] = {}
    for rule in rules:
        if rule.path.startswith(_OF_THE_KERNEL):
            continue
        replaces = rule.replaces or rule.kind in _WRITES
        if not replaces and rule.kind not in _ADJUSTS_OWNERS:
            continue
        for path in _paths(root, rule):
            seen = files.look(root.join(path))
            if seen.kind == "absent" or len(found) >= MOST:
                continue
            known = found.get(path)
            saved = f"{UNDO_DIRECTORY}/ruled-{len(found)}" if replaces and _loses(rule, seen) else None
            if known is None or (known.saved is None and saved is not None):
                found[path] = Before(path, seen, saved)
    return tuple(found.values())


def _loses(rule: Rule, seen: Seen) -> bool:
    """``C+`` puts more into a directory, and takes nothing away."""
    return seen.kind != "directory" or rule.kind not in "dDvqQewCz"


def _paths(root: Root, rule: Rule) -> Iterator[str]:
    import glob

    real = root.join(rule.path)
    tops = glob.glob(real) if rule.kind in _WITH_PATTERNS else [real]
    for top in sorted(tops):
        directory, _, name = top.removeprefix(root.prefix).rpartition("/")
        with contextlib.suppress(LinkLoopError):
            path = root.join(f"{root.resolve(directory).rstrip('/')}/{name}")
            yield from _logical(root, _tree(path) if rule.kind == "Z" else [path])


def _logical(root: Root, real: Iterable[str]) -> Iterator[str]:
    return (path.removeprefix(root.prefix) for path in real)


def _tree(top: str) -> Iterator[str]:
    """A path and all below it, parents first; nothing follows a link."""
    yield top
    for directory, names, others in os.walk(top):
        yield from (f"{directory}/{name}" for name in (*names, *others))


def keep(machine: Machine, befores: Sequence[Before]) -> None:
    """Keep what a rule may overwrite. A directory, or a device, is moved away, as the rule would remove it."""
    for before in befores:
        if before.saved is None:
            continue
        path, saved = machine.root.join(before.path), machine.root.join(before.saved)
        try:
            if before.seen.kind in {"file", "link"}:
                files.copy_whole(path, saved)
            else:
                os.rename(path, saved)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.EBUSY}:
                raise
            text = f"{before.path} is replaced by a rule and cannot be kept, so it would not return: {error.strerror}"
            machine.observer.notify(Warned(text))


def note_made(machine: Machine, absent: Sequence[str]) -> None:
    """Write down what there is now below paths that were absent."""
    root = machine.root
    paths = (path for top in absent for path in _logical(root, _tree(root.join(top))))
    made = {path: files.look(root.join(path)) for path, _ in zip(paths, range(MOST), strict=False)}
    write_atomically(root.join(_MADE), undecodable.encode(made), mode=Mode(0o600), durable=False)


def remove_made(machine: Machine, absent: Sequence[str]) -> None:
    """Remove what was made, as long as nobody has written to it."""
    root = machine.root
    made: dict[str, Seen] = {}
    # Not there when the run was killed before it was written.
    with contextlib.suppress(OSError, msgspec.DecodeError), open(root.join(_MADE), "rb") as file:
        made = undecodable.decode(_DECODE, file.read())
    for path in sorted({*made, *absent}, reverse=True):
        if _is_behind_link(root, path):
            continue
        real = root.join(path)
        now = files.look(real)
        with contextlib.suppress(OSError):  # somebody uses it already, as after a rule was taken out
            if now.kind == "directory":
                os.rmdir(real)
            elif now == made.get(path) or (path in absent and (now.kind == "link" or now.size == 0)):
                files.remove(real)
            machine.note_entry(real)


def put_back(machine: Machine, befores: Sequence[Before]) -> None:
    """Give everything the content, mode and owner that it had."""
    for before in reversed(befores):
        if _is_behind_link(machine.root, before.path):
            continue
        path, seen = machine.root.join(before.path), before.seen
        if before.saved is not None:
            _put_content_back(machine, path, machine.root.join(before.saved), seen)
        now = files.look(path)
        if now.kind != seen.kind or now.kind == "link":
            continue
        if (now.user, now.group) != (seen.user, seen.group):
            os.chown(path, seen.user, seen.group, follow_symlinks=False)
        if (now.mode, now.user, now.group) != (seen.mode, seen.user, seen.group):
            os.chmod(path, seen.mode)


def _is_behind_link(root: Root, path: str) -> bool:
    try:
        return is_behind_link(root, path)
    except LinkLoopError:
        return True


def _put_content_back(machine: Machine, path: str, saved: str, seen: Seen) -> None:
    if not os.path.lexists(saved):
        return
    now = files.look(path)
    if seen.kind in {"file", "link"}:
        if (now.kind, now.text, now.size, now.modified) != (seen.kind, seen.text, seen.size, seen.modified):
            temporary = files.temporary_beside(path, machine.transaction)
            files.put_second_name(path, saved, temporary=temporary, replaced=now)
    else:
        if now.kind in {"file", "link", "other"}:
            files.remove(path)
        os.rename(saved, path)
    machine.note_entry(path)


def forget(machine: Machine, befores: Sequence[Before]) -> None:
    """Drop the directories that rules have replaced; the rest goes with the directory in which it is kept."""
    import shutil

    for before in befores:
        if before.saved is not None and before.seen.kind == "directory":
            real = machine.root.join(before.saved)
            if os.path.isdir(real) and not os.path.islink(real):
                shutil.rmtree(real)
