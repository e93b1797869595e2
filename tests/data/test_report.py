"""What is said of a data set, against what it was made to be."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

import lipbuild
from lipbuild.cli.data_table import data_table
from lipbuild.data.guess_targets import guess_targets
from lipbuild.data.report.distances import distances, limits
from lipbuild.data.report.near_duplicates import near_duplicates
from lipbuild.errors import RefusedError
from tests.conftest import CONFIGS, Cli


def config(folder: Path, more: str = "", **arrays: np.ndarray) -> Path:
    np.savez(folder / "d.npz", **arrays)
    path = folder / "c.yaml"
    path.write_text(
        f"model: {{layers: [SpectralDense: {{units: 2}}]}}\ndata:\n  source: {{npz: {{path: d.npz}}}}\n{more}"
    )
    return path


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Twelve samples on a line, some of them equal, one broken; the last three are the test's."""
    x = np.array([0, 1, 2, 3, 10, 11, 12, np.nan, 0, 3, 0, 2.5], np.float32)[:, None]
    y = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1])
    return config(
        tmp_path,
        "certify: {radii: [0.1, 0.3, 5]}\n",
        x_train=x[:9],
        y_train=y[:9],
        x_test=x[9:],
        y_test=y[9:],
    )


def test_parts_classes_and_broken_samples_are_counted(made: Path) -> None:
    report = lipbuild.describe_data(made)
    training, test = report.parts
    assert (training.name, training.samples, training.broken) == ("training", 9, 1)
    assert (training.least, training.greatest) == (0.0, 12.0)
    sound = np.array([0, 1, 2, 3, 10, 11, 12, 0])
    assert training.mean == pytest.approx(sound.mean())
    assert training.deviation == pytest.approx(sound.std())
    assert training.per_class == (5, 4)
    assert test.per_class == (1, 2)
    assert report.shape == (1,)
    assert report.wanting == ("1 of 9 samples of the training part hold NaN or infinite values",)


def test_equal_samples_are_found_within_and_between_parts(made: Path) -> None:
    found = {d.parts: (d.samples, d.contradictory) for d in lipbuild.describe_data(made).duplicates}
    # 0 appears twice in the training and once in the test; 3 has another class there.
    assert found == {("training", "training"): (1, 0), ("training", "test"): (2, 1)}


def test_distances_are_those_to_the_nearest_of_another_class(made: Path) -> None:
    report = lipbuild.describe_data(made)
    assert report.distances is not None
    assert report.distances.least == 0.0
    assert report.distances.samples == 11
    # In the test 3 (class 1), 0 (class 0) and 2.5 (class 1): one pair of classes is 2.5 apart.
    assert [(limit.radius, limit.samples - limit.pairs) for limit in report.limits] == [
        (0.1, 3),
        (0.3, 3),
        (5.0, 2),
    ]


def test_distances_and_limits_are_those_of_all_pairs() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 4)) + 100.0, rng.integers(0, 3, 300)
    pairs = np.linalg.norm(x[:, None] - x, axis=2)
    pairs[y[:, None] == y] = np.inf
    found = distances(x, y)
    assert found is not None
    nearest = pairs.min(axis=1)
    assert found.least == pytest.approx(nearest.min(), rel=1e-9)
    assert found.least >= nearest.min()
    assert found.percentiles[50] == pytest.approx(np.percentile(nearest, 50), rel=1e-9)
    assert distances(x, np.zeros(300, int)) is None
    radii = [0.0, nearest.min() / 2, 0.2, 0.5, 50.0]
    for limit in limits(x, y, radii, 400):
        # A greatest set of disjoint pairs is at most twice as large as one that nothing can be added to.
        close = pairs < 2 * limit.radius
        most = min(int(close.any(axis=1).sum()), 300) // 2
        assert limit.pairs <= most
        assert (limit.pairs > 0) == bool(close.any())
        assert limit.samples == 400


