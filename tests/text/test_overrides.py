import pytest

from lipbuild.text.load import load
from lipbuild.text.nodes import plain
from lipbuild.text.path import format_path, parse_path
from lipbuild.text.problem import Problem
from lipbuild.text.text import SourceText

TEXT = "a: 1\nm: {x: [1, {y: 2}], o: Adam}\nl: [Flatten, SpectralDense: {units: 3}]\nn:\n"


def overridden(*options: str) -> object:
    result = load(SourceText("c", TEXT), options)
    assert result.problems == ()
    assert result.root is not None
    return plain(result.root)


def problems(*options: str) -> list[Problem]:
    return list(load(SourceText("c", TEXT), options).problems)


@pytest.mark.parametrize(
    ("option", "path", "value"),
    [
        ("a=1e-3", "a", 1e-3),
        ("a = 5", "a", 5),
        ("a='5'", "a", "5"),
        ("a=", "a", None),
        ("a=x=y", "a", "x=y"),
        ("m.x[1].y=[3, 4]", "m.x[1].y", [3, 4]),
        ("l[1].SpectralDense.units=8", "l[1].SpectralDense.units", 8),
        ("m.new={k: v}", "m.new", {"k": "v"}),
        ("b.c.d=1", "b.c.d", 1),
        ("n.k=1", "n.k", 1),
        ("m.o.Adam.learning_rate=0.5", "m.o.Adam.learning_rate", 0.5),
    ],
)
def test_an_option_sets_one_value(option: str, path: str, value: object) -> None:
    node = overridden(option)
    for step in parse_path(path) or ():
        node = node[step]  # type: ignore[index]
    assert node == value


def test_the_last_of_several_options_wins() -> None:
    changed = overridden("a=2", "a=3")
    assert isinstance(changed, dict)
    assert changed["a"] == 3


def test_an_option_leaves_the_rest_as_it_was() -> None:
    before, after = overridden(), overridden("m.x[0]=7")
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    before["m"]["x"][0] = 7
    assert before == after


@pytest.mark.parametrize(
    ("option", "rule", "marked"),
    [
        ("a", "malformed-options", "a"),
        ("=3", "malformed-options", "=3"),
        ("a..b=3", "malformed-options", "a..b=3"),
        ("a[x]=3", "malformed-options", "a[x]=3"),
        ("l[7]=3", "malformed-options", "[7]"),
        ("m[0]=3", "malformed-options", "[0]"),
        ("a.b=3", "malformed-options", "b"),
        ("a=[1", "malformed-yaml", "["),
        ("a={x: 1, x: 2}", "duplicate-keys", "x"),
    ],
)
def test_a_problem_of_an_option_points_into_the_option(option: str, rule: str, marked: str) -> None:
    (problem,) = problems(option)
    assert problem.rule == rule
    assert problem.span.source.name == "--set"
    assert problem.span.source.text == option
    assert problem.span.text == marked


def test_a_value_of_an_option_points_into_the_option() -> None:
    result = load(SourceText("c", TEXT), ["m.x=[1, 22]"])
    assert result.root is not None
    value = result.root.get("m").get("x")  # type: ignore[union-attr]
    assert value.items[1].span.text == "22"


@pytest.mark.parametrize("text", ["a", "a.b", "a[0]", "a[0][1].b", "a-b.c_d"])
def test_a_path_is_written_as_it_is_read(text: str) -> None:
    path = parse_path(text)
    assert path is not None
    assert format_path(path) == text


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "[0]", "a[-1]", "a b", "a.[0]", "a[0]b"])
def test_what_is_no_path_is_none(text: str) -> None:
    assert parse_path(text) is None


def test_another_name_takes_the_place_of_a_choice() -> None:
    text = "o: {Adam: {learning_rate: 1e-3}}\n"
    result = load(SourceText("c", text), ["o.SGD.momentum=0.9"])
    assert result.problems == ()
    assert result.root is not None
    assert plain(result.root) == {"o": {"SGD": {"momentum": 0.9}}}
    same = load(SourceText("c", text), ["o.Adam.learning_rate=0.5"])
    assert same.root is not None
    assert plain(same.root) == {"o": {"Adam": {"learning_rate": 0.5}}}


@pytest.mark.parametrize("text", ["o: {Adam: {beta_1: 0.5}}\n", "o: {Adam: }\n", "o: Adam\n"])
def test_an_argument_of_a_choice_does_not_need_its_name(text: str) -> None:
    result = load(SourceText("c", text), ["o.rate=0.1"])
    assert result.problems == ()
    assert result.root is not None
    adam = {"beta_1": 0.5} if "beta" in text else {}
    assert plain(result.root) == {"o": {"Adam": {**adam, "rate": 0.1}}}


def test_a_variable_with_a_capital_is_no_choice() -> None:
    result = load(SourceText("c", "variables: {Net: {units: 2}}\n"), ["variables.units=3"])
    assert result.root is not None
    assert plain(result.root) == {"variables": {"Net": {"units": 2}, "units": 3}}
