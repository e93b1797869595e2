from __future__ import annotations

import math


def bound_text(value: float) -> str:
    """A bound with six significant digits, rounded up: what is shown as "at most" holds as it is shown.

    A promise beside it is shown by this too, so that what keeps it does not look larger.
    """
    text = f"{value:.6g}"
    if not math.isfinite(value) or float(text) >= value:
        return text
    mantissa, exponent = f"{value:.5e}".split("e")
    # One more in the last of the six digits.
    digits = int(mantissa.replace(".", "")) + 1
    return f"{float(f'{digits}e{int(exponent) - 5}'):.6g}"
