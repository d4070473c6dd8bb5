"""The decision table: for each kind of unit and each situation, what is done to it. No systemd is involved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from system_manager.activation.unit_file import UnitText, parse_unit
from system_manager.activation.unit_plan import UnitPlan
from system_manager.activation.unit_relations import start_dependents
from system_manager.activation.units import plan_units
from system_manager.generation.manifest import Unit
from system_manager.host.unit_names import is_prefix, is_template, prefixes_of, template_of

MULTI_USER = {"multi-user.target": "active", "sockets.target": "active", "timers.target": "active"}


@dataclass(slots=True)
class Written:
    """One generation's units by their texts; ``theirs`` are unit files of the distribution."""

    texts: Mapping[str, str] = field(default_factory=dict)
    wanted_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    masked: frozenset[str] = frozenset()
    drop_ins: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leaving: frozenset[str] = frozenset()

    @property
    def units(self) -> Mapping[str, Unit]:
        names = {*self.texts, *self.wanted_by, *self.masked, *self.drop_ins}
        return {
            name: Unit(
                # The text is its own store path here: equal texts are equal paths.
                fragment=self.texts.get(name),
                drop_ins=(self.drop_ins[name],) if name in self.drop_ins else (),
                masked=name in self.masked,
                wanted_by=self.wanted_by.get(name, ()),
                aliases=self.aliases.get(name, ()),
            )
            for name in names
        }

    def parts(self, name: str) -> list[Unit]:
        found = [self.units.get(template_of(name) or ""), self.units.get(name)]
        return [unit for unit in found if unit is not None and (unit.fragment or unit.drop_ins or unit.masked)]

    def is_masked(self, name: str) -> bool:
        return any(unit.masked for unit in self.parts(name))

    def owns(self, name: str) -> bool:
        return any(unit.fragment is not None for unit in self.parts(name))

    def text(self, name: str) -> UnitText | None:
        parts = self.parts(name)
        base = [unit.fragment for unit in parts if unit.fragment] or [self.theirs.get(name)]
        if self.is_masked(name) or base[-1] is None:
            return None
        return parse_unit([base[-1], *(text for unit in parts for text in unit.drop_ins)])

    def leaves(self, name: str) -> bool:
        return name in self.leaving


def short(plan: UnitPlan) -> str:
    """The plan in one line."""
    parts = [
        f"{name} {' '.join(sorted(units))}"
        for name, units in (
            ("stop", plan.stop), ("reload", plan.reload), ("restart", plan.restart), ("start", plan.start),
            ("skip", plan.skip),
        )
        if units
    ]  # fmt: skip
    return "; ".join(parts) or "nothing"


