"""What monotone columns cost in accuracy: networks with and without them, on the same data, sizes and epochs.

    python -m tests.benchmarks.monotone --seeds 3

Two tables: fuel burnt, drawn from a formula with noise (900 rows; the mass never lowers it, the altitude never raises
it), and scikit-learn's diabetes (442 rows; body mass index and blood pressure never lower the disease). Each network
is trained with layers of the L2 norm and of the greatest norm. Printed are the mean absolute errors on the test part,
that of a constant answer, and whether the signs are proved. The peer, `monotonicnetworks` (Kitouni, Nolte & Williams
2023), published figures for COMPAS, blog feedback, loan defaults, chest X-rays, heart disease and Auto MPG, none of
which scikit-learn ships, so there is none to set beside these.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from sklearn.datasets import load_diabetes

import lipbuild

FUEL = {"mass_t": "increasing", "altitude_m": "decreasing"}
DIABETES = {"bmi": "increasing", "bp": "increasing"}
L2 = [
    *({"SpectralDense": {"units": 32}}, "GroupSort2", {"SpectralDense": {"units": 16}}, "GroupSort2"),
    {"FrobeniusDense": {"units": 1}},
]
LINF = [
    *({"LInfDense": {"units": 32, "input_norm": "l1", "column_penalty": 0.01}}, "GroupSort2"),
    *({"LInfDense": {"units": 16}}, "GroupSort2", {"LInfDense": {"units": 1}}),
]


def write_fuel(path: Path) -> list[str]:
    """A table of flights; the names of its inputs."""
    rng = random.Random(0)
    names = ["altitude_m", "mach", "temperature_k", "mass_t"]
    rows = [",".join([*names, "target"])]
    for _ in range(900):
        altitude, mach, mass = rng.uniform(0, 12000), rng.uniform(0.2, 0.9), rng.uniform(40, 80)
        kelvin = 288.15 - 0.0065 * altitude + rng.gauss(0, 5)
        burnt = 800 + 25 * mass + 900 * mach**2 - 0.05 * altitude + 1.2 * (kelvin - 288) + rng.gauss(0, 30)
        rows.append(f"{altitude:.1f},{mach:.4f},{kelvin:.2f},{mass:.2f},{burnt:.1f}")
    path.write_text("\n".join(rows) + "\n")
    return names


def write_diabetes(path: Path) -> list[str]:
    """scikit-learn's table, its columns in their own units."""
    data: Any = load_diabetes(scaled=False)
    rows = [",".join([*data.feature_names, "target"])]
    rows += [",".join(f"{v:g}" for v in (*x, y)) for x, y in zip(data.data, data.target, strict=True)]
    path.write_text("\n".join(rows) + "\n")
    return list(data.feature_names)


def error_of(
    folder: Path, table: Path, names: list[str], layers: list[Any], monotone: dict[str, str] | None, seed: int
) -> tuple[float, float, bool]:
    """The mean absolute error of a training, that of a constant answer, and whether all signs are proved."""
    # The linear part counts too: what is promised of the layers is the same with and without it.
    wide = 1.0 + (len(monotone) / len(names)) ** 0.5 if monotone and layers is LINF else 1.0
    wide = 1.0 + len(monotone) ** 0.5 if monotone and layers is L2 else wide
    model: dict[str, Any] = {"lipschitz": (4.0 if layers is LINF else 1.5) * wide, "layers": layers}
    if monotone:
        model["monotone"] = monotone
    config = {
        "seed": seed,
        "model": model,
        "data": {
            "source": {"csv": {"path": str(table), "target": "target", "features": names}},
            "validation": 0.1,
            "preprocess": [{"Normalization": {"least_std": 1e-3}}],
            "target_scale": "standard",
        },
        "train": {"loss": "MeanSquaredError", "optimizer": {"Adam": {"learning_rate": 1e-2}}, "epochs": 30},
    }
    run = lipbuild.train(config, run=folder, quiet=True)
    evaluation = lipbuild.evaluate(run.folder.path)
    found = {column.name: column.direction for column in evaluation.columns}
    wanted = {"increasing": "never falls", "decreasing": "never rises"}
    signs = all(found[name] == wanted[direction] for name, direction in (monotone or {}).items())
    constant = evaluation.baseline.error if evaluation.baseline is not None else None
    return evaluation.errors["mean_absolute_error"], constant or float("nan"), signs


def main() -> None:
    """Train, and print a line a table and a kind of layers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    print("mean absolute error       constant   without      with  signs proved")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for title, write, monotone in (("fuel", write_fuel, FUEL), ("diabetes", write_diabetes, DIABETES)):
            table = folder / f"{title}.csv"
            names = write(table)
            for kind, layers in (("L2", L2), ("greatest norm", LINF)):
                found = {
                    (asked is not None, seed): error_of(
                        folder / f"{title}-{kind}-{asked is not None}-{seed}",
                        table,
                        names,
                        layers,
                        asked,
                        seed,
                    )
                    for asked in (None, monotone)
                    for seed in seeds
                }
                without, with_it = (
                    statistics.mean(found[asked, seed][0] for seed in seeds) for asked in (False, True)
                )
                proved = "yes" if all(found[True, seed][2] for seed in seeds) else "no"
                constant = statistics.mean(found[False, seed][1] for seed in seeds)
                print(
                    f"{title:<9} {kind:<14} {constant:>9.4g} {without:>9.4g} {with_it:>9.4g}  {proved}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
