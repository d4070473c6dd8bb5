"""What is looked at before anything is touched. A plan that passes can still fail, and is then taken back."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from system_manager.activation.account_changes import ChangeAccounts
from system_manager.activation.change import Machine
from system_manager.activation.directory_changes import TakeDirectoryAway
from system_manager.activation.file_changes import ChangeFile, PutCopy
from system_manager.activation.files import Conflict
from system_manager.activation.generation_changes import SelectGeneration
from system_manager.activation.mounts import mount_points
from system_manager.activation.obstacles import find_flag
from system_manager.activation.plan import Plan
from system_manager.activation.state import DIRECTORY, RUNTIME_DIRECTORY, STATE_FILE
from system_manager.activation.unit_changes import ReloadManager
from system_manager.base.errors import SystemManagerError
from system_manager.base.events import Warned
from system_manager.base.process import environment, has_program, run_bounded
from system_manager.generation.manifest import Manifest, Unit
from system_manager.host.directories import may_be_held
from system_manager.host.root import Root
from system_manager.host.systemd import Verdict, verifying

UNTOUCHED = "nothing was changed, because "
_SPARE_BYTES = 1 << 20
_RELOAD_BYTES = 16 << 20  # below which systemd refuses to reload, since it writes down there what it knows
_RELOAD_PLACE = "/run/systemd"
_CHECK_SECONDS = 300
_SHOWN_LINES = 20


class ConflictsError(SystemManagerError):
    """Things that are not ours are in the way, or the configuration asks for what cannot be."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = tuple(conflicts)
        lines = [f"    {conflict.target}: {conflict.why}" for conflict in conflicts]
        these = "this is" if len(lines) == 1 else f"these {len(lines)} things are"
        hint = "correct the configuration, or move what is in the way"
        if all(conflict.replaceable for conflict in conflicts):
            hint = "move what is in the way, or set replaceExisting = true to have it kept and put back later"
        if all(conflict.lost for conflict in conflicts):
            hint = "something is missing from the store: 'system-manager switch --repair' builds it again"
        what = f"{UNTOUCHED}{these} in conflict with the configuration:"
        super().__init__("\n".join([what, *lines]), hint=hint)


class RefusedUnitsError(SystemManagerError):
    """systemd would not start these units."""


class CheckFailedError(SystemManagerError):
    """A check of the configuration's author did not pass."""


Judgement = Callable[[], list[Verdict]]
"""Waits for what systemd says of units."""


def check_plan(machine: Machine, plan: Plan, judgement: Judgement | None = None) -> None:
    """Refuse a plan that cannot work. Raises :class:`SystemManagerError`; everything is as before then.

    :param judgement: that of :func:`units_judged`, if it was asked for already.
    """
    if plan.conflicts:
        raise ConflictsError(plan.conflicts)
    _check_unit_files(machine, plan)
    asked = contextlib.nullcontext(judgement) if judgement is not None else _units_of_plan_judged(machine, plan)
    with asked as verdicts:
        _check_units(machine, verdicts())
    _check_writable(machine.root, plan)
    _check_replaceable(machine.root, plan)
    _check_space(machine.root, [change for change in plan.changes if isinstance(change, ChangeFile)])
    if machine.systemd is not None and any(isinstance(one, ReloadManager) and not one.last for one in plan.changes):
        _check_room_to_reload()


def run_author_checks(machine: Machine, plan: Plan) -> None:
    """Run the scripts of ``system-manager.preActivationChecks``, all of them, and report all that fail."""
    checks = plan.target.manifest.pre_activation_checks
    failed = [f"    {check.name}: {why}" for check in checks if (why := _refusal(machine, check.script)) is not None]
    if failed:
        raise CheckFailedError(
            "\n".join([f"{UNTOUCHED}checks of the configuration failed:", *failed]),
            hint="do what the messages say, or take the check out of system-manager.preActivationChecks",
        )


def _refusal(machine: Machine, script: str) -> str | None:
    """What a check says that does not pass; None for one that does. A stop that is asked for ends it."""
    real = machine.root.real(script)
    stop = machine.interruption.checkpoint_before_changes
    try:
        ended = run_bounded([real], variables=environment(), seconds=_CHECK_SECONDS, checkpoint=stop)
    except OSError as error:
        return str(error.strerror) if os.path.exists(real) else f"{script} does not exist"
    if ended.status == 0:
        return None
    said = "\n".join(ended.output.strip().splitlines()[-_SHOWN_LINES:])
    how = ended.describe(_CHECK_SECONDS)
    if ended.status is not None and ended.status > 0:
        return said or how  # the author's own words will do
    return f"{how}: {said}" if said else how


