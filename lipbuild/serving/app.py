"""The HTTP interface of one network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from lipbuild._version import __version__
from lipbuild.serving.request import BadRequestError, read_samples
from lipbuild.serving.schema import REASON, answer_schema, request_schema
from lipbuild.serving.service import Service


@dataclass(frozen=True)
class Limits:
    """What one request may ask for.

    Attributes:
        samples: How many samples.
        bytes: How long its body.
    """

    samples: int = 256
    bytes: int = 16 * 2**20


def create_app(service: Service, limits: Limits | None = None) -> FastAPI:
    """An application with `POST /predict`, `GET /model`, `GET /health` and `GET /openapi.json`.

    Args:
        service: The network.
        limits: What one request may ask for.
    """
    limits = limits or Limits()
    app = FastAPI(
        title=f"lipbuild: {service.metadata['model']}",
        version=__version__,
        description=f"Predictions of {service.origin}, with margins and certified radii.",
    )
    app.add_exception_handler(BadRequestError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)

    @app.get("/health", responses={200: _json({"type": "object"})})
    async def health() -> dict[str, Any]:
        """Whether the service answers."""
        return {"status": "ok", "model": service.metadata["model"]}

    @app.get("/model", responses={200: _json({"type": "object"})})
    async def model() -> dict[str, Any]:
        """What is served: input, outputs, classes, constant, certificate."""
        return dict(service.metadata)

    @app.post(
        "/predict",
        responses={
            200: _json(answer_schema(service.metadata)),
            413: _json(REASON, "Too long a body."),
            415: _json(REASON, "The body is not called JSON."),
            422: _json(REASON, "The body is not what is taken; the reason says where."),
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": request_schema(service.input_shape, limits.samples, service.columns)
                    }
                },
            }
        },
    )
    async def predict(request: Request) -> JSONResponse:
        """A label, a margin and a certified radius for each sample."""
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise BadRequestError(
                415, f"the body is called `{kind or 'nothing'}`; it has to be `application/json`"
            )
        body = await _body(request, limits.bytes)
        samples = read_samples(body, service.input_shape, limits.samples, service.columns)
        try:
            predictions = await asyncio.to_thread(service.answer, samples)
        except OverflowError as error:
            raise BadRequestError(422, str(error)) from None
        radius = service.metadata["radius"]
        return JSONResponse(
            {
                "predictions": predictions,
                "units": service.metadata["input"]["units"],
                "semantics": radius["semantics"] if radius else None,
                "no_radius": service.no_radius or None,
            }
        )

    return app


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than is allowed, whatever its length is said to be."""
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > most:
            raise BadRequestError(413, f"the body has more than {most} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _json(schema: dict[str, Any], description: str = "The answer.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


async def _bad_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BadRequestError)
    # What has not been read of too long a body never is.
    headers = {"connection": "close"} if error.status == 413 else None
    return JSONResponse({"reason": error.reason}, error.status, headers)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"reason": str(error.detail)}, error.status_code, headers=error.headers)
