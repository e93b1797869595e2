from __future__ import annotations

import os
import socket


def require_way_to(host: str) -> None:
    """Say at once where there is no network: whoever downloads would try for long, or say it in many lines.

    Behind a proxy names are resolved elsewhere, and nothing is known here.

    Raises:
        OSError: The host's name cannot be resolved.
    """
    if any(os.environ.get(name) for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")):
        return
    try:
        socket.getaddrinfo(host, 443)
    except OSError as error:
        raise OSError(f"{host} cannot be reached: {error.strerror or error}") from None