def _check_unit_files(machine: Machine, plan: Plan) -> None:
    manifest = plan.target.manifest
    changed = [(name, manifest.units[name]) for name in plan.changed_units]
    changed += [(name, manifest.user_units[name]) for name in plan.changed_user_units]
    missing = []
    for name, unit in changed:
        if unit.fragment is not None and name.endswith(".scope"):
            missing.append(Conflict(name, "systemd reads no unit files of scopes, which programs make for themselves"))
        for path in (*([unit.fragment] if unit.fragment else []), *unit.drop_ins):
            if not os.path.isfile(machine.root.real(path)):
                missing.append(Conflict(name, f"its file {path} does not exist"))
    if missing:
        raise ConflictsError(missing)


@contextlib.contextmanager
def units_judged(
    machine: Machine, manifest: Manifest, changed: Sequence[str], changed_of_users: Sequence[str]
) -> Iterator[Judgement]:
    """Have systemd judge new and changed units, seen with their drop-ins as they will be, while the body runs."""
    with contextlib.ExitStack() as running:
        verdicts = []
        if machine.root.is_live and (changed or changed_of_users) and has_program("systemd-analyze"):
            of_system = _judged(machine.root, manifest.units, changed, of_users=False)
            of_users = _judged(machine.root, manifest.user_units, changed_of_users, of_users=True)
            verdicts = [running.enter_context(judged) for judged in (of_system, of_users)]
        yield lambda: [verdict() for verdict in verdicts]


def _units_of_plan_judged(machine: Machine, plan: Plan) -> contextlib.AbstractContextManager[Judgement]:
    return units_judged(machine, plan.target.manifest, plan.changed_units, plan.changed_user_units)


def _check_units(machine: Machine, verdicts: Sequence[Verdict]) -> None:
    refused: dict[str, tuple[str, ...]] = {}
    for verdict in verdicts:
        refused |= verdict.refused
        for line in verdict.ignored:
            machine.observer.notify(Warned(f"systemd passes over a setting of {line}"))
    if refused:
        lines = [f"    {name}: {'; '.join(reasons)}" for name, reasons in sorted(refused.items())]
        hint = "correct the units in the configuration"
        theirs = [name for name in sorted(refused) if _has_distributions_unit(machine.root, name)]
        if theirs:
            hint += (
                f'; the distribution has {", ".join(theirs)}, too: overrideStrategy = "asDropin" adds to its unit'
                " in place of replacing it"
            )
        raise RefusedUnitsError("\n".join([f"{UNTOUCHED}systemd would not start these units:", *lines]), hint=hint)


def _has_distributions_unit(root: Root, name: str) -> bool:
    stem, at, _ = name.partition("@")
    template = f"{stem}@.{name.rpartition('.')[2]}" if at else name
    directories = (f"{prefix}/systemd/{kind}" for prefix in ("/usr/lib", "/lib") for kind in ("system", "user"))
    return any(os.path.exists(root.real(f"{directory}/{template}")) for directory in directories)


@contextlib.contextmanager
def _judged(
    root: Root, units: Mapping[str, Unit], changed: Sequence[str], *, of_users: bool
) -> Iterator[Callable[[], Verdict]]:
    names = [name for name in changed if units[name].fragment is not None]
    if not names:
        yield lambda: Verdict({}, ())
        return
    with _assembled(root, units, names) as directory:
        paths = [f"{directory}/{name}" for name in names]
        with verifying(paths, unit_path=[directory], of_users=of_users) as verdict:
            yield verdict


@contextlib.contextmanager
def _assembled(root: Root, units: Mapping[str, Unit], names: Sequence[str]) -> Iterator[str]:
    """A directory that looks like the one with the unit files will, as far as ``names`` are concerned."""
    import tempfile

    runtime = root.join(RUNTIME_DIRECTORY)
    with tempfile.TemporaryDirectory(prefix="verify-", dir=runtime if os.access(runtime, os.W_OK) else None) as made:
        for name in names:
            unit = units[name]
            if unit.fragment is not None:
                os.symlink(root.real(unit.fragment), f"{made}/{name}")
            for path in unit.drop_ins:
                os.makedirs(f"{made}/{name}.d", exist_ok=True)
                os.symlink(root.real(path), f"{made}/{name}.d/{os.path.basename(path)}")
        yield made


