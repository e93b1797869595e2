"""The two files of a program: a header for whoever calls it, and the code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.arrays import bytes_of, write_array
from lipbuild.exporting.c_code.code import Code
from lipbuild.exporting.c_code.identifier import macros
from lipbuild.exporting.c_code.known_inputs import KnownAnswers
from lipbuild.exporting.c_code.program import Program, comment, write_calls
from lipbuild.exporting.c_code.radius import Radius
from lipbuild.exporting.c_code.subject import Subject
from lipbuild.reading.c_program import METADATA

_WIDTH = 110
_SINGULAR = {"inputs": "INPUT", "classes": "CLASS", "targets": "TARGET"}
_NAMES_OF_C = ("#ifdef __cplusplus", 'extern "C" {', "#endif")
_END_OF_NAMES_OF_C = ("#ifdef __cplusplus", "}", "#endif")
# Of floating point as the proof assumes it. `-O3` alone keeps it; `-Ofast` and `-ffast-math` do not.
_CHECKS = """\
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "compile without -ffast-math and its parts: the certified radius rests on IEEE 754"
#endif
#if defined(__FINITE_MATH_ONLY__) && (__FINITE_MATH_ONLY__ > 0)
#error "compile without -ffinite-math-only: the certified radius rests on comparisons with NaN"
#endif
#if !defined(FLT_EVAL_METHOD) || (FLT_EVAL_METHOD != 0)
#error "FLT_EVAL_METHOD must be 0: expressions in the precision of their types (on x86 -msse2 -mfpmath=sse)"
#endif
#if (FLT_RADIX != 2) || ({prefix}_MANT_DIG != {digits}) || ({prefix}_MAX_EXP != {most}) || ({prefix}_MIN_EXP != {least})
#error "{type} must be {format} of IEEE 754"
#endif"""


