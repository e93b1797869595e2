from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast, get_args

from lipbuild.config.sections import ExportSection
from lipbuild.errors import UnusableError
from lipbuild.exporting.c_code.arithmetic import Name as Arithmetic
from lipbuild.exporting.litert_format import Quantization
from lipbuild.exporting.radius_constants import Semantics

# How much weights of fewer bits may change an output by default.
ROUNDED_TOLERANCES = {"none": 0.0, "float16": 1e-2, "int8": 0.1}


@dataclass(frozen=True)
class ExportOptions:
    """How a network is exported.

    Attributes:
        with_radius: Whether the file also computes the label, the margin and the certified radius; of a regression the
            interval that each value stays in.
        semantics: What these are about: the function in exact arithmetic (`real`), or what the file computes
            in `float32`.
        arithmetic: What C computes in.
        quantize: How many bits LiteRT files keep their kernels in: `none`, `float16` or `int8`. ONNX files also can in
            `float16`.
        tolerance: The greatest difference of an output that rounded weights may make; by the number of bits where
            left out. Without rounded weights a smaller one than the gate allows.
        optimize: Whether sorting is rotated into the kernels beside it in the formats for serving, unless the file
            computes a radius.
    """

    with_radius: bool = False
    semantics: Semantics = "real"
    arithmetic: Arithmetic = "float32"
    quantize: Quantization = "none"
    tolerance: float | None = None
    optimize: bool = True
    batch: int | None = None

    @property
    def rounded_tolerance(self) -> float:
        """The tolerance for a file of rounded weights."""
        return ROUNDED_TOLERANCES[self.quantize] if self.tolerance is None else self.tolerance


def export_options(
    section: ExportSection,
    *,
    with_radius: bool | None = None,
    semantics: str | None = None,
    arithmetic: str | None = None,
    quantize: str | None = None,
    tolerance: float | None = None,
    optimize: bool | None = None,
    batch: int | None = None,
) -> ExportOptions:
    """The options of a config, with what is given laid over them.

    Raises:
        UnusableError: There is no such semantics, arithmetic or number of bits, or the tolerance or the batch is none.
    """
    if tolerance is not None and not 0 < tolerance < math.inf:
        raise UnusableError(f"`tolerance` is a positive number, and this is {tolerance:g}")
    if batch is not None and batch < 1:
        raise UnusableError(f"`batch` is a whole number from 1 on, and this is {batch}")
    for name, value, choices in (
        ("semantics", semantics, get_args(Semantics)),
        ("arithmetic", arithmetic, get_args(Arithmetic)),
        ("quantize", quantize, get_args(Quantization)),
    ):
        if value is not None and value not in choices:
            raise UnusableError(f"`{name}` is one of {', '.join(choices)}, and this is `{value}`")
    return ExportOptions(
        with_radius=section.with_radius if with_radius is None else with_radius,
        semantics=section.semantics if semantics is None else cast(Semantics, semantics),
        arithmetic=section.arithmetic if arithmetic is None else cast(Arithmetic, arithmetic),
        quantize=section.quantize if quantize is None else cast(Quantization, quantize),
        tolerance=section.tolerance if tolerance is None else tolerance,
        optimize=section.optimize if optimize is None else optimize,
        batch=section.batch if batch is None else batch,
    )
