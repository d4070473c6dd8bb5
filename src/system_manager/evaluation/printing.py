"""The values that a request is about, printed."""

from __future__ import annotations

from system_manager.base.events import Traced, Warned
from system_manager.base.type_hints import Callable, Iterator
from system_manager.evaluation.facts import Facts
from system_manager.evaluation.requests import Form, Request
from system_manager.evaluation.selection import call_automatically, parse_attribute_path, select_along
from system_manager.evaluation.session import EvaluationSession
from system_manager.language.printer import has_members, print_value
from system_manager.language.runtime import Value, coerce_to_string, defer, string_text

NewSession = Callable[[bool, bool], EvaluationSession]
"""Makes a session. The arguments: whether it delays, and whether what the program says is shown."""


class Printing:
    """Prints the values that one request is about.

    A list or set is printed as far as its members are evaluated, and fast evaluation takes liberties with that. A
    session that delays everything takes none, and more time.
    """

    def __init__(self, request: Request, form: Form, *, strict: bool, new_session: NewSession) -> None:
        self._request = request
        self._form = form
        self._strict = strict
        self._new_session = new_session
        self.has_members = False
        self.facts = Facts()
        self.messages: list[Traced | Warned] = []

    def texts(self, *, expects_members: bool) -> Iterator[str]:
        """The values in order. Afterwards ``facts``, ``messages`` and ``has_members`` say what came to light.

        :param expects_members: begin with a session that delays, which saves a second evaluation if it is right.
        """
        delays = expects_members and self._shows_delays()
        first = _Evaluation(self._request, self._new_session(delays, True))
        exact = first if delays else None
        try:
            for path in self._request.paths:
                text = first.select(path, lambda value: self._print(value, exact=delays))
                if text is None:
                    if exact is None:
                        # Its program has said everything already.
                        exact = _Evaluation(self._request, self._new_session(True, False))
                    text = exact.select(path, lambda value: self._print(value, exact=True)) or ""
                yield text
            self.facts, self.messages = first.session.facts, first.session.messages
            if exact is not None and exact is not first:
                self.facts.add_all(exact.session.facts)
        finally:
            first.session.close()
            if exact is not None:
                exact.session.close()

    def _shows_delays(self) -> bool:
        return not self._strict and self._form is not Form.RAW

    def _print(self, value: Value, *, exact: bool) -> str | None:
        """None if only a session that delays can tell."""
        if has_members(value):
            self.has_members = True
            if self._shows_delays() and not exact:
                return None
        match self._form:
            case Form.NIX:
                return print_value(value, strict=self._strict) + "\n"
            case Form.JSON:
                from system_manager.language.formats.json_writer import write_json  # noqa: PLC0415 -- as below

                return write_json(value, strict=self._strict, copy_to_store=True)[0] + "\n"
            case Form.XML | Form.XML_WITHOUT_PLACES:
                from system_manager.language.formats.xml_writer import write_xml  # noqa: PLC0415 -- rarely wanted

                return write_xml(value, strict=self._strict, locations=self._form is Form.XML)[0]
            case Form.RAW:
                what = "while generating the eval command output"
                return string_text(coerce_to_string(value, copy_to_store=True, coerce_more=False, what=what))


class _Evaluation:
    """A request's program in a session; it runs once, however many of its parts are selected."""

    def __init__(self, request: Request, session: EvaluationSession) -> None:
        self.session = session
        self._arguments = session.automatic_arguments(request.expressions, request.texts)
        self._root = defer(session.evaluate_source, request.source)

    def select(self, path: str, work: Callable[[Value], str | None]) -> str | None:
        def run() -> str | None:
            value = select_along(self._root, parse_attribute_path(path), self._arguments)
            return work(call_automatically(value, self._arguments) if self._arguments else value)

        return self.session.run(run)
