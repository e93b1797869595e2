from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from lipbuild.serving.service import Predictions

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What a service counts, for Prometheus.

    With `PROMETHEUS_MULTIPROC_DIR` in the environment several processes count together in its files.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "lipbuild_requests", "Requests that were answered.", ("path", "status"), registry=registry
        )
        self._seconds = Histogram(
            "lipbuild_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ("path",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._batches = Histogram(
            "lipbuild_batch_samples",
            "Samples that were answered together.",
            buckets=tuple(2.0**n for n in range(11)),
            registry=registry,
        )
        self._inference = Histogram(
            "lipbuild_inference_seconds",
            "Time of one batch in its runtime.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._predictions = Counter("lipbuild_predictions", "Samples that were answered.", registry=registry)
        self._abstentions = Counter(
            "lipbuild_abstentions",
            "Samples whose radius is 0: rounding could change the label, so nothing is certified.",
            registry=registry,
        )

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(path, status).inc()
        self._seconds.labels(path).observe(seconds)

    def ran(self, samples: int, seconds: float) -> None:
        """Count a batch."""
        self._batches.observe(samples)
        self._inference.observe(seconds)

    def predicted(self, predictions: Predictions) -> None:
        """Count the samples of one answer."""
        self._predictions.inc(len(predictions))
        abstained = sum(prediction.get("radius") == 0.0 for prediction in predictions)
        if abstained:
            self._abstentions.inc(abstained)

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
