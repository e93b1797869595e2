"""What schemathesis makes of the OpenAPI description: every answer is one that it describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection

import lipbuild

MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@pytest.mark.parametrize("kind", ["onnx with radius", "weights"])
def test_every_answer_is_described(kind: str, exports: dict[str, Path]) -> None:
    app = lipbuild.serving_app(exports[kind], max_samples=3, max_bytes=20_000)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert {(o.method, o.path) for o in operations} == {
        *(("get", path) for path in ("/health", "/ready", "/model", "/metrics")),
        ("post", "/predict"),
    }
    statuses: set[int] = set()
    for operation in operations:
        # There is nothing to be wrong about where nothing is sent.
        for mode in MODES if operation.method == "post" else MODES[:1]:

            @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                response = case.call()
                assert response.status_code < 500
                statuses.add(response.status_code)
                # A body that is too long is refused unread.
                unread = [negative_data_rejection] if response.status_code == 413 else []
                case.validate_response(response, excluded_checks=unread)

            ask()
    assert {200, 422} <= statuses