def test_nothing_certified_contradicts_the_limits(tmp_path: Path) -> None:
    """A real network on data that is crowded at the radii of the config."""
    checked = lipbuild.load(
        CONFIGS / "moons_hkr.yaml",
        [
            "train.epochs=3",
            "data.source={moons: {samples: 400, noise: 0.3}}",
            "certify.radii=[0.05, 0.1, 0.2]",
        ],
    )
    run = lipbuild.train(checked, tmp_path, quiet=True)
    report = lipbuild.describe_data(run.folder.resolved)
    evaluation = lipbuild.evaluate(run.folder.path, attack=False, plots=False)
    assert report.limits[-1].pairs > 0
    for limit, (radius, accuracy) in zip(report.limits, evaluation.certified, strict=True):
        assert limit.radius == radius
        assert round(accuracy * limit.samples) <= limit.samples - limit.pairs


def test_more_samples_than_are_compared_are_drawn(made: Path) -> None:
    report = lipbuild.describe_data(made, samples=4)
    assert report.distances is None or report.distances.samples == 4
    assert report.limits[0].samples == 3


@pytest.mark.parametrize(
    ("labels", "task", "classes", "values"),
    [
        (np.array([1.0, 2.0, 2.0]), None, 2, [0, 1, 1]),
        (np.array([0, 2, 2]), None, 3, [0, 2, 2]),
        (np.array([0, 7]), None, 2, [0, 1]),
        (np.array([-1, 1]), None, 2, [0, 1]),
        (np.array(["b", "a"]), None, 2, [1, 0]),
        (np.eye(3), None, 3, [0, 1, 2]),
        (np.array([0.5, 1.5]), None, 0, [[0.5], [1.5]]),
        (np.array([1, 2]), "regression", 0, [[1], [2]]),
    ],
)
def test_labels_are_read_without_a_network(
    labels: np.ndarray, task: str | None, classes: int, values: list[object]
) -> None:
    targets = guess_targets(labels, task, None, None)  # type: ignore[arg-type]
    assert len(targets.class_names) == classes
    assert targets.values.tolist() == values


