"""The one error root, and the exit codes.

Every error that a user can cause is a :class:`SystemManagerError` with a message in three parts: what went
wrong, where, and what to do about it. Core code raises; ``cli.main`` and ``activation.engine`` are the only
places that print an error and leave the process.
"""

from __future__ import annotations

from system_manager.base.enumerations import IntEnum


class ExitCode(IntEnum):
    """What the process says when it ends. The same numbers hold for both console scripts."""

    DONE = 0
    ERROR = 1  # something went wrong and the machine is unchanged
    USAGE = 2
    ROLLED_BACK = 3  # the activation failed; the machine is back in the old generation
    NOT_ROLLED_BACK = 4  # the activation failed and its changes are still there
    DIFFERENCES = 5  # with --exit-code: there is something to change


INTERRUPTED = 130
"""The status of a command that Ctrl-C has ended, as shells have it."""


class SystemManagerError(Exception):
    """Root of all expected errors.

    :param what: one sentence, in the user's words, without a final full stop.
    :param where: the file, line, option, unit or path that is concerned, if there is one.
    :param hint: what to do, in the imperative.
    """

    exit_code: ExitCode = ExitCode.ERROR

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"at: {self.where}")
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class UsageError(SystemManagerError):
    """The command line does not make sense."""

    exit_code = ExitCode.USAGE
