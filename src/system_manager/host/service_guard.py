"""Keeps packages from starting and enabling their services while they are installed.

Everywhere units are enabled by what asks systemd.preset(5): deb-systemd-helper(1p), the macros of rpm packages
(daemon(7)), scriptlets of others. Only Debian's packages start services, too, through invoke-rc.d(8) and
deb-systemd-invoke(1p), which ask ``/usr/sbin/policy-rc.d``. The guard answers both for as long as it lives:

* the preset lies in ``/run``, so a reboot takes it away;
* the policy must lie in ``/usr/sbin``. It answers only while the process that put it there lives, so that one
  left behind by a killed process does no harm. A policy that the administrator has is kept aside, asked too,
  and put back.

Scriptlets of the others restart services themselves (``systemctl try-restart`` and ``reload-or-restart --marked``).
A drop-in in ``/run`` has systemd refuse that for units that the caller restarts itself; scriptlets do not mind.

Links that appear in ``/etc/systemd`` all the same are removed: those of packages that ask no preset, and the masks
that old packages leave when they are removed. The links of SysV scripts that update-rc.d(8) makes in ``/etc/rc?.d``
are turned from "start" into "stop", as ``update-rc.d NAME disable`` does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from system_manager.base.files import Mode, write_atomically
from system_manager.base.process import CommandFailedError, run
from system_manager.base.records import record
from system_manager.host.packages import PackageError
from system_manager.host.unit_names import template_of

_POLICY = "/usr/sbin/policy-rc.d"
_ASIDE = "/usr/sbin/policy-rc.d.before-system-manager"
_STATE = "/run/system-manager/package-installation"
_PRESET = "/run/systemd/system-preset/00-system-manager-installation.preset"
_USER_PRESET = "/run/systemd/user-preset/00-system-manager-installation.preset"
_MASKED = "/var/lib/systemd/deb-systemd-helper-masked"
_RUNTIME_UNITS = "/run/systemd/system"
_HOLD = "zz-system-manager-installation.conf"
_HELD = """[Unit]
RefuseManualStart=yes
RefuseManualStop=yes
"""
_ENABLED = ("/etc/systemd/system", "/etc/systemd/user")
_RUN_LEVELS = tuple(f"/etc/rc{level}.d" for level in "S2345")
_MARK = "# Written by System Manager while it installs packages."

# 101: the action is not allowed; 0: it is (see invoke-rc.d's policy-rc.d interface specification).
_SCRIPT = """#!/bin/sh
{mark}
# usage: policy-rc.d [--quiet] SERVICE ACTIONS [RUNLEVEL]
state={state}
read -r process <"$state/process" 2>/dev/null && kill -0 "$process" 2>/dev/null || process=
if [ -n "$process" ]; then
  while [ "${{1#--}}" != "$1" ]; do shift; done
  unit=$1
  case $unit in *.*) ;; *) unit=$unit.service ;; esac
  if grep -qxF "$unit" "$state/managed"; then exit 101; fi
  if ! grep -qxF "$unit" "$state/active"; then
    case $2 in *start*|*reload*) exit 101 ;; esac
  fi