RUN = "[Service]\nExecStart=/bin/a\n"
RUN_2 = "[Service]\nExecStart=/bin/b\n"
RELOADS = "ExecReload=/bin/r\n"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        # services
        ("a.service", RUN, RUN, "nothing"),
        ("a.service", RUN, f"[Unit]\nDescription=x\n{RUN}", "nothing"),
        ("a.service", RUN, RUN_2, "stop a.service; start a.service"),
        ("a.service", RUN, None, "stop a.service"),
        ("a.service", f"[Unit]\nX-StopOnRemoval=false\n{RUN}", None, "skip a.service"),
        ("a.service", f"[Unit]\nRefuseManualStop=true\n{RUN}", None, "skip a.service"),
        ("a.service", RUN, f"{RUN_2}X-RestartIfChanged=false\n", "skip a.service"),
        ("a.service", f"{RUN}X-RestartIfChanged=false\n", RUN_2, "stop a.service; start a.service"),
        ("a.service", RUN, f"{RUN_2}X-StopIfChanged=false\n", "restart a.service"),
        ("a.service", RUN, f"{RUN_2}{RELOADS}X-ReloadIfChanged=true\n", "reload a.service"),
        ("a.service", RUN, f"{RUN_2}{RELOADS}X-ReloadIfChanged=true\nX-RestartIfChanged=false\n", "reload a.service"),
        ("a.service", RUN, f"{RUN_2}Type=notify-reload\nX-ReloadIfChanged=true\n", "reload a.service"),
        ("a.service", RUN, f"{RUN_2}X-ReloadIfChanged=true\n", "skip a.service"),  # systemd would refuse
        ("a.service", RUN, f"[Unit]\nRefuseManualStop=yes\n{RUN_2}", "skip a.service"),
        ("a.service", RUN, f"[Unit]\nRefuseManualStart=yes\n{RUN_2}", "skip a.service"),
        ("a.service", RUN, f"[Unit]\nX-OnlyManualStart=yes\n{RUN_2}", "skip a.service"),
        ("a.service", RUN, f"{RUN}{RELOADS}", "reload a.service"),
        ("a.service", f"{RUN}{RELOADS}", RUN, "nothing"),
        ("a.service", f"{RUN}{RELOADS}", f"{RUN_2}{RELOADS}", "stop a.service; start a.service"),
        ("a.service", f"{RUN}{RELOADS}", f"[Unit]\nX-Reload-Triggers=2\n{RUN}{RELOADS}", "reload a.service"),
        ("a.service", f"{RUN}Type=notify-reload\n", f"[Unit]\nX-Reload-Triggers=2\n{RUN}Type=notify-reload\n",
         "reload a.service"),
        # a reload trigger is of no use to what cannot reload
        ("a.service", RUN, f"[Unit]\nX-Reload-Triggers=2\n{RUN}", "stop a.service; start a.service"),
        ("a.service", RUN, f"[Unit]\nX-Restart-Triggers=2\n{RUN}", "stop a.service; start a.service"),
        # what must not be away for a moment
        ("a.service", f"{RUN}FileDescriptorStoreMax=9\n", f"{RUN_2}FileDescriptorStoreMax=9\n", "restart a.service"),
        ("a.service", f"{RUN}FileDescriptorStoreMax=0\n", f"{RUN_2}FileDescriptorStoreMax=0\n",
         "stop a.service; start a.service"),
        ("dbus.service", RUN, RUN_2, "skip dbus.service"),
        ("dbus-broker.service", RUN, RUN_2, "skip dbus-broker.service"),
        ("dbus.socket", "[Socket]\nListenStream=/a\n", "[Socket]\nListenStream=/b\n", "skip dbus.socket"),
        # timers, paths, slices, targets, mounts, automounts, swaps
        ("a.timer", "[Timer]\nOnCalendar=a\n", "[Timer]\nOnCalendar=b\n", "restart a.timer"),
        ("a.timer", "[Timer]\nOnCalendar=a\n", None, "stop a.timer"),
        ("a.path", "[Path]\nPathExists=/a\n", "[Path]\nPathExists=/b\n", "nothing"),
        ("a.path", "[Path]\nPathExists=/a\n", None, "stop a.path"),
        ("a.slice", "[Slice]\nCPUWeight=1\n", "[Slice]\nCPUWeight=2\n", "nothing"),
        ("a.target", "[Unit]\nAfter=a\n", "[Unit]\nAfter=b\n", "nothing"),
        ("a.target", "[Unit]\n", "[Unit]\nX-StopOnReconfiguration=true\n", "stop a.target; start a.target"),
        ("a.target", "[Unit]\nAfter=a\n", None, "stop a.target"),
        ("a.mount", "[Mount]\nWhat=/a\nOptions=ro\n", "[Mount]\nWhat=/a\nOptions=rw\n", "reload a.mount"),
        ("a.mount", "[Mount]\nWhat=/a\n", "[Mount]\nWhat=/b\n", "restart a.mount"),
        ("a.mount", "[Mount]\nWhat=/a\n", None, "stop a.mount"),
        ("-.mount", "[Mount]\nWhat=/a\n", "[Mount]\nWhat=/b\n", "reload -.mount"),
        ("nix.mount", "[Mount]\nWhat=/a\n", "[Mount]\nWhat=/b\n", "reload nix.mount"),
        ("a.automount", "[Automount]\nWhere=/a\n", "[Automount]\nWhere=/b\n", "restart a.automount"),
        ("a.swap", "[Swap]\nWhat=/a\n", "[Swap]\nWhat=/b\n", "restart a.swap"),
        ("a.socket", "[Socket]\nListenStream=/a\n", "[Socket]\nListenStream=/b\n", "stop a.socket; start a.socket"),
        ("a.socket", "[Socket]\nListenStream=/a\n", None, "stop a.socket"),
        ("a.socket", "[Socket]\nListenStream=/a\n", "[Unit]\nRefuseManualStop=yes\n[Socket]\nListenStream=/b\n",
         "skip a.socket"),
        ("a.mount", "[Mount]\nWhat=/a\n", "[Unit]\nRefuseManualStop=yes\n[Mount]\nWhat=/b\n", "skip a.mount"),
        # values and what they are compared with
        ("a.service", RUN, f"# comment\n\n{RUN}[Install]\nWantedBy=x\n", "nothing"),
        ("a.service", f"{RUN}Environment=A=1\nEnvironment=B=2\n", f"{RUN}Environment=B=2\nEnvironment=A=1\n",
         "stop a.service; start a.service"),
        ("a.service", f"{RUN}Nice=1\n", f"{RUN}Nice=\nNice=1\n", "nothing"),
        ("a.service", RUN, f"{RUN}Nice=\n", "stop a.service; start a.service"),
        ("a.service", "[Service]\nExecStart=/bin/a b\n", "[Service]\nExecStart=/bin/a\\\nb\n", "nothing"),
        ("a.service", RUN, f"{RUN_2}X-RestartIfChanged=no\nX-RestartIfChanged=yes\n",
         "stop a.service; start a.service"),
        ("a.service", RUN, f"{RUN_2}X-RestartIfChanged=True\n", "skip a.service"),  # neither 1, yes, true nor on
        ("a.service", RUN, f"{RUN_2}X-RestartIfChanged=\n", "stop a.service; start a.service"),
        ("a.service", RUN, f"[Unit]\nX-RestartIfChanged=false\n{RUN_2}", "stop a.service; start a.service"),
        ("a.service", f"[Unit]\nX-StopOnRemoval=0\n{RUN}", None, "skip a.service"),
        ("a.service", f"{RUN}X-StopOnRemoval=false\n", None, "stop a.service"),  # the wrong section
        *(
            ("a.service", RUN, f"[Unit]\n{key}=x\n{RUN}", "nothing")
            for key in ("Documentation", "OnFailure", "OnSuccess", "OnFailureJobMode", "IgnoreOnIsolate",
                        "StopWhenUnneeded", "AllowIsolate", "CollectMode", "SourcePath")
        ),
        *(
            ("a.service", RUN, f"[Unit]\n{key}=x.service\n{RUN}", "stop a.service; start a.service")
            for key in ("After", "Before", "Wants", "PartOf", "Conflicts", "ConditionPathExists")
        ),
        # reload is enough, or is not
        ("a.service", f"{RUN}{RELOADS}", f"{RUN}ExecReload=/bin/s\n", "reload a.service"),
        ("a.service", f"{RUN}{RELOADS}", f"{RUN}ExecReload=/bin/s\nNice=1\n", "stop a.service; start a.service"),
        ("a.service", f"[Unit]\nX-Reload-Triggers=1\n{RUN}{RELOADS}", f"{RUN}{RELOADS}", "nothing"),
        ("a.service", f"[Unit]\nX-Reload-Triggers=1\nX-Restart-Triggers=1\n{RUN}{RELOADS}",
         f"[Unit]\nX-Reload-Triggers=2\nX-Restart-Triggers=2\n{RUN}{RELOADS}", "stop a.service; start a.service"),
        ("a.service", f"{RUN}{RELOADS}", f"[Unit]\nX-Reload-Triggers=2\nX-OnlyManualStart=yes\n{RUN}{RELOADS}",
         "skip a.service"),
        ("a.service", f"[Unit]\nX-Reload-Triggers=1\nRefuseManualStop=yes\n{RUN}{RELOADS}",
         f"[Unit]\nX-Reload-Triggers=2\nRefuseManualStop=yes\n{RUN}{RELOADS}", "reload a.service"),
        ("a.mount", "[Mount]\nWhat=/a\n", "[Mount]\nWhat=/a\nOptions=ro\n", "restart a.mount"),
        ("a.mount", "[Mount]\nWhat=/a\nOptions=ro\n", "[Mount]\nWhat=/b\nOptions=rw\n", "restart a.mount"),
        ("-.mount", "[Mount]\nWhat=/a\nOptions=ro\n", "[Mount]\nWhat=/a\nOptions=rw\n", "reload -.mount"),
        # what ends a session, or must not be away for a moment, unless it is said
        ("user@1000.service", RUN, RUN_2, "skip user@1000.service"),
        ("user@1000.service", RUN, f"{RUN_2}X-RestartIfChanged=true\n",
         "stop user@1000.service; start user@1000.service"),
        ("getty@tty1.service", RUN, RUN_2, "skip getty@tty1.service"),
        ("systemd-logind.service", RUN, RUN_2, "skip systemd-logind.service"),
        ("systemd-udevd.service", RUN, RUN_2, "restart systemd-udevd.service"),
        ("systemd-networkd.service", RUN, f"{RUN_2}X-StopIfChanged=true\n",
         "stop systemd-networkd.service; start systemd-networkd.service"),
        ("dbus.service", RUN, None, "skip dbus.service"),
        ("user.slice", "[Slice]\nCPUWeight=1\n", None, "stop user.slice"),
        # what systemd, or everything, would not survive
        ("system.slice", "[Slice]\nCPUWeight=1\n", None, "skip system.slice"),
        ("-.mount", "[Mount]\nWhat=/a\n", None, "skip -.mount"),
        ("nix.mount", "[Mount]\nWhat=/a\n", None, "skip nix.mount"),
        # systemd understands more words than the keys of NixOS do
        ("a.service", RUN, f"[Unit]\nRefuseManualStop=True\n{RUN_2}", "skip a.service"),
        ("a.service", f"[Unit]\nRefuseManualStop=Y\n{RUN}", None, "skip a.service"),
        # with its old definition it could not be stopped
        ("a.service", f"[Unit]\nRefuseManualStop=yes\n{RUN}", RUN_2, "restart a.service"),
    ],
)  # fmt: skip
def test_a_running_unit(name: str, old: str, new: str | None, expected: str) -> None:
    plan = plan_units(
        {**MULTI_USER, name: "active"}, Written({name: old}), Written({name: new} if new is not None else {})
    )
    assert short(plan) == expected


