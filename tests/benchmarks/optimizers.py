"""Adam beside Adam and Muon along the manifold in the networks of shipped configs.

    python -m tests.benchmarks.optimizers [--config FILE …] [--way NAME …] [--rate 0.01] [--epochs 8]
        [--seeds 0 1 2 3 4] [--results FILE]

Each is trained with the config's own data and loss, at one learning rate that falls to 0 along a cosine. Printed are
clean and certified accuracy at .25 and .5 on the test part in %, the mean certified radius, and the seconds of
processor of a training: the mean of the seeds; and the gain at .25 against the first way seed by seed. With
`--results` each training is noted in a file of JSON lines, and those that are there are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import lipbuild

ROOT = Path(__file__).parents[2]
RADII = (0.25, 0.5)
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "Adam": ("Adam", {}),
    "RiemannianAdam": ("RiemannianAdam", {}),
    "…, lookahead 5": ("RiemannianAdam", {"lookahead": 5}),
    "RiemannianMuon": ("RiemannianMuon", {}),
}


def measured(config: Path, way: str, rate: float, epochs: int, seed: int) -> list[float]:
    """Clean and certified accuracy in %, the mean certified radius and the seconds of one training."""
    kind, arguments = WAYS[way]
    schedule = {"CosineDecay": {"initial_learning_rate": rate, "decay_steps": None}}
    optimizer = {kind: {"learning_rate": schedule, **arguments}}
    settings = [f"seed={seed}", f"train.epochs={epochs}"]
    text = {"train": {"optimizer": optimizer}}
    with tempfile.TemporaryDirectory() as folder:
        child = Path(folder) / "child.yaml"
        child.write_text(json.dumps({"extends": str(config), **text}))
        start = time.process_time()
        run = lipbuild.train(lipbuild.load(child, settings), folder, quiet=True)
        seconds = time.process_time() - start
        found = lipbuild.evaluate(run.folder.path, RADII, attack=False, plots=False)
    shares = (found.accuracy or 0.0, *(share for _, share in found.certified))
    return [*(100.0 * share for share in shares), found.average_radius or 0.0, seconds]


def main() -> None:
    """Print a line an optimiser."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shipped = [ROOT / "configs" / "digits_mlp.yaml", ROOT / "configs" / "recipes" / "digits_lipnext.yaml"]
    parser.add_argument("--config", type=Path, nargs="+", default=shipped)
    parser.add_argument("--rate", type=float, default=1e-2)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--way", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    lines = options.results.read_text().splitlines() if options.results and options.results.exists() else []
    known = {tuple(line["key"]): line["figures"] for line in map(json.loads, lines)}
    heads = ("clean", *(str(radius) for radius in RADII), "mean ε", "seconds")
    print(f"{'config':<18}{'optimiser':<18}" + "".join(f"{head:>9}" for head in heads))
    for config in options.config:
        found: dict[str, list[list[float]]] = {way: [] for way in options.way}
        for seed in options.seeds:
            for way in options.way:
                key = (config.stem, way, options.rate, options.epochs, seed)
                if key not in known:
                    known[key] = measured(config.resolve(), way, options.rate, options.epochs, seed)
                    if options.results is not None:
                        with options.results.open("a") as file:
                            file.write(json.dumps({"key": key, "figures": known[key]}) + "\n")
                found[way].append(known[key])
        for way, figures in found.items():
            *shares, radius, seconds = (statistics.mean(column) for column in zip(*figures, strict=True))
            print(
                f"{config.stem:<18}{way:<18}"
                + "".join(f"{share:>9.2f}" for share in shares)
                + f"{radius:>9.4f}{seconds:>9.1f}"
            )
            gains = [own[1] - adam[1] for own, adam in zip(figures, found[options.way[0]], strict=True)]
            print(
                f"  gain at {RADII[0]}, seed by seed: {' '.join(f'{gain:+.2f}' for gain in gains)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
