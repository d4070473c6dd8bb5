"""Everything that numtide/system-manager tests on machines, and everything that is known to go wrong with it, as ours.

The names behind a sentence are scenarios, configurations and tests, as in ``test_promises.py``, and a name that is not
there fails here. What is not covered is named with its reason.
"""

from __future__ import annotations

import re

import pytest

from tests.test_promises import known

# What its machine tests show, one sentence for each of them.
TESTED: dict[str, str] = {
    # in containers
    "A timer upgrades the machine by itself, at the times that were asked for":
        "test_who_may_do_more test_an_upgrade_that_fails_is_seen upgraded-every-night",
    "A configuration that says nothing changes nothing that is not documented, and leaves nothing":
        "test_an_empty_configuration_adds_only_what_is_documented",
    "Variables of each kind reach logins, and what was taken out of the programs is gone":
        "test_environment_variables test_variables_reach_a_login_shell_as_they_were_written test_who_may_do_more "
        "variables-with-odd-characters",
    "Every match of a pattern becomes a file":
        "files-of-every-kind test_every_example_can_be_switched_to test_secrets_homes_and_packaged_units",
    "A web server, services in a chain, files of all kinds and rules of tmpfiles in one configuration":
        "test_every_example_can_be_switched_to test_everything_at_once_then_nothing everything-at-once "
        "test_many_units_at_once files-of-every-kind copy-with-numeric-owner",
    "Files that exist are replaced where that was asked for and given back; others are left and said":
        "test_existing_files_are_taken_over_when_told_and_given_back "
        "test_an_existing_file_that_may_not_be_replaced_is_a_conflict foreign-files-all-listed",
    "Who was in a group stays in it, and who was put there goes":
        "test_whom_the_machine_knew_already account-members",
    "Commands for login shells are run":
        "test_who_may_do_more packages-for-everybody",
    "A unit of the distribution is stopped by a mask and cannot be started until the mask goes":
        "test_a_mask_is_put_and_taken_away test_ssh_stays_reachable",
    "Nix's configuration is written over the one that was there, twice without harm, and given back":
        "test_who_may_do_more upgraded-every-night a-setting-of-nix-in-two-lines",
    "A service that may not be restarted keeps its process":
        "test_restart_if_changed test_the_keys_that_say_what_a_change_means",
    "Secrets are opened before what needs them is started, on a switch and at boot":
        "test_secrets_homes_and_packaged_units link-to-what-appears-later",
    "A module fills homes with files and programs":
        "test_secrets_homes_and_packaged_units a-module-written-for-nixos",
    "One logs in and fetches files by ssh, hosts are known, an update of the package changes nothing of it":
        "test_the_distributions_server_with_our_settings test_ssh_stays_reachable ssh-for-the-server-and-everybody",
    "A machine with its record of today or of older releases is activated by ours":
        "test_from_it_to_ours_and_back_and_out taken-over taken-over-old-record",
    "A machine with its older record is deactivated by ours, and the originals come back":
        "taken-over-by-deactivation taken-over-then-deactivated test_units_are_what_their_links_say",
    "A service that may not be stopped outlives its definition":
        "test_stop_on_removal",
    "A check that fails while building stops everything, one that passes is kept":
        "test_who_may_do_more",
    "Programs come and go with the list of packages":
        "test_system_path test_programs_are_there_after_a_reboot test_a_package_comes_and_goes_with_its_generation",
    "A unit of a package runs with what the configuration adds to it":
        "test_secrets_homes_and_packaged_units units-and-rules-of-a-package",
    "A user has programs that others have not":
        "test_who_may_do_more test_secrets_homes_and_packaged_units packages-for-everybody",
    # in virtual machines
    "A life: a file in the way, another configuration, accounts of the host beside ours, a boot, and out":
        "test_an_existing_file_that_may_not_be_replaced_is_a_conflict test_whom_the_machine_knew_already "
        "test_life_of_accounts test_everything_is_there_after_a_reboot test_everything_at_once_then_nothing "
        "test_a_second_switch_changes_nothing_and_says_so account-modes-are-kept",
    "What was put in place without being activated comes up at the next boot":
        "test_an_image_that_is_populated_and_booted test_a_generation_that_was_chosen_for_the_boot",
    "A program has capabilities, in a file system of its own and first in the path":
        "test_who_may_do_more rights-by-sudo-and-wrappers",
    "Rules of sudo let a user become root, by the distribution's own sudo":
        "test_who_may_do_more rights-by-sudo-and-wrappers",
    "Who is not root is refused, and gets through with --sudo":
        "test_who_is_not_root_is_told_how_to_become_it test_sudo test_sudo_with_a_password",
    "A machine is changed over ssh, and the exit code arrives":
        "test_the_distributions_server_with_our_settings",
}  # fmt: skip