@pytest.mark.parametrize("state", ["activating", "reloading", "refreshing"])
def test_on_its_way_counts_as_running(state: str) -> None:
    plan = plan_units({"a.service": state}, Written({"a.service": RUN}), Written({"a.service": RUN_2}))
    assert short(plan) == "stop a.service; start a.service"


ONCE, ONCE_2 = "[Service]\nType=oneshot\nExecStart=/bin/a\n", "[Service]\nType=oneshot\nExecStart=/bin/b\n"
STAYS = "RemainAfterExit=true\n"


@pytest.mark.parametrize(
    ("state", "old", "new", "wanted", "expected"),
    [
        ("inactive", RUN, RUN_2, True, "nothing"),  # the administrator stopped it
        ("inactive", RUN, RUN, True, "nothing"),
        ("inactive", RUN, None, True, "nothing"),
        ("failed", RUN, RUN_2, True, "start a.service"),
        ("failed", RUN, RUN, True, "nothing"),
        ("failed", RUN, RUN_2, False, "nothing"),
        ("failed", RUN, None, True, "nothing"),
        ("deactivating", RUN, RUN_2, True, "nothing"),
        ("deactivating", RUN, None, True, "nothing"),
        ("inactive", ONCE, ONCE_2, True, "start a.service"),
        ("inactive", ONCE, ONCE, True, "nothing"),
        ("inactive", ONCE, ONCE_2, False, "nothing"),  # a timer's job
        ("inactive", ONCE + STAYS, ONCE_2 + STAYS, True, "nothing"),
        ("inactive", None, RUN, True, "start a.service"),
        ("inactive", None, RUN, False, "nothing"),
        ("failed", None, RUN, True, "start a.service"),
        ("inactive", None, f"[Unit]\nX-OnlyManualStart=true\n{RUN}", True, "nothing"),
        ("inactive", None, f"[Unit]\nRefuseManualStart=true\n{RUN}", True, "nothing"),
    ],
)
def test_a_unit_that_does_not_run(state: str, old: str | None, new: str | None, wanted: bool, expected: str) -> None:
    links = {"a.service": ("multi-user.target",)} if wanted else {}
    before = Written({"a.service": old}, links) if old is not None else Written()
    after = Written({"a.service": new}, links) if new is not None else Written()
    assert short(plan_units({**MULTI_USER, "a.service": state}, before, after)) == expected


@pytest.mark.parametrize(
    ("new", "wanted", "expected"),
    [(RUN_2, True, "start a.service"), (RUN, True, "nothing"), (RUN_2, False, "nothing")],
)
def test_a_unit_whose_condition_was_not_met(new: str, wanted: bool, expected: str) -> None:
    """Nobody has stopped it, so a change is another chance."""
    links = {"a.service": ("multi-user.target",)} if wanted else {}
    states = {**MULTI_USER, "a.service": "inactive"}
    plan = plan_units(
        states, Written({"a.service": RUN}, links), Written({"a.service": new}, links), unmet=["a.service"]
    )
    assert short(plan) == expected


SOCKET = "[Socket]\nListenStream=/a\n"


