from __future__ import annotations

import math
from decimal import ROUND_CEILING, Context

# Six significant digits, the last of them never rounded down.
_SIX = Context(prec=6, rounding=ROUND_CEILING)


def bound_text(value: float) -> str:
    """A bound with six significant digits, rounded up: what is shown as "at most" holds as it is shown."""
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.6g}"
    return text if float(text) >= value else f"{float(_SIX.create_decimal_from_float(value)):.6g}"
