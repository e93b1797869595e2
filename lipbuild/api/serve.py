from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import UnusableError
from lipbuild.missing import install_command
from lipbuild.serving.limits import Limits

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from lipbuild.api.given import RunLike
    from lipbuild.serving.access_log import AccessLog


def serving_app(
    target: RunLike,
    *,
    max_samples: int = 256,
    max_bytes: int = 16 * 2**20,
    pixel_scale: float = 1.0,
    guard: bool = False,
) -> Starlette:
    """An ASGI application that answers for one network.

    `POST /predict` takes `{"inputs": [sample, …]}` and gives for each sample its label, margin and certified radius;
    `GET /model` says what is served, `GET /health` and `GET /ready` that it is, `GET /metrics` what was done, and
    `GET /openapi.json` how to ask. How long a client may take to send a request is the server's to say.

    Args:
        target: A run, its folder, or an export.
        max_samples: How many samples one request may have.
        max_bytes: How long the body of a request may be.
        pixel_scale: What a pixel of 255 of an image becomes.
        guard: Whether labels are those that no rounding contradicts, or abstentions.

    Raises:
        lipbuild.errors.RefusedError: The weights exceed what their layers promise.
        lipbuild.errors.UnusableError: It is neither, or the extra `serve` is not installed.
    """
    check_extra()
    from lipbuild.api.given import run_path

    return app_of(run_path(target), Limits(max_samples, max_bytes), pixel_scale, guard=guard)


def app_of(
    target: Path,
    limits: Limits,
    pixel_scale: float,
    access_log: AccessLog | None = None,
    *,
    guard: bool = False,
) -> Starlette:
    """The same with all limits.

    Args:
        target: A run folder or an export.
        limits: What one request may ask for.
        pixel_scale: What a pixel of 255 of an image becomes.
        access_log: Where each request is written down.
        guard: Whether it is served behind a guard.
    """
    from lipbuild.serving.app import create_app
    from lipbuild.serving.images import image_reader
    from lipbuild.serving.open_target import open_target

    service = open_target(target, guard=guard)
    images = image_reader(service.metadata, pixel_scale, limits.pixels)
    return create_app(service, limits, images=images, access_log=access_log)


def check_extra() -> None:
    """Refuse to start without the packages of the extra `serve`.

    Raises:
        UnusableError: One is not installed.
    """
    try:
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UnusableError(
            f"serving needs the package `{error.name}`, which is not installed", install_command("serve")
        ) from None