@pytest.mark.parametrize(
    ("states", "new_service", "sockets", "expected"),
    [
        (("active", "active"), RUN_2, SOCKET, "stop a.service a.socket; start a.socket"),
        # nothing starts that socket again, and the service ran without it
        (("active", "inactive"), RUN_2, SOCKET, "stop a.service; start a.service"),
        (("active", None), RUN_2, None, "stop a.service; start a.service"),
        (("active", "active"), f"{RUN_2}X-NotSocketActivated=true\n", SOCKET,
         "stop a.service a.socket; start a.service a.socket"),
        (("active", "active"), f"{RUN_2}X-StopIfChanged=false\n", SOCKET, "restart a.service"),
        (("active", "active"), RUN_2, None, "stop a.service a.socket; start a.service"),  # its socket goes
        (("inactive", "active"), RUN_2, SOCKET, "nothing"),
    ],
)  # fmt: skip
def test_a_changed_service_with_a_socket(
    states: tuple[str, str | None], new_service: str, sockets: str | None, expected: str
) -> None:
    loaded = {"a.service": states[0]} | ({"a.socket": states[1]} if states[1] is not None else {})
    old = Written({"a.service": RUN} | ({"a.socket": SOCKET} if states[1] is not None else {}))
    new = Written({"a.service": new_service} | ({"a.socket": sockets} if sockets is not None else {}))
    assert short(plan_units({**MULTI_USER, **loaded}, old, new)) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        # a connection is served to its end; the instance could not be started again
        ("yes", "skip a@1-peer.service"),
        ("no", "stop a@1-peer.service; start a@1-peer.service"),
    ],
)
def test_an_instance_that_a_socket_has_started_for_a_connection(accept: str, expected: str) -> None:
    states = {**MULTI_USER, "a.socket": "active", "a@1-peer.service": "active"}
    socket = f"{SOCKET}Accept={accept}\n"
    for theirs in ({}, {"a.socket": socket}):
        ours = {} if theirs else {"a.socket": socket}
        old, new = (Written({"a@.service": text, **ours}, theirs=theirs) for text in (RUN, RUN_2))
        assert short(plan_units(states, old, new)) == expected
        assert short(plan_units(states, old, Written(theirs={**theirs, "a@.service": RUN}))).startswith("stop ")


def test_sockets_of_services_that_change_together() -> None:
    """One socket is of two services: it is cycled once, and both are down meanwhile."""
    states = {**MULTI_USER, "a.service": "active", "b.service": "active", "s.socket": "active"}
    old, new = (
        Written({"a.service": f"{run}Sockets=s.socket\n", "b.service": f"{run}Sockets=s.socket\n", "s.socket": SOCKET})
        for run in (RUN, RUN_2)
    )
    assert short(plan_units(states, old, new)) == "stop a.service b.service s.socket; start s.socket"


def test_a_service_moves_to_socket_activation() -> None:
    new = Written({"a.service": RUN_2, "a.socket": SOCKET}, {"a.socket": ("sockets.target",)})
    plan = plan_units({**MULTI_USER, "a.service": "active"}, Written({"a.service": RUN}), new)
    assert short(plan) == "stop a.service; start a.socket"


@pytest.mark.parametrize(
    ("service", "socket", "expected"),
    [
        (RUN, "", "stop a.service; start a.service a.socket"),
        (RUN_2, "", "stop a.service; start a.service a.socket"),
        (f"{RUN_2}X-StopIfChanged=false\n", "", "stop a.service; start a.service a.socket"),
        (f"{RUN}ExecReload=/bin/r\n", "", "stop a.service; start a.service a.socket"),
        (f"{RUN}X-RestartIfChanged=false\n", "", "skip a.service a.socket"),
        (f"[Unit]\nRefuseManualStop=true\n{RUN}", "", "skip a.socket"),
        # each connection gets a service of its own
        (RUN, "Accept=yes\n", "start a.socket"),
        (RUN, "Service=b.service\n", "start a.socket"),
        (None, "", "stop a.service; start a.service a.socket"),  # a service of the distribution
    ],
)
def test_a_service_that_runs_gets_a_socket(service: str | None, socket: str, expected: str) -> None:
    """systemd binds a socket only while its service is down."""
    before = {"a.service": RUN} if service is not None else {}
    after = {"a.service": service} if service is not None else {}
    theirs = {} if service is not None else {"a.service": RUN}
    old = Written(before, {"a.service": ("multi-user.target",)} if before else {}, theirs=theirs)
    wanted = {"a.socket": ("sockets.target",), **old.wanted_by}
    new = Written({**after, "a.socket": f"[Socket]\nListenStream=/a\n{socket}"}, wanted, theirs=theirs)
    assert short(plan_units({**MULTI_USER, "a.service": "active"}, old, new)) == expected


def test_sockets_are_found_by_the_services_own_setting() -> None:
    new = f"{RUN_2}Sockets=x.socket y.socket\nSockets=z.socket\n"
    states = {"a.service": "active", "x.socket": "active", "y.socket": "failed", "z.socket": "inactive"}
    texts = dict.fromkeys(("x.socket", "y.socket", "z.socket"), SOCKET)
    plan = plan_units(states, Written({"a.service": RUN, **texts}), Written({"a.service": new, **texts}))
    assert short(plan) == "stop a.service x.socket y.socket; start x.socket y.socket"


@pytest.mark.parametrize(
    ("new_socket", "wanted", "expected"),
    [
        ("[Socket]\nListenStream=/b\n", False, "stop a.service a.socket; start a.socket"),
        ("[Socket]\nListenStream=/b\n", True, "stop a.service a.socket; start a.service a.socket"),
        ("[Socket]\nListenStream=/b\nAccept=yes\n", False, "stop a.socket; start a.socket"),
        ("[Socket]\nListenStream=/b\nService=other.service\n", False, "stop a.socket other.service; start a.socket"),
    ],
)
def test_a_changed_socket_is_restarted_while_its_service_is_down(new_socket: str, wanted: bool, expected: str) -> None:
    links = {"a.service": ("multi-user.target",)} if wanted else {}
    services = {"a.service": RUN, "other.service": RUN}
    states = {**MULTI_USER, "a.socket": "active", "a.service": "active", "other.service": "active"}
    plan = plan_units(
        states, Written({"a.socket": SOCKET, **services}, links), Written({"a.socket": new_socket, **services}, links)
    )
    assert short(plan) == expected


@pytest.mark.parametrize(
    "obstacle", ["X-RestartIfChanged=false\n", "[Unit]\nRefuseManualStop=true\n", "[Unit]\nX-OnlyManualStart=true\n"]
)
def test_a_changed_socket_stays_with_a_service_that_has_to_keep_running(obstacle: str) -> None:
    service = {"a.service": RUN + obstacle}
    states = {"a.socket": "active", "a.service": "active"}
    new = Written({"a.socket": "[Socket]\nListenStream=/b\n", **service})
    assert short(plan_units(states, Written({"a.socket": SOCKET, **service}), new)) == "skip a.socket"
    free = {"a.socket": "active", "a.service": "inactive"}
    assert short(plan_units(free, Written({"a.socket": SOCKET, **service}), new)) == "stop a.socket; start a.socket"


