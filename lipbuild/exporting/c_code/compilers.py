"""The compilers of this machine, and what a program answers that they made."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import ARITHMETICS, Arithmetic
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.code import Code
from lipbuild.reading import c_program

COMPILERS = ("gcc", "clang")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
_LEVELS = (("-O0",), ("-O2",), ("-O3", "-march=native"))
_SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_FLUSH = (
    *("#ifdef FLUSH_TO_ZERO", "#include <xmmintrin.h>", "#define FLUSH _mm_setcsr(_mm_getcsr() | 0x8040U);"),
    *("#else", "#define FLUSH", "#endif"),
)
# Of what `predict` gives, what is a whole number.
_WHOLE = ("label", "certified", "within_tolerance")
# No such program takes longer to compile, and there is no reason to wait for a compiler that is stuck.
_SECONDS = 600.0


@dataclass(frozen=True)
class Build:
    """One way to compile a program.

    Attributes:
        compiler: The compiler.
        options: Its options besides those against warnings.
        contracted: Whether products may be fused with the sums that they go into.
        flushed: Whether the processor takes numbers below the least normal one for 0; of x86 alone.
        runner: What runs the program, before its name; empty where this machine does.
        order: `<` or `>`, the byte order of the machine that it is for.
    """

    compiler: str
    options: tuple[str, ...]
    contracted: bool = False
    flushed: bool = False
    runner: tuple[str, ...] = ()
    order: Literal["<", ">", "="] = "="

    @property
    def is_emulated(self) -> bool:
        """Whether the program computes what its emulation does, bit for bit."""
        return not self.contracted and not self.flushed

    @property
    def arguments(self) -> list[str]:
        """The command, without the files."""
        contract = ["-ffp-contract=fast"] if self.contracted else ["-ffp-contract=off", *self._unfused]
        return [self.compiler, *self.options, *contract, *(["-DFLUSH_TO_ZERO"] if self.flushed else [])]

    @property
    def _unfused(self) -> list[str]:
        """What else keeps products from being fused: in blocks, GCC 12 makes `vfmaddsub` of pairs all the same."""
        return ["-fno-tree-slp-vectorize"] if self.compiler.endswith("gcc") else []

    @property
    def described(self) -> str:
        """As the command begins."""
        return " ".join(self.arguments)


# Debian's compilers for other machines, whose programs qemu-user runs: 32 bits, and the other byte order.
CROSS = (
    Build("arm-linux-gnueabihf-gcc", ("-O2", "-static"), runner=("qemu-arm",), order="<"),
    Build("powerpc-linux-gnu-gcc", ("-O2", "-static"), runner=("qemu-ppc",), order=">"),
)


def builds() -> list[Build]:
    """Every compiler of this machine, at each level, with fused products, sanitizers, flushing, and for others."""
    found = []
    for compiler in COMPILERS:
        if shutil.which(compiler) is None:
            continue
        found += [Build(compiler, level, contracted) for level in _LEVELS for contracted in (False, True)]
        found.append(Build(compiler, _SANITIZED))
        if platform.machine() in ("x86_64", "AMD64"):
            found.append(Build(compiler, ("-O2",), flushed=True))
    return found + [build for build in CROSS if is_at_hand(build)]


def is_at_hand(build: Build) -> bool:
    """Whether its compiler and what runs its programs are installed."""
    return all(shutil.which(command) for command in (build.compiler, *build.runner))


@dataclass(frozen=True)
class Answered:
    """What a compiled program answered.

    Attributes:
        selftest: What its self-test found.
        outputs: Its outputs by their names, as an export has them.
    """

    selftest: int
    outputs: dict[str, NDArray[Any]]


class Compiled:
    """A program, compiled in a folder of its own.

    Args:
        source: The C file, called as its functions begin; its header lies beside it.
        build: How.
        arithmetic: What it computes in.
        inputs: How many numbers it reads.
        outputs: How many it writes.
        classes: Whether its outputs are logits.
        results: What its `predict` gives; empty where it has none.
        fills: Whether it fills missing cells.

    Raises:
        RefusedError: The compiler does not take it, or warns of it.
    """

    def __init__(
        self,
        *,
        source: Path,
        build: Build,
        arithmetic: Arithmetic,
        inputs: int,
        outputs: int,
        classes: bool,
        results: Sequence[str] = (),
        fills: bool = False,
    ) -> None:
        self.build = build
        self.arithmetic = arithmetic
        self.inputs = inputs
        self.outputs = outputs
        self.classes = classes
        self.results = results
        self.fills = fills
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        harness, self.program = folder / "harness.c", folder / "program"
        harness.write_text(
            _harness(source.stem, arithmetic, classes=classes, results=results, fills=fills), encoding="utf-8"
        )
        command = [*build.arguments, *STRICT, f"-I{source.parent}", str(source), str(harness)]
        done = run_command([*command, "-lm", "-o", str(self.program)])
        if done.returncode != 0:
            raise RefusedError(f"`{build.described}` does not compile {source.name}: {first_error(done)}")

    def __call__(self, inputs: Values) -> Answered:
        """Run it on (samples, *shape).

        Raises:
            RefusedError: It fails, as under a sanitizer that finds something.
        """
        number = np.dtype(self.arithmetic.dtype).newbyteorder(self.build.order)
        given = np.ascontiguousarray(np.asarray(inputs).reshape(len(inputs), self.inputs), number)
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        done = run_command([*self.build.runner, str(self.program)], given.tobytes(), environment)
        if done.returncode != 0:
            raise RefusedError(f"the program of `{self.build.described}` fails: {first_error(done)}")
        whole = np.dtype(np.int32).newbyteorder(self.build.order)
        fields: list[Any] = [("outputs", number, (self.outputs,))]
        shape = {"margin": (), "radius": ()}
        for result in self.results:
            fields.append(
                (result, whole) if result in _WHOLE else (result, number, shape.get(result, self.outputs))
            )
        if self.fills:
            fields.append(("filled", number, (self.inputs,)))
        selftest = int(np.frombuffer(done.stdout[:4], whole)[0])
        rows = np.frombuffer(done.stdout[4:], np.dtype(fields))
        names = {"outputs": "logits" if self.classes else "values"}
        native: dict[str, Any] = dict.fromkeys(_WHOLE, np.int32)
        return Answered(
            selftest,
            {
                names.get(field, field): rows[field].astype(native.get(field, self.arithmetic.dtype))
                for field in np.dtype(fields).names or ()
            },
        )


def compiled_here(folder: Path) -> Compiled | None:
    """Code that was written before, as the first compiler at hand makes it; None where there is none.

    Args:
        folder: What it lies in, or one of its two files.

    Raises:
        RefusedError: The compiler does not take it.
        UnusableError: There is no such code.
    """
    compiler = next((name for name in COMPILERS if shutil.which(name)), None)
    if compiler is None:
        return None
    metadata, header = c_program.metadata(folder), c_program.header_of(folder)
    assert header is not None
    return Compiled(
        source=header.with_suffix(".c"),
        build=Build(compiler, ("-O2",)),
        arithmetic=ARITHMETICS[metadata["arithmetic"]["name"]],
        inputs=c_program.macro(folder, "INPUTS"),
        outputs=c_program.macro(folder, "OUTPUTS"),
        classes="logits" in metadata["outputs"],
        results=[name for name in metadata["outputs"] if name not in ("logits", "values")],
        fills=metadata["fills"],
    )


def self_test(folder: Path) -> tuple[str, int] | None:
    """A compiler, and what the self-test of code returns that it made; None where none is at hand.

    Raises:
        RefusedError: The compiler does not take it, or it fails.
        UnusableError: There is no such code.
    """
    compiled = compiled_here(folder)
    if compiled is None:
        return None
    nothing = np.zeros((0, compiled.inputs), compiled.arithmetic.dtype)
    return compiled.build.described, compiled(nothing).selftest


def first_error(done: subprocess.CompletedProcess[bytes]) -> str:
    """What it says of its failure: of a compiler the first error, which lines about where it is may precede."""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    errors = [line for line in said if "error" in line]
    return [*errors, *said][0] if said else f"it ends with {done.returncode}"


def run_command(
    command: Sequence[str], given: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command.

    Raises:
        RefusedError: It takes too long.
    """
    try:
        return subprocess.run(
            command, input=given, capture_output=True, check=False, timeout=_SECONDS, env=environment
        )
    except subprocess.TimeoutExpired:
        raise RefusedError(f"`{command[0]}` takes longer than {_SECONDS:.0f} seconds") from None


