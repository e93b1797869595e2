"""Missing cells of a table, as a program fills them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipbuild.config.sources.input_column import InputColumn
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.code import Code


@dataclass(frozen=True)
class Filling:
    """What the inputs of a cell become that is missing: the first of them is NaN.

    Attributes:
        first: For each input the place of the first one of its column; −1 where nothing fills it.
        values: What it becomes; 0 where nothing fills it.
        indicates: Whether it is 0 where the cell is not missing.
    """

    first: tuple[int, ...]
    values: tuple[float, ...]
    indicates: tuple[bool, ...]

    @property
    def bytes(self) -> int:
        """How much read-only memory the places take; the values are an array of the code."""
        return len(self.first) * 8

    def emulate(self, inputs: Values) -> Values:
        """The inputs with their missing cells filled, (samples, inputs)."""
        given = np.asarray(inputs).reshape(len(inputs), -1)
        filled = given.copy()
        for i, first in enumerate(self.first):
            if first < 0:
                continue
            present = given.dtype.type(0) if self.indicates[i] else given[:, i]
            filled[:, i] = np.where(np.isnan(given[:, first]), given.dtype.type(self.values[i]), present)
        return filled

    def write(self, code: Code, name: str, arithmetic: Arithmetic) -> None:
        """The function `fill`."""
        kind, macro = arithmetic.type, name.upper()
        for array, numbers in {"fill_first": self.first, "fill_indicates": map(int, self.indicates)}.items():
            code.line(f"static const int32_t {array}[{macro}_INPUTS] = {{{', '.join(map(str, numbers))}}};")
        code.line()
        with code.block(f"int32_t {name}_fill({kind} *input)"):
            code.line("int32_t found = 0;")
            code.line("/* The first input of a column comes last, for the others look at it. */")
            with code.block(f"for (int32_t i = {macro}_INPUTS - 1; i >= 0; --i)"):
                code.line("const int32_t first = fill_first[i];")
                with code.block("if (first >= 0)"):
                    sign = f"0x{2 ** (arithmetic.bits - 1) - 1:X}U"
                    with code.block(f"if ((bits_of(input[first]) & {sign}) > {arithmetic.infinity})"):
                        code.line("input[i] = fill_value[i];")
                        code.line("found += (first == i) ? 1 : 0;")
                    with code.block("else if (fill_indicates[i] != 0)"):
                        code.line(f"input[i] = {arithmetic.literal(0.0)};")
                    with code.block("else"):
                        code.line("/* The cell is there. */")
            code.line("return found;")
        code.line()


def filling_of(columns: Sequence[InputColumn] | None) -> Filling | None:
    """What fills the missing cells of some columns; None where nothing does.

    Args:
        columns: What each input is; None where they have no names.
    """
    places: dict[str, int] = {}
    for i, column in enumerate(columns or ()):
        places.setdefault(column.column, i)
    filled = {c.column for c in columns or () if c.fill is not None and c.indicates is None}
    if not columns or not filled:
        return None
    return Filling(
        tuple(places[c.column] if c.column in filled else -1 for c in columns),
        tuple(float(np.float32(c.fill or 0.0)) if c.column in filled else 0.0 for c in columns),
        tuple(c.indicates is not None for c in columns),
    )
