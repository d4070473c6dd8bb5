"""From a configuration to a system and back, without a running systemd: every verb, in words and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from system_manager.store.paths import StorePath
from system_manager.store.store import Store
from system_manager.store.verification import verify
from tests.cli.system import System
from tests.support.command import COMMAND

HELLO = '{ environment.etc.greeting.text = "hello\\n"; }'
BYE = '{ environment.etc.greeting.text = "bye\\n"; environment.etc.secret = { text = "s"; mode = "0600"; }; }'


@pytest.fixture
def system(tmp_path: Path) -> System:
    """A system with a configuration that was not activated yet."""
    result = System(tmp_path)
    result.configure(HELLO)
    return result


def test_build_prints_the_toplevel_and_leaves_a_link(system: System) -> None:
    built = system.run("build")
    toplevel = built.stdout.strip()
    assert toplevel.startswith("/nix/store/")
    assert toplevel.endswith("-system-manager")
    assert str((system.directory / "result").readlink()) == toplevel
    manifest = json.loads(system.read(f"{toplevel}/manifest.json"))
    assert "/etc/greeting" in [file["target"] for file in manifest["files"]]


def test_a_link_that_cannot_be_made(system: System) -> None:
    link = system.directory / "missing/result"
    built = system.run("build", "--out-link", str(link), ends_with=1)
    assert built.stderr.startswith(f"error: the link cannot be made: No such file or directory\n   at: {link}\n hint: ")


def test_build_as_json_without_a_link(system: System) -> None:
    built = json.loads(system.run("build", "--json", "--no-link").stdout)
    assert sorted(built) == ["link", "toplevel"]
    assert built["link"] is None
    assert not (system.directory / "result").exists()


def test_build_changes_nothing(system: System) -> None:
    before = system.etc()
    system.run("build", "--no-link")
    assert system.etc() == before
    assert json.loads(system.run("generations", "--json").stdout) == []


def test_plan_shows_what_switch_then_does(system: System) -> None:
    planned = system.run("plan").stdout
    assert "create  /etc/greeting" in planned
    assert "+hello" in planned
    assert planned.rstrip().splitlines()[-1].startswith("Plan: ")
    assert "greeting" not in system.etc()
    system.run("switch")
    assert system.read("/etc/greeting") == "hello\n"
    assert system.run("plan").stdout.rstrip().splitlines()[-1] == "Nothing to change."


def test_repair_makes_again_what_is_damaged_in_the_store(system: System) -> None:
    (system.directory / "file").write_text("ours\n")
    both = """{ environment.etc = {
        file.source = ./file;
        greeting.text = "hello\\n";
        key = { text = "key\\n"; mode = "0600"; };
    }; }"""
    system.configure(HELLO)
    system.run("switch")
    system.configure(both)
    system.run("switch")
    before = system.etc()
    toplevel = (system.root / "nix/var/nix/gcroots/system-manager-current").readlink()
    manifest = (system.root / str(toplevel)[1:] / "manifest.json").readlink()
    damaged = [str(manifest), before["file"][3:], before["greeting"][3:]]
    texts = [system.read(path) for path in damaged]
    for path in damaged:
        (system.root / path[1:]).chmod(0o644)
        (system.root / path[1:]).write_text("damaged")
    assert "the manifest is not JSON" in system.run("switch", ends_with=1).stderr
    assert "damaged, or refer to one that is: made again" in system.run("switch", "--repair").stderr
    assert [system.read(path) for path in damaged] == texts
    assert system.etc() == before
    with Store.open(system.root) as store:
        assert list(verify(store, check_contents=True)) == []
        generations = (system.root / "nix/var/nix/profiles/system-manager-profiles").glob("*-link")
        assert [store.is_valid(StorePath.parse(str(link.readlink()))) for link in generations] == [True, True]
    assert "again" not in system.run("switch", "--repair").stderr


def test_plan_has_a_diff_for_changes_and_none_for_secrets(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    steps = {step["target"]: step for step in json.loads(system.run("plan", "--json").stdout)["steps"]}
    assert steps["/etc/greeting"]["action"] == "replace"
    assert steps["/etc/greeting"]["diff"].splitlines()[-2:] == ["-hello", "+bye"]
    assert steps["/etc/secret"]["action"] == "create"
    assert steps["/etc/secret"]["diff"] is None
    assert sorted(steps["/etc/greeting"]) == ["action", "detail", "diff", "reason", "subject", "target"]


def test_plan_shows_the_text_of_a_unit_once(system: System) -> None:
    system.configure(
        '{ systemd.services.a = { aliases = [ "b.service" ]; wantedBy = [ "multi-user.target" ]; script = "true"; }; }'
    )
    system.run("switch")
    system.configure("{ }")
    steps = json.loads(system.run("plan", "--json").stdout)["steps"]
    assert [step["target"] for step in steps if step["diff"]] == ["/etc/systemd/system/a.service"]


def test_plan_in_colour(system: System) -> None:
    assert "\x1b[32m" in system.run("plan", "--color", "always").stdout
    assert "\x1b[" not in system.run("plan").stdout


def test_plan_with_exit_code(system: System) -> None:
    system.run("plan", "--exit-code", ends_with=5)
    system.run("switch")
    system.run("plan", "--exit-code", ends_with=0)


def test_plan_of_a_toplevel_that_is_built(system: System) -> None:
    toplevel = system.run("build", "--no-link").stdout.strip()
    system.configure("this is no longer read")
    assert "/etc/greeting" in system.run("plan", "--store-path", toplevel).stdout
    system.run("switch", "--store-path", toplevel)
    assert system.read("/etc/greeting") == "hello\n"


def test_switch_says_what_it_did(system: System) -> None:
    said = system.run("switch")
    assert said.stdout == ""
    assert "next boot" in said.stderr
    assert said.stderr.splitlines()[-1] == "Done: the machine is generation 1 now."


def test_switch_as_json(system: System) -> None:
    said = system.run("switch", "--json")
    result = json.loads(said.stdout)
    assert (result["outcome"], result["generation"]) == ("changed", 1)
    assert "/etc/greeting" in [step["target"] for step in result["steps"]]
    events = [json.loads(line)["event"] for line in said.stderr.splitlines()]
    assert events[0] == "phase-started"
    assert "change-applied" in events


def test_status_without_the_link_of_the_profile(system: System) -> None:
    system.run("switch")
    (system.root / "nix/var/nix/profiles/system-manager-profiles/system-manager").unlink()
    said = system.run("status").stdout
    assert said.startswith("System Manager manages ")
    assert "system-manager-profiles/system-manager is no link to a generation" in said
    assert json.loads(system.run("status", "--json").stdout)["generation"] is None


@pytest.mark.parametrize(
    ("verb", "streams"),
    [
        ("switch", "2>&1 | true"),
        ("switch --verbose", "2>&1 | true"),
        ("switch --json", "| true"),
        ("switch --json", "2>&1 | true"),
        ("switch --json", "> /dev/full"),
        ("register", "> /dev/full"),
        ("deactivate", "2> /dev/full"),
        ("uninstall --yes --json", "> /dev/full"),
    ],
)
def test_the_exit_code_is_true_of_the_machine_whoever_listens(verb: str, streams: str, system: System) -> None:
    line = f"{COMMAND} {verb} --root {system.root} {streams}; exit ${{PIPESTATUS[0]}}"
    completed = subprocess.run(
        ["bash", "-c", line], cwd=system.directory, capture_output=True, text=True, timeout=60, check=False
    )
    assert completed.returncode == 0, completed.stderr
    assert ("greeting" in system.etc()) == verb.startswith("switch")
    assert "Traceback" not in completed.stderr
    if streams == "> /dev/full":
        assert completed.stderr.endswith("warning: the result cannot be written: No space left on device\n")


def test_a_failure_that_nobody_hears_of_keeps_its_exit_code(system: System) -> None:
    system.configure('{ environment.etc.passwd.text = ""; }')
    line = f"{COMMAND} switch --root {system.root} 2> /dev/full"
    assert subprocess.run(["bash", "-c", line], cwd=system.directory, check=False).returncode == 1
    system.configure("1 +")
    assert subprocess.run(["bash", "-c", line], cwd=system.directory, check=False).returncode == 1


def test_a_second_switch_changes_nothing_and_says_so(system: System) -> None:
    system.run("switch")
    before = {path: path.lstat().st_mtime_ns for path in (system.root / "etc").rglob("*")}
    again = system.run("switch")
    assert again.stderr == "Nothing to change: the machine is as generation 1 says.\n"
    assert {path: path.lstat().st_mtime_ns for path in (system.root / "etc").rglob("*")} == before
    assert len(json.loads(system.run("generations", "--json").stdout)) == 1


def test_rollback_and_forth(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    system.run("switch")
    assert (system.root / "etc/secret").stat().st_mode & 0o777 == 0o600
    system.run("rollback")
    assert system.read("/etc/greeting") == "hello\n"
    assert "secret" not in system.etc()
    assert "no older generation" in system.run("rollback", ends_with=1).stderr
    system.run("rollback", "--to", "2")
    assert system.read("/etc/greeting") == "bye\n"
    assert "there is no generation 7" in system.run("rollback", "--to", "7", ends_with=1).stderr


def test_rollback_needs_no_configuration(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    system.run("switch")
    (system.directory / "system.nix").unlink()
    system.run("rollback")
    assert system.read("/etc/greeting") == "hello\n"


def test_deactivate_leaves_everything_as_it_was(system: System) -> None:
    (system.root / "etc/greeting").write_text("the administrator's\n")
    (system.root / "etc/greeting").chmod(0o640)
    before = system.etc()
    system.configure('{ environment.etc.greeting = { text = "ours"; replaceExisting = true; }; }')
    system.run("switch")
    assert system.read("/etc/greeting") == "ours"
    done = system.run("deactivate")
    assert done.stderr.splitlines()[-1] == "Deactivated: nothing on this machine is managed any more."
    assert system.etc() == before
    assert (system.root / "etc/greeting").stat().st_mode & 0o777 == 0o640
    again = system.run("deactivate")
    assert again.stderr == "Nothing to change: System Manager manages nothing on this machine.\n"


def test_deactivated_generations_can_be_activated_again(system: System) -> None:
    system.run("switch")
    system.run("deactivate")
    system.run("rollback", "--to", "1")
    assert system.read("/etc/greeting") == "hello\n"


def test_status(system: System) -> None:
    assert system.run("status").stdout == "System Manager manages nothing on this machine.\n"
    system.run("switch")
    assert "Everything is as it was left." in system.run("status", "--exit-code").stdout
    (system.root / "etc/greeting").unlink()
    drifted = system.run("status", "--exit-code", ends_with=5)
    assert "/etc/greeting is missing" in drifted.stdout
    assert json.loads(system.run("status", "--json").stdout)["drift"] == [
        {"subject": "file", "target": "/etc/greeting", "what": "is missing"}
    ]
    system.run("switch")
    assert system.read("/etc/greeting") == "hello\n"


@pytest.mark.parametrize(
    ("place", "found"),
    [("system.nix", True), (".config/system-manager/system.nix", True), ("root/etc/system-manager/system.nix", True)],
)
def test_where_the_configuration_is_looked_for(place: str, found: bool, system: System) -> None:
    (system.directory / "system.nix").unlink()
    file = system.directory / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HELLO)
    assert "/etc/greeting" in system.run("plan").stdout


def test_the_nearest_configuration_wins(system: System) -> None:
    other = system.directory / ".config/system-manager/system.nix"
    other.parent.mkdir(parents=True)
    other.write_text('throw "not this one"')
    assert "/etc/greeting" in system.run("plan").stdout


@pytest.mark.parametrize("option", ["--file=elsewhere", "--file=elsewhere/system.nix"])
def test_a_configuration_by_name(option: str, system: System) -> None:
    (system.directory / "elsewhere").mkdir()
    (system.directory / "system.nix").rename(system.directory / "elsewhere/system.nix")
    assert "/etc/greeting" in system.run("plan", option).stdout


def test_an_attribute_of_a_file(system: System) -> None:
    system.configure(f'{{ machines.web = {HELLO}; machines.db = throw "not this one"; }}')
    assert "/etc/greeting" in system.run("plan", "--attr", "machines.web").stdout
    assert "machines.wbe" in system.run("plan", "-A", "machines.wbe", ends_with=1).stderr


def test_the_search_path_reaches_the_configuration(system: System) -> None:
    (system.directory / "words.nix").write_text('"from the search path"')
    system.configure("{ environment.etc.greeting.text = import <words>; }")
    system.run("switch", "-I", f"words={system.directory}/words.nix")
    assert system.read("/etc/greeting") == "from the search path"


def test_the_template_of_init_works(system: System) -> None:
    (system.directory / "system.nix").unlink()
    system.run("init", ".")
    system.run("switch")
    assert "managed by System Manager" in system.read("/etc/motd.d/system-manager")


def test_warnings_of_the_configuration_are_shown_each_time(system: System) -> None:
    system.configure('{ warnings = [ "the old way ends soon" ]; }')
    for _ in range(2):
        assert "warning: the old way ends soon" in system.run("switch").stderr


def test_traces_go_to_standard_error(system: System) -> None:
    system.configure('builtins.trace "seen" { }')
    assert "trace: seen" in system.run("plan").stderr


def test_a_configuration_that_changed_is_evaluated_again(system: System) -> None:
    (system.directory / "part.nix").write_text('{ environment.etc.part.text = "1"; }')
    system.configure("{ imports = [ ./part.nix ]; }")
    system.run("switch")
    (system.directory / "part.nix").write_text('{ environment.etc.part.text = "2"; }')
    system.run("switch")
    assert system.read("/etc/part") == "2"


def test_a_test_is_no_generation_and_says_how_long_it_lasts(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    assert "until its next boot" in system.run("test").stderr.splitlines()[-1]
    assert system.read("/etc/greeting") == "bye\n"
    assert len(json.loads(system.run("generations", "--json").stdout)) == 1
    assert "goes back to generation 1" in system.run("status", "--exit-code").stdout
    system.run("rollback")
    assert system.read("/etc/greeting") == "hello\n"
    assert "next boot" not in system.run("status").stdout


def test_boot_changes_nothing_now(system: System) -> None:
    system.run("switch")
    before = system.etc()
    system.configure(BYE)
    said = system.run("boot")
    assert said.stderr.splitlines()[-1] == "Nothing was changed; the next boot changes the machine to generation 2."
    assert system.etc() == before
    status = json.loads(system.run("status", "--json").stdout)
    assert (status["generation"], status["atNextBoot"]["reason"], status["atNextBoot"]["generation"]) == (1, "boot", 2)


def test_register_prints_the_store_path_and_selects_nothing(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    toplevel = system.run("register").stdout.strip()
    assert json.loads(system.run("register", "--json").stdout)["toplevel"] == toplevel
    listed = json.loads(system.run("generations", "--json").stdout)
    assert [(one["generation"], one["current"]) for one in listed] == [(2, False), (1, True)]
    system.run("rollback", "--to", "2")
    assert system.read("/etc/greeting") == "bye\n"


def test_an_image_is_populated(system: System) -> None:
    system.run("pre-populate")
    assert system.read("/etc/greeting") == "hello\n"


def test_an_image_is_populated_until_it_is_booted(system: System) -> None:
    before = system.etc()
    said = system.run("pre-populate", "--ephemeral").stderr
    assert "until its next boot" in said
    assert f"there is no {sys.executable} below" in said, "the image could not go back by itself"
    assert system.read("/etc/greeting") == "hello\n"
    assert json.loads(system.run("generations", "--json").stdout) == []
    assert json.loads(system.run("status", "--json").stdout)["atNextBoot"]["reason"] == "test"
    program = system.root / sys.executable.lstrip("/")
    program.parent.mkdir(parents=True)
    program.touch()
    assert "there is no" not in system.run("pre-populate", "--ephemeral").stderr
    system.run("deactivate")
    assert system.etc() == before


def test_the_history(system: System) -> None:
    assert json.loads(system.run("history", "--json").stdout) == []
    system.run("switch")
    system.run("deactivate")
    listed = json.loads(system.run("history", "--json").stdout)
    assert [(one["verb"], one["outcome"]) for one in listed] == [("deactivate", "changed"), ("switch", "changed")]
    assert [line.split()[2] for line in system.run("history", "-n", "1").stdout.splitlines()[1:]] == ["deactivate"]


def test_a_change_that_waits_for_being_confirmed(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    said = system.run("switch", "--confirm", "60").stderr
    assert "goes back in 60 seconds unless 'system-manager confirm' is said" in said
    assert system.read("/etc/greeting") == "bye\n"
    rows = json.loads(system.run("generations", "--json").stdout)
    assert [(row["generation"], row["current"], row["toConfirm"]) for row in rows] == [
        (2, False, True),
        (1, True, False),
    ]
    assert "Generation 2 is active and waits for 'system-manager confirm'" in system.run("status").stdout
    assert "waits for being confirmed" in system.run("switch", ends_with=1).stderr
    assert "generation 2 now" in system.run("confirm").stderr
    assert json.loads(system.run("generations", "--json").stdout)[0]["current"]
    assert "no change waits" in system.run("confirm", ends_with=1).stderr


def test_an_ephemeral_switch_is_a_test(system: System) -> None:
    system.run("switch")
    system.configure(BYE)
    assert "until its next boot" in system.run("switch", "--ephemeral").stderr
    assert "the next boot goes back to generation 1" in system.run("status").stdout
    assert "no generation" in system.run("switch", "--ephemeral", "--confirm", "5", ends_with=2).stderr


def test_nothing_is_current_after_a_deactivation(system: System) -> None:
    system.run("switch")
    system.run("deactivate")
    assert [row["current"] for row in json.loads(system.run("generations", "--json").stdout)] == [False]
    system.run("rollback")
    assert system.read("/etc/greeting") == "hello\n"
    assert [row["current"] for row in json.loads(system.run("generations", "--json").stdout)] == [True]


def test_a_conflict_is_said_once(system: System) -> None:
    (system.root / "etc/greeting").write_text("theirs")
    planned = system.run("plan", ends_with=1)
    assert (planned.stdout + planned.stderr).count("/etc/greeting") == 1


def test_nothing_is_left_of_an_uninstallation(system: System) -> None:
    before = {str(path) for path in system.root.rglob("*")}
    system.run("switch")
    asked = system.run("uninstall", ends_with=2)
    assert "--yes" in asked.stderr
    assert system.read("/etc/greeting") == "hello\n"
    said = system.run("uninstall", "--yes").stderr
    assert "What stays" not in said
    assert {str(path) for path in system.root.rglob("*")} - before <= {
        str(system.root / name) for name in ("run", "var", "var/lib")
    }
    assert "Uninstalled" in system.run("uninstall", "--yes").stderr


@pytest.mark.parametrize(
    "sign", ["usr/bin/nix-store", "nix/var/nix/profiles/default", "nix/var/nix/gcroots/per-user/alice/result"]
)
def test_a_store_that_others_use_stays(sign: str, system: System) -> None:
    system.run("switch")
    (system.root / sign).parent.mkdir(parents=True, exist_ok=True)
    (system.root / sign).touch()
    said = system.run("uninstall", "--yes").stderr
    assert "the store below /nix, which others use, too" in said
    assert (system.root / "nix/store").is_dir()
    assert not (system.root / "nix/var/nix/profiles/system-manager-profiles").exists()
    assert not (system.root / "var/lib/system-manager").exists()


def test_a_store_can_be_kept(system: System) -> None:
    system.run("switch")
    result = json.loads(system.run("uninstall", "--yes", "--keep-store", "--json").stdout)
    assert (result["outcome"], result["stays"]) == ("uninstalled", ["the store below /nix, as asked for"])
    assert (system.root / "nix/store").is_dir()
