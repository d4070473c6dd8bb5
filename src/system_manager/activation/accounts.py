"""Planning accounts: what the manifest wants, what we made or changed once, what is there, and what follows."""

from __future__ import annotations

from system_manager.activation.account_changes import ChangeAccounts, DatabaseChange, MakeHome, SetLinger
from system_manager.activation.account_facts import DATABASES, Draft, Facts, read_facts
from system_manager.activation.account_groups import plan_groups
from system_manager.activation.account_homes import place_homes
from system_manager.activation.account_passwords import HashPassword
from system_manager.activation.account_users import plan_users
from system_manager.activation.change import Machine
from system_manager.activation.files import Conflict
from system_manager.activation.mounts import UndoPlaces
from system_manager.activation.parents import Parents
from system_manager.activation.state import State
from system_manager.base.errors import SystemManagerError
from system_manager.base.records import record
from system_manager.generation.manifest import Manifest
from system_manager.host import files
from system_manager.host.root import Root


@record()
class AccountPlan:
    """What has to be done about accounts.

    :ivar changes: in their order; the first one is the databases' when they change at all.
    :ivar draft: the records, conflicts and notices.
    """

    changes: list[ChangeAccounts | MakeHome | SetLinger]
    draft: Draft

    @property
    def conflicts(self) -> list[Conflict]:
        """When there are any, nothing may be done."""
        return self.draft.conflicts

    @property
    def notices(self) -> list[str]:
        """Sentences for the user."""
        return self.draft.notices


def draft_accounts(
    manifest: Manifest, state: State, facts: Facts, hash_password: HashPassword, *, repair: bool = False
) -> Draft:
    """Compare, and plan; nothing is read or touched.

    :param repair: lock again what somebody unlocked.
    """
    draft = Draft(facts, state, manifest, repair)
    plan_groups(draft)
    plan_users(draft, hash_password)
    if draft.facts.unreadable and (manifest.users or state.users):
        draft.notices.append("passwords and expiry dates are not compared: only root may read them")
    return draft


def plan_accounts(machine: Machine, state: State, manifest: Manifest, *, repair: bool = False) -> AccountPlan:
    """Read what is needed from the machine, and plan. Later planners see the accounts as they will be."""
    if not (manifest.users or manifest.groups or state.users or state.groups or state.taken_from):
        return AccountPlan([], Draft(Facts(), state, manifest))
    # The answers have to be about the machine as it is, not as an earlier plan would have made it.
    machine.accounts.expect({}, {})
    try:
        facts = read_facts(machine.root, machine.accounts, manifest)
    except OSError as error:
        raise SystemManagerError(f"accounts cannot be read: {error.strerror}", where=error.filename) from None
    draft = draft_accounts(manifest, state, facts, _hash_password, repair=repair)
    machine.accounts.expect(draft.user_ids, draft.group_ids)
    changes: list[ChangeAccounts | MakeHome | SetLinger] = []
    if draft.edits:
        changes.append(_change_databases(machine.root, machine.transaction, draft))
    return AccountPlan([*changes, *place_homes(draft, machine.root), *draft.linger], draft)


def _hash_password(password: str, now: str) -> str:
    from system_manager.host.password_hash import hash_password, is_hash_of

    return now if is_hash_of(now, password) else hash_password(password)


def _change_databases(root: Root, transaction: str, draft: Draft) -> ChangeAccounts:
    places = UndoPlaces(root, transaction, prefix="accounts-")
    parents = Parents(root, set(), frozenset())
    databases = []
    for name in DATABASES:
        if name not in draft.edits:
            continue
        path = root.resolve(name)
        seen = files.look(root.join(path))
        saved = places.place(path, parents) if seen.kind != "absent" else None
        databases.append(DatabaseChange(path, seen, tuple(draft.edits[name]), saved))
    return ChangeAccounts(tuple(databases), tuple(draft.steps), draft.users, draft.groups)
