from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
    max_samples: Annotated[
        int, typer.Option("--max-samples", min=1, help="How many samples one request may have.")
    ] = 256,
    max_bytes: Annotated[
        int, typer.Option("--max-bytes", min=1, help="How long the body of a request may be.")
    ] = 16 * 2**20,
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
    import contextlib
    import socket

    from lipbuild.cli.tensorflow import load_tensorflow

    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise UnusableError(
            f"{host}:{port}: it cannot be listened on: {error.strerror or error}", "name another `--port`"
        ) from None
    with listening:
        load_tensorflow()
        from lipbuild.api.serve import serving_app

        app = serving_app(target, max_samples=max_samples, max_bytes=max_bytes)
        import uvicorn

        # Who reads the address may ask at once.
        listening.listen()
        address = f"http://{host}:{listening.getsockname()[1]}"
        print(f"serving {target} at {address}: POST {address}/predict; Ctrl-C ends it", flush=True)
        config = uvicorn.Config(app, log_level="warning", server_header=False)
        # It has ended in order by then, and raises the interrupt again.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    return 0


def _write_dockerfile(target: Path, path: Path) -> int:
    from lipbuild.errors import UnusableError
    from lipbuild.serving.dockerfile import dockerfile
    from lipbuild.training.files import write_text

    if path.exists():
        raise UnusableError(f"{path}: there is something already", "name another file")
    write_text(path, dockerfile(target, path))
    print(f"wrote {path}; next: docker build --file {path} {target.resolve().parent}")
    return 0
