"""Downloading one file over ``http``, ``https`` or ``file``."""

from __future__ import annotations

import shutil
import urllib.parse
from pathlib import Path

from system_manager.base.errors import SystemManagerError

_TIMEOUT_SECONDS = 60
_ATTEMPTS = 3


class FetchError(SystemManagerError):
    """Something could not be brought here."""


def file_of_url(url: str) -> str | None:
    """The local path that a ``file:`` URL means."""
    parsed = urllib.parse.urlsplit(url)
    if parsed.scheme != "file" or parsed.netloc not in {"", "localhost"}:
        return None
    return urllib.parse.unquote(parsed.path)


def download(url: str, destination: Path) -> None:
    """Write what a URL yields to a new file. Raises :class:`FetchError`."""
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme == "file":
        _copy(url, destination)
    elif scheme in {"http", "https"}:
        _fetch(url, destination)
    else:
        raise FetchError(f"unable to download '{url}': unsupported protocol", hint="use http, https or file")


def _copy(url: str, destination: Path) -> None:
    path = file_of_url(url)
    try:
        if path is None:
            raise FileNotFoundError(2, "No such file or directory")
        shutil.copyfile(path, destination)
    except OSError as error:
        raise FetchError(f"unable to download '{url}': {error.strerror}") from error


def _fetch(url: str, destination: Path) -> None:
    # Imported where it is needed: most evaluations download nothing.
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    request = urllib.request.Request(url, headers={"User-Agent": "system-manager"})  # noqa: S310 -- http(s), see above
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer, destination.open("wb") as file:  # noqa: S310
                shutil.copyfileobj(answer, file)
            return
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == _ATTEMPTS:
                raise FetchError(f"unable to download '{url}': HTTP error {error.code} ({error.reason})") from error
        except (OSError, ValueError) as error:
            if attempt == _ATTEMPTS:
                reason = getattr(error, "reason", error)
                raise FetchError(f"unable to download '{url}': {reason}", hint="check the network") from error
