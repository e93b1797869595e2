from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.reporting.live.pages import Pages

EVENTS = "/events"
# That a reader has gone is noticed at the next write.
_BEAT = 10.0
# How long sending the last page may take.
_LAST = 5.0


class PageServer:
    """Serves the newest page of a training, and sends each that follows as an event.

    It answers those who call it by its own name alone, so that no page of another server can read it through a
    browser.

    Args:
        host: The address to listen on.
        port: The port; 0 takes a free one.
        pages: The pages.

    Raises:
        UnusableError: It cannot be listened on.
    """

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self._pages = pages
        handler = type("Handler", (_Handler,), {"pages": pages, "names": _names(host)})
        server = type(
            "Server", (ThreadingHTTPServer,), {"address_family": _family(host), "daemon_threads": True}
        )
        try:
            self._server = server((host, port), handler)
        except OSError as error:
            raise UnusableError(
                f"{host}:{port}: it cannot be listened on: {error.strerror or error}", "name another port"
            ) from None
        # Threads that have nothing to send any more end by themselves; those that hang do not hold up the training.
        self._server.block_on_close = False
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._server.server_address[1]}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Send the last page to those who wait, and end."""
        self._server.shutdown()
        for thread in threading.enumerate():
            if thread.name.startswith(_Handler.thread_name) and getattr(thread, "pages", None) is self._pages:
                thread.join(_LAST)
        self._server.server_close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _names(host: str) -> frozenset[str] | None:
    """By which names it may be called; None for any, where it listens on all addresses."""
    try:
        if ip_address(host).is_unspecified:
            return None
    except ValueError:
        pass
    return frozenset({host, "localhost", "127.0.0.1", "::1"})


class _Handler(BaseHTTPRequestHandler):
    pages: Pages
    names: frozenset[str] | None
    thread_name = "lipbuild page"

    def do_GET(self) -> None:
        host = (
            self.headers.get("Host", "").rpartition("]")[0].lstrip("[")
            or self.headers.get("Host", "").split(":")[0]
        )
        if self.names is not None and host not in self.names:
            self.send_error(403, "called by a name that is not its own")
        elif self.path == "/":
            self._page()
        elif self.path == EVENTS:
            thread: Any = threading.current_thread()
            thread.name, thread.pages = f"{self.thread_name} events", self.pages
            self._events()
        else:
            self.send_error(404)

    def _page(self) -> None:
        if not self.pages.after(0, _BEAT):
            self.send_error(503, "the training has not started yet")
            return
        body = self.pages.text.encode("utf-8")
        self._head("text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        self._head("text/event-stream")
        self.end_headers()
        number = 0
        try:
            while True:
                newest = self.pages.after(number, _BEAT)
                if newest == number:
                    self.wfile.write(b": still here\n\n")
                elif self.pages.ended:
                    end = {"page": self.pages.text, "problem": self.pages.problem}
                    self._send("end", end)
                    return
                else:
                    self._send("page", self.pages.text)
                number = newest
                self.wfile.flush()
        except OSError:
            return  # Who asked has gone.

    def _send(self, event: str, data: Any) -> None:
        self.wfile.write(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())

    def _head(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")

    def log_message(self, format: str, *args: Any) -> None:
        pass
