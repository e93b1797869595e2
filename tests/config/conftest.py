from collections.abc import Callable

import pytest

from lipbuild.config.build_graph import build_graph
from lipbuild.config.config import Config, decode_config
from lipbuild.network.graph import Graph
from lipbuild.text.load import load
from lipbuild.text.problem import Problem
from lipbuild.text.text import SourceText

Spec = tuple[Config, Graph | None, list[Problem]]


@pytest.fixture
def spec() -> Callable[[str], Spec]:
    """Reads a text into its config, its graph and what is wrong with it (by the spec alone, without rules)."""

    def read(text: str) -> Spec:
        loaded = load(SourceText("config.yaml", text))
        assert loaded.problems == ()
        assert loaded.root is not None
        config, found = decode_config(loaded.root, loaded.source.folder)
        problems = list(found)
        graph = build_graph(config, problems.append)
        return config, graph, problems

    return read


@pytest.fixture
def network(spec: Callable[[str], Spec]) -> Callable[..., Graph]:
    """The graph of a list of layers, which must be right."""

    def build(
        layers: str, *, input: str = "[8]", lipschitz: float = 1.0, outputs: str | None = None
    ) -> Graph:
        head = f"model:\n  lipschitz: {lipschitz}\n  input: {input}\n"
        head += f"  outputs: {outputs}\n" if outputs else ""
        _, graph, problems = spec(f"{head}  layers:\n{_indented(layers)}")
        assert problems == []
        assert graph is not None
        return graph

    return build


@pytest.fixture
def refused(spec: Callable[[str], Spec]) -> Callable[..., list[tuple[str, str]]]:
    """What is wrong with a list of layers, as (rule, text at its place)."""

    def find(layers: str, *, input: str = "[8]", lipschitz: float = 1.0) -> list[tuple[str, str]]:
        head = f"model:\n  lipschitz: {lipschitz}\n  input: {input}\n  layers:\n"
        _, _, problems = spec(head + _indented(layers))
        return [(problem.rule, problem.span.text) for problem in problems]

    return find


def _indented(layers: str) -> str:
    lines = layers.strip("\n").splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "".join(f"    {line[margin:]}\n" for line in lines)
