from __future__ import annotations

from lipbuild.errors import UnusableError


def address(text: str, port: int = 8008) -> tuple[str, int]:
    """The host and the port of an option: `HOST:PORT`, `:PORT`, `PORT` or `HOST`; loopback where no host is named.

    Args:
        text: The option's value.
        port: The port where none is named.

    Raises:
        UnusableError: There is no such port.
    """
    host, colon, tail = text.rpartition(":")
    if not colon:
        host, tail = ("", text) if text.isdigit() else (text, str(port))
    elif text.endswith("]") or (text.count(":") > 1 and not host.startswith("[")):
        host, tail = text, str(port)
    if not tail.isdigit() or int(tail) > 65535:
        raise UnusableError(f"`{text}` is not an address", "write it like 127.0.0.1:8008")
    return host.strip("[]") or "127.0.0.1", int(tail)