fi
if [ -x {aside} ]; then exec {aside} "$@"; fi
exit 0
"""


@record(frozen=True)
class ServiceGuard:
    """The guard of one system.

    :ivar root: the directory that is the system's ``/``.
    :ivar managed_units: units that are left alone altogether, whatever a package wants of them.
    :ivar asks_policy: whether packages of this distribution ask ``policy-rc.d``.
    """

    root: Path = Path("/")
    managed_units: frozenset[str] = frozenset()
    asks_policy: bool = False

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Run the body with no service started or enabled by maintainer scripts."""
        self.recover()
        before = self._links()
        try:
            self._raise_guard(before)
            yield
        finally:
            self._end(before)

    def recover(self) -> None:
        """Take away what a killed process left: links that it did not come to remove, preset, policy."""
        try:
            # Names of files are any bytes but zero, so the zero byte is between them.
            before = os.fsdecode(self._state("links").read_bytes()).split("\0")
        except OSError:
            self._lower_guard()
        else:
            self._end(frozenset(before))

    def _end(self, before: frozenset[str]) -> None:
        try:
            self._remove_new_links(before)
        finally:
            self._lower_guard()

    def _path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")

    def _state(self, name: str) -> Path:
        return self._path(_STATE) / name

    def _links(self) -> frozenset[str]:
        """Every symbolic link that enables or aliases a unit or a SysV script, as the path on the system."""
        links = set()
        for top in (*_ENABLED, *_RUN_LEVELS):
            for directory, _, _ in os.walk(self._path(top)):
                with os.scandir(directory) as entries:
                    links |= {self._inside(entry.path) for entry in entries if entry.is_symlink()}
        return frozenset(links)

    def _inside(self, path: str) -> str:
        return "/" + str(Path(path).relative_to(self.root))

    def _raise_guard(self, links: frozenset[str]) -> None:
        active = self._active_units()
        _put(self._state("links"), os.fsencode("\0".join(sorted(links))))
        _put(self._state("active"), _text(active))
        _put(self._state("managed"), _text(sorted(self.managed_units)))
        _put(self._state("process"), _text([str(os.getpid())]))
        for path in (_PRESET, _USER_PRESET):
            _put(self._path(path), _text([_MARK, "disable *"]))
        if self.asks_policy:
            self._put_policy()
        else:
            managed = self.managed_units
            self._hold([name for name in active if name in managed or template_of(name) in managed])

    def _hold(self, units: list[str]) -> None:
        for unit in units:
            _put(self._path(f"{_RUNTIME_UNITS}/{unit}.d/{_HOLD}"), f"{_MARK}\n{_HELD}".encode())
        if units:
            run(["systemctl", "daemon-reload"])

    def _let_go(self) -> None:
        held = list(self._path(_RUNTIME_UNITS).glob(f"*.d/{_HOLD}"))
        for drop_in in held:
            drop_in.unlink()
            with contextlib.suppress(OSError):  # not empty: somebody else's
                drop_in.parent.rmdir()
        if held and self._is_this_machine():
            run(["systemctl", "daemon-reload"])

    def _put_policy(self) -> None:
        policy, aside = self._path(_POLICY), self._path(_ASIDE)
        policy.parent.mkdir(parents=True, exist_ok=True)
        if policy.is_symlink() or policy.exists():
            policy.rename(aside)
        script = _SCRIPT.format(mark=_MARK, state=self._seen_by_scripts(_STATE), aside=self._seen_by_scripts(_ASIDE))
        write_atomically(policy, script.encode(), mode=Mode(0o755))

    def _seen_by_scripts(self, path: str) -> str:
        """Scripts that run without chroot (dpkg --force-script-chrootless) say where the system is."""
        return f'"${{DPKG_ROOT:-}}"{path}'

    def _is_this_machine(self) -> bool:
        """Whether the systemd that runs here is that of the system."""
        return self.root == Path("/") and Path(_RUNTIME_UNITS).is_dir()

    def _active_units(self) -> list[str]:
        if not self._is_this_machine():
            return []
        try:
            output = run(["systemctl", "list-units", "--state=active", "--plain", "--no-legend", "--full"]).output
        except CommandFailedError as error:
            raise PackageError(f"systemd does not say which services run: {error.what}", where=error.where) from error
        return [line.split()[0] for line in output.splitlines() if line.strip()]

    def _lower_guard(self) -> None:
        policy, aside = self._path(_POLICY), self._path(_ASIDE)
        if _is_ours(policy):
            policy.unlink()
        if (aside.is_symlink() or aside.exists()) and not policy.exists():
            aside.rename(policy)
        for path in (_PRESET, _USER_PRESET):
            self._path(path).unlink(missing_ok=True)
        self._let_go()
        for name in ("process", "links", "active", "managed"):
            self._state(name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._path(_STATE).rmdir()

    def _remove_new_links(self, before: frozenset[str]) -> None:
        for link in sorted(self._links() - before):
            if link.startswith(_RUN_LEVELS):
                self._turn_into_stop(link)
            else:
                self._remove_if_of_package(link)

    def _turn_into_stop(self, link: str) -> None:
        directory, name = link.rsplit("/", 1)
        if name.startswith("S"):
            self._path(link).rename(self._path(f"{directory}/K{name[1:]}"))

    def _remove_if_of_package(self, link: str) -> None:
        path = self._path(link)
        target = str(path.readlink())
        mask = self._path(_MASKED) / link.removeprefix("/etc/systemd/system/")
        if target.startswith(("/lib/systemd/", "/usr/lib/systemd/")) or (target == "/dev/null" and mask.exists()):
            path.unlink()
            mask.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty: somebody else's links
                path.parent.rmdir()


def _text(lines: list[str]) -> bytes:
    return os.fsencode("".join(f"{line}\n" for line in lines))


def _put(path: Path, data: bytes) -> None:
    """A file below ``/run``, which need not outlive a boot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data, mode=Mode(0o644), durable=False)


def _is_ours(policy: Path) -> bool:
    try:
        return _MARK in policy.read_text(errors="replace")
    except OSError:
        return False
