"""The environment that a builder sees: variables, files with attributes, and placeholders that become paths.

Nix manual, "Builder execution" and "Advanced attributes".
"""

from __future__ import annotations

import json
import os
import re

from system_manager.base.records import record
from system_manager.base.type_hints import Mapping
from system_manager.store.addressing import make_placeholder
from system_manager.store.derivation import STRUCTURED_ATTRIBUTES, Derivation
from system_manager.store.errors import InvalidDerivationError
from system_manager.store.hashing import HashAlgorithm, hash_bytes
from system_manager.store.paths import STORE_DIRECTORY

BUILD_DIRECTORY = "/build"
"""Where the builder starts, as it sees it."""

_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@record(frozen=True)
class BuilderInput:
    """What a builder process is started with.

    :ivar files: content of files in the build directory, by name.
    """

    builder: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    files: Mapping[str, str]


def structured_attributes(derivation: Derivation) -> dict[str, object] | None:
    """The attributes of a derivation with ``__structuredAttrs``; None for any other."""
    text = derivation.environment.get(STRUCTURED_ATTRIBUTES)
    if text is None:
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDerivationError(f"cannot process {STRUCTURED_ATTRIBUTES} attribute: {error}") from None
    if not isinstance(parsed, dict):
        raise InvalidDerivationError(f"cannot process {STRUCTURED_ATTRIBUTES} attribute: it is not an object")
    return parsed


def replace_placeholders(derivation: Derivation, text: str) -> str:
    """Put the output paths where ``builtins.placeholder`` left marks for them."""
    for output in derivation.outputs:
        placeholder = make_placeholder(output)
        if placeholder in text:
            text = text.replace(placeholder, str(derivation.output_path(output)))
    return text


def builtin_environment(derivation: Derivation) -> dict[str, str]:
    """The variables that a builder inside this process gets: the derivation's own."""
    return {name: replace_placeholders(derivation, value) for name, value in derivation.environment.items()}


def prepare_builder_input(derivation: Derivation, *, cores: int) -> BuilderInput:
    """Compute what a builder process is started with. Raises :class:`InvalidDerivationError`."""
    environment = {
        # Set to what cannot exist, so that a builder that relies on them fails.
        "PATH": "/path-not-set",
        "HOME": "/homeless-shelter",
        "NIX_STORE": STORE_DIRECTORY,
        "NIX_BUILD_CORES": str(cores),
    }
    files: dict[str, str] = {}
    attributes = structured_attributes(derivation)
    if attributes is None:
        _add_variables(derivation, environment, files)
    else:
        _add_structured_attributes(derivation, attributes, environment, files)
    environment |= dict.fromkeys(("NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"), BUILD_DIRECTORY)
    if derivation.is_fixed_output:
        environment["NIX_OUTPUT_CHECKED"] = "1"
        for name in _impure_variables(derivation, attributes):
            environment[name] = os.environ.get(name, "")
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name + value:
            raise InvalidDerivationError(f"a process cannot have an environment variable '{name}' with this value")
    environment["NIX_LOG_FD"] = "2"
    environment["TERM"] = "xterm-256color"
    builder = replace_placeholders(derivation, derivation.builder)
    arguments = [replace_placeholders(derivation, argument) for argument in derivation.arguments]
    return BuilderInput(builder, (builder.rpartition("/")[2], *arguments), environment, files)


def _impure_variables(derivation: Derivation, attributes: Mapping[str, object] | None) -> list[str]:
    if attributes is None:
        return derivation.environment.get("impureEnvVars", "").split()
    names = attributes.get("impureEnvVars", [])
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _add_variables(derivation: Derivation, environment: dict[str, str], files: dict[str, str]) -> None:
    as_files = set(derivation.environment.get("passAsFile", "").split())
    for name, value in builtin_environment(derivation).items():
        if name in as_files:
            file = f".attr-{hash_bytes(HashAlgorithm.SHA256, name.encode()).nix32}"
            files[file] = value
            environment[f"{name}Path"] = f"{BUILD_DIRECTORY}/{file}"
        else:
            environment[name] = value


def _add_structured_attributes(
    derivation: Derivation, attributes: Mapping[str, object], environment: dict[str, str], files: dict[str, str]
) -> None:
    outputs = {name: str(derivation.output_path(name)) for name in sorted(derivation.outputs)}
    text = json.dumps({**attributes, "outputs": outputs}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    text = replace_placeholders(derivation, text)
    files[".attrs.json"] = text
    files[".attrs.sh"] = _shell_declarations(json.loads(text))
    environment["NIX_ATTRS_JSON_FILE"] = f"{BUILD_DIRECTORY}/.attrs.json"
    environment["NIX_ATTRS_SH_FILE"] = f"{BUILD_DIRECTORY}/.attrs.sh"


def _shell_declarations(attributes: Mapping[str, object]) -> str:
    """Write as bash variables what can be one: scalars, arrays of scalars, and one level of sets of scalars."""
    lines: list[str] = []
    for name, value in attributes.items():
        if not _SHELL_NAME.fullmatch(name):
            continue
        scalar = _shell_scalar(value)
        if scalar is not None:
            lines.append(f"declare {name}={scalar}")
        elif isinstance(value, list):
            items = [_shell_scalar(item) for item in value]
            if None not in items:
                lines.append(f"declare -a {name}=({''.join(f'{item} ' for item in items)})")
        elif isinstance(value, dict):
            pairs = [(_quote(key), _shell_scalar(item)) for key, item in value.items()]
            if all(item is not None for _, item in pairs):
                lines.append(f"declare -A {name}=({''.join(f'[{key}]={item} ' for key, item in pairs)})")
    return "".join(f"{line}\n" for line in lines)


def _shell_scalar(value: object) -> str | None:
    if value is None:
        return "''"
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _quote(value) if isinstance(value, str) else None


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