@pytest.mark.parametrize(
    ("wanted_by", "expected"),
    [
        ({"a.service": ("multi-user.target",)}, "start a.service"),
        ({"a.service": ("default.target",)}, "start a.service"),
        ({"a.service": ("graphical.target",)}, "nothing"),
        ({"a.service": ("own.target",)}, "nothing"),
        ({"a.service": ("own.target",), "own.target": ("multi-user.target",)}, "start a.service own.target"),
        ({"a.service": ("b.service",), "b.service": ("own.target",), "own.target": ("multi-user.target",)},
         "start a.service b.service own.target"),
        ({"a.service": ("a.service",)}, "nothing"),
        ({"a.service": ("sysinit-reactivation.target",)}, "start a.service"),
    ],
)  # fmt: skip
def test_new_units_start_when_something_active_wants_them(wanted_by: dict[str, tuple[str, ...]], expected: str) -> None:
    texts = {"a.service": RUN, "b.service": RUN, "own.target": "[Unit]\n", "t@.service": RUN}
    assert short(plan_units(MULTI_USER, Written(), Written(texts, wanted_by))) == expected


def test_a_unit_that_is_newly_wanted_is_started() -> None:
    new = Written({"a.service": RUN}, {"a.service": ("multi-user.target",)})
    assert short(plan_units(MULTI_USER, Written({"a.service": RUN}), new)) == "start a.service"


def test_a_target_that_is_stopped_does_not_start_anything() -> None:
    old = Written({"own.target": "[Unit]\n"})
    new = Written({"a.service": RUN}, {"a.service": ("own.target",)})
    assert short(plan_units({"own.target": "active"}, old, new)) == "stop own.target"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"t@.service": RUN}, {"t@.service": RUN_2}, "stop t@a.b.service t@x.service; start t@a.b.service t@x.service"),
        ({"t@.service": RUN}, {"t@.service": RUN}, "nothing"),
        ({"t@.service": RUN}, {}, "stop t@a.b.service t@x.service"),
        ({"t@.service": RUN}, {"t@.service": RUN, "t@x.service": RUN_2}, "stop t@x.service; start t@x.service"),
        ({"t@.service": RUN, "t@x.service": RUN_2}, {"t@.service": RUN}, "stop t@x.service"),
        ({"other@.service": RUN}, {}, "nothing"),
    ],
)
def test_instances_follow_their_template(old: dict[str, str], new: dict[str, str], expected: str) -> None:
    states = {"t@x.service": "active", "t@a.b.service": "active"}
    assert short(plan_units(states, Written(old), Written(new))) == expected


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("a@b.service", "a@.service"),
        ("a@b.c.service", "a@.service"),
        ("a@b@c.service", "a@.service"),
        ("a@.service", None),
        ("a.service", None),
        ("@b.service", None),
    ],
)
def test_names_of_instances(name: str, template: str | None) -> None:
    assert template_of(name) == template
    assert is_template(name) == (name == "a@.service")


@pytest.mark.parametrize(
    ("name", "prefixes"),
    [
        ("a.service", []),
        ("a-b-c.service", ["a-.service", "a-b-.service"]),
        ("a-b@x-y.service", ["a-.service", "a-@.service", "a-@x-y.service"]),
        ("a-b@.service", ["a-.service", "a-@.service"]),
        ("user-1000.slice", ["user-.slice"]),
        ("a-.service", []),
        ("-.mount", []),
        ("-a.mount", []),
    ],
)
def test_names_of_which_drop_ins_are_for_a_unit_too(name: str, prefixes: list[str]) -> None:
    assert prefixes_of(name) == prefixes
    assert all(is_prefix(prefix) for prefix in prefixes)
    assert is_prefix(name) == (name == "a-.service")


THEIRS = {"d.service": RUN}


@pytest.mark.parametrize(
    ("state", "old", "new", "expected"),
    [
        ("active", "", "Environment=A=1", "stop d.service; start d.service"),
        ("active", "Environment=A=1", "", "stop d.service; start d.service"),  # never only stopped
        ("active", "Environment=A=1", "Environment=A=1", "nothing"),
        ("active", "", "X-RestartIfChanged=false", "skip d.service"),
        ("active", "", "ExecReload=/bin/r", "reload d.service"),
        ("inactive", "", "Environment=A=1", "nothing"),
        ("inactive", "Environment=A=1", "", "nothing"),
    ],
)
def test_drop_ins_on_a_unit_of_the_distribution(state: str, old: str, new: str, expected: str) -> None:
    def side(line: str) -> Written:
        return Written(drop_ins={"d.service": f"[Service]\n{line}\n"} if line else {}, theirs=THEIRS)

    plan = plan_units({**MULTI_USER, "d.service": state}, side(old), side(new))
    assert short(plan) == expected
    assert not plan.displaced


def test_a_unit_of_the_distribution_is_taken_over_and_given_back() -> None:
    theirs, ours = Written(theirs=THEIRS), Written({"d.service": RUN_2}, theirs=THEIRS)
    taken = plan_units({"d.service": "active"}, theirs, ours)
    assert (short(taken), taken.displaced) == ("stop d.service; start d.service", {"d.service"})
    back = plan_units({"d.service": "active"}, ours, theirs, displaced=taken.displaced)
    assert (short(back), back.returned) == ("stop d.service; start d.service", {"d.service"})
    never = plan_units({"d.service": "active"}, ours, theirs)
    assert short(never) == "stop d.service", "it did not run before, so it does not run afterwards"


@pytest.mark.parametrize(
    ("state", "expected"),
    [("active", "stop d.service; start d.service"), ("inactive", "start d.service"), ("failed", "start d.service")],
)
def test_of_a_unit_that_was_taken_over_only_a_drop_in_is_left(state: str, expected: str) -> None:
    ours = Written({"d.service": RUN_2}, theirs=THEIRS)
    left = Written(drop_ins={"d.service": "[Service]\nNice=1\n"}, theirs=THEIRS)
    plan = plan_units({"d.service": state}, ours, left, displaced=["d.service"])
    assert (short(plan), plan.returned) == (expected, {"d.service"})
    never = plan_units({"d.service": "inactive"}, ours, left)
    assert (short(never), never.returned) == ("nothing", set())


