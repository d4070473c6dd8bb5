"""The façade of the language: from source text to a value.

    evaluator = Evaluator(builtins=PURE_BUILTINS, effects=NoEffects(), code_cache=None)
    value = evaluator.run(lambda: force_deep(evaluator.evaluate(source)))

Everything that evaluates must happen inside :meth:`Evaluator.run`, which provides the depth that programs may
recurse to and turns whatever goes wrong into an :class:`EvaluationError` with its places.
"""

from __future__ import annotations

import _thread
import gc
import os
import sys

from system_manager.base.type_hints import Any, Callable, Iterable, Mapping, TypeVar
from system_manager.language.builtins.registry import Family
from system_manager.language.call_depth import start_levels
from system_manager.language.code_cache import CodeCache
from system_manager.language.effects import Effects, install_effects
from system_manager.language.errors import EvaluationError, InternalError
from system_manager.language.global_scope import GlobalScope
from system_manager.language.program import Program
from system_manager.language.source import Source
from system_manager.language.thunks import defer, restore_thunks
from system_manager.language.values import Lazy, Value

_STACK_SIZES = (512 * 1024 * 1024, 64 * 1024 * 1024, 8 * 1024 * 1024)
"""Tried in turn: a smaller stack is better than none where address space is limited. Only C code uses it."""

_FRAME_ROOM = 64 * 1024 * 1024
"""Bytes for Python frames in one piece: some 300 000 of them."""

_evaluating: set[int] = set()
"""The threads on whose stacks programs are evaluated now."""

_FRAMES_PER_CALL = 40
"""Python frames allowed for each allowed nested call: evaluation nests in thunks much more deeply than in calls."""

_FRAMELESS_SHARE = 50
"""One in so many levels may be one without a frame before levels are counted."""

_FEWEST_FRAMES = 1000
"""What Python needs for itself; where fewer would be right, levels are counted from the beginning."""

_MAX_FRAMES = 2**31 - 1
"""What Python can count to. Memory ends long before."""

Result = TypeVar("Result")


