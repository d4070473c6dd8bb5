"""``builtin:fetchurl``: a file from the network or from this machine, whose hash is known.

Attributes, as for Nix's builder of this name: ``url``, or ``urls`` with alternatives separated by spaces;
``executable``. The output must be fixed; its hash is checked like that of any other such derivation.
"""

from __future__ import annotations

import http.client
import shutil
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from system_manager.base.type_hints import Mapping
from system_manager.store.building.context import BuildContext
from system_manager.store.errors import BuildFailedError
from system_manager.store.metadata import new_store_file

_SCHEMES = frozenset({"file", "http", "https"})
_TIMEOUT_SECONDS = 60.0  # without a single byte


def build_fetchurl(environment: Mapping[str, str], outputs: Mapping[str, Path], context: BuildContext) -> None:
    """Fetch from the first address that answers."""
    if not context.derivation.is_fixed_output:
        raise BuildFailedError("'builtin:fetchurl' must be a fixed-output derivation", where=str(context.path))
    if environment.get("unpack"):
        raise BuildFailedError("'builtin:fetchurl' does not unpack archives here", where=str(context.path))
    addresses = environment.get("urls", "").split() or environment.get("url", "").split()
    if not addresses:
        raise BuildFailedError("'builtin:fetchurl' needs the attribute 'url'", where=str(context.path))
    failures = []
    for address in addresses:
        failure = _fetch(address, outputs["out"], bool(environment.get("executable")), context)
        if failure is None:
            return
        failures.append(f"{address}: {failure}")
        outputs["out"].unlink(missing_ok=True)
    raise BuildFailedError("cannot download:\n" + "\n".join(failures), where=str(context.path))


def _fetch(address: str, output: Path, executable: bool, context: BuildContext) -> str | None:
    """Fetch one address; return why it could not be."""
    try:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in _SCHEMES:
            return f"the scheme '{parts.scheme}' is not supported"
        context.log(f"fetching {address}")
        if parts.scheme == "file":
            source = context.real_path(urllib.parse.unquote(parts.path))
            with source.open("rb") as file, new_store_file(output, executable=executable) as copy:
                shutil.copyfileobj(file, copy)
            return None
        request = urllib.request.Request(address, headers={"User-Agent": "system-manager"})  # noqa: S310 - scheme is checked
        with (
            urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response,  # noqa: S310 - scheme is checked
            new_store_file(output, executable=executable) as copy,
        ):
            expected = response.headers.get("Content-Length")
            shutil.copyfileobj(response, copy)
            if expected is not None and expected.isdecimal() and copy.tell() != int(expected):
                return f"the connection ended after {copy.tell()} of {expected} bytes"
    except urllib.error.HTTPError as error:
        return f"the server answered {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error)
    return None
