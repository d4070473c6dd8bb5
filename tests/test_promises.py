"""What must never happen to a machine, and where it is shown that it does not.

Every sentence was learnt from what has gone wrong with programs of this kind. The names behind it are scenarios
(``tests/activation/scenarios``, each of them also killed and disturbed at every change), configurations
(``tests/library/configurations`` and ``refused``) and tests. A name that is not there fails here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent

PROMISES: dict[str, str] = {
    # Nothing is lost, and nobody is locked out
    "An original returns when its entry goes, whatever happened in between":
        "foreign-file-replaced original-survives-updates original-survives-rollback original-when-ours-was-edited "
        "original-without-replace-existing-later test_a_file_that_is_no_longer_replaced_gets_its_original_back",
    "A mask goes with the configuration that wanted it":
        "mask test_masks test_a_mask_is_put_and_taken_away "
        "test_a_unit_with_settings_of_ours_is_masked_and_runs_again_afterwards",
    "A distribution's service whose place was taken runs again afterwards":
        "test_the_distributions_own_unit_is_replaced_and_given_back test_everything_at_once_then_nothing "
        "test_ssh_stays_reachable",
    "What was begun is recorded before it is begun":
        "test_killed_before_every_change test_killed_again_while_recovering test_power_is_cut_during_a_switch "
        "test_a_first_switch_that_fails_leaves_nothing own-link-after-lost-record test_content_that_was_not_flushed "
        "test_what_waits_its_turn_when_the_run_ends test_what_was_not_flushed_is_lost",
    "A run does not end itself half-way":
        "test_a_service_that_switches_and_is_changed_by_that "
        "test_a_manager_that_refuses_to_read_its_units_does_not_hinder_a_deactivation",
    "An update that fails leaves the file as it was":
        "update-that-cannot-work copy-without-source test_a_managed_file_survives_an_update_that_cannot_work",
    "What somebody wrote into a managed file is kept":
        "copy-edited-by-hand copy-edited-then-dropped link-replaced-by-file test_at_every_moment "
        "test_an_edited_managed_file_is_drift_and_is_kept_when_replaced",
    "A backup is never overwritten, and one that is missing is said":
        "backup-is-never-overwritten backup-lost original-when-ours-was-deleted directory-in-the-way",
    "No file is missing for a moment, and no secret readable for one":
        "test_what_is_replaced_is_there_at_every_moment test_a_secret_is_never_readable_by_others "
        "test_replaced_files_are_never_missing_and_secrets_never_readable test_backups_are_not_readable_by_others",
    "An empty configuration touches no account":
        "test_an_empty_configuration_adds_only_what_is_documented test_nothing_wanted_is_nothing_done",
    "Nobody gets a login shell that is not there":
        "account-with-a-missing-shell taken-over-shells",
    "Accounts that were made are locked by every way out":
        "account-removed account-deactivated uninstalled test_life_of_accounts",
    "The distribution's tools for accounts go on working":
        "account-immutable-passwords test_accounts_that_are_held_to_the_configuration",
    "A change that cuts somebody off takes itself back":
        "unconfirmed-is-undone unconfirmed-then-booted test_the_connection_is_lost test_nobody_confirms "
        "test_taken_back_at_once_and_then_confirmed_in_time test_a_reboot_before_the_confirmation",
    # The exit code is the truth
    "A failure anywhere ends with an exit code that says how the machine is":
        "test_disturbed_at_every_change test_a_unit_that_fails_to_start_brings_the_old_generation_back "
        "test_without_rollback_the_failure_stays_and_the_exit_code_says_so test_a_full_disk "
        "test_every_kind_of_rule test_however_far_they_had_come",
    "A service that dies is a failure":
        "test_services_whose_start_proves_nothing_are_watched test_a_unit_that_does_not_come_up_brings_everything_back "
        "test_a_failure_without_rollback_is_kept_and_tried_again test_when_a_switch_has_succeeded "
        "test_checks_that_pass_and_fail",
    "A link may lead to what appears later":
        "link-to-what-appears-later link-with-relative-text",
    "A pattern that matches nothing is refused":
        "a-pattern-that-matches-nothing",
    "Every wait has a limit":
        "test_time_limits_of_the_activation test_stopped_by_a_signal_in_the_middle "
        "test_checking_ends_when_the_run_does test_no_user_can_hinder_a_switch",
    "The profile names what was reached":
        "test_the_profile_moves_only_on_success rollback rollback-after-deactivation never-activated",
    "Two runs never meet":
        "test_two_runs_at_once_end_as_one_after_the_other test_a_second_switch_at_the_same_time_is_refused "
        "test_a_second_run_names_the_first",
    "A record that is damaged or another version's stops everything":
        "record-is-damaged record-of-another-version test_a_damaged_journal_stops_everything",
    "A record that is lost is made again, and nothing on another machine is taken for ours":
        "record-lost record-lost-and-its-copy record-lost-and-a-copy-of-another-machine record-lost-then-deactivated "
        "record-lost-and-less-wanted record-lost-and-edited record-lost-with-the-machine test_a_lost_record",
    "A deactivation that fails takes nothing away from the record":
        "account-deactivated taken-over-by-deactivation test_disturbed_at_every_change",
    # What one expects to be able to do
    "One can go back, to any generation, completely":
        "rollback-to-a-number rollback-to-missing rollback-without-older test_rollback_to_a_chosen_generation "
        "rollback-over-three-generations test_rollback_right_after_a_run_was_killed "
        "account-subordinate-ids-change-owners "
        "test_rollback_brings_the_old_definition_back_and_runs_it test_a_package_comes_and_goes_with_its_generation",
    "One can look first, and see who did what":
        "planned-only account-planned-only test_from_what_to_what test_what_failed_and_why "
        "test_results_and_events_as_json",
    "What differs is found and put right":
        "drift account-drift account-unlocked-by-hand-is-repaired edited-in-every-way "
        "special-files-and-directories-are-repaired test_repair_makes_again_what_is_damaged_in_the_store "
        "test_everything_that_status_reports "
        "test_a_unit_that_runs_although_it_is_masked test_a_package_that_somebody_removed_or_upgraded_is_drift",
    "Registering activates nothing; an image and the next boot have verbs of their own":
        "registered-only chosen-for-the-next-boot test_a_generation_that_was_chosen_for_the_boot "
        "test_an_image_is_not_this_machine",
    "What lasts until the next boot only is gone then, whatever it was":
        "tested test_a_test_ends_with_the_next_boot test_an_ephemeral_switch_is_a_test",
    "Nothing is left":
        "directories-removed-when-empty directories-with-guests-stay deactivated-twice "
        "test_nothing_is_left_where_mounts_divide_the_machine "
        "test_everything_at_once_then_nothing test_nothing_is_left_of_an_uninstallation",
    "A machine of another program is taken over, with nothing orphaned":
        "taken-over taken-over-old-record taken-over-from-1.1.0 taken-over-edited taken-over-collected "
        "test_from_it_to_ours_and_back_and_out",
    # What systemd is asked to do
    "A changed service runs its new program":
        "test_life_of_a_service test_the_keys_that_say_what_a_change_means test_restart_if_changed",
    "What does not run is not started by a change":
        "test_what_the_administrator_stopped_stays_stopped test_a_timer_driven_job_is_not_run_by_a_change "
        "test_a_oneshot_runs_again_when_it_changed_and_only_then",
    "A change of words alone restarts nothing":
        "test_a_description_alone_restarts_nothing test_a_second_switch_changes_nothing_and_says_so",
    "Instances follow their template":
        "test_instances_of_a_template test_instances_follow_their_template",
    "What any active target wants is started at once":
        "test_only_what_an_active_target_wants_is_started test_new_units_start_when_something_active_wants_them",
    "A unit that goes is stopped with its own definition":
        "test_a_unit_is_stopped_with_its_old_definition test_stop_on_removal",
    "What the distribution has enabled may be enabled by us, too":
        "unit-enabled-by-the-distribution",
    "Settings for a unit take effect, whichever of its names they were given to":
        "test_settings_for_a_unit_of_the_distribution_by_another_name_of_it",
    "Units of packages are units like the others":
        "units-and-rules-of-a-package test_the_unit_of_the_package_is_replaced_by_ours",
    "An option that is accepted does something, or it is said who does it":
        "every-kind-of-unit units-that-must-not-run a-drop-in-for-a-unit-of-the-distribution "
        "what-is-left-to-the-distribution units-of-users an-unknown-option test_units_and_what_systemd_runs "
        "programs-that-systemd-runs rules-of-tmpfiles-for-users",
    "A directory is one link, and a relative link stays relative":
        "link-to-directory link-with-relative-text files-of-every-kind",
    "Rules that remove things are for the boot":
        "test_tmpfiles_rules_are_applied_when_they_change test_everything_at_once_then_nothing",
    "A file may belong to a user that is made with it":
        "account-owns-a-file test_life_of_accounts",
    # Other machines
    "Relatives of known distributions are known, and others can be allowed":
        "test_relatives_of_known_distributions_are_known checks-before-activation",
    "Variables hold any text":
        "variables-with-odd-characters test_variables_reach_a_login_shell_as_they_were_written",
    "Checks that fail are all named":
        "author-check-fails several-assertions-at-once",
    "A package is removed only by whom it was installed, and only when nobody needs it":
        "test_what_was_installed_before_is_never_changed "
        "test_packages_follow_the_configuration_without_starting_their_services",
}  # fmt: skip


def known() -> set[str]:
    """Every scenario, configuration and test."""
    names = {path.stem for path in (HERE / "activation/scenarios").glob("*.toml")}
    names |= {path.stem for kind in ("configurations", "refused") for path in (HERE / "library" / kind).glob("*.nix")}
    for path in HERE.rglob("test_*.py"):
        names |= set(re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE))
    return names


@pytest.mark.parametrize("promise", PROMISES)
def test_is_shown_somewhere(promise: str) -> None:
    assert set(PROMISES[promise].split()) - known() == set()
