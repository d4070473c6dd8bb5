"""Planning units: which to stop, reload, restart and start, and why. Pure: states and definitions come in.

The rules are those of NixOS's switch, as far as a machine allows that is not ours alone: only units of our own
manifests are compared; the old side is the old manifest, not what is in ``/etc``; nothing that the
administrator stopped is started again; a changed socket is restarted while its service is down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from system_manager.activation.unit_file import Comparison, UnitText, compare, flag, last, values
from system_manager.activation.unit_plan import Side, UnitPlan
from system_manager.activation.unit_relations import conflicts_of, give_precedence, make_way
from system_manager.activation.unit_rules import (
    BUS,
    LOST_CONNECTIONS,
    cannot_be_stopped,
    is_manual_only,
    is_reloaded_by_command,
    is_restarted_in_place,
    keeps_running,
    stays_when_removed,
)
from system_manager.activation.unit_sockets import accepts, service_of, sockets_of, triggered_by
from system_manager.host.systemd import RUNNING
from system_manager.host.unit_names import is_template, template_of

EARLY_TARGET = "sysinit-reactivation.target"

# systemd lists a unit under its own name only; the default target is the one that the machine booted into.
_ALIASES_OF_RUNNING = frozenset({"default.target"})
# Kinds of units of which daemon-reload applies what is new.
_APPLIED_BY_READING = frozenset({"path", "scope", "slice", "target"})
_RELOAD_ONLY_MOUNTS = frozenset({"-.mount", "nix.mount"})
_READY_BY_PROTOCOL = frozenset({"notify", "notify-reload", "dbus", "forking", "oneshot"})


def plan_units(
    states: Mapping[str, str],
    old: Side,
    new: Side,
    *,
    displaced: Iterable[str] = (),
    pending: Iterable[str] = (),
    unmet: Iterable[str] = (),
) -> UnitPlan:
    """Decide about every unit.

    :param states: ActiveState of each unit that systemd has loaded.
    :param displaced: units of the distribution that ran when an earlier activation took their place.
    :param pending: units that an earlier activation, which was kept, did not bring up, or not to its end.
    :param unmet: units that do not run because one of their conditions was not met when they were to start.
    """
    planner = _Planner(
        states, old, new, displaced=frozenset(displaced), pending=frozenset(pending), unmet=frozenset(unmet)
    )
    return planner.run()


def _kind(name: str) -> str:
    return name.rpartition(".")[2]


class _Planner:
    def __init__(
        self,
        states: Mapping[str, str],
        old: Side,
        new: Side,
        *,
        displaced: frozenset[str],
        pending: frozenset[str],
        unmet: frozenset[str],
    ) -> None:
        self.states = states
        self.old = old
        self.new = new
        self.displaced = displaced
        self.pending = pending
        self.unmet = unmet
        self.plan = UnitPlan()

    def run(self) -> UnitPlan:
        loaded = {name for name in self.states if self.old.parts(name) or self.new.parts(name)}
        unfinished = {name for name in self.pending if self.new.parts(name)}
        for name in sorted(loaded | unfinished):
            self._consider(name)
        renamed = {alias for unit in self.new.units.values() for alias in unit.aliases}
        for name in sorted(self.displaced - loaded - renamed):
            if not (self.new.owns(name) or self.new.is_masked(name) or self._is_in_conflict(name)):
                self._give_back(name)
        for name in sorted(renamed):
            self._take_name(name)
        self._start_new()
        plan = self.plan
        self._start_what_was_in_conflict()
        give_precedence(plan, self.states, self.old, self.new)
        make_way(plan, self.states, self.new)
        for name in plan.stop.keys() & plan.start.keys():
            if cannot_be_stopped(name, self.old.text(name) or {}) is not None:
                plan.restart[name] = plan.stop.pop(name)  # with the new definition, which allows it
        for name in (*plan.stop, *plan.restart):
            plan.reload.pop(name, None)
        for name in plan.stop:
            plan.restart.pop(name, None)
        for name in plan.restart:
            plan.start.pop(name, None)
        plan.added = {name for name in self.new.units if self._is_added(name)}
        plan.watched = {name for name in (*plan.start, *plan.restart) if self._needs_watching(name)}
        return plan

    def _is_running(self, name: str) -> bool:
        return self.states.get(name) in RUNNING

    # One unit that systemd knows

    def _consider(self, name: str) -> None:
        new_parts = self.new.parts(name)
        if not new_parts or self._lost_its_drop_ins(name):
            self._removed(name)
        elif self.new.is_masked(name):
            self._masked(name)
        elif self._is_running(name):
            self._compare(name)
        elif self._is_given_back(name):
            self._give_back(name)
        else:
            self._not_running(name)

    def _is_given_back(self, name: str) -> bool:
        """Whether the place of a unit of the distribution that ran is free again, or was only masked."""
        if name not in self.displaced or (self.new.owns(name) and not self.old.is_masked(name)):
            return False
        return self.old.is_masked(name) or self.old.owns(name) or not self._is_in_conflict(name)

    def _lost_its_drop_ins(self, name: str) -> bool:
        """An instance that the old manifest described and the new one does not, though the template stays."""
        return template_of(name) is not None and name in self.old.units and name not in self.new.units

    def _removed(self, name: str) -> None:
        plan, runs = self.plan, self._is_running(name)
        in_its_place = self.old.is_masked(name) or (self.old.owns(name) and name in self.displaced)
        if not in_its_place and not self.old.owns(name):
            if runs:
                self._compare(name, what="our settings are gone")
        elif runs and self._goes_on(name, in_its_place=in_its_place):
            plan.returned.add(name)
        elif runs and (obstacle := stays_when_removed(name, self.old.text(name) or {})) is not None:
            plan.skip[name] = f"no longer in the configuration, and {obstacle}"
            plan.returned.add(name)
        elif in_its_place:
            if runs:
                plan.stop[name] = "no longer in the configuration; the distribution's unit takes its place"
            self._give_back(name)
        elif runs:
            plan.stop[name] = "no longer in the configuration"
        elif self.states.get(name) == "failed":
            plan.forgotten.add(name)

    def _goes_on(self, name: str, *, in_its_place: bool) -> bool:
        """Whether what is left counts as soon as systemd has read it. Stopping would stop much more in vain."""
        if _kind(name) in _APPLIED_BY_READING:
            return in_its_place or self.new.text(name) is not None
        return self.old.is_masked(name)

    def _give_back(self, name: str) -> None:
        if name not in self.displaced:
            return
        runs = self._is_running(name) and name not in self.plan.stop
        if self.new.text(name) is not None and not runs:  # its package may be gone meanwhile
            self.plan.start[name] = "it ran before its place was taken"
        if not self.new.owns(name):  # else the place still is taken, by our own unit
            self.plan.returned.add(name)

    def _take_name(self, alias: str) -> None:
        """A unit that still runs under a name which becomes the alias of one of ours cannot be reached by it then."""
        if self._is_running(alias) and not self.new.parts(alias) and not self.old.parts(alias):
            self.plan.stop[alias] = "its name becomes an alias"
            self.plan.displaced.add(alias)

    def _masked(self, name: str) -> None:
        if not self._is_running(name) or self.old.is_masked(name):
            return
        if (obstacle := cannot_be_stopped(name, self.old.text(name) or {})) is not None:
            self.plan.skip[name] = f"masked, and {obstacle}"
        else:
            self.plan.stop[name] = "masked"
        if not self.old.owns(name):
            self.plan.displaced.add(name)

    def _not_running(self, name: str) -> None:
        if name in self.pending:
            self._start(name, "it did not come up last time")
            return
        if not self.old.parts(name):
            return  # a new one: see _start_new
        definition = self.new.text(name)
        if definition is None:
            return
        failed = self.states.get(name) == "failed"
        if self._comparison(name, definition) is Comparison.EQUAL:
            if failed and self._is_pulled_in(name) and self._is_repaired(triggered_by(name, definition)):
                self._start(name, "it had failed, and what it starts changed")
            return
        if not self._is_pulled_in(name):
            if failed:
                self.plan.forgotten.add(name)  # it was another definition that failed
            return
        once = last(definition, "Service", "Type") == "oneshot"
        if failed:
            self._start(name, "changed, and it had failed")
        elif name in self.unmet:
            self._start(name, "changed, and one of its conditions was not met")
        elif once and not flag(definition, "Service", "RemainAfterExit", default=False):
            self._start(name, "changed")

    def _is_repaired(self, name: str | None) -> bool:
        if name is None or not self.old.parts(name) or not self.new.parts(name):
            return False
        definition = self.new.text(name)
        return definition is not None and self._comparison(name, definition) is not Comparison.EQUAL

    def _comparison(self, name: str, new_text: UnitText) -> Comparison:
        if self.old.parts(name) == self.new.parts(name) and self.old.owns(name):
            return Comparison.EQUAL  # the same store paths hold the same text
        old_text = self.old.text(name)
        return Comparison.DIFFERENT if old_text is None else compare(old_text, new_text)

    def _compare(self, name: str, what: str = "changed") -> None:
        if self.new.leaves(name):
            self.plan.stop[name] = "its unit file is gone"
            return
        definition = self.new.text(name) or {}
        takes_over = self.new.owns(name) and not self.old.owns(name) and not self.old.is_masked(name)
        if takes_over and name not in self.displaced:
            self.plan.displaced.add(name)
        if name in self.displaced and not self.new.owns(name):
            self.plan.returned.add(name)
        if name.endswith(".target"):
            if flag(definition, "Unit", "X-StopOnReconfiguration", default=False):
                self.plan.stop[name] = "X-StopOnReconfiguration=true"
                self._start(name, "X-StopOnReconfiguration=true")
            return
        match self._comparison(name, definition):
            case Comparison.EQUAL if name in self.pending:
                self._changed(name, definition, "it was not brought over last time")
            case Comparison.EQUAL:
                return
            case Comparison.RELOAD if self._can_reload(name, definition):
                self.plan.reload[name] = what
            case _:
                self._changed(name, definition, what)

    def _can_reload(self, name: str, definition: UnitText) -> bool:
        if not name.endswith(".service"):
            return name.endswith(".mount")
        return is_reloaded_by_command(definition) or last(definition, "Service", "Type") == "notify-reload"

    # A running unit whose definition differs

    def _changed(self, name: str, definition: UnitText, what: str) -> None:
        plan = self.plan
        kind = _kind(name)
        if kind in _APPLIED_BY_READING:
            return
        if name in BUS:
            plan.skip[name] = f"{what}, and {LOST_CONNECTIONS}"
        elif self._serves_a_connection(name):
            plan.skip[name] = f"{what}, and it serves a connection; the next one has the new settings"
        elif name in _RELOAD_ONLY_MOUNTS:
            plan.reload[name] = what
        elif flag(definition, "Service", "X-ReloadIfChanged", default=False) and name not in plan.stop:
            if self._can_reload(name, definition):
                plan.reload[name] = f"{what}, and X-ReloadIfChanged=true"
            else:
                plan.skip[name] = f"{what}, X-ReloadIfChanged=true, and it has no ExecReload"
        elif (obstacle := keeps_running(name, definition)) is not None:
            plan.skip[name] = f"{what}, and {obstacle}"
        elif kind == "socket":
            self._cycle_socket(name, definition, what)
        elif kind != "service" or is_restarted_in_place(name, definition):
            plan.restart[name] = what
        else:
            self._cycle_service(name, definition, what)

    def _cycle_service(self, name: str, definition: UnitText, what: str) -> None:
        """Stop with the old definition, start with the new one; its sockets too, and they start it."""
        activated = False
        for socket in sockets_of(name, definition):
            exists = bool(self.new.parts(socket)) or not self.old.parts(socket)
            if self.states.get(socket, "inactive") != "inactive":
                self.plan.stop[socket] = f"{name} {what}"
                if exists and not self.new.is_masked(socket):
                    self.plan.start[socket] = f"{name} {what}"
                    activated = True
            elif not self.old.parts(socket) and self._is_pulled_in(socket):
                activated = True  # it is new, and started as such
        if flag(definition, "Service", "X-NotSocketActivated", default=False):
            activated = False
        self.plan.stop[name] = what
        if not activated or self._is_pulled_in(name):
            self.plan.start[name] = what

    def _serves_a_connection(self, name: str) -> bool:
        """Whether a socket with ``Accept=yes`` started this instance, which nothing else can start again."""
        template = template_of(name)
        if template is None or not name.endswith(".service"):
            return False
        socket = self.new.text(template.removesuffix("@.service") + ".socket")
        return socket is not None and accepts(socket)

    def _cycle_socket(self, name: str, definition: UnitText, what: str) -> None:
        """A socket can only be bound again while its service does not hold it."""
        alone = accepts(definition)
        service = service_of(name, definition)
        holder = None if alone or not self._is_running(service) else self.new.text(service)
        if holder is not None and (obstacle := keeps_running(service, holder)) is not None:
            self.plan.skip[name] = f"{what}, and {service} holds it: {obstacle}"
            return
        self.plan.stop[name] = what
        self.plan.start[name] = what
        if not alone and self._is_running(service):
            self.plan.stop[service] = f"{name} {what}"
            if self._is_pulled_in(service):
                self.plan.start[service] = f"{name} {what}"

    # Units that nothing runs yet

    def _start(self, name: str, reason: str) -> None:
        definition = self.new.text(name) or {}
        if is_manual_only(definition) or is_template(name):
            return
        self.plan.start.setdefault(name, reason)

    def _will_run(self, name: str) -> bool:
        if name in self.plan.start or name in self.plan.restart or name in _ALIASES_OF_RUNNING:
            return True
        if is_template(name):  # what is wanted by all of its instances
            return any(template_of(other) == name for other, state in self.states.items() if state in RUNNING)
        return (self._is_running(name) or name == EARLY_TARGET) and name not in self.plan.stop

    def _is_pulled_in(self, name: str) -> bool:
        unit = self.new.units.get(name)
        return unit is not None and any(self._will_run(other) for other in unit.pulled_in_by)

    def _start_new(self) -> None:
        """Start what an active target wants and did not want before, and what that wants in turn."""
        again = True
        while again:
            again = False
            for name, unit in sorted(self.new.units.items()):
                if name in self.plan.start or unit.masked or self._is_running(name) or is_template(name):
                    continue
                before = self.old.units.get(name)
                known = () if before is None or before.masked else before.pulled_in_by
                if any(self._will_run(other) for other in unit.pulled_in_by if other not in known):
                    self._start(name, "new" if before is None else "newly wanted")
                    again = again or name in self.plan.start

    def _is_added(self, name: str) -> bool:
        if name in self.plan.start or name in self.plan.restart or not self.new.owns(name) or self._is_running(name):
            return False
        return not self.old.parts(name) and self.old.text(name) is None

    def _is_in_conflict(self, name: str) -> bool:
        """Whether a unit of ours that is there to run is why this one does not."""
        return any(
            self._is_wanted(other) and name in conflicts_of(self.new.text(other) or {}) for other in self.new.units
        )

    def _is_wanted(self, name: str) -> bool:
        return self._is_running(name) or self._is_pulled_in(name)

    def _start_what_was_in_conflict(self) -> None:
        """Start what is wanted and was brought down by the start of a unit that goes, or is in its way no longer."""
        if not self.new.units:
            return
        for name in list(self.plan.stop):
            gone = conflicts_of(self.old.text(name) or {}) - conflicts_of(self.new.text(name) or {})
            for other in sorted(gone):
                if self.new.owns(other) and not self._is_running(other) and self._is_pulled_in(other):
                    self._start(other, f"{name} conflicted with it")

    def _needs_watching(self, name: str) -> bool:
        definition = self.new.text(name) if name.endswith(".service") else None
        if definition is None:
            return False
        has_bus_name = bool(values(definition, "Service", "BusName"))
        return last(definition, "Service", "Type", "dbus" if has_bus_name else "simple") not in _READY_BY_PROTOCOL
