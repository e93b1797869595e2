from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipbuild.diagnostics.printable import printable
from lipbuild.serving.limits import Limits

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


def serve(
    target: Annotated[
        Path,
        typer.Argument(metavar="RUN|EXPORT", help="A run folder, or an exported file.", show_default=False),
    ],
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="The address to listen on; 0.0.0.0 means all."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="N", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8000,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", "-w", metavar="N", min=1, max=256, help="The number of processes that answer."
        ),
    ] = 1,
    max_samples: Annotated[
        int, typer.Option("--max-samples", metavar="N", min=1, help="The most samples of a request.")
    ] = Limits.samples,
    max_bytes: Annotated[
        int, typer.Option("--max-bytes", metavar="N", min=1, help="The most bytes of a request's body.")
    ] = Limits.bytes,
    max_values: Annotated[
        int,
        typer.Option(
            "--max-values",
            metavar="N",
            min=1,
            help="The most numbers and lists of a request's body. Never more than an input of known size needs.",
        ),
    ] = Limits.values,
    max_pixels: Annotated[
        int, typer.Option("--max-pixels", metavar="N", min=1, help="The most pixels of a request's images.")
    ] = Limits.pixels,
    max_connections: Annotated[
        int,
        typer.Option(
            "--max-connections",
            metavar="N",
            min=1,
            help="The most connections of a process. Beyond it, those that have waited longest are closed.",
        ),
    ] = Limits.connections,
    read_timeout: Annotated[
        float,
        typer.Option(
            "--read-timeout",
            metavar="SECONDS",
            min=0.1,
            help="How long a client may take to send a request, or to receive its answer.",
        ),
    ] = Limits.seconds,
    grace: Annotated[
        float,
        typer.Option(
            "--grace",
            metavar="SECONDS",
            min=0.0,
            help="How long requests may still take after SIGTERM before the service ends.",
        ),
    ] = 8.0,
    pixel_scale: Annotated[
        float,
        typer.Option(
            "--pixel-scale",
            metavar="VALUE",
            min=0.0,
            help="The value of the brightest pixel of an image file: 1 for [0, 1].",
        ),
    ] = 1.0,
    guard: Annotated[
        bool,
        typer.Option(
            "--guard",
            help="Answer only with labels that rounding cannot change: compute in float64 if float32 does not "
            "decide, and abstain otherwise.",
        ),
    ] = False,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Write a line of JSON to standard output for each request.")
    ] = False,
    dockerfile: Annotated[
        Path | None,
        typer.Option("--dockerfile", metavar="FILE", help="Write a Dockerfile that serves it, and exit."),
    ] = None,
) -> int:
    """Serve labels, margins and certified radii over HTTP.

    The service describes itself with OpenAPI.

    Example:
        lipbuild serve runs/config-TIME --port 8000
    """
    from lipbuild.errors import UnusableError

    if not target.exists():
        raise UnusableError(f"{target}: there is no such run folder or export")
    if dockerfile is not None:
        return _write_dockerfile(target, dockerfile)
    from functools import partial

    from lipbuild.api.serve import check_extra

    check_extra()
    limits = Limits(max_samples, max_bytes, max_values, max_pixels, read_timeout, max_connections)
    with _listening_socket(host, port) as listening:
        work = partial(_work, target, limits, pixel_scale, (access_log, guard), listening, grace)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"

        def announce() -> None:
            print(
                printable(f"serving {target} at {address}: POST {address}/predict; Ctrl-C ends it"),
                flush=True,
            )

        if workers == 1:
            work(announce)
        else:
            from lipbuild.serving.workers import Workers

            Workers(work, workers, grace).run(announce)
    return 0


def _listening_socket(host: str, port: int) -> socket.socket:
    import socket

    from lipbuild.errors import UnusableError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends what is written at once (TCP_NODELAY) only where it is told the protocol.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UnusableError(
            f"{host}:{port}: it cannot be listened on: {error.strerror or error}", "name another `--port`"
        ) from None
    return listening


def _work(
    target: Path,
    limits: Limits,
    pixel_scale: float,
    switches: tuple[bool, bool],
    listening: socket.socket,
    grace: float,
    when_ready: Callable[[], None],
) -> None:
    """Load the network, and serve it in this process."""
    from lipbuild.cli.tensorflow import load_tensorflow
    from lipbuild.runtimes.runtime_of import needs_tensorflow

    if needs_tensorflow(target):
        load_tensorflow()
    from lipbuild.api.serve import app_of
    from lipbuild.serving.access_log import AccessLog
    from lipbuild.serving.server import run_server

    access_log, guard = switches
    with ExitStack() as stack:
        log = stack.enter_context(closing(AccessLog())) if access_log else None
        app = app_of(target, limits, pixel_scale, log, guard=guard)
        run_server(app, listening, limits, grace, when_ready)


def _write_dockerfile(target: Path, path: Path) -> int:
    from lipbuild.errors import UnusableError
    from lipbuild.serving.dockerfile import dockerfile
    from lipbuild.training.files import write_text

    if path.exists():
        raise UnusableError(f"{path}: it exists already", "name another file")
    write_text(path, dockerfile(target, path))
    print(printable(f"wrote {path}; next: docker build --file {path} {target.resolve().parent}"))
    return 0
