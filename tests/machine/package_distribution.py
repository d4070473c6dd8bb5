"""Machines that are other distributions, as far as their package managers can tell, with a repository of their own."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.unit_machine import Described, toplevel
from tests.support import packages
from tests.support.machine import SUITE, Machine
from tests.support.packages import Package

UNIT = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
POOL = "/srv/repository"


def greeter(version: str) -> Package:
    """A package with everything: a program, configuration, a service, and a library that it needs as new as itself."""
    return Package(
        "greeter",
        version,
        files={
            "/usr/bin/greeter": f"#!/bin/sh\necho greeter {version}\n",
            "/etc/greeter.conf": "greeting = hello\n",
            "/usr/lib/systemd/system/greeter.service": UNIT,
        },
        requires=[f"library >= {version}"],
        # What packages of the distributions do: they ask the presets, and those of Debian start the service.
        after_install=(
            "systemctl daemon-reload; systemctl preset greeter.service || true; "
            "if [ -x /usr/sbin/invoke-rc.d ] && [ -e /etc/debian_version ]; then invoke-rc.d greeter start || true; fi"
        ),
    )


def restarter(version: str) -> Package:
    """A package whose scriptlet restarts services, as those of rpm's macros and of pacman's hooks do."""
    services = "ours.service ours@a.b.service theirs.service"
    # What is marked is restarted by systemd 252 even if it is to refuse that.
    is_new = "[ $(systemctl --version | sed -n 's/^systemd \\([0-9]*\\).*/\\1/p') -ge 257 ]"
    mark = f"for unit in {services}; do systemctl set-property --runtime $unit Markers=needs-restart || true; done"
    return Package(
        "restarter",
        version,
        files={"/usr/share/restarter/x": version},
        after_install=(
            f"systemctl try-restart {services} || true; "
            f"if {is_new}; then {mark}; systemctl reload-or-restart --marked || true; fi"
        ),
    )


# What a power cut does to everything that is at work, from inside the machine.
KILL = "pkill --signal KILL -x 'system-manager-|apt-get|dpkg|dpkg-deb|dnf|rpm|zypper|pacman'"


def big(version: str) -> Package:
    """A package that takes a moment to unpack, and whose script may cut everything off."""
    return Package(
        "big",
        version,
        files={f"/usr/share/big/{number}": version + "\0" * 2_000_000 for number in range(30)},
        after_install=f"if [ -e /run/cut-off ]; then rm /run/cut-off; {KILL}; fi",
    )


STOCK = (
    *(big(version) for version in ("1.0", "2.0")),
    Package("base", files={"/usr/share/base/x": "x"}, provides=["/bin/sh"]),
    *(Package("library", version, files={"/usr/lib/library/x": version}) for version in ("1.0", "2.0")),
    *(greeter(version) for version in ("1.0", "2.0")),
    *(restarter(version) for version in ("1.0", "2.0")),
    Package("enemy", files={"/usr/share/enemy/x": "x"}, conflicts=["greeter"]),
    Package("friend", files={"/usr/share/friend/x": "x"}, requires=["library"]),
    Package("broken", files={"/usr/share/broken/x": "x"}, requires=["nowhere"]),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One package manager: how its packages are made, and what to ask it.

    :ivar suite: the Debian that has it.
    :ivar setup: shell text that makes the machine one of its distributions.
    :ivar refresh: fetches the package lists.
    :ivar query: prints the version of an installed package.
    :ivar is_automatic: succeeds if it came as a dependency.
    :ivar purge: removes everything that a test installed.
    """

    name: str
    os_release: str
    build: Callable[[Package, Path], Path]
    index: Callable[[Path], None]
    setup: str
    refresh: str
    query: str
    is_automatic: str
    install: str
    purge: str
    release: str = "-1"
    suite: str = SUITE


_RPM_QUERY = "rpm -q --qf '%{{VERSION}}-%{{RELEASE}}\\n' {name} | grep -v 'is not installed'"
_RPM_PURGE = "rpm -qa --qf '%{NAME}\\n' | grep -vx base | xargs -r rpm -e --nodeps --noscripts; rpm -q base >/dev/null"
_RPM_BASE = "mkdir -p /var/lib/rpm; rpm --initdb; rpm -q base >/dev/null || rpm -i /srv/stock/base-1.0-1.noarch.rpm"
_DNF_REPOSITORY = f"""
    mkdir -p /etc/yum.repos.d /etc/dnf
    printf '[main]\\ngpgcheck=0\\n' > /etc/dnf/dnf.conf
    printf '[test]\\nname=test\\nbaseurl=file://{POOL}\\nenabled=1\\ngpgcheck=0\\n' > /etc/yum.repos.d/test.repo
    {_RPM_BASE}
"""

