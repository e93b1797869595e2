"""Random matrices and convolutions of every kind that a bound may meet."""

import math

import numpy as np

MATRIX_KINDS = (
    "gaussian",
    "zero",
    "sparse",
    "rank one",
    "repeated",
    "nearly repeated",
    "permutation",
    "constant",
    "mixed scales",
    "subnormal",
    "huge range",
    "half precision",
)


def random_scale(rng: np.random.Generator) -> float:
    """A scale between 1e-38 and 1e29, or 1."""
    return 1.0 if rng.random() < 0.3 else float(10.0 ** rng.uniform(-38, 29))


def random_matrix(rng: np.random.Generator, largest: int = 9) -> tuple[str, np.ndarray]:
    """A kind and a matrix of it."""
    kind = MATRIX_KINDS[int(rng.integers(len(MATRIX_KINDS)))]
    rows, columns = (int(v) for v in rng.integers(1, largest + 1, 2))
    gaussian = rng.standard_normal((rows, columns))
    if kind == "subnormal":
        return kind, (gaussian * 10.0 ** rng.uniform(-45, -38)).astype(np.float32)
    if kind == "huge range":
        exponents = rng.integers(-1070, 1010, (rows, columns))
        return kind, np.ldexp(gaussian, exponents)
    if kind == "half precision":
        return kind, gaussian.astype(np.float16)
    if kind == "mixed scales":
        with np.errstate(over="ignore"):
            scales = 10.0 ** rng.uniform(-38, 29, (rows, 1)) * 10.0 ** rng.uniform(-5, 5, (1, columns))
        return kind, (gaussian * scales).astype(np.float32)
    if kind == "zero":
        gaussian[:] = 0.0
    elif kind == "sparse":
        gaussian[rng.random((rows, columns)) < 0.7] = 0.0
    elif kind == "rank one":
        gaussian = np.outer(gaussian[:, 0], gaussian[0])
    elif kind in {"repeated", "nearly repeated"}:
        u = np.linalg.qr(rng.standard_normal((rows, rows)))[0]
        v = np.linalg.qr(rng.standard_normal((columns, columns)))[0]
        values = np.ones(min(rows, columns))
        if kind == "nearly repeated":
            values -= 10.0 ** rng.uniform(-16, -3) * np.arange(values.size)
        gaussian = u[:, : values.size] * values @ v[: values.size]
    elif kind == "permutation":
        gaussian = np.eye(rows)[rng.permutation(rows)] * rng.choice([-1.0, 1.0], rows)
    elif kind == "constant":
        gaussian[:] = gaussian[0, 0]
    dtype = np.float32 if rng.random() < 0.8 else np.float64
    return kind, (gaussian * random_scale(rng)).astype(dtype)


def random_convolution(rng: np.random.Generator) -> dict:
    """Arguments of `convolution`: small, of one or two dimensions, with every option."""
    dimensions = 1 if rng.random() < 0.4 else 2
    sizes = [int(v) for v in rng.integers(1, 4, dimensions)]
    strides = [int(v) for v in rng.integers(1, 4, dimensions)]
    dilation = [int(v) for v in rng.integers(1, 3, dimensions)]
    groups = int(rng.integers(1, 3))
    inputs, outputs = (int(v) for v in rng.integers(1, 3, 2))
    extents = [(k - 1) * d + 1 for k, d in zip(sizes, dilation, strict=True)]
    longest = 12 if dimensions == 1 else 5
    padding = ("valid", "same", "causal")[int(rng.integers(3 if dimensions == 1 else 2))]
    shape = [int(rng.integers(e if padding == "valid" else 1, max(e, longest) + 1)) for e in extents]
    kernel = rng.standard_normal((*sizes, inputs, outputs * groups))
    kind = rng.random()
    if kind < 0.2:
        kernel[rng.random(kernel.shape) < 0.6] = 0.0
    elif kind < 0.4:
        kernel[:] = 1.0
    elif kind < 0.5:
        kernel *= 10.0 ** rng.uniform(-20, 0, kernel.shape)
    scale = random_scale(rng) if rng.random() < 0.9 else 1e-42
    return {
        "kernel": (kernel * min(scale, 1e29 / math.sqrt(kernel.size))).astype(np.float32),
        "input_shape": shape,
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation,
        "groups": groups,
    }
