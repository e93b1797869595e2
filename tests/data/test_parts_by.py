"""Parts that are drawn by groups or by time: nothing of a group, and nothing later, leaks into the training."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lipbuild
from lipbuild.cli.data_table import data_table
from lipbuild.data.config_data import load_dataset
from lipbuild.data.dataset import Dataset
from lipbuild.data.nearest_groups import nearest_groups
from lipbuild.errors import RefusedError
from tests.conftest import Cli

TRAIN = "train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 1}\n"


def config(folder: Path, data: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(
        f"seed: 0\nmodel: {{layers: [Flatten, SpectralDense: {{units: 2}}]}}\ndata: {data}\n{TRAIN}"
    )
    return path


def load(folder: Path, data: str) -> Dataset:
    checked = lipbuild.load(config(folder, data))
    assert checked.config is not None
    assert checked.graph is not None
    return load_dataset(checked.config, checked.graph)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Visits of 25 patients, from 1 to 12 each; the first feature is the patient, the second the day."""
    rng = np.random.default_rng(0)
    rows = ["who,day,patient,date,kind"]
    for patient, visits in enumerate(rng.integers(1, 13, 25)):
        days = rng.integers(1, 29, visits)
        rows += [f"{patient},{day},P{patient:02},2024-03-{day:02},{'ab'[patient % 5 == 0]}" for day in days]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


CSV = "source: {csv: {path: t.csv, features: [who, day], target: kind}}"


def test_all_rows_of_a_group_are_in_one_part(table: Path) -> None:
    data = load(table, f"{{{CSV}, split: {{group: patient}}, test: 0.2, validation: 0.25}}")
    assert data.validation is not None
    parts = [part.x[:, 0] for part in (data.train, data.validation, data.test)]
    groups = [set(part.tolist()) for part in parts]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    total = sum(map(len, parts))
    assert abs(len(parts[2]) - 0.2 * total) <= 0.5
    assert abs(len(parts[1]) - 0.25 * (total - len(parts[2]))) <= 0.5
    again = load(table, f"{{{CSV}, split: {{group: patient}}, test: 0.2, validation: 0.25}}")
    assert np.array_equal(again.test.x, data.test.x)
    other = load(table, f"{{{CSV}, split: {{group: patient}}, seed: 1, validation: 0.25}}")
    assert not np.array_equal(other.test.x, data.test.x)


def test_groups_are_stratified_as_nearly_as_they_can_be(table: Path) -> None:
    data = load(table, f"{{{CSV}, split: {{group: patient}}, stratify: true}}")
    everything = np.bincount(np.concatenate([data.train.targets, data.test.targets]).astype(int))
    off = np.abs(np.bincount(data.test.targets.astype(int)) - 0.2 * everything)
    # Class b has the visits of five patients alone.
    visits = np.bincount(np.concatenate([data.train.x[:, 0], data.test.x[:, 0]]).astype(int))[::5]
    nearest = min(abs(np.array(some) @ visits - 0.2 * visits.sum()) for some in product((0, 1), repeat=5))
    assert off == pytest.approx([np.abs(np.rint(0.2 * everything[0]) - 0.2 * everything[0]), nearest])


def test_the_last_rows_are_the_tests_and_one_time_stays_together(table: Path) -> None:
    data = load(table, f"{{{CSV}, split: {{time: date}}, test: 0.2, validation: 0.2}}")
    assert data.validation is not None
    train, validation, test = (part.x[:, 1] for part in (data.train, data.validation, data.test))
    assert train.max() < validation.min()
    assert validation.max() < test.min()
    total = len(train) + len(validation) + len(test)
    assert abs(len(test) - 0.2 * total) < 0.05 * total


def test_the_column_is_no_feature_and_the_report_says_what_was_reached(table: Path) -> None:
    source = "source: {csv: {path: t.csv, target: kind}}"
    path = config(table, f"{{{source}, split: {{group: patient}}}}")
    (table / "t.csv").write_text(
        (table / "t.csv")
        .read_text()
        .replace("date", "month")
        .replace("2024-03-0", "")
        .replace("2024-03-", "")
    )
    assert lipbuild.load(path).raise_for_errors().graph.input_shape == (3,)
    report = lipbuild.describe_data(path)
    assert report.shape == (3,)
    assert report.drawn_by is not None
    assert report.drawn_by.parts == ("training", "test")
    assert sum(report.drawn_by.values) == 25
    samples = [part.samples for part in report.parts]
    assert report.drawn_by.drawn[0].reached == samples[1] / sum(samples)
    text = data_table(report)
    assert "parts drawn by the group `patient`; groups: " in text
    assert "the test part has 20." in text


def test_what_a_column_or_a_file_keeps_apart_stays_apart(table: Path) -> None:
    lines = (table / "t.csv").read_text().splitlines()
    marked = [
        lines[0] + ",part",
        *(f"{line},{'test' if i % 4 == 0 else 'train'}" for i, line in enumerate(lines[1:])),
    ]
    (table / "t.csv").write_text("\n".join(marked) + "\n")
    source = "source: {csv: {path: t.csv, features: [who, day], target: kind, split: part}}"
    data = load(table, f"{{{source}, split: {{group: patient}}, validation: 0.3}}")
    assert data.validation is not None
    assert len(data.test) == len(marked[1::4])
    assert not set(data.train.x[:, 0].tolist()) & set(data.validation.x[:, 0].tolist())
    with pytest.raises(RefusedError, match="how parts are drawn, and none is"):
        load(table, f"{{{source}, split: {{group: patient}}}}")