KINDS = (
    Kind(
        name="apt",
        os_release='ID=debian\nVERSION_ID="12"\n',
        build=packages.build_deb,
        index=packages.index_debs,
        setup=f"""
            apt-mark showmanual > /srv/manual
            echo 'deb [trusted=yes] file:{POOL} ./' > /etc/apt/sources.list
        """,
        refresh="apt-get update -q",
        query="dpkg-query -W -f '${{db:Status-Abbrev}} ${{Version}}\\n' {name} 2>/dev/null | sed -n 's/^ii *//p'",
        is_automatic="apt-mark showauto | grep -qx {name}",
        install="apt-get install -q -y {name}={version}",
        purge="dpkg --purge --force-all greeter library enemy friend broken big 2>/dev/null; true",
        release="",
    ),
    Kind(
        name="dnf",
        os_release='ID=fedora\nVERSION_ID="41"\n',
        build=packages.build_rpm,
        index=packages.index_rpms,
        # The plugin offers what was ever installed.
        setup=f"{_DNF_REPOSITORY}printf '[main]\\nenabled=0\\n' > /etc/dnf/plugins/local.conf",
        refresh="dnf -q makecache --refresh",
        query=_RPM_QUERY,
        is_automatic="! dnf -q -C repoquery --userinstalled --qf '%{{name}}' | grep -qx {name}",
        install="dnf -q -y install {name}-{version}",
        purge=_RPM_PURGE,
    ),
    Kind(
        name="dnf5",
        os_release='ID=fedora\nVERSION_ID="43"\n',
        build=packages.build_rpm,
        index=packages.index_rpms,
        setup=f"{_DNF_REPOSITORY}sed -i 's/^enabled = .*/enabled = 0/' /etc/dnf/libdnf5-plugins/local.conf",
        refresh="dnf -q makecache --refresh",
        query=_RPM_QUERY,
        is_automatic="! dnf -q -C repoquery --userinstalled --qf '%{{name}}\\n' | grep -qx {name}",
        install="dnf -q -y install {name}-{version}",
        purge=_RPM_PURGE,
        suite="sid",
    ),
    Kind(
        name="zypper",
        os_release='ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n',
        build=packages.build_rpm,
        index=packages.index_rpms,
        setup=f"""
            mkdir -p /etc/zypp/repos.d
            printf '[test]\\nname=test\\nbaseurl=dir:{POOL}\\nenabled=1\\ngpgcheck=0\\nautorefresh=0\\n' \\
                > /etc/zypp/repos.d/test.repo
            {_RPM_BASE}
        """,
        refresh="zypper -q --non-interactive refresh --force",
        query=_RPM_QUERY,
        is_automatic="grep -qx {name} /var/lib/zypp/AutoInstalled",
        install="zypper -q --non-interactive install --oldpackage {name}={version}",
        purge=f"{_RPM_PURGE}; rm -f /var/lib/zypp/AutoInstalled",
    ),
    Kind(
        name="pacman",
        os_release="ID=arch\n",
        build=packages.build_pacman,
        index=packages.index_pacman,
        setup=f"""
            printf '[options]\\nArchitecture = auto\\nSigLevel = Never\\n' > /etc/pacman.conf
            printf 'LocalFileSigLevel = Optional\\n[test]\\nServer = file://{POOL}\\n' >> /etc/pacman.conf
            mkdir -p /var/lib/pacman/local
        """,
        refresh="pacman -Syy --noconfirm",
        query="pacman -Q {name} 2>/dev/null | cut -d' ' -f2",
        is_automatic="pacman -Qdq {name} >/dev/null 2>&1",
        install=(  # what --sync downloads is in the cache
            "cp /srv/stock/{name}-{version}-any.pkg.tar.zst /var/cache/pacman/pkg/; "
            "pacman -U --noconfirm /srv/stock/{name}-{version}-any.pkg.tar.zst"
        ),
        purge="pacman -Qq | xargs -r pacman -Rdd --noconfirm; rm -f /etc/*.pacsave /var/cache/pacman/pkg/*",
    ),
)