@pytest.mark.parametrize("ours", [f"[Unit]\nX-StopOnRemoval=false\n{RUN_2}", f"[Unit]\nRefuseManualStop=true\n{RUN_2}"])
def test_what_was_taken_over_and_is_not_to_be_stopped_runs_on_in_its_place(ours: str) -> None:
    theirs = Written(theirs=THEIRS)
    back = plan_units(
        {"d.service": "active"}, Written({"d.service": ours}, theirs=THEIRS), theirs, displaced=["d.service"]
    )
    assert (short(back), back.returned) == ("skip d.service", {"d.service"})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # names that move from one unit to another
        (("a.service", "n.service"), ("b.service", "n.service"), "stop a.service; start b.service"),
        (("a.service", "b.service"), ("b.service", "a.service"), "stop a.service; start b.service"),
        (("a.service", "n.service"), ("a.service", "m.service"), "nothing"),
        (("a.service", "n.service"), ("n.service", None), "stop a.service; start n.service"),
    ],
)
def test_aliases_that_move(old: tuple[str, str], new: tuple[str, str | None], expected: str) -> None:
    def side(name: str, alias: str | None) -> Written:
        aliases = {name: (alias,)} if alias is not None else {}
        return Written({name: RUN}, {name: ("multi-user.target",)}, aliases=aliases)

    # systemd lists a unit under its own name only
    assert short(plan_units({**MULTI_USER, old[0]: "active"}, side(*old), side(*new))) == expected


@pytest.mark.parametrize(
    ("state", "displaced", "there_and_back"),
    [
        ("active", {"d.service"}, ("stop d.service", "start d.service")),
        ("inactive", set(), ("nothing", "nothing")),
        ("failed", set(), ("nothing", "nothing")),
    ],
)
def test_masks(state: str, displaced: set[str], there_and_back: tuple[str, str]) -> None:
    theirs, masked = Written(theirs=THEIRS), Written(masked=frozenset({"d.service"}), theirs=THEIRS)
    put = plan_units({"d.service": state}, theirs, masked)
    assert (short(put), put.displaced) == (there_and_back[0], displaced)
    for states in ({}, {"d.service": "inactive"}):
        taken = plan_units(states, masked, theirs, displaced=put.displaced)
        assert short(taken) == there_and_back[1]


@pytest.mark.parametrize("name", ["d.service", "d@a.b.service"])
def test_a_unit_with_settings_of_ours_is_masked_and_runs_again_afterwards(name: str) -> None:
    theirs = Written(theirs={name: RUN})
    settings = Written(drop_ins={name: "[Service]\nNice=1\n"}, theirs={name: RUN})
    masked = Written(masked=frozenset({name}), theirs={name: RUN})
    put = plan_units({name: "active"}, settings, masked)
    assert (short(put), put.displaced) == (f"stop {name}", {name})
    for after in (settings, theirs):
        back = plan_units({}, masked, after, displaced=put.displaced)
        assert (short(back), back.returned) == (f"start {name}", {name})


def test_the_distributions_unit_is_remembered_while_its_place_changes_hands() -> None:
    theirs, ours = Written(theirs=THEIRS), Written({"d.service": RUN_2}, theirs=THEIRS)
    masked = Written(masked=frozenset({"d.service"}), theirs=THEIRS)
    displaced: set[str] = set()
    state = "active"
    for old, new, expected in (
        (theirs, masked, "stop d.service"),
        (masked, ours, "start d.service"),
        (ours, masked, "stop d.service"),
        (masked, theirs, "start d.service"),
    ):
        plan = plan_units({"d.service": state}, old, new, displaced=displaced)
        assert short(plan) == expected
        displaced = (displaced | plan.displaced) - plan.returned
        state = "inactive" if expected.startswith("stop") else "active"
    assert displaced == set()


@pytest.mark.parametrize("name", ["dbus.service", "d.service"])
def test_what_cannot_be_stopped_runs_on_until_the_next_boot_when_it_is_masked(name: str) -> None:
    theirs = {name: f"[Unit]\nRefuseManualStop=yes\n{RUN}"}
    masked = Written(masked=frozenset({name}), theirs=theirs)
    put = plan_units({name: "active"}, Written(theirs=theirs), masked)
    assert (short(put), put.displaced) == (f"skip {name}", {name})
    # and nobody else's switch stops it
    assert short(plan_units({name: "active"}, masked, masked, displaced=[name])) == "nothing"
    back = plan_units({name: "active"}, masked, Written(theirs=theirs), displaced=[name])
    assert (short(back), back.returned) == ("nothing", {name})


@pytest.mark.parametrize("name", ["user.slice", "multi-user.target", "d.path"])
def test_what_counts_when_systemd_has_read_it_is_not_stopped_for_being_given_back(name: str) -> None:
    """The units in a slice, or of a target, would be stopped as well."""
    kind = name.rpartition(".")[2].title()
    theirs = {name: f"[{kind}]\nX-Theirs=1\n"}
    taken = plan_units(
        {name: "active"}, Written(theirs=theirs), Written({name: f"[{kind}]\nX-Ours=1\n"}, theirs=theirs)
    )
    assert (short(taken), taken.displaced) == ("nothing", {name})
    for left in (theirs, {}):  # systemd has slices that nobody has written
        back = plan_units(
            {name: "active"}, Written({name: ""}, theirs=left), Written(theirs=left), displaced=taken.displaced
        )
        assert (short(back), back.returned) == ("nothing", {name})


def test_a_unit_of_the_distribution_that_is_gone_is_not_given_back() -> None:
    back = plan_units({"d.service": "active"}, Written({"d.service": RUN}), Written(), displaced=["d.service"])
    assert (short(back), back.returned) == ("stop d.service", {"d.service"})


