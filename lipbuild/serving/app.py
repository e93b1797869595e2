"""The HTTP interface of one network."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lipbuild.serving.access_log import AccessLog
from lipbuild.serving.batcher import Batcher
from lipbuild.serving.body import Body, GoneError, Room
from lipbuild.serving.images import IMAGE_TYPES, ImageReader
from lipbuild.serving.limits import Limits
from lipbuild.serving.metrics import CONTENT_TYPE, Metrics
from lipbuild.serving.observed import Observed
from lipbuild.serving.openapi import openapi
from lipbuild.serving.request import BadRequestError, read_samples
from lipbuild.serving.schema import is_guarded
from lipbuild.serving.service import Predictions, Samples, Service

# A batch that takes longer is one that hangs.
_HANGS = 60.0
# What is long, and read in the file.
_NOT_SHOWN = ("self_test", "statement")
# A body that is longer is read beside the event loop.
_SHORT = 2**15


def create_app(
    service: Service,
    limits: Limits | None = None,
    *,
    images: ImageReader | None = None,
    access_log: AccessLog | None = None,
) -> Starlette:
    """An application with `POST /predict` and what says how the service does.

    `app.state.draining`, once it is set, makes it say that it is not ready.

    Args:
        service: The network.
        limits: What one request may ask for.
        images: How images become samples; None where none are taken.
        access_log: Where each request is written down.
    """
    limits = limits or Limits()
    metrics = Metrics()
    batcher = Batcher(service.answer, metrics.ran)
    room = Room(limits.waiting)
    description = openapi(service, limits, images=images is not None)

    async def health(_: Request) -> Response:
        return _json({"status": "ok", "model": service.metadata["model"]})

    async def ready(_: Request) -> Response:
        reason = None
        if app.state.draining:
            reason = "it is being stopped"
        elif room.free < limits.bytes:
            reason = "too many requests wait"
        elif batcher.busy_for > _HANGS:
            reason = "the network has not answered for a minute"
        return _json({"status": "ready"}) if reason is None else _json({"reason": reason}, 503)

    async def model(_: Request) -> Response:
        shown = {key: value for key, value in service.metadata.items() if key not in _NOT_SHOWN}
        return _json(shown)

    async def counted(_: Request) -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    async def described(_: Request) -> Response:
        return _json(description)

    predict = _Predict(service, limits, images, batcher, room, metrics)
    routes = [
        Route("/predict", predict, methods=["POST"]),
        Route("/health", health),
        Route("/ready", ready),
        Route("/model", model),
        Route("/metrics", counted),
        Route("/openapi.json", described),
    ]
    paths = frozenset(route.path for route in routes)
    app = Starlette(
        routes=routes,
        middleware=[Middleware(partial(Observed, metrics=metrics, paths=paths, log=access_log))],
        exception_handlers={HTTPException: _http_error},
    )
    app.router.redirect_slashes = False
    app.state.draining = False
    return app


class _Predict:
    """`POST /predict`: a label, a margin and a certified radius for each sample."""

    def __init__(
        self,
        service: Service,
        limits: Limits,
        images: ImageReader | None,
        batcher: Batcher,
        room: Room,
        metrics: Metrics,
    ) -> None:
        self._service = service
        self._limits = limits
        self._images = images
        self._batcher = batcher
        self._room = room
        self._metrics = metrics
        self._marks = min(limits.values, service.marks(limits.samples) or limits.values)
        radius = service.metadata["radius"]
        self._guarded = is_guarded(service.metadata)
        self._about = {
            "units": service.metadata["input"]["units"],
            "semantics": radius["semantics"] if radius else None,
            "no_radius": service.no_radius or None,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        body = Body(receive, self._room, self._limits)
        try:
            predictions = await self._predictions(scope, body)
        except GoneError:
            return
        except BadRequestError as error:
            await _refuse(error, body, send)
            return
        self._metrics.predicted(predictions)
        if self._guarded:
            predictions = [{**one, "abstained": one["label"] is None} for one in predictions]
        await _json({"predictions": predictions, **self._about})(scope, receive, send)

    async def _predictions(self, scope: Any, body: Body) -> Predictions:
        try:
            samples = await self._samples(dict(scope["headers"]), body)
            scope["lipbuild.samples"] = len(samples)
            return await self._batcher.answer(samples)
        except OverflowError as error:
            raise BadRequestError(422, str(error)) from None
        finally:
            body.release()

    async def _samples(self, headers: dict[bytes, bytes], body: Body) -> Samples:
        kind = headers.get(b"content-type", b"").decode("latin-1").split(";")[0].strip().lower()
        coding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
        if coding != "identity":
            raise BadRequestError(415, f"the body is coded as {_quoted(coding)}; it has to be sent as it is")
        taken = {"application/json", *(IMAGE_TYPES if self._images is not None else ())}
        if kind not in taken:
            named = "`application/json`" + (" or an image such as `image/png`" if len(taken) > 1 else "")
            raise BadRequestError(
                415, f"the body is called {_quoted(kind) if kind else 'nothing'}; it has to be {named}"
            )
        length = headers.get(b"content-length", b"0")
        if len(length) > 18 or int(length) > self._limits.bytes:
            raise BadRequestError(413, f"the body has more than {self._limits.bytes} bytes")
        if kind != "application/json":
            assert self._images is not None
            content = await body.read(self._limits.bytes)
            return (await asyncio.to_thread(self._images.read, content, "the image"))[None]
        content = await body.read(self._marks)
        service, most = self._service, self._limits.samples
        read = partial(read_samples, content, service.input_shape, most, service.columns, self._images)
        # What is short is read before another thread would have begun, but for images.
        if len(content) <= _SHORT and (self._images is None or b'"b64"' not in content):
            return read()
        return await asyncio.to_thread(read)


async def _refuse(error: BadRequestError, body: Body, send: Any) -> None:
    content = _dumps({"reason": error.reason})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if not body.complete:
        headers.append((b"connection", b"close"))
    if error.status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    # The client has all of the answer, and may still be sending.
    await send({"type": "http.response.body", "body": content, "more_body": not body.complete})
    if not body.complete:
        await body.drop_rest()
        await send({"type": "http.response.body", "body": b""})


def _json(value: Any, status: int = 200) -> Response:
    return Response(_dumps(value), status, headers={"content-type": "application/json"})


def _dumps(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()


def _quoted(text: str) -> str:
    return f"`{text[:100]}`"


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _json({"reason": str(error.detail)}, error.status_code)
    response.headers.update(error.headers or {})
    return response
