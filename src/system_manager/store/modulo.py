"""Output paths of derivations: hashing a derivation *modulo* its fixed-output inputs.

The path of an input-addressed output is computed from the derivation's text in which each input derivation is
replaced by its own such hash. A fixed-output derivation is replaced by a hash of its content, so that fetching
the same file from elsewhere changes nothing that depends on it. Nix manual, "Derivation hash modulo".
"""

from __future__ import annotations

from system_manager.base.type_hints import Callable, Iterable, Mapping
from system_manager.store.addressing import make_fixed_output_path, make_output_path, make_text_path
from system_manager.store.derivation import Derivation, DerivationText, Output, print_inputs
from system_manager.store.errors import InvalidDerivationError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.paths import DERIVATION_EXTENSION, StorePath


class ModuloHashes:
    """Hashes of derivations modulo fixed-output inputs, remembered by store path.

    :param read: gives the derivation that a ``.drv`` path holds; called once for each path that nobody
        :meth:`record`\\ ed.
    """

    def __init__(self, read: Callable[[StorePath], Derivation]) -> None:
        self._read = read
        self._known: dict[StorePath, str] = {}

    def record(self, path: StorePath, derivation: Derivation) -> None:
        """Remember the hash of a derivation that is at hand, so that its file is never read back."""
        if path not in self._known:
            self._known[path] = self._input_hash(derivation)

    def fill_output_paths(self, derivation: Derivation) -> Derivation:
        """Compute the outputs' paths and put them into the outputs and the environment, as Nix does.

        Raises :class:`InvalidDerivationError` for a combination of outputs that is not allowed.
        """
        check_outputs(derivation)
        text = DerivationText(derivation, _with_output_variables(derivation))
        return _with_output_paths(derivation, _output_paths(derivation, text, self._hashed_inputs(derivation)))

    def complete(self, derivation: Derivation) -> tuple[StorePath, Derivation]:
        """As :meth:`fill_output_paths`, with the path of the ``.drv`` file, for which the hash is remembered."""
        check_outputs(derivation)
        text = DerivationText(derivation, _with_output_variables(derivation))
        hashed_inputs = self._hashed_inputs(derivation)
        paths = _output_paths(derivation, text, hashed_inputs)
        filled = _with_output_paths(derivation, paths)
        shown = {name: str(path) for name, path in paths.items()}
        around = text.around_inputs(shown)
        content = around.with_inputs(print_inputs(derivation.input_derivations))
        path = make_text_path(
            derivation.name + DERIVATION_EXTENSION, hash_bytes(HashAlgorithm.SHA256, content), derivation.references
        )
        if path not in self._known:
            self._known[path] = (
                _fixed_output_hash(filled)
                if derivation.is_fixed_output
                else hash_bytes(HashAlgorithm.SHA256, around.with_inputs(hashed_inputs)).base16
            )
        return path, filled

    def check_output_paths(self, derivation: Derivation) -> None:
        """Raise :class:`InvalidDerivationError` unless every output has the path that Nix computes for it.

        A ``.drv`` file from outside could otherwise claim somebody else's path.
        """
        filled = self.fill_output_paths(derivation)
        for name, output in derivation.outputs.items():
            expected = filled.outputs[name].path
            if output.path != expected:
                raise InvalidDerivationError(
                    f"derivation '{derivation.name}' has incorrect output '{output.path}', should be '{expected}'"
                )
            if derivation.environment.get(name) != str(expected):
                raise InvalidDerivationError(
                    f"derivation '{derivation.name}' has incorrect environment variable '{name}', "
                    f"should be '{expected}'"
                )

    def _input_hash(self, derivation: Derivation) -> str:
        """Base 16 hash that stands for this derivation inside those that depend on it."""
        if derivation.is_fixed_output:
            return _fixed_output_hash(derivation)
        text = DerivationText(derivation, derivation.environment)
        content = text.around_inputs().with_inputs(self._hashed_inputs(derivation))
        return hash_bytes(HashAlgorithm.SHA256, content).base16

    def _hashed_inputs(self, derivation: Derivation) -> str:
        """The inputs by their hashes, as they stand in the text; nothing needs those of a fixed output."""
        if derivation.is_fixed_output:
            return ""
        inputs: dict[str, frozenset[str]] = {}
        for path, wanted in derivation.input_derivations.items():
            key = self._known.get(path)
            if key is None:
                self._learn((path,))
                key = self._known[path]
            # Two inputs can have the same hash: the same fixed output from two derivations.
            inputs[key] = inputs[key] | wanted if key in inputs else wanted
        return print_inputs(inputs)

    def _learn(self, paths: Iterable[StorePath]) -> None:
        """Fill ``_known`` for these and for all that they depend on, without recursion: chains are long."""
        pending = [path for path in paths if path not in self._known]
        opened: dict[StorePath, Derivation] = {}
        while pending:
            path = pending[-1]
            if path in self._known:
                pending.pop()
                continue
            derivation = opened.get(path)
            if derivation is None:
                derivation = opened[path] = self._read(path)
                if not derivation.is_fixed_output:
                    missing = [child for child in derivation.input_derivations if child not in self._known]
                    if any(child in opened for child in missing):
                        raise InvalidDerivationError(f"derivation '{path}' depends on itself")
                    if missing:
                        pending.extend(missing)
                        continue
            self._known[path] = self._input_hash(derivation)
            opened.pop(path)
            pending.pop()


def check_outputs(derivation: Derivation) -> None:
    """Raise :class:`InvalidDerivationError` for outputs that Nix does not allow together."""
    if not derivation.outputs:
        raise InvalidDerivationError(f"derivation '{derivation.name}' must have at least one output")
    if derivation.is_fixed_output:
        if len(derivation.outputs) > 1:
            raise InvalidDerivationError(f"derivation '{derivation.name}': only one fixed output is allowed")
        if "out" not in derivation.outputs:
            raise InvalidDerivationError(f"derivation '{derivation.name}': single fixed output must be named \"out\"")


def _fixed_output_hash(derivation: Derivation) -> str:
    (output,) = derivation.outputs.values()
    if output.content is None or output.path is None:
        raise InvalidDerivationError(f"fixed-output derivation '{derivation.name}' has no output path")
    content = output.content
    text = f"fixed:out:{content.method.value}{content.hash.prefixed_base16}:{output.path}"
    return hash_bytes(HashAlgorithm.SHA256, text.encode()).base16


def _output_paths(derivation: Derivation, text: DerivationText, hashed_inputs: str) -> dict[str, StorePath]:
    if derivation.is_fixed_output:
        content = derivation.outputs["out"].content
        assert content is not None
        return {"out": make_fixed_output_path(derivation.name, content)}
    masked = text.around_inputs(dict.fromkeys(derivation.outputs, "")).with_inputs(hashed_inputs)
    modulo = hash_bytes(HashAlgorithm.SHA256, masked)
    return {output: make_output_path(output, modulo, derivation.name) for output in derivation.outputs}


def _with_output_variables(derivation: Derivation) -> Mapping[str, str]:
    """The environment with a variable for every output, which it has before it is hashed, whoever forgot them."""
    return {**dict.fromkeys(derivation.outputs, ""), **derivation.environment}


def _with_output_paths(derivation: Derivation, paths: dict[str, StorePath]) -> Derivation:
    return Derivation(
        derivation.name,
        {name: Output(paths[name], output.content) for name, output in derivation.outputs.items()},
        derivation.platform,
        derivation.builder,
        derivation.arguments,
        {**derivation.environment, **{name: str(path) for name, path in paths.items()}},
        derivation.input_derivations,
        derivation.input_sources,
    )