@pytest.mark.parametrize(
    ("leaving", "expected"),
    [(frozenset({"d.service"}), "stop d.service"), (frozenset(), "stop d.service; start d.service")],
)
def test_settings_of_ours_for_a_unit_without_a_file(leaving: frozenset[str], expected: str) -> None:
    """Made by systemd, or by something that is read no longer."""

    class Alone(Written):
        def text(self, name: str) -> UnitText | None:
            return parse_unit(self.drop_ins[name] for name in [name] if name in self.drop_ins) or None

    for old, new in ((None, "[Service]\nNice=1\n"), ("[Service]\nNice=1\n", None)):
        sides = [Alone(drop_ins={"d.service": text} if text else {}, leaving=leaving) for text in (old, new)]
        assert short(plan_units({"d.service": "active"}, *sides)) == expected
    slices = [Alone(drop_ins={"d.slice": f"[Slice]\nCPUWeight={weight}\n"}) for weight in (1, 2)]
    assert short(plan_units({"d.slice": "active"}, *slices)) == "nothing"


WANTED = ("multi-user.target",)
AGAINST = f"[Unit]\nConflicts=shutdown.target a.service\n{RUN}"


@pytest.mark.parametrize(
    ("states", "old", "new", "expected"),
    [
        # one that is new brings down what runs, whoever says so
        ({"a.service": "active"}, {"a.service": RUN}, {"a.service": RUN, "b.service": AGAINST},
         "stop a.service; start b.service"),
        ({"b.service": "active"}, {"b.service": AGAINST}, {"a.service": RUN, "b.service": AGAINST},
         "stop b.service; start a.service"),
        # also when that was to be restarted
        ({"a.service": "active"}, {"a.service": RUN}, {"a.service": RUN_2, "b.service": AGAINST},
         "stop a.service; start b.service"),
        ({"a.service": "active"}, {"a.service": RUN},
         {"a.service": f"{RUN_2}X-StopIfChanged=false\n", "b.service": AGAINST}, "stop a.service; start b.service"),
        # of two that are new, the one that says so
        ({}, {}, {"a.service": RUN, "b.service": AGAINST}, "start b.service; skip a.service"),
        # the other one comes back
        ({"b.service": "active"}, {"a.service": RUN, "b.service": AGAINST}, {"a.service": RUN},
         "stop b.service; start a.service"),
        ({"b.service": "active"}, {"a.service": RUN, "b.service": AGAINST}, {"a.service": RUN, "b.service": RUN},
         "stop b.service; start a.service b.service"),
        # nothing changed, and nothing of what changed conflicts
        ({"b.service": "active"}, {"a.service": RUN, "b.service": AGAINST}, {"a.service": RUN, "b.service": AGAINST},
         "nothing"),
        ({"b.service": "active"}, {"a.service": RUN, "b.service": AGAINST},
         {"a.service": RUN, "b.service": f"{AGAINST}Nice=1\n"}, "stop b.service; start b.service"),
        # what must not be stopped is left to systemd
        ({"a.service": "active"}, {"a.service": f"[Unit]\nRefuseManualStop=yes\n{RUN}"},
         {"a.service": f"[Unit]\nRefuseManualStop=yes\n{RUN}", "b.service": AGAINST}, "start b.service"),
    ],
)  # fmt: skip
def test_units_in_conflict(states: dict[str, str], old: dict[str, str], new: dict[str, str], expected: str) -> None:
    sides = [Written(texts, dict.fromkeys(texts, WANTED)) for texts in (old, new)]
    assert short(plan_units({**MULTI_USER, **states}, *sides)) == expected


@pytest.mark.parametrize("drop_ins", [{}, {"a.service": "[Service]\nNice=1\n"}])
def test_a_unit_of_the_distribution_in_conflict_with_ours_comes_back(drop_ins: dict[str, str]) -> None:
    theirs = {"a.service": RUN}
    without = Written(theirs=theirs, drop_ins=drop_ins)
    ours = Written({"b.service": AGAINST}, {"b.service": WANTED}, theirs=theirs, drop_ins=drop_ins)
    put = plan_units({**MULTI_USER, "a.service": "active"}, without, ours)
    assert (short(put), put.displaced) == ("stop a.service; start b.service", {"a.service"})
    down = {**MULTI_USER, "a.service": "inactive", "b.service": "active"}
    more = Written({**ours.texts, "c.service": RUN}, {"b.service": WANTED}, theirs=theirs, drop_ins=drop_ins)
    assert short(plan_units(down, ours, more, displaced=put.displaced)) == "nothing"
    back = plan_units(down, ours, without, displaced=put.displaced)
    assert (short(back), back.returned) == ("stop b.service; start a.service", {"a.service"})
    by_hand = plan_units({**MULTI_USER, "a.service": "active"}, ours, without, displaced=put.displaced)
    assert (short(by_hand), by_hand.returned) == ("nothing", {"a.service"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.socket", "[Socket]\nListenStream=/a\n"),
        ("b.socket", "[Socket]\nListenStream=/a\nService=a.service\n"),
        ("a.path", "[Path]\nPathExists=/a\n"),
        ("b.timer", "[Timer]\nOnCalendar=daily\nUnit=a.service\n"),
    ],
)
def test_what_failed_because_of_what_it_starts_is_started_when_that_is_repaired(name: str, text: str) -> None:
    old, new = ({"a.service": service, name: text} for service in (RUN, RUN_2))
    states = {**MULTI_USER, name: "failed", "a.service": "failed"}
    links = {name: ("sockets.target",)}
    repaired = plan_units(states, Written(old, links), Written(new, links))
    assert (short(repaired), repaired.forgotten) == (f"start {name}", {"a.service"})
    assert short(plan_units(states, Written(old, links), Written({**old, "c.service": RUN}, links))) == "nothing"


def test_units_that_nobody_had_before_and_that_only_others_start() -> None:
    new = Written(
        dict.fromkeys(("a.service", "b.service", "c@.service", "d.service", "e.service"), RUN),
        {"a.service": WANTED},
        drop_ins={"f.service": "[Service]\nNice=1\n"},
        theirs={"d.service": RUN, "f.service": RUN},
    )
    old = Written({"e.service": RUN}, theirs=new.theirs)
    assert plan_units(MULTI_USER, old, new).added == {"b.service", "c@.service"}


def test_what_all_instances_of_a_template_want_is_started_when_one_runs() -> None:
    new = Written({"a.service": RUN}, {"a.service": ("d@.service",)})
    assert short(plan_units({"d@x.y.service": "active"}, Written(), new)) == "start a.service"
    assert short(plan_units({"d@x.y.service": "inactive", "e@x.service": "active"}, Written(), new)) == "nothing"


