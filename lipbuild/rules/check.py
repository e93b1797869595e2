"""All the rules, applied to a config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lipbuild.config.build_graph import build_graph
from lipbuild.config.config import Config, TooManyProblemsError, decode_config
from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.errors import RefusedError
from lipbuild.frozen import dataclass
from lipbuild.network.graph import Graph
from lipbuild.network.shapes import Shape
from lipbuild.rules.context import Context
from lipbuild.rules.refused import REFUSED_LAYERS, refusals
from lipbuild.rules.registry import RULES
from lipbuild.rules.suppress import silence
from lipbuild.text.load import Loaded, load
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText


@dataclass(frozen=True)
class Checked:
    """A config, and all that the rules have to say about it.

    Attributes:
        source: Its text.
        config: What it says; None where its text could not be read.
        graph: Its network; None where it has none, or the rules found an error.
        diagnostics: The findings, in the order of the text.
        suppressed: The findings that a comment of the config silences.
        texts: Every text that took part: the config, its parents, the options.
        overrides: The options that were laid over it.
    """

    source: SourceText
    config: Config | None
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...] = ()
    texts: tuple[SourceText, ...] = ()
    overrides: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error: a network can be built."""
        return isinstance(self, Accepted)

    def raise_for_errors(self) -> Accepted:
        """Let a config through that a network can be built from.

        Raises:
            RefusedError: It has errors; the message shows them.
        """
        if isinstance(self, Accepted):
            return self
        from lipbuild.diagnostics.text import render

        raise RefusedError(f"{self.source.name}: the config has errors\n\n{render(self.diagnostics)}")

    def __repr__(self) -> str:
        """Its name, its size and the number of findings: the text and its tree are long to print."""
        words = [repr(self.source.name)]
        if self.graph is not None:
            words.append(f"{sum(node.parameters for node in self.graph.nodes):,} parameters")
        counts = Counter(finding.severity.value for finding in self.diagnostics)
        words += [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items()]
        return f"{type(self).__name__}({', '.join(words)})"

    def _repr_html_(self) -> str:
        """The config as a notebook shows it: its network, or what is wrong with it."""
        from html import escape

        from lipbuild.diagnostics.text import render

        findings = f"<pre>{escape(render(self.diagnostics))}</pre>" if self.diagnostics else ""
        return (self.graph._repr_html_() if self.graph is not None else "") + findings

    @property
    def voided_by(self) -> tuple[str, ...]:
        """The soundness rules that a comment silences. Any one of them voids the certificate."""
        return tuple(dict.fromkeys(d.rule for d in self.suppressed if RULES[d.rule].is_soundness))


@dataclass(frozen=True)
class Accepted(Checked):
    """A config without errors: a network can be built from it.

    Attributes:
        source: Its text.
        config: What it says.
        graph: Its network.
        diagnostics: The findings, in the order of the text: warnings and notes.
        suppressed: The findings that a comment of the config silences.
        texts: Every text that took part: the config, its parents, the options.
    """

    config: Config
    graph: Graph

    __repr__ = Checked.__repr__


def check(
    source: SourceText,
    overrides: Sequence[str] = (),
    *,
    data_shape: Shape | None = None,
    trials: bool = True,
) -> Checked:
    """Read a config and apply every rule.

    Args:
        source: The text.
        overrides: `path=value` options laid over it.
        data_shape: The shape of one sample of the loaded data, where it has been loaded.
        trials: Whether the rules are applied to what its sweep tries, too.

    Returns:
        What was found; an `Accepted` where nothing is an error.
    """
    loaded = load(source, overrides)
    config, graph, problems = _find(loaded, data_shape)
    if trials and config is not None and config.space:
        from lipbuild.rules.trials import problems_of_trials

        problems += problems_of_trials(loaded, config, problems, lambda other: _find(other, data_shape)[2])
    divided = silence(problems, loaded.texts, RULES, built=graph is not None)
    diagnostics = _diagnostics(divided.kept, source)
    silenced = _diagnostics(divided.silenced, source)
    if config is None or graph is None or _has_error(diagnostics):
        return Checked(source, config, None, diagnostics, silenced, loaded.texts, tuple(overrides))
    return Accepted(source, config, graph, diagnostics, silenced, loaded.texts, tuple(overrides))


def _find(loaded: Loaded, data_shape: Shape | None) -> tuple[Config | None, Graph | None, list[Problem]]:
    """What a tree says, and all that is wrong with it."""
    problems: list[Problem] = list(loaded.problems)
    if loaded.root is None:
        return None, None, problems
    source = loaded.source
    folder = source.folder if source.path is not None else Path()
    try:
        config, found = decode_config(loaded.root, folder)
    except TooManyProblemsError as error:
        return None, None, [*problems, *error.problems]
    # What should have been a list has its names as keys.
    unlisted = [problem.span for problem in found if problem.rule == "wrong-types"]
    problems = [
        p for p in problems if p.rule != "duplicate-keys" or not any(_inside(p.span, s) for s in unlisted)
    ]
    missing: list[Problem] = []
    graph = build_graph(config, missing.append, data_shape)
    problems += (problem for problem in (*found, *missing) if not _follows(problem, loaded))
    context = Context(loaded, config, graph, REFUSED_LAYERS)
    problems += refusals(context)
    for rule in RULES.applied(sweep=config.sweep is not None or bool(config.space)):
        if rule.check is not None:
            problems += rule.check(context)
    return config, graph, problems


def _has_error(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def _follows(problem: Problem, loaded: Loaded) -> bool:
    """Whether something is wrong only because of what has been reported already.

    A value whose variable is unknown, or a key that may be in a parent that could not be read.
    """
    if problem.rule == "missing-keys" and not loaded.complete:
        return True
    return any(_inside(problem.span, spoiled) for spoiled in loaded.spoiled)


def _inside(span: Span, other: Span) -> bool:
    return span.source is other.source and other.start <= span.start and span.end <= other.end


def _place(problem: Problem) -> tuple[int, int]:
    return id(problem.span.source), problem.span.start


def _diagnostics(problems: Sequence[Problem], main: SourceText) -> tuple[Diagnostic, ...]:
    """Problems under their rules' codes, each once, in the order of the text: options last."""
    unique: dict[tuple[str, str, int, int], Problem] = {}
    for problem in problems:
        key = (problem.rule, problem.message, id(problem.span.source), problem.span.start)
        unique.setdefault(key, problem)
    wrong = {_place(problem) for problem in unique.values() if RULES[problem.rule].severity is Severity.ERROR}
    ordered = sorted(
        # A value that is wrong anyway is not ambiguous as well.
        (p for p in unique.values() if p.rule != "ambiguous-scalars" or _place(p) not in wrong),
        key=lambda p: (
            p.span.source is not main,
            p.span.source.path is None,
            p.span.source.name,
            p.span.start,
            RULES[p.rule].code,
        ),
    )
    return tuple(Diagnostic.of(p, RULES[p.rule].code, RULES[p.rule].severity) for p in ordered)
