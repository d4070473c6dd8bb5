"""Rules that every file of the project keeps, checked by machine."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator, Set
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LONGEST_MODULE = 600
LONGEST_FUNCTION = 60

# What is not finished does not stay in the text.
_FORBIDDEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_VAGUE_NAMES = {"util", "utils", "common", "misc", "helper", "helpers"}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def _tool(name: str, *arguments: str) -> None:
    completed = subprocess.run(
        [str(Path(sys.executable).with_name(name)), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, f"{name} {' '.join(arguments)}\n{completed.stdout}{completed.stderr}"


def test_style() -> None:
    _tool("ruff", "check")


def test_format() -> None:
    _tool("ruff", "format", "--check")


def test_types() -> None:
    _tool("mypy")


def test_import_directions() -> None:
    _tool("lint-imports")


def _imported(path: Path, modules: Set[str]) -> set[str]:
    """The modules of ours that one imports, wherever in its text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found & modules


def test_no_module_needs_itself() -> None:
    """No import leads back to where it is, those within functions included."""
    names = {".".join(path.relative_to(ROOT / "src").with_suffix("").parts): path for path in SOURCES}
    graph = {name: _imported(path, names.keys()) for name, path in names.items()}
    assert any(graph.values())
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_sizes(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    too_long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not too_long


def test_packages_are_empty() -> None:
    """What a package offers is in its modules; importing one never costs another."""
    with_code = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name == "__init__.py" and len(ast.parse(path.read_text()).body) > 1
    ]
    assert not with_code


def test_modules_have_names_that_say_something() -> None:
    assert not [path for path in SOURCES if path.stem in _VAGUE_NAMES]


def _numbers_used_as_modes(tree: ast.AST) -> Iterator[ast.Constant]:
    takers = {"chmod", "fchmod", "lchmod", "mkdir", "makedirs", "Mode", "umask"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        candidates = [*(node.args if name in takers else ()), *(k.value for k in node.keywords if k.arg == "mode")]
        yield from (c for c in candidates if isinstance(c, ast.Constant) and type(c.value) is int)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_modes_are_octal(path: Path) -> None:
    text = path.read_text()
    written = [ast.get_source_segment(text, number) or "" for number in _numbers_used_as_modes(ast.parse(text))]
    assert not [number for number in written if not number.startswith("0o")]


def test_nothing_is_left_to_be_done_later() -> None:
    found = []
    for path in _tracked():
        if path == Path(__file__).resolve() or path.suffix in {".png", ".ico", ".nar", ".deb", ".xz"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if _FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found


def _headings(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


PAGES = [path for path in _tracked() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_documentation_lead_somewhere(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in _headings(target)):
            lost.append(link)
    assert lost == []


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = re.findall(r"^ *- (?:\S.*: )?(\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    pages = [str(page.relative_to(ROOT / "docs")) for page in PAGES if page.is_relative_to(ROOT / "docs")]
    assert sorted(listed) == sorted(pages)
