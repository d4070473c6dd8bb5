"""Which unit starts which, from what their files say: systemd.socket(5), systemd.path(5), systemd.timer(5)."""

from __future__ import annotations

from system_manager.activation.unit_file import UnitText, flag, last, values


def service_of(socket: str, definition: UnitText) -> str:
    """The service that a socket starts."""
    return last(definition, "Socket", "Service") or socket.removesuffix(".socket") + ".service"


def sockets_of(service: str, definition: UnitText) -> list[str]:
    """The sockets that a service may be started by."""
    named = [word for value in values(definition, "Service", "Sockets") for word in value.split()]
    return named or [service.removesuffix(".service").removesuffix("@") + ".socket"]


def accepts(definition: UnitText) -> bool:
    """Whether each connection has an instance of its own, which does not hold the socket."""
    return flag(definition, "Socket", "Accept", default=False)


def triggered_by(name: str, definition: UnitText) -> str | None:
    """What a socket, a path or a timer starts; None for other units, and for sockets with a service per connection."""
    stem, _, kind = name.rpartition(".")
    if kind == "socket":
        return None if accepts(definition) else service_of(name, definition)
    if kind in {"path", "timer"}:
        return last(definition, kind.title(), "Unit") or f"{stem}.service"
    return None
