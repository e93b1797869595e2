"""Each recipe at full size: built, trained for one step on random data, certified and verified.

    python -m tests.benchmarks.full_size [RECIPE …] [--batch 32]

A recipe is what the name of its file says, or a path. Each has a process of its own, one at a time. A line for each:
the parameters, the constant that is proved of it, and for each of the four tasks the seconds of processor and the most
memory that the process had while it did it. The network is not trained: it has made one step, and the four samples
whose radii are certified are as random as those that it learnt from. The exit status is 1 if something failed or a
constant is above what is promised.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RECIPES = Path(__file__).parents[2] / "configs" / "recipes"
TASKS = ("build", "step", "certify", "verify")
SAMPLES = 4
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def full_size(recipe: Path, batch: int, settings: list[str]) -> dict[str, Any]:
    """What a recipe takes in this process: its parameters, its constant, seconds and bytes by task.

    Raises:
        AssertionError: The certificate does not hold, or is of more than is promised.
    """
    import numpy as np

    import lipbuild
    from lipbuild.benchmarking.random_batch import random_batch
    from lipbuild.benchmarking.steps import training_step
    from lipbuild.building.model import build_model

    config = lipbuild.check(recipe, settings).raise_for_errors()
    graph, section = config.graph, config.config.needed("train")
    found: dict[str, Any] = {}

    @contextmanager
    def measured(task: str) -> Iterator[None]:
        if _RESET.exists():
            _RESET.write_text("5")
        start = time.process_time()
        yield
        found[task] = [time.process_time() - start, _peak()]

    with tempfile.TemporaryDirectory() as folder:
        with measured("build"):
            model = build_model(graph)
        with measured("step"):
            loss = float(training_step(model, graph, section, random_batch(graph, section.loss, batch))())
        assert np.isfinite(loss), f"the loss is {loss}"
        x = np.random.default_rng(1).random((SAMPLES, *model.input_shape[1:])).astype("float32")
        with measured("certify"):
            certified = lipbuild.certify(
                model, (x, np.arange(SAMPLES) % 2), Path(folder) / "certificate.json"
            )
        parameters = model.count_params()
        del model
        with measured("verify"):
            verdict = lipbuild.verify(certified, data=(x, np.arange(SAMPLES) % 2))
        assert verdict.holds, verdict.failures
        assert certified.as_json()["samples"]["count"] == SAMPLES
    constant = certified.as_json()["lipschitz"]
    assert constant <= graph.lipschitz, f"the constant {constant} is above what is promised"
    return {"parameters": parameters, "constant": constant, **found}


def _peak() -> int:
    if not _STATUS.exists():
        return 0
    lines = _STATUS.read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def in_process(recipe: str, batch: int, settings: list[str]) -> dict[str, Any]:
    """The same in a process of its own.

    Raises:
        RuntimeError: It failed.
    """
    command = [sys.executable, "-m", __spec__.name, recipe, "--batch", str(batch), "--here"]
    command += [part for setting in settings for part in ("--set", setting)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-500:] or f"exit status {done.returncode}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def line(name: str, result: dict[str, Any]) -> str:
    """A row of the table."""
    cells = [f"{result[task][0]:.0f} s, {result[task][1] / 2**30:.1f} GiB" for task in TASKS]
    return (
        f"| `{name}` | {result['parameters'] / 1e6:.2f} M | {result['constant']:.7f} | {' | '.join(cells)} |"
    )


def main() -> int:
    """Print a line a recipe."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", nargs="*")
    parser.add_argument("--batch", type=int, default=32, help="samples of the step")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="as `lipbuild` has it"
    )
    parser.add_argument("--here", action="store_true", help="one recipe in this process, as JSON")
    options = parser.parse_args()
    names = options.recipe or [path.stem for path in sorted(RECIPES.glob("*.yaml"))]
    paths = [path if (path := Path(name)).suffix else RECIPES / f"{name}.yaml" for name in names]
    if options.here:
        print(json.dumps(full_size(paths[0], options.batch, options.set)))
        return 0
    failed = False
    print(f"| recipe | parameters | constant | {' | '.join(TASKS)} |\n|---{'|---' * (2 + len(TASKS))}|")
    for path in paths:
        try:
            print(line(path.stem, in_process(str(path), options.batch, options.set)), flush=True)
        except RuntimeError as error:
            failed = True
            print(f"| `{path.stem}` | FAILED: {error} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