@dataclass(slots=True)
class PackageMachine:
    """A machine of one kind. ``/srv/stock`` has all packages, the repository those that are offered."""

    machine: Machine
    kind: Kind
    _files: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def create(cls, machine: Machine, kind: Kind) -> PackageMachine:
        """Turn a fresh machine into one."""
        made = cls(machine, kind)
        stock = machine.path("/srv/stock")
        for package in STOCK:
            if package.name != "base" or kind.build is packages.build_rpm:
                made.add_to_stock(package)
        machine.path("/etc/os-release").unlink(missing_ok=True)
        machine.write("/etc/os-release", kind.os_release)
        machine.path(POOL).mkdir(parents=True)
        shutil.rmtree(stock.parent / "build")
        machine.run(kind.setup)
        made.offer()
        return made

    def add_to_stock(self, package: Package) -> None:
        """Make one more package."""
        file = self.kind.build(package, self.machine.path("/srv/stock"))
        self._files[package.name, package.version] = file.name

    def offer(self, *wanted: str) -> None:
        """Let the repository have these, each given as ``name=version``, and nothing else."""
        pool = self.machine.path(POOL)
        shutil.rmtree(pool, ignore_errors=True)
        pool.mkdir()
        for one in wanted:
            name, _, version = one.partition("=")
            shutil.copy2(self.machine.path(self.stock(name, version)), pool)
        self.kind.index(pool)
        self.machine.run(self.kind.refresh)

    def withdraw(self) -> None:
        """Let the repository vanish, as a network does."""
        shutil.rmtree(self.machine.path(POOL))

    def stock(self, name: str, version: str) -> str:
        """Where a package file is."""
        return f"/srv/stock/{self._files[name, version]}"

    def version(self, name: str) -> str:
        """The version of an installed package as the test calls it; empty for none."""
        said = self.machine.run(self.kind.query.format(name=name), check=False).stdout.strip()
        return said.removesuffix(self.kind.release) if self.kind.release else said

    def versions(self) -> dict[str, str]:
        """Of all packages that a test may have installed."""
        names = sorted({name for name, _ in self._files if name != "base"})
        return {name: version for name in names if (version := self.version(name))}

    def is_automatic(self, name: str) -> bool:
        """Whether the package manager says that nobody asked for it."""
        return self.machine.run(self.kind.is_automatic.format(name=name), check=False).returncode == 0

    def install(self, name: str, version: str) -> None:
        """Install by hand."""
        self.machine.run(self.kind.install.format(name=name, version=f"{version}{self.kind.release}"), check=True)

    def toplevel(
        self, *wanted: str, units: Mapping[str, Described] | None = None, automatic: tuple[str, ...] = ()
    ) -> str:
        """A toplevel that needs packages, each given as ``name=version``; their files are in its store."""
        path = toplevel(self.machine, units or {})
        manifest = json.loads(self.machine.path(f"{path}/manifest.json").read_text())
        manifest["packages"] = [self._package(one, automatic=one in automatic) for one in (*wanted, *automatic)]
        text = json.dumps(manifest)
        path = f"/nix/store/{hashlib.sha256(text.encode()).hexdigest()[:32]}-system-manager"
        self.machine.write(f"{path}/manifest.json", text)
        return path

    def _package(self, one: str, *, automatic: bool) -> str:
        name, _, version = one.partition("=")
        digest = hashlib.sha256(f"{one} {automatic}".encode()).hexdigest()[:32]
        source = self.stock(name, version)
        file, package = f"/nix/store/{digest}-{Path(source).name}", f"/nix/store/{digest}-{name}-{version}"
        self.machine.copy_in(self.machine.path(source), file)
        architecture = {"apt": "all", "pacman": "any"}.get(self.kind.name, "noarch")
        described = {
            "name": name,
            "version": f"{version}{self.kind.release}",
            "architecture": architecture,
            "sha256": hashlib.sha256(self.machine.path(source).read_bytes()).hexdigest(),
            "file": file,
            **({"automatic": True} if automatic else {}),
        }
        self.machine.write(f"{package}/nix-support/distro-package.json", json.dumps(described))
        return package

    def reset(self) -> None:
        """Back to a machine that was never managed, with everything on offer."""
        self.machine.run(f"system-manager-engine deactivate; {self.kind.purge}", check=False)
        self.machine.run(
            "rm -rf /var/lib/system-manager /run/system-manager /nix; "
            "find /etc/systemd/system -name 'system-manager*' -delete; systemctl daemon-reload"
        )
        self.offer(*(f"{name}={version}" for name, version in self._files if name != "base"))
