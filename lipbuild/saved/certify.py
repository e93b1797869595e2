"""The certificate of a saved model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.certifying import certificate
from lipbuild.certifying.digests import config_digest, weights_digest
from lipbuild.saved.keras_config import network_of
from lipbuild.saved.readers.layer_call import Config, Weights


def certify(config: Config, weights: Mapping[str, Weights], **options: Any) -> dict[str, Any]:
    """Read a model as a network, prove its constants and state them.

    Args:
        config: The content of the model's `config.json`.
        weights: For each layer its weights, in order.
        options: What `lipbuild.certifying.certificate.certify` takes besides.

    Returns:
        The certificate, ready for `json.dumps`; numbers are hexadecimal floats.

    Raises:
        RefusedError: If the model cannot be certified; the message names the layer.
        ValueError: If an argument does not fit.
    """
    subject = {"config.json": config_digest(config), "weights": weights_digest(weights)}
    return certificate.certify(network_of(config, weights), subject, **options)
