"""Fuzzes `check`: random bytes, random YAML and random mutations of valid configs.

    python tests/benchmarks/fuzz_check.py [COUNT] [SEED]

Any exception ends it, with the input that raised it, and so does an input that takes longer than 20 seconds. At the
end it prints the slowest input and the greatest memory, and ends with 1 where that is 200 MB or more.
"""

import random
import resource
import signal
import sys
import time
from pathlib import Path

from lipbuild.cli.editor.completions import completions
from lipbuild.cli.editor.hover_text import hover_text
from lipbuild.diagnostics.concise import concise
from lipbuild.diagnostics.file_report import FileReport
from lipbuild.diagnostics.github import github
from lipbuild.diagnostics.json_format import json_text
from lipbuild.diagnostics.junit import junit
from lipbuild.diagnostics.palette import Palette
from lipbuild.diagnostics.sarif import sarif
from lipbuild.diagnostics.text import render
from lipbuild.network.specs import LAYERS
from lipbuild.rules.check import check
from lipbuild.rules.fix import fix
from lipbuild.rules.registry import RULES
from lipbuild.text.load import SourceError, decode

OPTIONS = [
    "seed=3",
    "model.lipschitz=x",
    "model.layers[0]=Flatten",
    "a.b[0].c=[1",
    "=",
    "train.epochs",
    "x={a: b}",
]
# Seconds for one input, and megabytes for all of them.
LONGEST = 20
MOST_MEMORY = 200
CONFIGS = Path(__file__).parents[2] / "configs"
WORDS = [
    *LAYERS,
    *(
        "Residual",
        "Parallel",
        "Repeat",
        "Dense",
        "Dropout",
        "Foo",
        "model",
        "layers",
        "input",
        "units",
        "name",
    ),
    *(
        "inputs",
        "outputs",
        "train",
        "loss",
        "optimizer",
        "Adam",
        "data",
        "source",
        "digits",
        "extends",
        "variables",
    ),
    *(
        "lipschitz",
        "k_coef_lip",
        "activation",
        "filters",
        "kernel_size",
        "strides",
        "pool_size",
        "times",
        "branches",
    ),
    *(
        "merge",
        "alpha",
        "axis",
        "target_shape",
        "scale",
        "true",
        "null",
        "~",
        "0",
        "1",
        "-1",
        "2",
        "8",
        "1e-3",
    ),
    *(
        "1e400",
        ".inf",
        ".nan",
        "010",
        "yes",
        "9" * 30,
        "${model.input}",
        "${a}",
        "$${a}",
        "*a",
        "&a",
        "!!int",
        "<<",
    ),
    *(
        "# lipbuild: ignore[plain-dense] x",
        "'8'",
        '"relu"',
        "relu",
        "gelu",
        "é",
        "😀",
        "\\x00",
        "[8]",
        "[8, 8, 1]",
    ),
]
MARKS = [
    ": ",
    ":\n",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    " ",
    "\t",
    "---\n",
    "|\n",
    "'",
    '"',
    " #",
]


def random_bytes(draw: random.Random) -> bytes:
    """Up to 200 bytes, half of the time printable."""
    low, high = draw.choice([(0, 255), (9, 126)])
    return bytes(draw.randint(low, high) for _ in range(draw.randint(0, 200)))


def random_yaml(draw: random.Random) -> bytes:
    """Words and marks of configs in any order."""
    parts = (draw.choice(WORDS if draw.random() < 0.6 else MARKS) for _ in range(draw.randint(1, 60)))
    return "".join(parts).encode()


def mutated(draw: random.Random, texts: list[str]) -> bytes:
    """A config of the project with a few words changed, lines moved, or characters lost."""
    text = draw.choice(texts)
    for _ in range(draw.randint(1, 6)):
        lines = text.splitlines(keepends=True) or [""]
        here = draw.randrange(len(lines))
        kind = draw.randrange(6)
        if kind == 0:
            lines.insert(draw.randrange(len(lines) + 1), lines[here])
        elif kind == 1:
            lines.pop(here)
        elif kind == 2:
            words = lines[here].split(" ")
            words[draw.randrange(len(words))] = draw.choice(WORDS)
            lines[here] = " ".join(words)
        elif kind == 3:
            place = draw.randrange(len(lines[here]) + 1)
            lines[here] = lines[here][:place] + draw.choice(MARKS) + lines[here][place:]
        elif kind == 4:
            place = draw.randrange(len(lines[here]) + 1)
            lines[here] = lines[here][:place] + lines[here][place + draw.randint(1, 5) :]
        else:
            other = draw.choice(texts).splitlines(keepends=True) or [""]
            lines[here] = draw.choice(other)
        text = "".join(lines)
    return text.encode("utf-8", "surrogatepass")


def inputs(draw: random.Random, count: int) -> list[bytes]:
    """That many inputs of all kinds, mutations most."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CONFIGS.rglob("*.yaml"))]
    makers = [random_bytes, random_yaml, *[lambda d: mutated(d, texts)] * 3]
    return [draw.choice(makers)(draw) for _ in range(count)]


def must_hold(data: bytes, draw: random.Random) -> None:
    """Check one input, and do with it what a user or an editor may do.

    It is refused as no text, or found wanting for a reason, or a network that keeps its promise. Whatever is found can
    be written in each format; the fixes of some inputs are made, and at some places an editor asks what may be written.
    """
    try:
        source = decode("fuzz.yaml", data, CONFIGS / "fuzz.yaml")
    except SourceError:
        return
    options = [draw.choice(OPTIONS)] if draw.random() < 0.1 else []
    checked = check(source, options)
    assert checked.ok or any(found.severity.value == "error" for found in checked.diagnostics), (
        "no reason given"
    )
    render(checked.diagnostics, palette=Palette(enabled=True), width=draw.choice([10, 40, 80, 200]))
    report = FileReport(source.name, checked.diagnostics, checked.suppressed, checked.voided_by)
    for writer in (concise, json_text, github, junit, lambda reports: sarif(reports, RULES)):
        if draw.random() < 0.2:
            writer([report])
    if draw.random() < 0.2:
        fixed = fix(source, options, unsafe=draw.random() < 0.5)
        assert len(fixed.checked.diagnostics) <= len(checked.diagnostics) or fixed.count, (
            "worse after its fixes"
        )
    if draw.random() < 0.1:
        place = draw.randint(0, len(source.text))
        completions(source, place)
        hover_text(checked, place)


def hangs(*_: object) -> None:
    """The answer to the alarm."""
    raise TimeoutError(f"an input takes longer than {LONGEST} s")


def greatest_memory() -> float:
    """The most memory that this process has had, in MB.

    Where there is /proc: `getrusage` also counts what the process that started this one had.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Fuzz, and return the exit status."""
    signal.signal(signal.SIGALRM, hangs)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    slowest = (0.0, b"")
    start = time.perf_counter()
    for _ in range(0, count, 1000):
        for data in inputs(draw, min(1000, count)):
            begin = time.process_time()
            signal.alarm(LONGEST)
            try:
                must_hold(data, draw)
            except BaseException:
                print("input:", repr(data))
                raise
            slowest = max(slowest, (time.process_time() - begin, data))
    memory = greatest_memory()
    print(f"{count} inputs in {time.perf_counter() - start:.0f} s, {memory:.0f} MB at most")
    print(f"slowest: {slowest[0]:.3f} s of CPU time: {slowest[1]!r}")
    return 0 if memory < MOST_MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