# What is known to go wrong with it, from its own code and its users' reports, and what shows that it does not here.
KNOWN_TO_GO_WRONG: dict[str, str] = {
    # data is lost, or somebody is locked out
    "1 an original is not given back when only its entry goes":
        "foreign-file-replaced original-survives-updates test_a_file_that_is_no_longer_replaced_gets_its_original_back",
    "2 a mask stays when the configuration wants it no more":
        "mask test_a_mask_is_put_and_taken_away",
    "3 no ssh after its module was switched off":
        "test_ssh_stays_reachable test_the_distributions_server_with_our_settings",
    "4 what was done before an error is forgotten":
        "test_killed_before_every_change test_disturbed_at_every_change test_a_first_switch_that_fails_leaves_nothing "
        "own-link-after-lost-record",
    "5 a file is deleted by an update that fails":
        "update-that-cannot-work test_a_managed_file_survives_an_update_that_cannot_work copy-without-source",
    "6 local changes are destroyed without a word":
        "copy-edited-by-hand link-replaced-by-file "
        "test_an_edited_managed_file_is_drift_and_is_kept_when_replaced",
    "7 a backup is overwritten, or cannot be put back":
        "backup-is-never-overwritten backup-lost directory-in-the-way original-is-a-directory",
    "8 files are missing, or readable by all, for a moment":
        "test_replaced_files_are_never_missing_and_secrets_never_readable "
        "test_what_is_replaced_is_there_at_every_moment test_a_secret_is_never_readable_by_others",
    "9 the shells of root and nobody change":
        "test_an_empty_configuration_adds_only_what_is_documented test_whom_the_machine_knew_already taken-over-shells",
    "10 accounts are not locked by a deactivation":
        "account-deactivated test_life_of_accounts test_whom_the_machine_knew_already",
    "11 immutable users keep the distribution's own tools from working":
        "test_accounts_that_are_held_to_the_configuration account-immutable-passwords",
    # errors without consequences
    "12 failures end with success":
        "test_disturbed_at_every_change test_a_unit_that_fails_to_start_brings_the_old_generation_back "
        "test_without_rollback_the_failure_stays_and_the_exit_code_says_so",
    "13 a service that died is not noticed":
        "test_a_unit_that_does_not_come_up_brings_everything_back test_when_a_switch_has_succeeded "
        "test_services_whose_start_proves_nothing_are_watched",
    "14 a link to what is not there yet stops everything":
        "link-to-what-appears-later test_secrets_homes_and_packaged_units a-pattern-that-matches-nothing",
    "15 waiting is limited where it must not be, and not where it must":
        "test_time_limits_of_the_activation test_when_a_switch_has_succeeded test_no_user_can_hinder_a_switch",
    "16 the profile names what was never reached":
        "test_the_profile_moves_only_on_success",
    "17 records are written without a lock and read without a check":
        "test_two_runs_at_once_end_as_one_after_the_other test_a_second_switch_at_the_same_time_is_refused "
        "record-is-damaged record-of-another-version test_killed_at_random_moments",
    "18 services are forgotten by a deactivation that fails":
        "account-deactivated taken-over-by-deactivation test_disturbed_at_every_change",
    # what cannot be done
    "19 there is no way back":
        "test_rollback_to_a_chosen_generation rollback-to-missing rollback-without-older test_nobody_confirms "
        "test_the_connection_is_lost",
    "20 nothing can be looked at before or after":
        "planned-only test_plan_shows_what_switch_then_does test_status test_newest_first_with_the_current_one_marked "
        "test_the_history test_nothing_is_left_of_an_uninstallation test_results_and_events_as_json",
    "21 registering and populating do half of what one expects":
        "registered-only chosen-for-the-next-boot test_a_generation_that_was_chosen_for_the_boot "
        "test_an_image_that_is_populated_and_booted",
    "22 directories, rules and accounts are left":
        "directories-removed-when-empty test_everything_at_once_then_nothing test_life_of_accounts",
    # systemd
    "23 a changed service goes on with its old program":
        "test_life_of_a_service test_the_keys_that_say_what_a_change_means",
    "24 what does not run is started by a change":
        "test_what_the_administrator_stopped_stays_stopped test_a_timer_driven_job_is_not_run_by_a_change "
        "test_a_oneshot_runs_again_when_it_changed_and_only_then",
    "25 templates, mounts, sockets and slices are taken for services":
        "test_instances_of_a_template test_every_kind_of_unit test_a_changed_socket_listens_with_its_new_settings",
    "26 what other targets want is not started":
        "test_only_what_an_active_target_wants_is_started test_new_units_start_when_something_active_wants_them",
    "27 a unit is stopped when its definition is gone":
        "test_a_unit_is_stopped_with_its_old_definition",
    "28 units of packages are left behind":
        "test_secrets_homes_and_packaged_units units-and-rules-of-a-package",
    "29 options are accepted and do nothing":
        "every-kind-of-unit units-that-must-not-run a-drop-in-for-a-unit-of-the-distribution units-of-users "
        "test_units_and_what_systemd_runs test_names_and_relations",
    "30 links are resolved and directories taken apart":
        "link-with-relative-text link-to-directory files-of-every-kind",
    "31 a switch removes what rules of tmpfiles remove at boot":
        "test_tmpfiles_rules_are_applied_when_they_change",
    "32 a file of a new user belongs to root":
        "account-owns-a-file test_life_of_accounts copy-with-unknown-owner",
    "33 what was to last until the next boot stays":
        "tested test_a_test_ends_with_the_next_boot test_an_ephemeral_switch_is_a_test",
    # other machines
    "34 relatives of known distributions are refused":
        "test_relatives_of_known_distributions_are_known",
    "35 SELinux, and a store that is mounted late":
        "units-copied-under-selinux units-linked-again-without-selinux test_label_of_a_path "
        "test_what_is_read_early_is_copied_where_the_store_is_mounted",
    "36 a machine needs Nix, a daemon or systemd beforehand":
        "test_without_systemd_files_are_placed_and_units_start_at_the_next_boot "
        "test_in_a_root_directory_without_kernel_file_systems units-without-systemd",
    "37 programs of its own stand in front of everybody's":
        "test_an_empty_configuration_adds_only_what_is_documented test_a_package_that_only_a_script_names_is_installed",
    "38 sudo does not find what was installed":
        "test_who_may_do_more rights-by-sudo-and-wrappers",
    # upkeep
    "39 it moves with the inside of nixpkgs":
        "test_values_in_real_nix test_real_nix_agrees a-module-written-for-nixos",
    "43 variables are written without quotes":
        "variables-with-odd-characters test_variables_reach_a_login_shell_as_they_were_written",
    "44 of several failed checks one word is shown":
        "author-check-fails several-assertions-at-once",
    "45 options of a firewall pretend to work":
        "what-is-left-to-the-distribution",
    "46 what the documentation says does not work":
        "test_is_listed test_has_no_warnings test_every_verb_explains_itself test_the_template_of_init_works test_demo",
    "47 safety is promised and not there":
        "test_is_shown_somewhere",
    "48 an upgrade that failed looks like one that did not":
        "test_an_upgrade_that_fails_is_seen",
}  # fmt: skip

# By number, why there is nothing to show.
NOT_APPLICABLE = {
    40: "no cache is asked that nobody named, and nothing is compiled: the program is Python alone",
    41: "no module for NixOS itself is offered, so none can fail to evaluate there",
    42: "no option names another machine: one is changed by running this program there, over ssh",
}
TABLES = {**TESTED, **KNOWN_TO_GO_WRONG}


@pytest.mark.parametrize("sentence", TABLES)
def test_is_shown_here(sentence: str) -> None:
    assert TABLES[sentence].split(), "nothing shows it"
    assert set(TABLES[sentence].split()) - known() == set()


def test_every_one_is_there() -> None:
    numbers = [int(match[0]) for sentence in KNOWN_TO_GO_WRONG if (match := re.match(r"\d+", sentence))]
    assert sorted([*numbers, *NOT_APPLICABLE]) == list(range(1, 49))
    assert len(TESTED) == 27