def test_the_preprocessing_and_the_weights_are_shown(tmp_path: Path) -> None:
    x = (np.random.default_rng(0).normal(size=(200, 3)) * [1.0, 4.0, 0.05]).astype(np.float32)
    steps = "  class_weights: balanced\n  preprocess: [Rescaling: {scale: 2}, Normalization: {LEAST}]\n"
    path = config(tmp_path, steps.replace("LEAST", "least_std: 0.5"), x=x, y=np.arange(200) % 4 // 3)
    report = lipbuild.describe_data(path)
    assert report.preprocessing == pytest.approx(4.0)
    [found] = report.fitted
    assert found.deviations == pytest.approx([2.0, 8.0, 0.1], rel=0.15)
    assert report.class_weights[1] > 2 * report.class_weights[0]
    path = config(tmp_path, steps.replace("LEAST", ""), x=x, y=np.arange(200) % 4 // 3)
    report = lipbuild.describe_data(path)
    assert math.isinf(report.preprocessing)
    assert "value 2 of the last axis" in data_table(report)
    assert "give `Normalization` a `least_std`" in data_table(report)


def test_the_command_shows_it_and_ends_with_status_1_where_samples_are_broken(made: Path, cli: Cli) -> None:
    done = cli("data", made)
    assert done.returncode == 1, done.stderr
    for line in (
        "npz: 12 samples of 1, in memory",
        "2 samples of the test part are in the training part, 1 of them with another label; `train` leaves them out of "
        "that one",
        "error: 1 of 9 samples of the training part hold NaN",
        "5       2 of 3 test samples",
    ):
        assert line in done.stdout or line in " ".join(done.stdout.split())
    assert done.stderr == ""
    shown = cli("data", CONFIGS / "digits_mlp.yaml", "--format", "json", "--samples", 300)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["shape"] == [8, 8, 1]


def test_a_config_without_data_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("model: {input: [2], layers: [SpectralDense: {units: 2}]}\n")
    with pytest.raises(RefusedError, match="has no `data` section"):
        lipbuild.describe_data(path)
    path.write_text("model: {input: [2], layers: [SpectralDense: {units: 2}]}\ndata: {source: digist}\n")
    with pytest.raises(RefusedError, match="unknown data source `digist`"):
        lipbuild.describe_data(path)
    # Whatever else is wrong does not matter.
    path.write_text("model: {layers: [Dense: {units: 2}]}\ndata: {source: wine}\ntrain: {}\n")
    assert lipbuild.describe_data(path).class_names == ("class_0", "class_1", "class_2")


def test_many_classes_are_not_listed(tmp_path: Path) -> None:
    path = config(tmp_path, x=np.random.default_rng(0).normal(size=(300, 2)), y=np.arange(300) % 30)
    assert "30 classes of" in data_table(lipbuild.describe_data(path))


def test_samples_that_are_nearly_in_another_part_are_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)) * [1.0, 1e4, 1e-3, 1.0]
    copies = x[:7] * (1.0 + 1e-5)
    arrays = {"x_train": x[:200], "y_train": np.arange(200) % 2, "y_test": np.arange(108) % 2}
    path = config(tmp_path, x_test=np.concatenate([x[200:], copies, x[:1]]), **arrays)
    report = lipbuild.describe_data(path)
    (found,) = report.near_duplicates
    # The eighth is equal, which is said elsewhere.
    assert (found.parts, found.samples, found.compared, found.others) == (("training", "test"), 7, 108, 200)
    assert "7 of 108 samples of the test part are nearly identical to one of 200" in data_table(report)
    assert [duplicates.samples for duplicates in report.duplicates] == [1]


def test_an_image_that_was_stored_again_is_nearly_the_same() -> None:
    images = np.asarray(load_digits().images[:300])
    again = images[:5] + np.random.default_rng(0).uniform(-0.2, 0.2, (5, 8, 8))
    (found,) = near_duplicates({"training": images[:200], "test": np.concatenate([images[200:], again])})
    assert found.samples == 5


def test_what_is_near_by_chance_is_not_reported() -> None:
    rng = np.random.default_rng(0)
    for values in (1, 2, 5):
        x = rng.normal(size=(4000, values))
        assert near_duplicates({"training": x[:3000], "test": x[3000:]}) == ()
    constant = np.ones((10, 2))
    assert near_duplicates({"training": constant, "test": constant}) == ()


def test_each_column_of_a_table_is_shown_as_the_network_is_given_it(tmp_path: Path, cli: Cli) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{rng.integers(50)},{rng.choice(['u', 'v'])},{'' if i else 7},{i % 2}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c,y", *rows]))
    source = "{csv: {path: t.csv, target: y, categories: [b], fill: {c: 0}}}"
    (tmp_path / "c.yaml").write_text(
        f"data: {{source: {source}, preprocess: [Normalization: {{least_std: 0.01}}]}}\n"
        "model: {layers: [SpectralDense: {units: 2}]}\n"
    )
    report = lipbuild.describe_data(tmp_path / "c.yaml")
    a, b, c = report.columns
    assert (a.name, a.missing, b.categories, b.deviation) == ("a", 0, 2, None)
    # The deviation is the one that the preprocessing divides by.
    assert [a.deviation, c.deviation] == [report.fitted[0].deviations[i] for i in (0, 3)]
    assert c.missing + (c.greatest == 7) == report.parts[0].samples == 32
    shown = cli("data", tmp_path / "c.yaml")
    assert (
        f"remark: the column `c` is missing in {c.missing} of 32 samples of the training part" in shown.stdout
    )
    assert f"(`{report.inputs[int(np.argmin(report.fitted[0].deviations))]}`)" in shown.stdout