def test_the_groups_chosen_are_the_nearest_to_the_share() -> None:
    rng = np.random.default_rng(0)
    for groups, classes in ((2, 1), (5, 2), (9, 3)):
        counts = rng.integers(0, 40, (groups, classes)) + 1
        target = 0.3 * counts.sum(axis=0)
        off = [
            np.abs(np.array(chosen) @ counts - target).sum()
            for chosen in product((0, 1), repeat=groups)
            if 0 < sum(chosen) < groups
        ]
        found = nearest_groups(counts, 0.3, np.random.default_rng(1))
        assert np.abs(counts[found].sum(axis=0) - target).sum() == pytest.approx(min(off))
    many = rng.integers(1, 50, (5000, 4))
    found = nearest_groups(many, 0.15, np.random.default_rng(1))
    assert np.abs(many[found].sum(axis=0) - 0.15 * many.sum(axis=0)).max() <= 2.0
    huge = np.array([[1]] * 20 + [[1000]])
    assert not nearest_groups(huge, 0.01, np.random.default_rng(1))[20]
    assert nearest_groups(huge, 0.99, np.random.default_rng(1)).sum() < 21


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (np.array([5.0, 1.0, 2.0, 9.0, 2.0]), [9.0]),
        (
            np.array(
                ["2024-05-01T10:00:00+02:00", "2024-05-01T09:00:00Z", "1969-01-01T00:00Z"]
                + ["1900-01-01T00Z"] * 2
            ),
            [1],
        ),
        (
            np.array(
                ["2020-01-01", "2021-01-01", "2019-12-31", "2018-01-01", "2017-01-01"], "datetime64[ns]"
            ),
            [1],
        ),
        # Nanoseconds that float64 cannot tell apart.
        (np.array([1700000000000000000, 1700000000000000001, 3, 4, 5]), [1]),
    ],
)
def test_times_are_dates_or_numbers(tmp_path: Path, times: np.ndarray, expected: list[float]) -> None:
    x = np.arange(5.0)[:, None] if times.dtype.kind != "f" else times[:, None]
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(5) % 2, when=times)
    data = load(tmp_path, "{source: {npz: {path: d.npz}}, split: {time: when}, test: 0.2}")
    assert data.test.x[:, 0].tolist() == expected


def test_an_image_is_of_the_group_that_its_name_says(tmp_path: Path) -> None:
    for number in range(24):
        folder = tmp_path / "images" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        patient = number // 4
        Image.fromarray(np.full((4, 4), 10 * patient, np.uint8)).save(folder / f"p{patient}_{number}.png")
    source = "source: {image_folder: {path: images, channels: 1}}"
    data = load(tmp_path, f'{{{source}, split: {{group: "^([^_]+)_"}}, test: 0.3}}')
    train, test = ({int(v) for v in np.rint(part.x[:, 0, 0, 0] * 25.5)} for part in (data.train, data.test))
    assert not train & test
    assert len(train) + len(test) == 6
    with pytest.raises(RefusedError, match=r"p0_0.png: `\^q` is not found in `p0_0.png`"):
        load(tmp_path, f'{{{source}, split: {{group: "^q"}}}}')


@pytest.mark.parametrize(
    ("cells", "split", "message"),
    [
        (
            ["P1,2024-01-01"] * 9,
            "group: patient",
            "all 9 samples that the test part is drawn from are of one group",
        ),
        (["P1,1", "P2,1"] * 4, "group: patient", "the validation part is drawn from are of one group"),
        (["P1,1", ",1", "P2,1"], "group: patient", "t.csv:3:5: the group `patient` is nothing"),
        (["P1,2024-01-01", "P2,31.05.2024"] * 3, "time: date", "t.csv:3:8: the time `date` is `31.05.2024`"),
        (
            ["P1,2024-01-01", "P2,5"] * 3,
            "time: date",
            "t.csv:3:8: the time `date` is a number, and those above",
        ),
        (["P1,1", "P2,1_0"] * 3, "time: date", "t.csv:3:8: the time `date` is `1_0`"),
        (["P1,1", "P2,"] * 3, "time: date", "t.csv:3:8: the time `date` is nothing"),
        (["P1,7"] * 9, "time: date", "all 9 samples that the test part is drawn from have one time"),
    ],
)
def test_what_parts_cannot_be_drawn_by_is_refused(
    tmp_path: Path, cells: list[str], split: str, message: str
) -> None:
    rows = [f"{i},{i % 2},{cell}" for i, cell in enumerate(cells)]
    (tmp_path / "t.csv").write_text("\n".join(["a,kind,patient,date", *rows]) + "\n")
    source = "source: {csv: {path: t.csv, features: [a], target: kind}}"
    with pytest.raises(RefusedError, match=message):
        load(tmp_path, f"{{{source}, split: {{{split}}}, test: 0.4, validation: 0.4}}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{source: digits, split: {group: a}}", "`digits` has nothing that parts could be drawn by"),
        (f"{{{CSV}, split: {{group: a, time: b}}}}", "by `group` or by `time`, not by both"),
        (f"{{{CSV}, split: {{}}}}", "says nothing to draw by"),
        (f"{{{CSV}, split: {{time: date}}, stratify: true}}", "cannot be stratified"),
        (f"{{{CSV}, split: {{group: patinet}}}}", "there is one with a similar name: `patient`"),
        ("{source: {image_folder: {path: x}}, split: {group: '('}}", "is not a regular expression"),
        ("{source: {csv: {path: t.csv, target: kind, split: {group: a}}}}", "is `split` of `data`, beside"),
    ],
)
def test_check_refuses_what_cannot_be(table: Path, data: str, message: str, cli: Cli) -> None:
    done = cli("check", config(table, data))
    assert done.returncode == 1
    assert message in " ".join(done.stdout.split())
