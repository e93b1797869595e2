import os
from pathlib import Path

import pytest

from lipbuild.config.sources import SOURCES
from lipbuild.text.load import MAX_BYTES, Loaded, SourceError, load, read
from lipbuild.text.nodes import plain
from lipbuild.text.text import SourceText


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def loaded(path: Path, *overrides: str) -> Loaded:
    return load(read(path), overrides)


def values(result: Loaded) -> object:
    assert result.problems == ()
    assert result.root is not None
    return plain(result.root)


def test_a_config_lies_over_its_parents(tmp_path: Path) -> None:
    write(
        tmp_path,
        grand="a: 1\nm: {x: 1, y: 1}\nl: [1, 2, 3]\n",
        parent="extends: grand.yaml\nm: {y: 2}\n",
        child="extends: parent.yaml\nm: {z: 3}\nl: [9]\nb: 4\n",
    )
    assert values(loaded(tmp_path / "child.yaml")) == {
        "a": 1,
        "m": {"x": 1, "y": 2, "z": 3},
        "l": [9],
        "b": 4,
    }


def test_another_choice_replaces_the_parents_and_the_same_one_merges(tmp_path: Path) -> None:
    write(
        tmp_path,
        base="optimizer: {Adam: {learning_rate: 1e-3, beta_1: 0.8}}\nloss: {HKR: {alpha: 1}}\n",
        same="extends: base.yaml\noptimizer: {Adam: {learning_rate: 0.5}}\n",
        other="extends: base.yaml\noptimizer: {SGD: {momentum: 0.9}}\nloss: MeanSquaredError\n",
    )
    same = values(loaded(tmp_path / "same.yaml"))
    assert isinstance(same, dict)
    assert same["optimizer"] == {"Adam": {"learning_rate": 0.5, "beta_1": 0.8}}
    other = values(loaded(tmp_path / "other.yaml"))
    assert other == {"optimizer": {"SGD": {"momentum": 0.9}}, "loss": "MeanSquaredError"}
    for name in SOURCES:
        write(
            tmp_path,
            base="source: {tables: {a: 1}}\n".replace("tables", "csv" if name != "csv" else "npz"),
            other=f"extends: base.yaml\nsource: {{{name}: {{b: 2}}}}\n",
        )
        assert values(loaded(tmp_path / "other.yaml")) == {"source": {name: {"b": 2}}}


def test_what_comes_from_a_parent_points_into_the_parent(tmp_path: Path) -> None:
    write(tmp_path, base="a: 1\n", child="extends: base.yaml\nb: 2\n")
    result = loaded(tmp_path / "child.yaml")
    assert result.root is not None
    value = result.root.get("a")
    assert value is not None
    assert value.span.place == f"{tmp_path / 'base.yaml'}:1:4"


def test_a_parent_is_sought_from_the_folder_of_its_child(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, base="a: 1\n")
    write(tmp_path / "sub", child="extends: ../base.yaml\n")
    assert values(loaded(tmp_path / "sub" / "child.yaml")) == {"a": 1}


def test_a_cycle_of_parents_is_one_report(tmp_path: Path) -> None:
    write(tmp_path, a="extends: b.yaml\n", b="extends: a.yaml\n")
    problems = loaded(tmp_path / "a.yaml").problems
    assert [problem.rule for problem in problems] == ["unreadable-parents"]
    assert problems[0].span.place == f"{tmp_path / 'b.yaml'}:1:10"


def test_a_chain_of_parents_ends(tmp_path: Path) -> None:
    write(tmp_path, **{f"c{i}": f"extends: c{i + 1}.yaml\n" for i in range(50)}, c50="a: 1\n")
    problems = loaded(tmp_path / "c0.yaml").problems
    assert [problem.rule for problem in problems] == ["unreadable-parents"]


@pytest.mark.parametrize(
    ("child", "rule"),
    [
        ("extends: missing.yaml\na: 1\n", "unreadable-parents"),
        ("extends: .\na: 1\n", "unreadable-parents"),
        ("extends: [a.yaml, b.yaml]\n", "wrong-types"),
        ("extends: 3\n", "wrong-types"),
        ('extends: "a\\0b"\n', "unreadable-parents"),
    ],
)
def test_a_parent_that_cannot_be_had_is_one_report(tmp_path: Path, child: str, rule: str) -> None:
    write(tmp_path, child=child)
    assert [problem.rule for problem in loaded(tmp_path / "child.yaml").problems] == [rule]


def test_a_problem_of_a_parent_is_reported_in_the_parent(tmp_path: Path) -> None:
    write(tmp_path, base="a: 1\na: 2\n", child="extends: base.yaml\nb: 2\n")
    (problem,) = loaded(tmp_path / "child.yaml").problems
    assert problem.rule == "duplicate-keys"
    assert problem.span.source.name.endswith("base.yaml")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n"])
def test_an_empty_config_is_one_report(text: str) -> None:
    assert [p.rule for p in load(SourceText("c", text)).problems] == ["empty-configs"]


def test_a_missing_file_and_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(SourceError, match="folder"):
        read(tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there are no devices here")
def test_a_device_and_what_is_too_long_are_no_configs(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="this is a device"):
        read(Path("/dev/zero"))
    (tmp_path / "long.yaml").write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(SourceError, match="no config is as long"):
        read(tmp_path / "long.yaml")
    (tmp_path / "child.yaml").write_text("extends: /dev/zero\n")
    (problem,) = load(read(tmp_path / "child.yaml")).problems
    assert problem.rule == "unreadable-parents"
    assert "this is not a file" in problem.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_parent_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "child.yaml").write_text("extends: pipe.yaml\n")
    (problem,) = load(read(tmp_path / "child.yaml")).problems
    assert "this is not a file" in problem.message