def _check_writable(root: Root, plan: Plan) -> None:
    """Refuse what would fail half-way on a file system that is mounted read-only, or in a directory that is held."""
    paths = [change.path for change in plan.changes if isinstance(change, ChangeFile)]
    paths += _links_of_generations(plan)
    taken = [change.path for change in plan.changes if isinstance(change, TakeDirectoryAway)]
    directories = {path.rpartition("/")[0] for path in (*paths, *taken)} | {DIRECTORY, *taken}
    places = {_existing(root.join(directory)) for directory in directories}
    # What is put into an append-only directory cannot get its name, nor be taken out again.
    refused = sorted(place for place in places if not os.access(place, os.W_OK) or find_flag(place) is not None)
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise SystemManagerError(
            f"{UNTOUCHED}a directory cannot be written to",
            where=f"{refused[0]}{more}",
            hint="mount its file system read-write; 'lsattr -d' shows whether the directory itself is immutable",
        )


def _check_replaceable(root: Root, plan: Plan) -> None:
    """Refuse to replace or remove what root cannot, either: only what is to change is looked at."""
    points = mount_points()
    found = []
    for path in _replaced_files(root, plan):
        real = root.join(path)
        if (flag := find_flag(real)) is not None:
            found.append(f"    {path} is {flag}: 'chattr -{flag[0]} {real}' takes that away")
        elif real in points:
            found.append(f"    something is mounted over {path}: 'umount {real}' takes that away")
    for path in _links_of_generations(plan):
        real = root.join(path)
        if os.path.isdir(real) and not os.path.islink(real):
            found.append(f"    {path} is a directory where a link belongs: move it away")
    if found:
        raise SystemManagerError(
            "\n".join([f"{UNTOUCHED}this cannot be replaced:", *found]),
            hint="do that if nobody else needs it, or take the file out of the configuration",
        )


def _links_of_generations(plan: Plan) -> list[str]:
    return [link.path for change in plan.changes if isinstance(change, SelectGeneration) for link in change.links]


def _replaced_files(root: Root, plan: Plan) -> Iterator[str]:
    """Regular files that get another one in their place, or go (logical paths)."""
    if plan.changes:
        yield STATE_FILE
    for change in plan.changes:
        if isinstance(change, ChangeFile) and change.old.kind == "file":
            yield change.path
        elif isinstance(change, TakeDirectoryAway):
            names = [file.name for file in change.files if file.old.kind == "file"]
            for name in may_be_held(root.join(change.path), names):
                yield f"{change.path}/{name}"
        elif isinstance(change, ChangeAccounts):
            yield from (database.path for database in change.databases)


def _existing(directory: str) -> str:
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _check_space(root: Root, changes: Sequence[ChangeFile]) -> None:
    """Compare the size of what is to be copied with what each file system has left."""
    sizes: dict[str, int] = {}
    for change in changes:
        if isinstance(change.new, PutCopy):
            directory = change.path.rpartition("/")[0]
            sizes[directory] = sizes.get(directory, 0) + os.path.getsize(root.real(change.new.source))
    needed: dict[int, int] = {}
    places: dict[int, str] = {}
    for directory, size in sizes.items():
        existing = _existing(root.join(directory))
        device = os.stat(existing).st_dev
        needed[device] = needed.get(device, 0) + size
        places.setdefault(device, existing)
    for device, size in needed.items():
        space = os.statvfs(places[device])
        free = space.f_bavail * space.f_frsize
        if size + _SPARE_BYTES > free:
            raise SystemManagerError(
                f"there is not enough room: {size} bytes are to be copied and {free} are free",
                where=places[device],
                hint="free some space, then run the command again",
            )


def _check_room_to_reload() -> None:
    """Without it neither the new definitions nor, on the way back, the old ones could be read."""
    with contextlib.suppress(OSError):
        space = os.statvfs(_RELOAD_PLACE)
        if (free := space.f_bavail * space.f_frsize) < _RELOAD_BYTES:
            raise SystemManagerError(
                f"{UNTOUCHED}systemd would refuse to read its units: {free} bytes are free, and it wants "
                f"{_RELOAD_BYTES}",
                where=_RELOAD_PLACE,
                hint="free some space there, then run the command again",
            )
