"""Inputs that a program makes itself, and the answers that it is held against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.subject import Subject

COUNT = 2
# A linear congruential generator; 24 bits of it are a number of every arithmetic.
_FACTOR, _STEP, _SEED = 1664525, 1013904223, 1
_BITS = 24


def known_inputs(size: int, scale: float, dtype: Any) -> Values:
    """Two inputs: numbers in [0, scale), and in [−scale/2, scale/2).

    Args:
        size: How many numbers an input has.
        scale: A power of two, so that nothing is rounded.
        dtype: Their type.
    """
    state, rows = _SEED, []
    for row in range(COUNT):
        numbers = []
        for _ in range(size):
            state = (state * _FACTOR + _STEP) % 2**32
            numbers.append(((state >> (32 - _BITS)) - (row << (_BITS - 1))) * (scale * 2.0**-_BITS))
        rows.append(numbers)
    return np.array(rows, dtype)


def scale_of(inputs: NDArray[np.floating[Any]], limit: float) -> float:
    """A power of two of the size of the numbers of some inputs, at which norms are within a limit."""
    size = float(np.max(np.abs(inputs), initial=0.0))
    scale = 2.0 ** max(-20, min(20, math.ceil(math.log2(size)))) if size > 0.0 else 1.0
    most = limit / math.sqrt(math.prod(inputs.shape[1:]))
    return min(scale, 2.0 ** math.floor(math.log2(most)))


@dataclass(frozen=True)
class KnownAnswers:
    """What a program answers to its known inputs without fused products.

    Attributes:
        arithmetic: What it computes in.
        scale: That of the inputs.
        outputs: (2, outputs).
        labels: (2,); None for a regression.
        radii: (2,); None for a regression.
        allowed: (2,): by how much an output may differ, twice the proved error.
    """

    arithmetic: Arithmetic
    scale: float
    outputs: Values
    labels: NDArray[np.int32] | None
    radii: Values | None
    allowed: Values

    @property
    def bytes(self) -> int:
        """How much read-only memory they take."""
        return self.outputs.nbytes + COUNT * 3 * self.outputs.dtype.itemsize

    def write(self, code: Code, name: str) -> None:
        """The function `selftest`."""
        a, macro, predicts = self.arithmetic, name.upper(), self.radii is not None
        word = "logits" if predicts else "values"
        self._table(
            code, f"static const {a.type} known_outputs[{COUNT}][{macro}_OUTPUTS]", self.outputs.tolist()
        )
        self._table(code, f"static const {a.type} known_error[{COUNT}]", [self.allowed.tolist()])
        if predicts:
            assert self.labels is not None
            assert self.radii is not None
            labels = ", ".join(map(str, self.labels.tolist()))
            code.line(f"static const int32_t known_label[{COUNT}] = {{{labels}}};")
            self._table(code, f"static const {a.type} known_radius[{COUNT}]", [self.radii.tolist()])
        code.line()
        self._write_rounding(code)
        with code.block(f"int32_t {name}_selftest(void)"):
            code.line("uint32_t state = 1U;")
            code.line("int32_t found = (rounds_to_nearest() != 0) ? 0 : 2;")
            with code.block(f"for (int32_t row = 0; row < {COUNT}; ++row)"):
                if predicts:
                    code.line(f"{name}_result result;")
                with code.block(f"for (int32_t i = 0; i < {macro}_INPUTS; ++i)"):
                    code.line(f"state = (state * {_FACTOR}U) + {_STEP}U;")
                    number = f"(int32_t)(state >> {32 - _BITS}) - (row * {1 << (_BITS - 1)})"
                    code.line(f"known[i] = ({a.type})({number}) * {a.literal(self.scale * 2.0**-_BITS)};")
                if predicts:
                    code.line(f"(void){name}_predict(known, &result);")
                else:
                    code.line(f"{name}_values(known, {word});")
                with code.block(f"for (int32_t j = 0; j < {macro}_OUTPUTS; ++j)"):
                    code.line(f"const {a.type} off = {word}[j] - known_outputs[row][j];")
                    with code.block("if (!((off <= known_error[row]) && (off >= -known_error[row])))"):
                        code.line("found = 2;")
                    with code.block(
                        f"if ((bits_of({word}[j]) != bits_of(known_outputs[row][j])) && (found == 0))"
                    ):
                        code.line("found = 1;")
                if predicts:
                    certified = f"known_radius[row] > {a.literal(0.0)}"
                    with code.block(f"if (({certified}) && (result.label != known_label[row]))"):
                        code.line("found = 2;")
                    with code.block(
                        "if ((bits_of(result.radius) != bits_of(known_radius[row])) && (found == 0))"
                    ):
                        code.line("found = 1;")
            code.line("return found;")

    def _write_rounding(self, code: Code) -> None:
        """Sums a quarter and three quarters of the way to the next number, on either side of 0."""
        a = self.arithmetic
        ulp = 2.0 * a.unit
        code.line("/* Whether sums are rounded to the nearest number. */")
        with code.block("static int32_t rounds_to_nearest(void)"):
            code.line(f"const volatile {a.type} one = {a.literal(1.0)};")
            code.line(f"const volatile {a.type} near = {a.literal(0.25 * ulp)};")
            code.line(f"const volatile {a.type} far = {a.literal(0.75 * ulp)};")
            code.line("const int32_t up =")
            code.line(f"    (bits_of(one + near) == bits_of({a.literal(1.0)})) &&")
            code.line(f"    (bits_of(one + far) == bits_of({a.literal(1.0 + ulp)}));")
            code.line("const int32_t down =")
            code.line(f"    (bits_of(-one - near) == bits_of({a.literal(-1.0)})) &&")
            code.line(f"    (bits_of(-one - far) == bits_of({a.literal(-1.0 - ulp)}));")
            code.line("return ((up != 0) && (down != 0)) ? 1 : 0;")
        code.line()

    def _table(self, code: Code, head: str, rows: list[list[float]]) -> None:
        texts = [", ".join(map(self.arithmetic.literal, row)) for row in rows]
        if len(texts) == 1:
            code.line(f"{head} = {{{texts[0]}}};")
            return
        code.line(f"{head} = {{")
        for text in texts:
            code.line(f"    {{{text}}},")
        code.line("};")


def known_answers(subject: Subject, scale: float) -> KnownAnswers:
    """The answers of a program's emulation to its known inputs.

    Args:
        subject: The program.
        scale: A power of two of the size of its inputs.
    """
    program, arithmetic = subject.program, subject.arithmetic
    shape = program.shapes[program.network.nodes[0].name]
    inputs = known_inputs(program.inputs, scale, arithmetic.dtype).reshape(COUNT, *shape)
    found = subject.emulate(inputs)
    # Two programs are both within the proved error of the exact function.
    # Sums that are rounded once are the same on every processor.
    squares = [math.fsum(x * x for x in row) for row in subject.measured(inputs).tolist()]
    error = 2.0 * subject.error.at(np.sqrt(squares)) * (1.0 + 1e-6)
    allowed = np.minimum(error, np.finfo(arithmetic.dtype).max).astype(arithmetic.dtype)
    return KnownAnswers(
        *(
            arithmetic,
            scale,
            found[subject.output],
            found.get("label"),
            found.get("radius"),
            allowed.astype(arithmetic.dtype),
        )
    )
