"""Which socket belongs to which service, from what their unit files say: systemd.socket(5)."""

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
