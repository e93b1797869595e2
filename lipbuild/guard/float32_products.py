from __future__ import annotations

import os

from lipbuild.errors import UnusableError

# oneDNN computes float32 products in these, if told to by the environment.
_FPMATH = ("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE")


def check_float32_products() -> None:
    """Refuse an environment in which TensorFlow computes float32 products in fewer bits.

    Raises:
        UnusableError: It is one.
    """
    for variable in _FPMATH:
        if os.environ.get(variable, "").upper() not in {"", "STRICT"}:
            raise UnusableError(
                f"{variable} is {os.environ[variable]}: float32 products are not computed in float32",
                f"unset {variable}",
            )
