from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
        str, typer.Option("--host", help="The address to listen on; 0.0.0.0 is all.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, max=256, help="How many processes answer.")
    ] = 1,
    max_samples: Annotated[
        int, typer.Option("--max-samples", min=1, help="How many samples one request may have.")
    ] = Limits.samples,
    max_bytes: Annotated[
        int, typer.Option("--max-bytes", min=1, help="How long the body of a request may be.")
    ] = Limits.bytes,
    max_values: Annotated[
        int,
        typer.Option(
            "--max-values",
            min=1,
            help="How many numbers and lists a body may hold; never more than an input of a known size needs.",
        ),
    ] = Limits.values,
    max_pixels: Annotated[
        int, typer.Option("--max-pixels", min=1, help="How many pixels the images of a request may have.")
    ] = Limits.pixels,
    max_connections: Annotated[
        int,
        typer.Option(
            "--max-connections",
            min=1,
            help="How many connections a process keeps; beyond, those that have waited longest are closed.",
        ),
    ] = Limits.connections,
    read_timeout: Annotated[
        float,
        typer.Option(
            "--read-timeout",
            min=0.1,
            help="How many seconds a client may take to send a request, or to take its answer.",
        ),
    ] = Limits.seconds,
    grace: Annotated[
        float,
        typer.Option(
            "--grace", min=0.0, help="How many seconds after SIGTERM it ends, whatever still waits by then."
        ),
    ] = 8.0,
    pixel_scale: Annotated[
        float, typer.Option("--pixel-scale", min=0.0, help="What a pixel of 255 of an image becomes.")
    ] = 1.0,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Write a line of JSON for each request to standard output.")
    ] = False,
    dockerfile: Annotated[
        Path | None,
        typer.Option("--dockerfile", help="Write a Dockerfile that serves it there, and serve nothing."),
    ] = None,
) -> int:
    """Serve a network over HTTP: labels, margins and certified radii, with an OpenAPI description."""
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
        work = partial(_work, target, limits, pixel_scale, access_log, listening, grace)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"

        def announce() -> None:
            print(f"serving {target} at {address}: POST {address}/predict; Ctrl-C ends it", flush=True)

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
    access_log: bool,
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

    with ExitStack() as stack:
        log = stack.enter_context(closing(AccessLog())) if access_log else None
        run_server(app_of(target, limits, pixel_scale, log), listening, limits, grace, when_ready)


def _write_dockerfile(target: Path, path: Path) -> int:
    from lipbuild.errors import UnusableError
    from lipbuild.serving.dockerfile import dockerfile
    from lipbuild.training.files import write_text

    if path.exists():
        raise UnusableError(f"{path}: there is something already", "name another file")
    write_text(path, dockerfile(target, path))
    print(f"wrote {path}; next: docker build --file {path} {target.resolve().parent}")
    return 0
