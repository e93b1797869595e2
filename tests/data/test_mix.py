"""A second source mixed into the batches of a training: the right samples, in the right share, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.config.mix import MixSection
from lipbuild.config.sources.arrays import Npz
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.config_data import load_dataset
from lipbuild.data.contract.key import Key
from lipbuild.data.dataset import Dataset
from lipbuild.data.features import Features
from lipbuild.data.mapped_features import MappedFeatures
from lipbuild.data.part import Mixed, Part
from lipbuild.errors import RefusedError

OWN, MIXED, SHARE = 50, 23, 0.75
# A sample is its own number; those that are mixed in begin at 1,000.
NUMBERS = np.concatenate([np.arange(60.0), 1000 + np.arange(30.0)]).astype(np.float32)[:, None]


def part(*, streamed: bool = False, weights: bool = False, share: float = SHARE, mixed: int = MIXED) -> Part:
    def features(values: np.ndarray) -> Features:
        return MappedFeatures([values]) if streamed else ArrayFeatures(values)

    among = Mixed(
        features(NUMBERS[60:]),
        np.arange(7, 7 + mixed),
        np.arange(7, 7 + mixed) + 1000,
        None,
        MixSection.model_construct(source=Npz(path="x"), share=share),
    )
    own = np.arange(10, 60)
    counts = np.full(OWN, 5.0, np.float32) if weights else None
    return Part(features(NUMBERS[:60]), own, own, "index", 3, counts, mixed=among)


def batches(given: Part, size: int = 16, **options: object) -> list[tuple[np.ndarray, ...]]:
    options = {"seed": 3, **options}
    return list(given.batches(size, **options).as_numpy_iterator())  # type: ignore[arg-type]


def is_mixed(batch: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.asarray(batch[0][:, 0] >= 1000)


@pytest.mark.parametrize(("share", "of_batch"), [(0.75, 12), (0.5, 8), (0.05, 1), (0.99, 15)])
def test_every_batch_has_the_share_and_an_epoch_each_own_sample_once(share: float, of_batch: int) -> None:
    found = batches(part(share=share))
    assert len(found) == part(share=share).steps(16) == -(-OWN // (16 - of_batch))
    *full, last = found
    assert {int(is_mixed(batch).sum()) for batch in full} == {of_batch}
    assert is_mixed(last).sum() <= of_batch
    assert not is_mixed(last)[-1]
    x, y = (np.concatenate(column) for column in zip(*found, strict=True))
    assert np.array_equal(x[:, 0], y)
    assert sorted(x[x < 1000]) == list(range(10, 60))


def test_what_is_mixed_in_goes_on_from_epoch_to_epoch_and_is_shuffled_anew() -> None:
    x = np.concatenate([batch[0][:, 0] for batch in batches(part(), epochs=range(3))])
    others = x[x >= 1000]
    passes = [others[i : i + MIXED].tolist() for i in range(0, len(others) - MIXED, MIXED)]
    assert all(sorted(one) == list(range(1007, 1007 + MIXED)) for one in passes)
    assert passes[0] != passes[1]
    # Where there are more of them than an epoch takes, no epoch takes what another has had.
    few = [
        batch[0][:, 0]
        for epoch in range(4)
        for batch in batches(part(share=0.06), epochs=range(epoch, epoch + 1))
    ]
    taken = np.concatenate(few)
    first = taken[taken >= 1000][:MIXED]
    assert len(set(first)) == len(first)


def test_a_run_goes_on_in_the_middle_of_an_epoch_and_streams_the_same() -> None:
    whole = batches(part(), epochs=range(3))
    steps = part().steps(16)
    rest = batches(part(), epochs=range(1, 3), first_step=5)
    streamed = batches(part(streamed=True), epochs=range(1, 3), first_step=5)
    for expected, *found in zip(whole[steps + 5 :], rest, streamed, strict=True):
        assert all(np.array_equal(batch[0], expected[0]) for batch in found)
    assert [batch[0].tolist() for batch in batches(part(), seed=4)] != [
        batch[0].tolist() for batch in whole[:steps]
    ]


def test_processes_see_together_what_one_would_see_and_each_has_some_of_both() -> None:
    slices = [batches(part(streamed=True), replicas=4, own=own) for own in (range(3), range(3, 4))]
    for whole, *shares in zip(batches(part()), *slices, strict=True):
        assert np.array_equal(np.concatenate([share[0] for share in shares]), whole[0])
    assert all(0 < is_mixed(batch).sum() < len(batch[0]) for batch in slices[1][:-1])


def test_weights_go_with_their_samples_and_what_has_none_counts_one() -> None:
    for batch in batches(part(weights=True)):
        assert np.array_equal(batch[2], np.where(is_mixed(batch), 1.0, 5.0))


def archive(path: Path, samples: int = 60, *, start: int = 0, labels: str | None = None) -> np.ndarray:
    x = np.random.default_rng(start).random((samples, 4)).astype(np.float32)
    y = np.arange(samples) % 2
    np.savez(path, x=x, y=np.array(["cat", "dog"])[y] if labels is None else y)
    return x


def config(source: object, mix: object, **more: object) -> dict[str, object]:
    data = {"source": source, "mix": {"source": mix, "share": 0.5}, "validation": 0.2, **more}
    return {
        "seed": 0,
        "model": {
            "input": [4],
            "layers": [{"SpectralDense": {"units": 4}}, "GroupSort2", {"SpectralDense": {"units": 2}}],
        },
        "data": data,
        "train": {"loss": {"TauCategoricalCrossentropy": {"tau": 5}}, "epochs": 2, "batch_size": 8},
    }


def npz(name: str, **more: object) -> dict[str, object]:
    return {"npz": {"path": name, **more}}


def loaded(given: dict[str, object]) -> Dataset:
    checked = lipbuild.load(given)
    return load_dataset(checked.config, checked.graph, Key(b"0123456789abcdef"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    archive(tmp_path / "own.npz")
    return tmp_path


def test_labels_are_known_by_their_names_and_held_out_samples_are_not_mixed_in(folder: Path) -> None:
    own = np.load(folder / "own.npz")
    x = np.concatenate([own["x"], archive(folder / "unused.npz", 20, start=1)])
    np.savez(
        "more.npz", x_train=x, y_train=np.repeat(["dog"], 80), x_test=x[:5] + 1, y_test=np.repeat(["cat"], 5)
    )
    dataset = loaded(config(npz("own.npz"), npz("more.npz")))
    mixed = dataset.train.mixed
    assert dataset.validation is not None
    assert mixed is not None
    held = len(dataset.validation) + len(dataset.test)
    assert held == 12 + 10
    # None of its own test set, and none that is held out; one that the training has as well may come.
    assert len(mixed) == 80 - held
    assert set(mixed.targets.tolist()) == {1}
    assert not {row.tobytes() for row in mixed.features.take(mixed.indices)} & {
        row.tobytes() for row in (*dataset.validation.x, *dataset.test.x)
    }
    assert dataset.notes == (
        f"{held} mixed samples are left out of the training, as equal ones stand in the validation or the test part",
    )
    assert sorted(dataset.digests) == ["mixed", "test", "training", "validation"]
    assert dataset.contract is not None
    assert dataset.contract.statement["mix"]["share"] == 0.5


def test_numbers_are_the_codes_of_classes_whose_names_the_first_source_knows(folder: Path) -> None:
    x = np.random.default_rng(2).integers(0, 256, (20, 8, 8), dtype=np.uint8)
    np.savez("made.npz", x=x, y=np.arange(20) % 10)
    given = config("digits", npz("made.npz", pixels=True), validation=0.1)
    given["model"] = {"layers": ["Flatten", {"SpectralDense": {"units": 10}}]}
    dataset = loaded(given)
    assert dataset.train.mixed is not None
    assert dataset.train.mixed.targets.tolist() == [n % 10 for n in range(20)]
    batch = next(iter(dataset.train.batches(8)))[0].numpy()
    assert batch.max() <= 1.0
    # The same bytes as they are would be 255 times as large.
    given["data"]["mix"]["source"]["npz"]["pixels"] = False  # type: ignore[index]
    with pytest.raises(
        RefusedError, match=r"made\.npz: the pixels of `data\.source` are in \[0, 1\], and .* to 255"
    ):
        loaded(given)


def test_names_are_no_codes_of_classes_without_names(folder: Path) -> None:
    np.savez("own.npz", x=np.random.default_rng(0).random((60, 4)), y=np.arange(60) % 3)
    given = config(npz("own.npz"), "iris")
    given["model"] = {"input": [4], "layers": [{"SpectralDense": {"units": 3}}]}
    with pytest.raises(
        RefusedError, match=r"setosa, versicolor, virginica, and those of `data\.source` 0, 1, 2"
    ):
        loaded(given)


@pytest.mark.parametrize(
    ("labels", "shape", "message"),
    [
        (["cat", "cow"], (20, 4), r"made\.npz: 10 of the 20 samples .* the first is sample 1, of `cow`"),
        (
            ["cat", "dog"],
            (20, 3),
            r"made\.npz: a sample of `data\.mix\.source` is 3, and one of `data\.source` 4",
        ),
    ],
)
def test_what_does_not_fit_the_first_source_is_named(
    folder: Path, labels: list[str], shape: tuple[int, ...], message: str
) -> None:
    np.savez("made.npz", x=np.zeros(shape, np.float32), y=np.array(labels)[np.arange(20) % 2])
    given = config(npz("own.npz"), npz("made.npz"))
    checked = lipbuild.check(given)
    # A shape that a header tells is reported by the check.
    assert checked.ok == (shape == (20, 4))
    with pytest.raises(RefusedError, match=message if checked.ok else "a sample that is mixed in is 3"):
        loaded(given)


def test_tables_have_the_same_columns_and_are_filled_alike(folder: Path) -> None:
    rows = "\n".join(f"{i},{'' if i == 3 else 2 * i},{'ab'[i % 2]}" for i in range(40))
    Path("own.csv").write_text(f"a,b,kind\n{rows}\n")
    Path("made.csv").write_text("b,a,kind\n1,2,a\n,4,b\n")

    def table(path: str, **more: object) -> dict[str, object]:
        return {"csv": {"path": path, "target": "kind", "fill": "mean", **more}}

    given = config(table("own.csv", features=["a", "b"]), table("made.csv", features=["a", "b"]))
    given["model"]["input"] = [2]  # type: ignore[index]
    dataset = loaded(given)
    mixed = dataset.train.mixed
    assert mixed is not None
    filled = mixed.features.take(mixed.indices)
    assert filled[0].tolist() == [2.0, 1.0]
    # By the mean of the first source's training part, and not by its own.
    own = dataset.train.x[:, 1]
    assert filled[1, 1] != 1.0
    assert own.min() < filled[1, 1] < own.max()
    given["data"]["mix"]["source"] = table("made.csv", features=["b", "a"])  # type: ignore[index]
    with pytest.raises(RefusedError, match=r"made\.csv: the columns of `data\.mix\.source` are b, a"):
        loaded(given)
    given["data"]["mix"]["source"] = table("made.csv", features=["a", "z"])  # type: ignore[index]
    assert "made.csv has no column `z`" in [found.message for found in lipbuild.check(given).diagnostics]


CHECKED = [
    ({"share": 0.01}, "out-of-range-values", "a share of 0.01 is none of the 8 samples of a batch"),
    ({"share": 0.99}, "out-of-range-values", "a share of 0.99 is all of the 8 samples of a batch"),
    ({"source": "none"}, "out-of-range-values", "no data to mix in"),
    ({"source": "diabetes"}, "mismatched-tasks", "`diabetes` has numbers to predict"),
    ({"source": "wine"}, "mismatched-outputs", "`wine` has 3 classes, and is mixed into data of 2"),
    ({"share": 1.5}, "out-of-range-values", "less than 1"),
    ({}, "missing-keys", "`mix` lacks the key `source`"),
]


@pytest.mark.parametrize(("mix", "rule", "message"), CHECKED)
def test_check_says_what_does_not_fit(folder: Path, mix: dict[str, object], rule: str, message: str) -> None:
    given = config(npz("own.npz"), None)
    given["data"]["mix"] = {"source": npz("own.npz"), "share": 0.5, **mix} if mix else {"share": 0.5}  # type: ignore[index]
    found = {one.rule: one.message for one in lipbuild.check(given).diagnostics}
    assert message in found[rule]


def test_groups_and_time_are_not_mixed(folder: Path) -> None:
    given = config(npz("own.npz"), npz("own.npz"), split={"group": "g"})
    assert any("parts are drawn by group" in one.message for one in lipbuild.check(given).diagnostics)


def test_streams_are_asked_of_either_source(folder: Path) -> None:
    np.save("x.npy", np.zeros((6, 4), np.float32))
    np.save("y.npy", np.array(["cat", "dog"] * 3))
    arrays = {"npy": {"features": "x.npy", "labels": "y.npy"}}
    assert lipbuild.check(config(npz("own.npz"), arrays, stream=True)).ok
    dataset = loaded(config(npz("own.npz"), arrays, stream=True))
    assert dataset.train.mixed is not None
    assert isinstance(dataset.train.mixed.features, MappedFeatures)
    assert not lipbuild.check(config(npz("own.npz"), npz("own.npz"), stream=True)).ok


def test_a_run_is_bound_to_both_sources(folder: Path) -> None:
    archive(folder / "made.npz", 37, start=5)
    Path("c.yaml").write_text(json.dumps(config(npz("own.npz"), npz("made.npz"))))
    lipbuild.train(lipbuild.load("c.yaml", ["train.epochs=1"]), run="run", quiet=True)
    statement = json.loads(Path("run/data.json").read_text())
    assert statement["parts"]["mixed"]["samples"] == 37
    assert statement["mix"]["source"]["files"]["path"]["sha256"]

    # The order of a file says nothing.
    made = dict(np.load("made.npz"))
    order = np.random.default_rng(0).permutation(37)
    np.savez("made.npz", x=made["x"][order], y=made["y"][order])
    before = lipbuild.evaluate("run", attack=False, plots=False)
    # What was mixed in has been learnt from, wherever it stands.
    on = lipbuild.evaluate("run", attack=False, plots=False, on="made.npz")
    assert any("37" in note for note in on.data.notes)

    np.savez("made.npz", x=np.where(np.arange(37)[:, None] == 4, 0.5, made["x"]), y=made["y"])
    for command in (
        lambda: lipbuild.evaluate("run", attack=False, plots=False),
        lambda: lipbuild.certify("run"),
        lambda: lipbuild.train(lipbuild.load("c.yaml"), run="run", quiet=True),
    ):
        with pytest.raises(RefusedError, match=r"of its samples 1 changed \(mixed sample 4\)"):
            command()
    known = lipbuild.evaluate("run", attack=False, plots=False, known_only=True)
    assert known.certified == before.certified
