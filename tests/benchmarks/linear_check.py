"""Whether `check` takes time in proportion to the length of a text, however wrong it is.

    python -m tests.benchmarks.linear_check [LENGTH]

Prints the processor time of each text at that length (25,000 where left out) and at eight times the length, and ends
with 1 where one takes more than 24 times as long.
"""

from __future__ import annotations

import sys
import time

from lipbuild.rules.check import Checked, check
from lipbuild.text.text import SourceText

# Eight times the text; what is quadratic takes 64 times as long.
FACTOR = 8
MOST = 24
# Seconds of which a clock and a cache may make anything.
NOTHING = 0.02


def texts(n: int) -> dict[str, str]:
    """Texts of about n characters: long words, deep brackets, many lines, and other mistakes again and again."""
    a = "a" * n
    return {
        "long quoted key": f'model: {{layers: [Flatten, "SpectralDense({a}": 1]}}\n',
        "long word": f"model: {{layers: [Flatten, {a}: 1: 2]}}\n",
        "unclosed quote": f'model: "{a}\n',
        "unclosed bracket": f"model: [{a}\n",
        "blanks": "model: [" + " " * n + "}\n",
        "blanks2": "model: a" + " " * n + ": b\n",
        "blanks3": "model:" + " " * n + "- a\n",
        "blanks4": "model: {a: B" + " " * n + ": b}\n",
        "hash": 'model: "a ' + " x#" * (n // 3) + "\n",
        "blanks hash": "a: [b " + " " * n + "x\nc: d\n",
        "brackets": "a: " + "[" * n + "\n",
        "brackets2": "a: " + "[]" * (n // 2) + "\n",
        "braces": "a: " + "{" * n + "\n",
        "braces2": "a: {b: C: " + "{" * n + "\n",
        "closing": "a: [b] " + "]" * n + "\n",
        "dashes": "a: b\n" + "- " * n + "\n",
        "dashes2": "a: b\n" + "- " * (n // 2) + "c: d: e\n",
        "dollar": "a: [${" + "b" * n + "}]\n",
        "dollars": "a: [" + "${b} " * (n // 5) + "]\n",
        "quotes": "a: " + "'" * (n | 1) + "\n",
        "dquotes": "a: " + '"\\' * (n // 2) + "\n",
        "lines": "a: 1\n" * (n // 5) + " b: 2\n",
        "deeper lines": "".join(" " * (i % 50) + f"a{i}: 1\n" for i in range(n // 30)),
        "lines tab": "a:\n" + "\tb: 1\n" * (n // 6),
        "list lines": "- a\n" * (n // 4) + "b: c\n",
        "lines no colon": "a\n" * (n // 2) + "b: c\n",
        "comments": "a: b\n" + "# c\n" * (n // 4) + "  d: e\n",
        "blank lines": "a: b\n" + "\n" * n + "  d: e\n",
        "path": "a: {b" + "[0]" * (n // 3) + ": 1}\n",
        "path2": "a: {b" + "[0].c" * (n // 5) + "\n",
        "dots": "a: {" + "b." * (n // 2) + "[0: 1}\n",
        "words": "a: {b " + "c " * (n // 2) + "d: E: 1}\n",
        "keys": "a: b: " + "c: " * (n // 3) + "\n",
        "backtick": "a: " + "`" * n + "\n",
        "at": "a: @" + " " * n + "#\n",
        "percent": "%" * n + "\n",
        "tag": "a: !" + "x" * n + " [\n",
        "tags": "a: " + "!x " * (n // 3) + "\n",
        "anchor": "a: &" + "x" * n + " *y [\n",
        "escape": 'a: "\\q' + "x" * n + '"\n',
        "long good word": f"model: {a}\n",
        "long key": f"{a}: 1\n",
        "long layer": f"model: {{layers: [{a}]}}\n",
        "long layer args": "model: {layers: [{Dense: {units: " + "1" * n + "}}]}\n",
        "long expr": 'model: {layers: ["Dense(' + "(" * n + ')"]}\n',
        "long expr2": 'model: {layers: ["Dense(' + "a, " * (n // 3) + ')"]}\n',
        "long var": 'a: "${' + "b." * (n // 2) + '}"\n',
        "vars": 'a: "' + "${b}" * (n // 4) + '"\n',
        "nest vars": 'a: "' + "${" * (n // 2) + '"\n',
        "many layers": "model: {layers: [" + "Dense, " * (n // 7) + "]}\n",
        "many unknown": "model: {layers: [" + "Dence, " * (n // 7) + "]}\n",
        "many keys": "".join(f"k{i}: 1\n" for i in range(n // 8)),
        "many keys train": "train: {" + ", ".join(f"k{i}: 1" for i in range(n // 8)) + "}\n",
        "suppress": "a: 1 # lipbuild: ignore[" + "x," * (n // 2) + "\n",
        "suppressions": "a: 1 # lipbuild: ignore[plain-dense] x\n" * (n // 40),
        "dup keys": "a: 1\n" * (n // 5),
        "crlf": "a: b" + "\r\n" * (n // 2) + "  d: e\r\n",
        "cr": "a: b" + "\r" * n + "  d: e\r\n",
        "colons": "a" + ":" * n + " b: c: d\n",
        "unknown alias": "a: &b " + "x" * n + "\nc: *" + "b" * n + "\n",
        "aliases": "".join(f"a{i}: &b{i} 1\n" for i in range(n // 14)) + "c: *zz\n",
    }


def checked(text: str) -> Checked:
    """What is found in it."""
    return check(SourceText("c.yaml", text))


def main() -> int:
    """Measure, and return the exit status."""
    length = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    slow = False
    for name, text in texts(FACTOR * length).items():
        seconds = []
        # The second time of the shorter one counts: the first imports.
        for one in (texts(length)[name], texts(length)[name], text):
            begin = time.process_time()
            checked(one)
            seconds.append(time.process_time() - begin)
        ratio = seconds[2] / max(seconds[1], NOTHING)
        slow = slow or ratio > MOST
        print(f"{name:24} {seconds[1]:8.3f} s {seconds[2]:8.3f} s {ratio:6.1f} x")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