def test_our_own_unit_is_masked_and_unmasked() -> None:
    own = Written({"a.service": RUN}, {"a.service": ("multi-user.target",)})
    masked = Written(masked=frozenset({"a.service"}))
    put = plan_units({**MULTI_USER, "a.service": "active"}, own, masked)
    assert (short(put), put.displaced) == ("stop a.service", set())
    assert short(plan_units({**MULTI_USER, "a.service": "inactive"}, masked, own)) == "start a.service"


def test_what_is_not_ours_is_never_touched() -> None:
    states = {"ssh.service": "active", "x.mount": "active", "session-1.scope": "active", "bad.service": "failed"}
    assert short(plan_units(states, Written({"a.service": RUN}), Written({"a.service": RUN_2}))) == "nothing"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("failed", "start a.service"),
        ("inactive", "start a.service"),
        (None, "start a.service"),  # stopped, and then forgotten by systemd
        ("active", "stop a.service; start a.service"),  # it runs with its old definition, for all we know
    ],
)
def test_what_an_activation_did_not_bring_up_is_tried_again(state: str | None, expected: str) -> None:
    side = Written({"a.service": RUN, "b.service": RUN})
    states = {"a.service": state, "b.service": "inactive"} if state is not None else {"b.service": "inactive"}
    assert short(plan_units(states, side, side, pending=["a.service"])) == expected
    gone = plan_units({}, side, Written(), pending=["a.service"])
    assert short(gone) == "nothing"


def test_a_name_of_the_distributions_becomes_an_alias() -> None:
    theirs = Written(theirs=THEIRS)
    ours = Written({"a.service": RUN}, {"a.service": ("multi-user.target",)}, aliases={"a.service": ("d.service",)})
    taken = plan_units({**MULTI_USER, "d.service": "active"}, theirs, ours)
    assert (short(taken), taken.displaced) == ("stop d.service; start a.service", {"d.service"})
    # systemd lists a unit under its own name only
    again = plan_units({**MULTI_USER, "a.service": "active"}, ours, ours, displaced=taken.displaced)
    assert (short(again), again.returned) == ("nothing", set())
    back = plan_units({**MULTI_USER, "a.service": "active"}, ours, theirs, displaced=taken.displaced)
    assert (short(back), back.returned) == ("stop a.service; start d.service", {"d.service"})


def test_a_definition_that_cannot_be_read_any_more_counts_as_different() -> None:
    class Collected(Written):
        def text(self, name: str) -> UnitText | None:
            return None

    plan = plan_units({"a.service": "active"}, Collected({"a.service": RUN}), Written({"a.service": RUN_2}))
    assert short(plan) == "stop a.service; start a.service"


@pytest.mark.parametrize(
    ("text", "watched"),
    [
        (RUN, True),
        (f"{RUN}Type=simple\n", True),
        (f"{RUN}Type=exec\n", True),
        (f"{RUN}Type=idle\n", True),
        (f"{RUN}Type=notify\n", False),
        (f"{RUN}Type=notify-reload\n", False),
        (f"{RUN}Type=forking\n", False),
        (f"{RUN}Type=oneshot\n", False),
        (f"{RUN}Type=dbus\n", False),
        (f"{RUN}BusName=x.y\n", False),
    ],
)
def test_services_whose_start_proves_nothing_are_watched(text: str, watched: bool) -> None:
    plan = plan_units(MULTI_USER, Written(), Written({"a.service": text}, {"a.service": ("multi-user.target",)}))
    assert ("a.service" in plan.watched) is watched


def test_what_goes_down_with_a_unit_is_started_with_it() -> None:
    plan = UnitPlan(stop={"a.service": "", "gone.service": ""}, start={"a.service": ""}, restart={"r.service": ""})
    found = start_dependents(
        plan,
        {
            "a.service": ["needs-a.service", "gone.service", "r.service"],
            "gone.service": ["needs-gone.service"],
            "r.service": ["needs-r.service", "needs-a.service"],
        },
        Written({"needs-gone.service": f"[Unit]\nRequires=gone.service\n{RUN}"}),
    )
    assert found == {"needs-a.service", "needs-r.service", "needs-gone.service"}
    assert plan.stop.keys() == {"a.service", "gone.service", "needs-gone.service"}
    assert short(plan).endswith("start a.service needs-a.service needs-r.service")
    assert start_dependents(plan, {"needs-a.service": ["a.service"]}, Written()) == set()


def test_what_nobody_can_start_by_hand_is_restarted_by_systemd_with_what_it_depends_on() -> None:
    refuses = Written({"b.service": f"[Unit]\nRefuseManualStart=yes\nBindsTo=a.service\n{RUN}"})
    plan = UnitPlan(stop={"a.service": ""}, start={"a.service": ""})
    assert start_dependents(plan, {"a.service": ["b.service"]}, refuses) == set()
    assert short(plan) == "restart a.service"
    gone = UnitPlan(stop={"c.service": ""})
    start_dependents(gone, {"c.service": ["b.service"]}, refuses)
    assert short(gone) == "stop c.service; skip b.service"


@pytest.mark.parametrize(
    ("new", "started"),
    [
        (Written({"b.service": RUN}), {"b.service"}),
        (Written(theirs={"b.service": RUN}), {"b.service"}),
        (Written({"b.service": f"[Unit]\nWants=gone.service\nPartOf=gone.service\n{RUN}"}), {"b.service"}),
        (Written({"b.service": f"[Unit]\nRequires=other.service gone.service\n{RUN}"}), set()),
        (Written(theirs={"b.service": f"[Unit]\nBindsTo=gone.service\n{RUN}"}), set()),
        (Written(masked=frozenset({"b.service"})), set()),
        (Written(), set()),
    ],
)
def test_what_no_longer_needs_a_unit_that_goes_stays_up(new: Written, started: set[str]) -> None:
    plan = UnitPlan(stop={"gone.service": ""})
    start_dependents(plan, {"gone.service": ["b.service"]}, new)
    assert plan.start.keys() == started
    assert plan.stop.keys() - {"gone.service"} == ({"b.service"} if new.owns("b.service") and not started else set())
