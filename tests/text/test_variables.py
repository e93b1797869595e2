import pytest

from lipbuild.text.load import load
from lipbuild.text.nodes import plain
from lipbuild.text.problem import Problem
from lipbuild.text.text import SourceText


def values(text: str) -> object:
    result = load(SourceText("c", text))
    assert result.problems == ()
    assert result.root is not None
    return plain(result.root)


def problems(text: str) -> tuple[Problem, ...]:
    return load(SourceText("c", text)).problems


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${v.i}", 3),
        ("'${v.i}'", 3),
        ("${v.f}", 1e-3),
        ("${v.l}", [1, 2]),
        ("${v.l[1]}", 2),
        ("${v.m.k}", "x"),
        ("'${ v.i }'", 3),
        ("run-${v.i}-${v.s}", "run-3-text"),
        ("${v.f} each", "1e-3 each"),
        ("$${v.i}", "${v.i}"),
        ("costs $5", "costs $5"),
        ("${v.again}", 3),
        ("${v.alias.k}", "x"),
    ],
)
def test_a_reference_takes_the_value_at_its_path(written: str, value: object) -> None:
    text = (
        "v: {i: 3, f: 1e-3, s: text, l: [1, 2], m: {k: x}, again: '${v.i}', alias: '${v.m}'}\n"
        + f"a: {written}\n"
    )
    tree = values(text)
    assert isinstance(tree, dict)
    assert tree["a"] == value
    assert type(tree["a"]) is type(value)


def test_a_value_points_where_it_is_used() -> None:
    root = load(SourceText("c", "v: 3\na: ${v}\n")).root
    assert root is not None
    value = root.get("a")
    assert value is not None
    assert value.span.place == "c:2:4"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a: ${b}\n", "${b}"),
        ("a: x ${b} y\n", "${b}"),
        ("a: ${b c}\n", "${b c}"),
        ("a: ${}\n", "${}"),
        ("v: [1]\na: ${v[1]}\n", "${v[1]}"),
        ("v: [1]\na: x${v}\n", "${v}"),
        ("a: ${a}\n", "${a}"),
        ("a: ${a.b}\n", "${a.b}"),
        ("a: {b: '${a}'}\n", "${a}"),
        ("a: ${b.${c}}\n", "${c}"),
        ("c: [1]\na: ${b.${c}}\n", "${c}"),
        ("c: x\na: ${b.${c}\n", "${"),
    ],
)
def test_a_reference_that_stands_for_nothing_is_one_report_at_its_place(text: str, marked: str) -> None:
    (problem,) = problems(text)
    assert problem.rule == "unresolved-variables"
    assert problem.span.text == marked


def test_a_value_that_could_not_be_had_is_known_to_be_spoiled() -> None:
    loaded = load(SourceText("c", "a: ${b}\nc: 1\n"))
    assert [span.text for span in loaded.spoiled] == ["${b}"]


def test_variables_of_variables_are_not_expanded_beyond_use() -> None:
    lists, texts = ["a0: [x]"], ["a0: x"]
    for i in range(1, 29):
        reference = "${a" + str(i - 1) + "}"
        lists.append(f"a{i}: [" + ", ".join([f"'{reference}'"] * 10) + "]")
        texts.append(f"a{i}: '{reference}{reference}'")
    assert {problem.rule for problem in problems("\n".join(lists))} == {"oversized-expansion"}
    assert {problem.rule for problem in problems("\n".join(texts))} == {"oversized-expansion"}


def test_deep_variables_of_deep_variables_are_refused() -> None:
    deep = ["a0: x"]
    for i in range(1, 25):
        reference = "'${a" + str(i - 1) + "}'"
        deep.append(f"a{i}: {'[' * 60}{reference}{']' * 60}")
    assert {problem.rule for problem in problems("\n".join(deep))} == {"excessive-depth"}


def test_a_long_chain_of_variables_gives_no_traceback() -> None:
    chain = "".join("a" + str(i) + ": ${a" + str(i + 1) + "}\n" for i in range(200)) + "a200: 1\n"
    assert {problem.rule for problem in problems(chain)} <= {"unresolved-variables"}


def test_a_reference_inside_a_path_is_resolved_first() -> None:
    loaded = load(
        SourceText("c", "v: {k: b, w: {a: 1, b: 2}, n: w}\nx: ${v.w.${v.k}}\ny: -${v.${v.n}.${v.k}}-$${z\n")
    )
    assert not loaded.problems
    assert loaded.root is not None
    assert plain(loaded.root)["x"] == 2
    assert plain(loaded.root)["y"] == "-2-${z"


def test_no_path_that_would_lead_back_is_suggested() -> None:
    (problem,) = problems("model: {units: '${model.nothere}'}\n")
    assert problem.fix is None
