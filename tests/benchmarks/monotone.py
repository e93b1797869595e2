"""What monotone columns cost in accuracy: networks with and without them, on the same data, sizes and epochs.

    python -m tests.benchmarks.monotone --seeds 3

Tables: fuel burnt, drawn from a formula with noise (900 rows; the mass never lowers it, the altitude never raises it);
scikit-learn's diabetes (442 rows; body mass index and blood pressure never lower the disease); and, where the package
`vega_datasets` is installed, Auto MPG (392 complete rows; displacement, power and weight never raise the mileage). Each
network is trained with layers of the L2 norm and of the greatest norm, the latter with a small and a large constant.
Printed are the mean absolute errors on the test part, that of a constant answer, and whether the signs are proved; of
Auto MPG also the mean squared errors, since the peer, `monotonicnetworks` (Kitouni, Nolte & Williams 2023), published
7.58 for it, by a split of its own. Its other data sets (COMPAS, blog feedback, loan defaults, chest X-rays, heart
disease) are in no package that is used here.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from sklearn.datasets import load_diabetes

import lipbuild

FUEL = {"mass_t": "increasing", "altitude_m": "decreasing"}
DIABETES = {"bmi": "increasing", "bp": "increasing"}
MILEAGE = dict.fromkeys(("Displacement", "Horsepower", "Weight"), "decreasing")
L2 = [
    *({"SpectralDense": {"units": 32}}, "GroupSort2", {"SpectralDense": {"units": 16}}, "GroupSort2"),
    {"FrobeniusDense": {"units": 1}},
]
LINF = [
    *({"LInfDense": {"units": 32, "input_norm": "l1", "column_penalty": 0.01}}, "GroupSort2"),
    *({"LInfDense": {"units": 16}}, "GroupSort2", {"LInfDense": {"units": 1}}),
]
# Layers, and the constant of them in deviations of the target: of the whole, or of √n columns.
KINDS = [("L2", L2, 1.5), ("greatest norm", LINF, 1.5), ("greatest norm", LINF, 4.0)]

Table = tuple[str, Callable[[Path], list[str]], dict[str, str]]


class Errors(NamedTuple):
    """Of a training on the test part: the means, that of a constant answer, and whether all signs are proved."""

    absolute: float
    squared: float
    constant_answer: float
    signs: bool


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


def write_mileage(path: Path) -> list[str]:
    """Cars and how far they go; the names of its inputs."""
    from vega_datasets import data

    cars: Any = data.cars().rename(columns={"Miles_per_Gallon": "target", "Weight_in_lbs": "Weight"})
    cars["Year"] = cars["Year"].dt.year
    names = ["Cylinders", "Displacement", "Horsepower", "Weight", "Acceleration", "Year"]
    for origin in ("USA", "Europe", "Japan"):
        cars[origin] = (cars["Origin"] == origin).astype(int)
        names.append(origin)
    cars[[*names, "target"]].dropna().to_csv(path, index=False)
    return names


def error_of(
    folder: Path,
    table: Path,
    names: list[str],
    layers: list[Any],
    constant: float,
    monotone: dict[str, str] | None,
    seed: int,
) -> Errors:
    """What a training comes to; its constant without the linear part is the same with and without it."""
    # The linear part counts too: what is promised of the layers is the same with and without it.
    wide = 1.0 + (len(monotone) / len(names)) ** 0.5 if monotone and layers is LINF else 1.0
    wide = 1.0 + len(monotone) ** 0.5 if monotone and layers is L2 else wide
    model: dict[str, Any] = {"lipschitz": constant * wide, "layers": layers}
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
    answer = evaluation.baseline.error if evaluation.baseline is not None else None
    errors = evaluation.errors
    squared = errors["root_mean_squared_error"] ** 2
    return Errors(errors["mean_absolute_error"], squared, answer or float("nan"), signs)


def main() -> None:
    """Train, and print a line a table and a kind of layers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table", help="one table alone, by its name")
    parser.add_argument("--layers", choices=sorted({kind for kind, _, _ in KINDS}), help="one kind alone")
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    tables: list[Table] = [("fuel", write_fuel, FUEL), ("diabetes", write_diabetes, DIABETES)]
    if importlib.util.find_spec("vega_datasets") is not None:
        tables.append(("auto mpg", write_mileage, MILEAGE))
    tables = [table for table in tables if arguments.table in (None, table[0])]
    kinds = [kind for kind in KINDS if arguments.layers in (None, kind[0])]
    print("mean absolute error, by the constant          constant answer   without      with  signs proved")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for title, write, monotone in tables:
            table = folder / f"{title}.csv"
            names = write(table)
            for kind, layers, constant in kinds:
                found = {
                    (asked is not None, seed): error_of(
                        folder / f"{title}-{kind}-{constant}-{asked is not None}-{seed}",
                        *(table, names, layers, constant, asked, seed),
                    )
                    for asked in (None, monotone)
                    for seed in seeds
                }
                means = [
                    [
                        statistics.mean(getattr(found[asked, seed], name) for seed in seeds)
                        for asked in (False, True)
                    ]
                    for name in ("absolute", "squared")
                ]
                proved = "yes" if all(found[True, seed].signs for seed in seeds) else "no"
                answer = statistics.mean(found[False, seed].constant_answer for seed in seeds)
                line = f"{title:<9} {kind:<14} {constant:>4} {answer:>31.4g}"
                line += f" {means[0][0]:>9.4g} {means[0][1]:>9.4g}  {proved}"
                if title == "auto mpg":
                    line += f"  squared {means[1][0]:.4g} and {means[1][1]:.4g}"
                print(line, flush=True)


if __name__ == "__main__":
    main()