class Evaluator:
    """Evaluates programs that share built-ins, effects and compiled code.

    What nests deeply is evaluated twice: see :mod:`~system_manager.language.call_depth`.

    :param builtins: the built-in functions.
    :param constants: makes further attributes of ``builtins``, e.g. ``storeDir``; ``true``, ``false``, ``null`` and
        ``builtins`` itself need not be there.
    :param effects: what programs can reach outside.
    :param code_cache: a directory of this user's where compiled code is kept between runs.
    :param max_call_depth: how deeply calls may nest.
    :param delays: evaluate nothing before it is wanted, so that values print as unevaluated as in C++ Nix.
    :param counts_calls: count calls from the beginning.
    :param knows_home: whether ``~/`` path literals mean anything.
    :param begin_again: called before the work of :meth:`run` is done once more, with calls counted.
    """

    def __init__(
        self,
        *,
        builtins: Iterable[Family],
        constants: Callable[[], Mapping[str, Lazy]] = dict,
        effects: Effects,
        code_cache: str | os.PathLike[str] | None = None,
        max_call_depth: int = 10_000,
        delays: bool = False,
        counts_calls: bool = False,
        knows_home: bool = True,
        begin_again: Callable[[], None] = lambda: None,
    ) -> None:
        self.effects = effects
        self.max_call_depth = max_call_depth
        self._builtins = tuple(builtins)
        self._constants = constants
        self._code_directory = code_cache
        self._delays = delays
        self._begin_again = begin_again
        self._knows_home = knows_home
        uncounted = (max_call_depth - max_call_depth // _FRAMELESS_SHARE) // 2
        self._uncounted_frames = 0 if counts_calls or uncounted < _FEWEST_FRAMES else min(uncounted, _MAX_FRAMES)
        self._prepare(counts_calls=not self._uncounted_frames)

    def _prepare(self, *, counts_calls: bool) -> None:
        """Make everything that programs see, and forget all programs."""
        self._programs: dict[tuple[str, str, tuple[str, ...]], Program] = {}
        home = os.environ.get("HOME", "/") if self._knows_home else None
        self._shared = GlobalScope(
            self._builtins, self._constants(), home=home, delays=self._delays, counts_calls=counts_calls
        )
        surroundings = repr((sorted(self._shared.arities.items()), self._delays, counts_calls))
        self._code_cache = None if self._code_directory is None else CodeCache(self._code_directory, surroundings)

    def evaluate(self, source: Source, scope: Mapping[str, Lazy] | None = None) -> Value:
        """The value of a program in weak head normal form; to be called inside :meth:`run`.

        :param scope: names visible in the program in addition to the global ones (``builtins.scopedImport``).
        """
        return self._program(source, tuple(sorted(scope or ()))).run(scope)

    def delay(self, source: Source) -> Lazy:
        """A thunk of a program's value. Raises :class:`EvaluationError` for what is no program; inside :meth:`run`."""
        self._program(source, ()).prepare()
        return defer(self.evaluate, source)

    @property
    def names(self) -> GlobalScope:
        """What programs can name without defining it."""
        return self._shared

    def programs(self) -> Iterable[Program]:
        """All programs that were evaluated."""
        return self._programs.values()

    def _program(self, source: Source, scope_names: tuple[str, ...]) -> Program:
        key = (source.name, source.directory, scope_names)
        program = self._programs.get(key)
        if program is None or scope_names or program.source.text != source.text:
            known = self._code_cache.load(source.text, scope_names) if self._code_cache else None
            program = self._programs[key] = Program(source, self._shared, scope_names, known)
        return program

    def run(self, work: Callable[[], Result]) -> Result:
        """Call ``work`` where evaluation is possible: on a deep stack, without garbage collection.

        It is called a second time where it turns out that calls have to be counted.

        :raises EvaluationError: with its frames, for whatever goes wrong in a program.
        """
        if _thread.get_ident() in _evaluating:
            return work()
        result, error = self._try(work)
        if isinstance(error, RecursionError):
            uncounted, self._uncounted_frames = self._uncounted_frames, 0
            self._begin_again()
            self._prepare(counts_calls=True)
            result, error = self._try(work)
            self._uncounted_frames = uncounted
            self._prepare(counts_calls=False)
        if error is not None:
            raise error
        returned: Result = result
        return returned

    def _try(self, work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
        """The result or the error; a RecursionError if calls have to be counted."""
        outcome: list[tuple[Any, BaseException | None]] = []
        counts = not self._uncounted_frames
        start_levels(self.max_call_depth, 1 if counts else _FRAMELESS_SHARE, counting=counts)
        frames = self._uncounted_frames or min(self.max_call_depth * _FRAMES_PER_CALL, _MAX_FRAMES)
        _run_on_deep_stack(lambda: outcome.append(self._guarded(work)), frames)
        start_levels(self.max_call_depth, 1, counting=True)
        return outcome[0]

    def _guarded(self, work: Callable[[], Result]) -> tuple[Result | None, BaseException | None]:
        install_effects(self.effects)
        try:
            result = _call_with_room(work)
            self._keep_code()
            return result, None
        except RecursionError as error:
            if not self._uncounted_frames:
                return None, _explained(error)
            restore_thunks(error)
            return None, error.with_traceback(None)
        except Exception as error:
            return None, _explained(error)
        except BaseException as error:
            return None, error

    def _keep_code(self) -> None:
        if self._code_cache is not None:
            for program in self._programs.values():
                if program.learnt:
                    self._code_cache.save(
                        program.source.text,
                        program.scope_names,
                        units=program.units,
                        facts=program.facts,
                        builtins=program.builtins,
                        variables=program.variables,
                    )
                    program.learnt = 0


def _call_with_room(work: Callable[[], Result]) -> Result:
    return work()


# Python keeps frames in pieces of memory that it maps when one more is needed and unmaps as soon as it is empty. A
# loop whose calls cross the edge of a piece then maps memory for every call, which took a tenth of an evaluation. A
# piece is as large as the frame that it is made for, rounded up to a power of two: this frame claims a little more
# than half of one, of which nothing is ever touched, and leaves the rest to all frames above it.
_call_with_room.__code__ = _call_with_room.__code__.replace(co_stacksize=_FRAME_ROOM // 8)


def _explained(error: Exception) -> EvaluationError:
    """The error with its places, and the evaluator ready to go on."""
    # Late: most runs have nothing to explain.
    from system_manager.language.explain import explain  # noqa: PLC0415

    try:
        restore_thunks(error)
        return explain(error)
    except Exception as fault:
        failure = InternalError(f"the evaluator failed with {type(fault).__name__} while it explained: {error}")
        failure.__cause__ = fault
        return failure


def _start(work: Callable[[], None]) -> _thread.LockType:
    """Start a thread with the largest stack that the system grants. The lock is free when it has ended.

    ``threading`` would be imported for this alone.
    """
    ended = _thread.allocate_lock()
    ended.acquire()

    def run() -> None:
        _evaluating.add(_thread.get_ident())
        try:
            work()
        finally:
            _evaluating.discard(_thread.get_ident())
            ended.release()

    for size in _STACK_SIZES:
        _thread.stack_size(size)
        try:
            _thread.start_new_thread(run, ())
        except RuntimeError:
            continue
        return ended
    raise EvaluationError("the system does not allow another thread", hint="raise the limits of ulimit -u and -v")


def _run_on_deep_stack(work: Callable[[], None], frames: int) -> None:
    limit, stack_size, collecting = sys.getrecursionlimit(), _thread.stack_size(), gc.isenabled()
    # Evaluation allocates millions of objects of which nearly all stay reachable: looking for garbage costs more
    # than half of the run time and finds nothing.
    gc.disable()
    sys.setrecursionlimit(max(limit, frames))
    try:
        _start(work).acquire()
    finally:
        _thread.stack_size(stack_size)
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()
