"""How to ask, as OpenAPI."""

from __future__ import annotations

from typing import Any

from lipbuild._version import __version__
from lipbuild.serving.images import IMAGE_TYPES
from lipbuild.serving.limits import Limits
from lipbuild.serving.schema import REASON, Schema, answer_schema, image_schema, request_schema
from lipbuild.serving.service import Service


def openapi(service: Service, limits: Limits, *, images: bool) -> dict[str, Any]:
    """The description of a service in OpenAPI 3.1, with the very shape of a sample.

    Args:
        service: The network.
        limits: What one request may ask for.
        images: Whether it takes images.
    """
    inputs = request_schema(service.input_shape, limits.samples, service.columns)
    content = {"application/json": {"schema": inputs}}
    if images:
        items = inputs["properties"]["inputs"]
        items["items"] = {"anyOf": [items["items"], image_schema()]}
        content |= {kind: {"schema": {}} for kind in IMAGE_TYPES}
    anything: Schema = {"type": "object"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"lipbuild: {service.metadata['model']}",
            "version": __version__,
            "description": f"Predictions of {service.origin}, with margins and certified radii.",
        },
        "paths": {
            "/predict": {
                "post": {
                    "summary": "A label, a margin and a certified radius for each sample.",
                    "requestBody": {"required": True, "content": content},
                    "responses": {
                        "200": _answer(answer_schema(service.metadata)),
                        "408": _answer(REASON, "The request has not come in time."),
                        "413": _answer(REASON, "Too long a body."),
                        "415": _answer(REASON, "The body is not called by a type that is taken."),
                        "422": _answer(REASON, "The body is wrong; the reason says where."),
                        "503": _answer(REASON, "Too many requests wait; ask again later."),
                    },
                }
            },
            "/model": _get("What is served: input, outputs, classes, constant, certificate.", anything),
            "/health": _get("Whether the process answers.", anything),
            "/ready": {
                "get": {
                    "summary": "Whether it can take requests.",
                    "responses": {
                        "200": _answer(anything),
                        "503": _answer(REASON, "It cannot; the reason says why."),
                    },
                }
            },
            "/metrics": {
                "get": {
                    "summary": "Requests, latency, batches and abstentions, for Prometheus.",
                    "responses": {
                        "200": {
                            "description": "The answer.",
                            "content": {"text/plain": {"schema": {"type": "string"}}},
                        }
                    },
                }
            },
        },
    }


def _get(summary: str, schema: Schema) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": {"200": _answer(schema)}}}


def _answer(schema: Schema, description: str = "The answer.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
