from __future__ import annotations

from typing import Any

from keras import ops

from lipbuild.normalizers.retraction import kernel_dtype, working_dtype


def for_exact_products(weight: Any) -> Any:
    """A weight as a tensor whose products are as exact as float32: in float64 where float32 would be cut to less.

    A GPU multiplies float32 matrices in TensorFloat-32 by default. A kernel that is computed from its weights would be
    off by 1e-3 then, and beyond its norm.
    """
    value = ops.convert_to_tensor(weight)
    return ops.cast(value, working_dtype(kernel_dtype(value)))