@dataclass(frozen=True)
class Sources:
    """A program as it is written.

    Attributes:
        name: What its functions begin with.
        subject: The program, and what is proved of it.
        answers: What it answers to known inputs.
        metadata: What it says of itself.
    """

    name: str
    subject: Subject
    answers: KnownAnswers
    metadata: Mapping[str, Any]

    @property
    def program(self) -> Program:
        """The network."""
        return self.subject.program

    @property
    def radius(self) -> Radius | None:
        """How the radius is computed; None for a regression, which has no label."""
        return self.subject.radius

    @property
    def arithmetic(self) -> Arithmetic:
        """What it computes in."""
        return self.subject.arithmetic

    @property
    def constants(self) -> dict[str, NDArray[np.floating[Any]]]:
        """Its constant arrays."""
        table = self.radius.table if self.radius is not None else None
        kept = self.radius.kept if self.radius is not None else None
        fill, intervals = self.subject.filling, self.subject.intervals
        return {
            **self.program.arrays,
            **({"inverse": table} if table is not None else {}),
            **({"pairs": kept.pairs} if kept is not None and len(kept.pairs) > 1 else {}),
            **(intervals.arrays if intervals is not None else {}),
            **({"fill_value": np.array(fill.values, np.float32)} if fill is not None else {}),
        }

    @property
    def _named(self) -> dict[str, list[str]]:
        """What is counted from 0 and has names."""
        columns = self.metadata["input"].get("columns", ())
        named = {
            "inputs": [f"{c['name']} {c['category']}" if "category" in c else c["name"] for c in columns],
            "classes": list(self.metadata["classes"]),
            "targets": [column["name"] for column in self.metadata.get("targets", ())],
        }
        return {key: names for key, names in named.items() if names}

    @property
    def constant_bytes(self) -> int:
        """How much read-only memory its arrays take."""
        fill = self.subject.filling
        places = fill.bytes if fill is not None else 0
        return sum(map(bytes_of, self.constants.values())) + self.answers.bytes + places

    @property
    def scratch_bytes(self) -> int:
        """How much memory it writes in."""
        held = sum(self.program.scratch) + self.program.outputs + self.program.inputs
        return held * np.dtype(self.arithmetic.dtype).itemsize

    def header(self) -> str:
        """The header."""
        code, kind, macro = Code(), self.arithmetic.type, self.name.upper()
        for line in _about(self.metadata, self):
            code.line(line)
        code.line(f"#ifndef {macro}_H")
        code.line(f"#define {macro}_H")
        code.line()
        code.line("#include <stdint.h>")
        code.line()
        code.line(f"#define {macro}_INPUTS {self.program.inputs}")
        code.line(f"#define {macro}_OUTPUTS {self.program.outputs}")
        for name, value in _digests(self.metadata).items():
            code.line(f'#define {macro}_{name} "{value}"')
        code.line()
        for kind_of, names in self._named.items():
            code.line(f"/* {kind_of.capitalize()} by their names. */")
            for i, name in enumerate(macros(names, f"{macro}_{_SINGULAR[kind_of]}")):
                code.line(f"#define {name} {i}")
            code.line()
        for line in _NAMES_OF_C:
            code.line(line)
        code.line()
        results = self._results(kind, macro)
        if results:
            code.line("/* What is certified of one input. */")
            code.line("typedef struct {")
            for field, meaning in results.items():
                code.line(f"    {field}; /* {meaning} */")
            code.line(f"}} {self.name}_result;")
            code.line()
        word = self.subject.output
        code.line(f"/* The {word} of one input. Not reentrant: values on the way lie in static arrays. */")
        code.line(f"void {self.name}_{word}(const {kind} *input, {kind} *output);")
        code.line()
        if results:
            what = (
                "label and its certified radius" if self.radius is not None else "values and their intervals"
            )
            code.line(f"/* The {what}. Returns `certified`. */")
            code.line(f"int32_t {self.name}_predict(const {kind} *input, {self.name}_result *result);")
            code.line()
        if self.subject.filling is not None:
            code.line(
                "/* Fills missing cells: where the first input of a column is NaN, all of them and its indicator"
            )
            code.line(
                " * become what the training filled them with; else the indicator becomes 0. Returns how many there"
            )
            code.line(" * were. To be called before the functions above: a radius is about what it makes. */")
            code.line(f"int32_t {self.name}_fill({kind} *input);")
            code.line()
        code.line(
            "/* 0 where known inputs have the expected answers to the bit; 1 where they differ by no more than"
        )
        code.line(
            " * rounding may, as where products are fused with sums: the radius holds then too; 2 otherwise. */"
        )
        code.line(f"int32_t {self.name}_selftest(void);")
        code.line()
        for line in _END_OF_NAMES_OF_C:
            code.line(line)
        code.line()
        code.line("#endif")
        return code.text

    def _results(self, kind: str, macro: str) -> dict[str, str]:
        """What is certified of one input: what stands in the result, and what it means."""
        within = "columns with a tolerance are off by at most that, and all others by nothing"
        if self.radius is not None:
            kept = {"int32_t within_tolerance": f"1 where the label stays while {within}"}
            return {
                "int32_t label": "the class; -1 where the input is not within what is certified",
                f"{kind} margin": "the least difference of its logit to another; the size of a single one",
                f"{kind} radius": "an L2 distance in the units of the input, within which the label stays",
                "int32_t certified": "1 where the radius is above 0; else abstain: rounding may have decided",
                **(kept if self.radius.kept is not None else {}),
            }
        if self.subject.intervals is None or self.subject.moves is None:
            return {}
        near = {"": f"the input moves by at most {self.subject.moves.size!r} (L2)", "_in_tolerance": within}
        found = {f"{kind} value[{macro}_OUTPUTS]": "the predicted numbers"}
        for ends in self.subject.intervals.offsets:
            for end, most in {"low": "least", "high": "most"}.items():
                found[f"{kind} {end}{ends}[{macro}_OUTPUTS]"] = f"what each is at {most} while {near[ends]}"
        return found | {
            "int32_t certified": "1 where that is proved; else the ends are the limits of the type"
        }

    def source(self) -> str:
        """The code."""
        code, a, macro = Code(), self.arithmetic, self.name.upper()
        word = self.subject.output
        code.line(
            f"/* {comment(str(self.metadata['model']))}, written by {self.metadata['tool']}. See the header. */"
        )
        code.line(f'#include "{self.name}.h"')
        code.line()
        code.line("#include <float.h>")
        code.line("#include <math.h>")
        code.line()
        limits = np.finfo(a.dtype)
        checks = _CHECKS.format(
            prefix=a.prefix,
            digits=limits.nmant + 1,
            most=limits.maxexp,
            least=limits.minexp + 1,
            type=a.type,
            format=a.format,
        )
        for line in checks.splitlines():
            code.line(line)
        code.line()
        for name, values in self.constants.items():
            write_array(code, name, values)
            code.line()
        for i, size in enumerate(self.program.scratch):
            code.line(f"static {a.type} scratch_{i}[{size}];")
        code.line(f"static {a.type} {word}[{macro}_OUTPUTS];")
        code.line(f"static {a.type} known[{macro}_INPUTS];")
        code.line()
        with code.block(f"static uint{a.bits}_t bits_of({a.type} number)"):
            code.line(f"union {{ {a.type} number; uint{a.bits}_t bits; }} either;")
            code.line("either.number = number;")
            code.line("return either.bits;")
        code.line()
        self.program.write(code)
        with code.block(f"void {self.name}_{word}(const {a.type} *input, {a.type} *output)"):
            write_calls(code, self.program.calls)
        code.line()
        if self.radius is not None:
            self.radius.write(code, self.name, self.program.inputs)
            code.line()
        if self.subject.intervals is not None:
            self.subject.intervals.write(code, self.name)
            code.line()
        if self.subject.filling is not None:
            self.subject.filling.write(code, self.name, a)
        self.answers.write(code, self.name)
        return code.text


