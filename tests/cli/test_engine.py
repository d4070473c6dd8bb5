"""What the command line makes of an engine that ends without a result."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from system_manager.base.errors import ExitCode
from system_manager.base.events import CollectingObserver
from system_manager.cli import engine
from system_manager.cli.commands import uninstall
from system_manager.cli.failure import write_report
from system_manager.cli.settings import Settings

BEGUN = r"""echo '{"event":"phase-started","name":"planning"}'; """


@pytest.mark.parametrize(
    ("does", "exit_code", "what"),
    [
        ("kill -INT $$", ExitCode.ERROR, "nothing was changed"),
        ("kill -TERM $$", ExitCode.ERROR, "nothing was changed"),
        ("kill -KILL $$", ExitCode.NOT_ROLLED_BACK, "was killed by signal 9"),
        (f"{BEGUN} kill -INT $$", ExitCode.NOT_ROLLED_BACK, "was killed by signal 2"),
        ("exit 7", ExitCode.NOT_ROLLED_BACK, "ended with status 7"),
    ],
)
def test_an_engine_that_ends_early(
    does: str, exit_code: ExitCode, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(engine.EngineError) as caught:
        engine.run(["plan"], Settings(), CollectingObserver())
    assert (caught.value.exit_code, what in caught.value.what) == (exit_code, True), caught.value.what


def test_a_report_has_details_of_any_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert "a name that is no UTF-8: \\udcff" in write_report("a name that is no UTF-8: \udcff").read_text()


def test_an_uninstallation_that_is_interrupted_says_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_settings: Settings) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(uninstall, "_remove_store", interrupted)
    settings = Settings(root=str(tmp_path))
    options = {"yes": True, "keep_store": False, "waiting": [], "sudo": False, "ask_password": False}
    assert uninstall.command.run(settings, **options) == 130
    assert "nothing on this machine is managed any more" in capsys.readouterr().err
