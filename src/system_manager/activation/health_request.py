"""One request of a health check: ``python -m system_manager.activation.health_request URL SECONDS``.

Prints the status of the answer and then its body, or why there was no answer with an exit status of 1. Redirections
are not followed and proxies not used: what is asked is what answers.
"""

from __future__ import annotations

import http.client
import sys
import urllib.parse

_SHOWN_BYTES = 1 << 16


def request(url: str, seconds: float) -> tuple[int, str]:
    """Status and the beginning of the body. Raises OSError, :class:`http.client.HTTPException` or ValueError."""
    parts = urllib.parse.urlsplit(url)
    if parts.hostname is None:
        raise ValueError("the URL names no host")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    connection.request("GET", path, headers={"User-Agent": "system-manager", "Connection": "close"})
    answer = connection.getresponse()
    return answer.status, answer.read(_SHOWN_BYTES).decode(errors="replace")


def main() -> None:
    """Print what came back."""
    url, seconds = sys.argv[1:]
    try:
        status, body = request(url, float(seconds))
    except (OSError, http.client.HTTPException, ValueError) as error:
        sys.stdout.write(f"{getattr(error, 'strerror', None) or error or type(error).__name__}\n")
        raise SystemExit(1) from None
    sys.stdout.write(f"{status}\n{body}")


if __name__ == "__main__":
    main()