def _digests(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Macros of the digests, for a program that compares them."""
    found = {"VERSION": str(metadata["tool"])}
    certificate = metadata["certificate"]
    if "sha256" in certificate:
        found["CERTIFICATE_SHA256"] = certificate["sha256"]
    if "weights" in metadata.get("digests", {}):
        found["WEIGHTS_SHA256"] = metadata["digests"]["weights"]
    if "data_contract" in metadata:
        found["DATA_CONTRACT_SHA256"] = metadata["data_contract"]["sha256"]
    return found


def _about(metadata: Mapping[str, Any], sources: Sources) -> list[str]:
    """What stands at the head of the header: for people, and the metadata as JSON for programs."""
    entry, program = metadata["input"], sources.program
    proved = metadata["lipschitz"]["proved"]
    place = "inside" if entry["preprocessing_inside"] else "left out"
    lines = [
        f"{metadata['model']}, written by {metadata['tool']}",
        "",
        f"Input: {program.inputs} numbers, of the shape {tuple(entry['shape'])}, the last axis fastest.",
        f"One unit of a distance: {entry['units']}.",
        *(f"Preprocessing, {place}: {json.dumps(step)}" for step in entry["preprocessing"]),
        *_columns(entry.get("columns", ())),
    ]
    if metadata["classes"]:
        lines += ["Classes, in order:", *(f"  {i}: {name}" for i, name in enumerate(metadata["classes"]))]
    lines += [f"Target {i}: {_column(column)}" for i, column in enumerate(metadata.get("targets", ()))]
    lines += [
        f"Lipschitz constant (L2), proved from the arrays in this code: at most {proved!r}.",
        f"Certificate: {metadata['certificate']['status']}.",
    ]
    if sources.radius is not None:
        norm = sources.radius.norm
        scaled = " as it is scaled" if norm.scaling else ""
        lines += [
            f"Radius: {metadata['radius']['meaning']}.",
            f"It is 0, and the label -1, unless the L2 norm of the input{scaled} is below {norm.limit:.9g}.",
        ]
    elif sources.subject.intervals is not None:
        lines.append(f"Intervals: {metadata['radius']['meaning']}.")
    lines += [
        "",
        f"Memory: {sources.constant_bytes} bytes of constants, {sources.scratch_bytes} bytes of static variables, no",
        "allocation, no recursion, no array on the stack.",
        "Library: a square root.",
        f"Assumed: {metadata['arithmetic']['assumes']}.",
    ]
    text = ["/*", *(f" * {line}".rstrip() for part in lines for line in _wrapped(comment(part))), " *"]
    text += [METADATA, *(f" * {line}" for line in _json(metadata).splitlines()), " */"]
    return text


def _columns(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    return (
        ["Columns:", *(f"  input[{i}]: {_column(column)}" for i, column in enumerate(columns))]
        if columns
        else []
    )


def _column(column: Mapping[str, Any]) -> str:
    text = str(column["name"])
    if "indicates" in column:
        return f"{text}: 1 where `{column['indicates']}` is missing, else 0"
    if "category" in column:
        text += f": 1 where it is `{column['category']}`, else 0"
    if "unit" in column:
        text += f", in {column['unit']}"
    if "low" in column:
        text += f", {column['low']:.6g} to {column['high']:.6g} in the data that this code was tried on"
    if "fill" in column:
        text += f"; {column['fill']:.9g} where it is missing"
    return text


def _wrapped(text: str) -> list[str]:
    """Lines of a comment, broken between words."""
    lines, line = [], ""
    for word in text.split(" "):
        if line.strip() and len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = "   " + word
        else:
            line = f"{line} {word}" if line or not text.startswith(word) else word
    return [*lines, line]


def _json(metadata: Mapping[str, Any]) -> str:
    """JSON that can stand in a comment: a slash, a star behind it and a question mark as their escapes."""
    text = json.dumps(metadata, indent=1, ensure_ascii=True)
    return text.replace("/*", "/\\u002a").replace("/", "\\/").replace("?", "\\u003f")
