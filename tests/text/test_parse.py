import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipbuild.text.nodes import Mapping, Scalar, Sequence, TextNode, plain
from lipbuild.text.parse import MAX_DEPTH, Parsed, parse
from lipbuild.text.text import SourceText


def read(text: str) -> Parsed:
    return parse(SourceText("config.yaml", text))


def root(text: str) -> Mapping:
    parsed = read(text)
    assert parsed.problems == ()
    assert isinstance(parsed.root, Mapping)
    return parsed.root


def at(node: TextNode | None) -> str:
    assert node is not None
    return node.span.text


def rules(text: str) -> list[str]:
    return [problem.rule for problem in read(text).problems]


def test_a_tree_is_read_as_plain_values() -> None:
    text = "a: 1\nb: [x, 2.5, {c: null}]\nd:\n  - true\n  - 'true'\n"
    assert plain(root(text)) == {"a": 1, "b": ["x", 2.5, {"c": None}], "d": [True, "true"]}


def test_every_node_knows_its_stretch_of_the_text() -> None:
    tree = root("a: 1\nb: [x, 2.5]\nc:\n  d: 'e f'\n  g: |\n    h\nlast: 0\n")
    assert at(tree.get("b")) == "[x, 2.5]"
    inner = tree.get("c")
    assert isinstance(inner, Mapping)
    assert at(inner.get("d")) == "'e f'"
    assert [entry.key.span.text for entry in inner] == ["d", "g"]
    assert tree.entries[-1].key.span.place == "config.yaml:7:1"


def test_a_block_ends_with_its_last_value() -> None:
    tree = root("a:\n  - x\n  - y   # a comment\n\n# another\nb: 1\n")
    assert at(tree.get("a")) == "- x\n  - y"


def test_characters_beyond_the_basic_plane_count_one() -> None:
    tree = root("a: '😀é' # 😀\nb: 2\n")
    assert at(tree.get("a")) == "'😀é'"
    assert tree.get("b").span.place == "config.yaml:2:4"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_with_any_line_break(newline: str) -> None:
    tree = root(newline.join(["a: 1", "b:", "  c: 2", ""]))
    inner = tree.get("b")
    assert isinstance(inner, Mapping)
    assert inner.get("c").span.place == "config.yaml:3:6"


def test_an_anchor_is_no_part_of_its_value() -> None:
    tree = root("a: &x 5\nb: *x\n")
    assert at(tree.get("a")) == "5"


def test_an_alias_has_the_value_of_its_anchor_and_a_place_of_its_own() -> None:
    tree = root("a: &x {k: [1, 2]}\nb: *x\n")
    assert plain(tree.get("b")) == {"k": [1, 2]}
    assert at(tree.get("b")) == "*x"
    inner = tree.get("b")
    assert isinstance(inner, Mapping)
    assert at(inner.get("k")) == "*x"


def test_an_anchor_may_be_given_anew() -> None:
    assert plain(root("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")) == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_an_empty_value_is_nothing_and_takes_no_place() -> None:
    value = root("a:\nb: 1\n").get("a")
    assert isinstance(value, Scalar)
    assert value.value is None
    assert value.span.start == value.span.end


def test_a_pair_in_a_flow_list_is_a_mapping() -> None:
    tree = root("layers: [Flatten, SpectralDense: {units: 3}]\n")
    layers = tree.get("layers")
    assert isinstance(layers, Sequence)
    assert at(layers.items[1]) == "SpectralDense: {units: 3}"


def test_the_second_of_two_equal_keys_is_reported_and_the_first_counts() -> None:
    parsed = read("a: 1\nb: 2\n'a': 3\n")
    assert [problem.rule for problem in parsed.problems] == ["duplicate-keys"]
    assert parsed.problems[0].span.place == "config.yaml:3:1"
    assert [related.span.text for related in parsed.problems[0].related] == ["a"]
    assert parsed.root is not None
    assert plain(parsed.root) == {"a": 1, "b": 2}


def test_keys_are_equal_where_they_are_written_equal() -> None:
    assert rules("1: a\n01: b\n") == []
    assert rules("true: a\nTrue: b\n") == []
    assert rules("1: a\n1: b\n") == ["duplicate-keys"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: [1, 2\n", "malformed-yaml"),
        ("a: 'x\n", "malformed-yaml"),
        ("a:\n\tb: 1\n", "malformed-yaml"),
        ("a: @x\n", "malformed-yaml"),
        ("a: b: c\n", "malformed-yaml"),
        ("a: \x00\n", "malformed-yaml"),
        ("\ufeffa: 1\n", "malformed-yaml"),
        ("a: *x\n", "unknown-aliases"),
        ("a: &x [*x]\n", "recursive-aliases"),
        ("a: &x {b: *x}\n", "recursive-aliases"),
        ("a: 1\n---\nb: 2\n", "multiple-documents"),
        ("a: !!int 1\n", "explicit-tags"),
        ("a: !thing {b: 1}\n", "explicit-tags"),
        ("a: {<<: {b: 1}}\n", "merge-keys"),
        ("? [a]\n: 1\n", "wrong-types"),
        ("a: " + "[" * 200 + "]" * 200, "excessive-depth"),
        ("a: " + "[" * 5000, "excessive-depth"),
    ],
)
def test_each_fault_of_a_text_is_one_report(text: str, rule: str) -> None:
    assert rules(text) == [rule]


def test_a_tagged_value_is_read_as_the_tag_asks_so_that_nothing_else_is_reported() -> None:
    tree = read("a: !!int '3'\nb: !!str 3\nc: !!float 1e-3\nd: ! 3\n").root
    assert tree is not None
    assert plain(tree) == {"a": 3, "b": "3", "c": 1e-3, "d": "3"}


def test_aliases_of_aliases_are_not_expanded_beyond_use() -> None:
    levels = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}' if i else 'x'] * 10)}]\n" for i in range(9))
    tracemalloc.start()
    assert rules(levels) == ["oversized-expansion"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


def test_depth_is_counted_through_aliases() -> None:
    half = MAX_DEPTH // 2 + 5
    text = f"a: &a {'[' * half}{']' * half}\nb: {'[' * half}*a{']' * half}\n"
    parsed = read(text)
    assert [problem.rule for problem in parsed.problems] == ["excessive-depth"]
    assert parsed.problems[0].span.text == "*a"


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab:-?*&!|>'\"%@`[]{},#\n\r\t é😀0.e~<\x00\x85\u2028\ufeff"), max_size=40))
def test_any_text_is_read_or_reported(text: str) -> None:
    parsed = read(text)
    for problem in parsed.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    if parsed.root is not None:
        _inside(parsed.root, len(text))


def _inside(node: TextNode, length: int) -> None:
    assert 0 <= node.span.start <= node.span.end <= length
    if isinstance(node, Sequence):
        for item in node.items:
            _inside(item, length)
    elif isinstance(node, Mapping):
        for entry in node:
            _inside(entry.key, length)
            _inside(entry.value, length)
