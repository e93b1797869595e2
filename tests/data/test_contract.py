"""The data contract: which sample is in which part, whatever becomes of the files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lipbuild.config.sections import DataSection
from lipbuild.config.sources import SOURCES
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.config.split import SplitSection
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.contract.contract import Contract, make_contract, part_digest, read_contract, sealed
from lipbuild.data.contract.copies import first_copies, keep_together
from lipbuild.data.contract.hold import check, find
from lipbuild.data.contract.identities import Digests, identify
from lipbuild.data.contract.key import VARIABLE, Key, new_key
from lipbuild.data.contract.labels import targets_by_name
from lipbuild.data.contract.other import source_of
from lipbuild.data.load import load_raw
from lipbuild.data.parts import Parts
from lipbuild.errors import RefusedError, UnusableError

KEY = Key(b"0123456789abcdef")
SHAPED = {
    "inputs": {"columns": [{"name": "a"}], "unit": "metres", "rows": True},
    "labels": {"classes": ["no", "yes"]},
}


def digests(values: list[float], labels: list[str] | None = None, key: Key = KEY) -> Digests:
    x = np.array(values, np.float32)[:, None]
    return identify(ArrayFeatures(x), [name.encode() for name in labels or ["no"] * len(x)], key).samples


def contract_of(values: list[float], parts: Parts, names: tuple[str, ...] = (), key: Key = KEY) -> Contract:
    x = np.array(values, np.float32)[:, None]
    return make_contract(SHAPED, identify(ArrayFeatures(x), [b"no"] * len(x), key), parts, names)


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def write(contract: Contract, folder: Path) -> None:
    (folder / "data.samples").write_bytes(contract.samples_file())
    (folder / "data.json").write_text(json.dumps(sealed(contract.statement)))


# Seven samples of which two are equal, in an order that was drawn.
VALUES = [5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 4.0]
PARTS = Parts(numbers(4, 0, 2), numbers(5), numbers(6, 3, 1))


def test_a_sample_is_its_values_its_shape_and_the_name_of_its_label() -> None:
    x = np.array([[0.0, 1.0]], np.float32)
    [same] = identify(ArrayFeatures(x), [b"a"], KEY).samples
    stored = identify(ArrayFeatures((x * 255).astype(np.uint8), 255.0), [b"a"], KEY)
    assert [same] == identify(ArrayFeatures(np.array([[-0.0, 1.0]])), [b"a"], KEY).samples == stored.samples
    others = [
        identify(ArrayFeatures(x), [b"b"], KEY),
        identify(ArrayFeatures(x[..., None]), [b"a"], KEY),
        identify(ArrayFeatures(x), [b"a"], Key(b"another key of 16")),
        identify(ArrayFeatures(np.nextafter(x, 2.0)), [b"a"], KEY),
    ]
    assert len({same, *(other.samples[0] for other in others)}) == 5
    # As docs/data.md says it.
    expected = hashlib.blake2b(digest_size=16, key=KEY.secret, person=b"lipbuild.data")
    expected.update(b'["float32", [2]]' + x.tobytes() + b"\0" + b"a")
    assert same == expected.digest()


def test_parts_are_the_same_in_any_order_of_the_file() -> None:
    contract = contract_of(VALUES, PARTS)
    order = np.random.default_rng(0).permutation(7)
    shuffled = [VALUES[i] for i in order]
    found = find(contract, digests(shuffled), str)
    assert [len(x) for x in (found.new, found.changed, found.gone)] == [0, 0, 0]
    for (_, before), (_, now) in zip(PARTS.named(), found.parts.named(), strict=True):
        assert [VALUES[i] for i in before] == [shuffled[i] for i in now]
    assert check(found, contract, str, known_only=False) == ""
    assert contract.digests["test"] == part_digest(digests(shuffled)[found.parts.test])


def test_what_is_new_changed_or_gone_is_counted_and_named() -> None:
    contract = contract_of(VALUES, PARTS)
    # Row 4 is another one now, row 7 is gone, and after it come a third copy and one that was never there.
    values = [5.0, 4.0, 3.0, 2.5, 1.0, 0.0]
    found = find(contract, digests(values), contract.numbered)
    assert (found.new.tolist(), found.changed.tolist(), found.gone.tolist()) == ([], [3], [6])
    with pytest.raises(RefusedError, match=r"1 changed \(row 4\) and 1 gone \(row 7\)"):
        check(found, contract, contract.numbered, known_only=False)
    assert found.parts.test.tolist() == [1]
    found = find(contract, digests([*VALUES, 4.0, 9.0]), contract.numbered)
    assert (found.new.tolist(), found.changed.tolist(), found.gone.tolist()) == ([7, 8], [], [])
    words = check(found, contract, contract.numbered, known_only=True)
    assert words.startswith("of the samples 2 new (row 8, row 9)")
    for (_, before), (_, now) in zip(PARTS.named(), found.parts.named(), strict=True):
        assert before.tolist() == now.tolist()


def test_a_sample_with_another_label_is_another_sample() -> None:
    contract = contract_of(VALUES, PARTS)
    found = find(contract, digests(VALUES, ["no"] * 6 + ["yes"]), contract.numbered)
    assert found.changed.tolist() == [6]
    nothing = find(contract, digests([7.0, 8.0]), contract.numbered)
    with pytest.raises(
        RefusedError, match="the training part of the data has no samples that the training knows"
    ):
        check(nothing, contract, contract.numbered, known_only=True)


def test_files_are_known_by_their_names() -> None:
    names = tuple(f"no/{number}é.png" for number in range(7))
    contract = contract_of(VALUES, PARTS, names)
    now = [name for number, name in enumerate(names) if number != 2] + ["no/9.png"]
    found = find(contract, digests([5.0, 4.0, 2.0, 1.5, 0.0, 4.0, 7.0]), lambda number: now[number])
    assert [now[i] for i in found.changed] == ["no/4é.png"]
    assert [now[i] for i in found.new] == ["no/9.png"]
    assert [contract.name_of(i) for i in found.gone] == ["no/2é.png"]


def test_a_contract_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_contract(tmp_path) is None
    names = tuple(f"{number}.png" for number in range(7))
    contract = contract_of(VALUES, PARTS, names)
    write(contract, tmp_path)
    again = read_contract(tmp_path)
    assert again is not None
    assert again.records.tobytes() == contract.records.tobytes()
    assert (again.names, again.key, again.columns) == (list(names), KEY, (InputColumn("a"),))
    assert (again.class_names, again.unit) == (("no", "yes"), "metres")
    samples = again.records["sample"]
    assert np.array_equal(samples, np.sort(samples))


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    contract = contract_of(VALUES, PARTS)
    write(contract, tmp_path)
    content = contract.samples_file()
    for damaged in (content[:-1], content + b"\0", content[:20] + b"?" + content[21:], b""):
        (tmp_path / "data.samples").write_bytes(damaged)
        with pytest.raises(RefusedError, match=r"what data\.samples beside it does not hold"):
            read_contract(tmp_path)
    (tmp_path / "data.samples").unlink()
    with pytest.raises(UnusableError, match=r"data\.samples: there is no such file"):
        read_contract(tmp_path)
    for text, message in (
        ('{"format": "lipbuild.data"}', "of version None"),
        ('{"format": "lipbuild.data", "version": 2}', "of version 2"),
        ('{"format": "lipbuild.data", "version": true}', "of version True"),
        ('{"format": "other", "version": 1}', "is not a data contract"),
        ('{"format": "lipbuild.data", "version": 1, "sha256": "0"}', "changed since lipbuild wrote it"),
        ('{"format": "lipbuild.data", "version": 1, "s": "0"}', "changed since lipbuild wrote it"),
    ):
        (tmp_path / "data.json").write_text(text)
        with pytest.raises(RefusedError, match=message):
            read_contract(tmp_path)


def test_a_contract_that_was_made_to_mislead_is_refused(tmp_path: Path) -> None:
    contract = contract_of(VALUES, PARTS, tuple("abcdefg"))
    bomb = replace(contract, names=["0" * 10_000] * len(contract.records))
    far = replace(contract, records=contract.records.copy())
    far.records["number"][0] = len(far.records)
    for forged in (bomb, far):
        samples = forged.samples_file()
        stated = {**contract.statement["samples"], "sha256": hashlib.sha256(samples).hexdigest()}
        write(replace(forged, statement={**contract.statement, "samples": stated}), tmp_path)
        with pytest.raises(RefusedError, match=r"what data\.samples beside it does not hold"):
            read_contract(tmp_path)
    for key in ("00" * 65, "00" * 32):
        stated = {**contract.statement["samples"], "key": key}
        write(replace(contract, statement={**contract.statement, "samples": stated}), tmp_path)
        with pytest.raises(RefusedError, match=r"what data\.samples beside it does not hold"):
            read_contract(tmp_path)
    parts = {name: part for name, part in contract.statement["parts"].items() if name != "test"}
    write(replace(contract, statement={**contract.statement, "parts": parts}), tmp_path)
    with pytest.raises(RefusedError, match=r"what data\.samples beside it does not hold"):
        read_contract(tmp_path)


def test_a_key_of_ones_own_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_bytes(bytes(range(32)))
    monkeypatch.setenv(VARIABLE, str(path))
    key = new_key()
    assert key == Key(bytes(range(32)), is_own=True)
    contract = contract_of(VALUES, PARTS, key=key)
    write(contract, tmp_path)
    assert bytes(range(32)).hex() not in (tmp_path / "data.json").read_text()
    for given in (True, False):
        if not given:
            monkeypatch.delenv(VARIABLE)
        again = read_contract(tmp_path)
        assert again is not None
        assert again.key == (replace(key) if given else None)
    path.write_bytes(bytes(32))
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(UnusableError, match="is not the one that the data contract"):
        read_contract(tmp_path)
    for size, message in ((15, "this file has 15"), (65, "more than 64")):
        path.write_bytes(bytes(size))
        with pytest.raises(UnusableError, match=message):
            new_key()
    path.unlink()
    with pytest.raises(UnusableError, match="the key cannot be read"):
        new_key()
    monkeypatch.delenv(VARIABLE)
    assert new_key() != new_key()


def test_labels_have_the_codes_that_the_training_gave_their_names() -> None:
    def codes(labels: object, names: tuple[str, ...] | None, classes: tuple[str, ...]) -> list[int]:
        targets, own = targets_by_name(np.asarray(labels), "multiclass", len(classes), names, classes)
        assert len(own) == len(targets.values)
        return [int(code) for code in targets.values]

    # A class that came later, before the others in the alphabet, moves nobody's code.
    assert codes(["b", "a", "c"], None, ("b", "c")) == [0, -1, 1]
    assert codes([0, 1, 2], ("ant", "bee", "cat"), ("bee", "cat")) == [-1, 0, 1]
    assert codes([1.0, 3.0], None, ("1", "2", "3")) == [0, 2]
    assert codes([-1, 1, 0.5], None, ("-1", "1")) == [0, 1, -1]
    assert codes([[0, 1], [1, 0]], None, ("0", "1")) == [1, 0]
    assert codes([float("nan"), 0.0], None, ("0", "1")) == [-1, 0]


def test_copies_of_a_sample_are_in_one_part() -> None:
    copies = first_copies(digests(VALUES))
    assert copies.tolist() == [0, 1, 2, 3, 4, 5, 1]
    alone = Parts(numbers(4, 0, 2), None, numbers(6, 3, 1))
    assert keep_together(alone, copies, ()) == (alone, 0)
    # The first copy was drawn for the test, so that the other one comes after it.
    drawn, left_out = keep_together(Parts(numbers(6, 0, 2), numbers(5), numbers(3, 1, 4)), copies, ())
    assert [part.tolist() for _, part in drawn.named()] == [[0, 2], [5], [3, 1, 4, 6]]
    assert left_out == 0
    # What a source keeps apart stays.
    given, left_out = keep_together(Parts(numbers(0, 1, 2), numbers(5), numbers(3, 4, 6)), copies, ["test"])
    assert [part.tolist() for _, part in given.named()] == [[0, 2], [5], [3, 4, 6]]
    assert left_out == 1
    with pytest.raises(RefusedError, match="the training part of the data has no samples: each is equal"):
        keep_together(Parts(numbers(1), None, numbers(0, 6)), copies, ["test"])


@pytest.mark.parametrize("seed", range(5))
def test_no_sample_of_any_split_stands_in_two_parts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    copies = first_copies(digests(rng.integers(0, 30, 60).astype(float).tolist()))
    order = rng.permutation(60)
    parts = Parts(order[:30], order[30:45], order[45:])
    for given in ([], ["test"], ["validation"], ["validation", "test"]):
        settled, left_out = keep_together(parts, copies, given)
        groups = [set(copies[part].tolist()) for _, part in settled.named()]
        assert not (groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2])
        kept = np.concatenate([part for _, part in settled.named()])
        assert len(kept) == len(set(kept.tolist())) == 60 - left_out
        assert not (left_out and not given)
        if "test" in given:
            assert settled.test.tolist() == parts.test.tolist()


def test_other_data_needs_no_column_that_only_a_training_does(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,y\n1,2\n")
    source = SOURCES["csv"].model_validate({"path": "t.csv", "target": "y", "weight": "w", "features": ["a"]})
    section = DataSection(source=source, split=SplitSection(group="patient"))
    other = tmp_path / "other.csv"
    raw = load_raw(section.model_copy(update={"source": source_of(section.source, other)}), tmp_path)
    assert (len(raw.labels), raw.weights, raw.parts_by) == (1, None, None)
    for missing in ("w", "patient"):
        same = section.model_copy(update={"source": source_of(section.source, other, whole=False)})
        with pytest.raises(RefusedError, match=f"no column `{missing}`"):
            load_raw(same, tmp_path)
        other.write_text("a,y,w\n1,2,1\n")
