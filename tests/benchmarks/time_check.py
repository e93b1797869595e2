"""How long the checker itself takes, in processor time: long configs, and many of them in one process.

    python tests/benchmarks/time_check.py

For the start of the process see `start_up.py`.
"""

import time

from lipbuild.rules.check import check
from lipbuild.source.text import SourceText


def config(layers: int, lipschitz: float = 1.0) -> str:
    """A config of that many layers."""
    pair = "    - SpectralDense: {units: 64}\n    - GroupSort2\n"
    return f"model:\n  lipschitz: {lipschitz}\n  input: [64]\n  layers:\n{pair * (layers // 2)}"


def seconds(texts: list[str]) -> float:
    """Processor seconds for checking all texts."""
    start = time.process_time()
    for index, text in enumerate(texts):
        assert check(SourceText(f"config{index}.yaml", text)).ok
    return time.process_time() - start


def main() -> None:
    """Measure, the best of three."""
    seconds([config(10)])
    for name, texts in {
        "10 layers": [config(10)],
        "1,000 layers": [config(1000)],
        "1,000 layers that share a constant of 4": [config(1000, 4.0)],
        "1,000 configs of 10 layers": [config(10)] * 1000,
    }.items():
        print(f"{name:<42}{min(seconds(texts) for _ in range(3)):8.4f} s")


if __name__ == "__main__":
    main()