def _harness(name: str, arithmetic: Arithmetic, *, classes: bool, results: Sequence[str], fills: bool) -> str:
    """A program that answers each input that it reads, in the bytes of its machine."""
    code, macro, kind = Code(), name.upper(), arithmetic.type
    for line in (
        f'#include "{name}.h"',
        "#include <stdio.h>",
        *_FLUSH,
        "",
        f"static {kind} input[{macro}_INPUTS];",
    ):
        code.line(line)
    code.line(f"static {kind} output[{macro}_OUTPUTS];")
    with code.block("int main(void)"):
        code.line("FLUSH")
        code.line(f"const int32_t found = {name}_selftest();")
        code.line("(void)fwrite(&found, sizeof found, 1, stdout);")
        with code.block(f"while (fread(input, sizeof input[0], {macro}_INPUTS, stdin) == {macro}_INPUTS)"):
            if results:
                code.line(f"{name}_result result;")
            code.line(f"{name}_{'logits' if classes else 'values'}(input, output);")
            code.line(f"(void)fwrite(output, sizeof output[0], {macro}_OUTPUTS, stdout);")
            if results:
                code.line(f"(void){name}_predict(input, &result);")
                for field in results:
                    code.line(f"(void)fwrite(&result.{field}, sizeof result.{field}, 1, stdout);")
            if fills:
                code.line(f"(void){name}_fill(input);")
                code.line(f"(void)fwrite(input, sizeof input[0], {macro}_INPUTS, stdout);")
        code.line("return 0;")
    return code.text
