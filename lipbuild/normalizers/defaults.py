"""The default settings of the normalisers and of the layers that use them: names and values of deel-lip."""

from __future__ import annotations

import math
from typing import Any

DEFAULT_EPS_SPECTRAL = 1e-3
DEFAULT_EPS_BJORCK = 1e-3
DEFAULT_BETA_BJORCK = 0.5
DEFAULT_MAXITER_SPECTRAL = 10
DEFAULT_MAXITER_BJORCK = 15


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def check_normalizer_settings(
    eps_spectral: Any,
    eps_bjorck: Any,
    beta_bjorck: Any,
    maxiter_spectral: Any = DEFAULT_MAXITER_SPECTRAL,
    maxiter_bjorck: Any = DEFAULT_MAXITER_BJORCK,
) -> None:
    """Refuse settings that a normaliser cannot honour.

    Args:
        eps_spectral: Relative tolerance of the norm bound, above 0.
        eps_bjorck: Tolerance of the orthogonalisation, above 0; None leaves it out.
        beta_bjorck: Step of the orthogonalisation, in (0, 0.5]; None leaves it out.
        maxiter_spectral: Most squarings of the Gram matrix, an integer of at least 1.
        maxiter_bjorck: Most orthogonalisation steps, an integer of at least 1.

    Raises:
        ValueError: A setting is out of its range.
    """
    if not _is_number(eps_spectral) or eps_spectral <= 0:
        raise ValueError(f"eps_spectral must be a number above 0. Received: eps_spectral={eps_spectral!r}")
    if eps_bjorck is not None and (not _is_number(eps_bjorck) or eps_bjorck <= 0):
        raise ValueError(f"eps_bjorck must be None or a number above 0. Received: eps_bjorck={eps_bjorck!r}")
    if beta_bjorck is not None and (not _is_number(beta_bjorck) or not 0 < beta_bjorck <= 0.5):
        raise ValueError(f"beta_bjorck must be None or in (0, 0.5]. Received: beta_bjorck={beta_bjorck!r}")
    for name, value in (("maxiter_spectral", maxiter_spectral), ("maxiter_bjorck", maxiter_bjorck)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be an integer of at least 1. Received: {name}={value!r}")
