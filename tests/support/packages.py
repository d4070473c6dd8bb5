"""Packages and repositories made for tests, in the formats of all four package managers."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = ("rpmbuild", "createrepo_c", "repo-add", "vercmp", "bsdtar", "dpkg-deb", "dpkg-scanpackages", "zstd")
_EPOCH = 1_700_000_000  # when everything in them was made


@dataclass(frozen=True, slots=True)
class Package:
    """What is in a package. Files below ``/etc`` are its configuration; ``after_install`` is shell text."""

    name: str
    version: str = "1.0"
    files: Mapping[str, str] = field(default_factory=dict)
    requires: Sequence[str] = ()
    conflicts: Sequence[str] = ()
    provides: Sequence[str] = ()
    after_install: str = ""
    before_removal: str = ""


def _write_tree(package: Package, directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for path, content in package.files.items():
        file = directory / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o755 if "bin/" in path or "/init.d/" in path else 0o644)


def _run(*command: str | Path, directory: Path | None = None) -> None:
    completed = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, f"{command}: {completed.stdout}{completed.stderr}"


def build_rpm(package: Package, pool: Path) -> Path:
    """``NAME-VERSION-1.noarch.rpm`` in ``pool``."""
    work = pool.parent / "build"
    _write_tree(package, work / "tree")
    lines = [f"Name: {package.name}", f"Version: {package.version}", "Release: 1", "License: MIT", "BuildArch: noarch"]
    lines += ["AutoReqProv: no", f"Summary: {package.name} made for a test"]
    for kind, names in (
        ("Requires", package.requires),
        ("Conflicts", package.conflicts),
        ("Provides", package.provides),
    ):
        lines += [f"{kind}: {name}" for name in names]
    lines += ["%description", "Made for a test.", "%install", f"cp -a {work}/tree/. %{{buildroot}}/", "%files"]
    lines += [
        f"{'%config(noreplace) ' if path.startswith('/etc/') and 'init.d' not in path else ''}{path}"
        for path in package.files
    ]
    if package.after_install:
        lines += ["%post", package.after_install]
    if package.before_removal:
        lines += ["%preun", package.before_removal]
    (work / "package.spec").write_text("\n".join(lines) + "\n")
    _run("rpmbuild", "--quiet", "-bb", "--define", f"_topdir {work}/top", work / "package.spec")
    made = work / f"top/RPMS/noarch/{package.name}-{package.version}-1.noarch.rpm"
    pool.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(made, pool / made.name))


def index_rpms(pool: Path) -> None:
    """Make ``repodata`` for the packages in ``pool``."""
    _run("createrepo_c", "--quiet", pool)


def build_pacman(package: Package, pool: Path) -> Path:
    """``NAME-VERSION-1-any.pkg.tar.zst`` in ``pool``."""
    work = pool.parent / "build"
    _write_tree(package, work / "tree")
    lines = [f"pkgname = {package.name}", f"pkgbase = {package.name}", f"pkgver = {package.version}-1"]
    lines += [f"pkgdesc = {package.name} made for a test", f"builddate = {_EPOCH}", "packager = Nobody", "arch = any"]
    lines += [f"size = {sum(len(text) for text in package.files.values())}"]
    for kind, names in (("depend", package.requires), ("conflict", package.conflicts), ("provides", package.provides)):
        lines += [f"{kind} = {name.replace(' ', '')}" for name in names]
    lines += [f"backup = {path.lstrip('/')}" for path in package.files if path.startswith("/etc/")]
    (work / "tree/.PKGINFO").write_text("\n".join(lines) + "\n")
    functions = ""
    if package.after_install:
        functions += f"post_install() {{\n{package.after_install}\n}}\npost_upgrade() {{ post_install; }}\n"
    if package.before_removal:
        functions += f"pre_remove() {{\n{package.before_removal}\n}}\n"
    if functions:
        (work / "tree/.INSTALL").write_text(functions)
    pool.mkdir(parents=True, exist_ok=True)
    file = pool / f"{package.name}-{package.version}-1-any.pkg.tar.zst"
    plain = work / "package.tar"
    with tarfile.open(plain, "w") as archive:
        for path in sorted((work / "tree").rglob("*")):
            archive.add(path, arcname=str(path.relative_to(work / "tree")), recursive=False, filter=_owned_by_root)
    _run("zstd", "--quiet", "--force", plain, "-o", file)
    return file


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = _EPOCH
    return entry


def index_pacman(pool: Path) -> None:
    """Make ``test.db`` for the packages in ``pool``; only the newest versions are in it, as on Arch."""
    for old in pool.glob("test.*"):
        old.unlink()
    files = sorted(pool.glob("*.pkg.tar.zst"), key=lambda file: _order(file.name))
    if not files:  # repo-add makes no empty database
        with tarfile.open(pool / "test.db", "w:gz") as archive:
            archive.addfile(tarfile.TarInfo("empty"), io.BytesIO())
        return
    _run("repo-add", "--quiet", pool / "test.db.tar.gz", *files)


def _order(name: str) -> tuple[str, list[int]]:
    base, version = name.rsplit("-", 3)[:2]
    return base, [int(part) for part in version.split(".")]


def build_deb(package: Package, pool: Path) -> Path:
    """``NAME_VERSION_all.deb`` in ``pool``."""
    work = pool.parent / "build"
    _write_tree(package, work / "tree")
    control = work / "tree/DEBIAN"
    control.mkdir()
    lines = [f"Package: {package.name}", f"Version: {package.version}", "Architecture: all"]
    lines += ["Maintainer: Nobody <nobody@example.org>", f"Description: {package.name} made for a test"]
    for kind, names in (
        ("Depends", package.requires),
        ("Conflicts", package.conflicts),
        ("Provides", package.provides),
    ):
        if names:
            lines.append(f"{kind}: {', '.join(_debian_relation(name) for name in names)}")
    (control / "control").write_text("\n".join(lines) + "\n")
    configuration = [path for path in package.files if path.startswith("/etc/")]
    if configuration:
        (control / "conffiles").write_text("".join(f"{path}\n" for path in configuration))
    scripts = {
        "postinst": f'if [ "$1" = configure ]; then\n{package.after_install}\nfi' if package.after_install else "",
        "prerm": f'if [ "$1" = remove ]; then\n{package.before_removal}\nfi' if package.before_removal else "",
    }
    for name, text in scripts.items():
        if text:
            (control / name).write_text(f"#!/bin/sh\nset -e\n{text}\n")
            (control / name).chmod(0o755)
    pool.mkdir(parents=True, exist_ok=True)
    file = pool / f"{package.name}_{package.version}_all.deb"
    _run("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", work / "tree", file)
    return file


def _debian_relation(text: str) -> str:
    name, _, rest = text.partition(" ")
    return f"{name} ({rest})" if rest else name


def index_debs(pool: Path) -> None:
    """Make ``Packages`` for the packages in ``pool``: a flat repository."""
    packages = subprocess.run(
        ["dpkg-scanpackages", "--multiversion", "."], cwd=pool, check=True, capture_output=True
    ).stdout
    (pool / "Packages").write_bytes(packages)
    os.utime(pool / "Packages")
