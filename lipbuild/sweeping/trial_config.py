"""The config of one trial as a text of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lipbuild.config.dump import dump_config, flow
from lipbuild.rules.check import Accepted, check
from lipbuild.sweeping.results import SweepTrial
from lipbuild.sweeping.setting import Setting
from lipbuild.text.load import load
from lipbuild.text.nodes import Mapping, Scalar, plain
from lipbuild.text.overrides import override, spelled_out
from lipbuild.text.parse import parse
from lipbuild.text.path import Path as Steps
from lipbuild.text.path import parse_path
from lipbuild.text.set_text import set_text
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText


def trial_config(setting: Setting, trial: SweepTrial, destination: Path, head: str) -> str:
    """The text of a config that is trained as a trial was.

    It is the sweep's own text with the values written in, comments and layout as they were. Where that does not come to
    the same (a value of a parent config, an anchor), it is the config with everything filled in.

    Args:
        setting: The sweep.
        trial: The trial.
        destination: Where the text goes; relative paths in it are made absolute.
        head: A line of comment that comes first.
    """
    tried = [f"{path}={value}" for path, value in trial.options.items()]
    wanted = setting.check(tried).raise_for_errors()
    resolved = _resolved(wanted)
    text = _written(setting, wanted, [*setting.overrides, *tried])
    if text is not None:
        text = f"# {head}\n{text}"
        found = check(SourceText(str(destination), text, destination))
        if isinstance(found, Accepted) and _resolved(found) == resolved:
            return text
    return f"# {head}\n{resolved}"


def _resolved(checked: Accepted) -> str:
    return dump_config(checked.config, checked.graph, [finding.rule for finding in checked.suppressed])


def _written(setting: Setting, wanted: Accepted, options: Sequence[str]) -> str | None:
    """The text with each option written in; None where one has no place."""
    source: SourceText | None = setting.source
    root = load(setting.source).root
    for path, value in (*map(_parts, options), *_files(setting, wanted)):
        source = set_text(source, spelled_out(root, path), value) if source is not None else None
    return source.text if source is not None else None


def _parts(option: str) -> tuple[Steps, str]:
    """The path of an option, and its value as it may stand anywhere."""
    name, _, _ = option.partition("=")
    steps = parse_path(name.strip())
    assert steps is not None
    node, _ = override(Scalar(None, Span(SourceText("", ""), 0, 0)), f"x={option.partition('=')[2]}")
    value = plain(node)
    assert isinstance(value, dict)
    return steps, _inside(value["x"])


def _inside(value: object) -> str:
    """A value as YAML that may stand in braces and brackets."""
    return flow([value])[1:-1]


def _files(setting: Setting, wanted: Accepted) -> Iterator[tuple[Steps, str]]:
    """The paths that the text names, absolute, for it is going to lie in another folder."""
    config = wanted.config
    source = setting.source
    root = parse(source).root
    parent = root.get("extends") if isinstance(root, Mapping) else None
    if isinstance(parent, Scalar):
        yield ("extends",), _inside(str((source.folder / str(parent.value)).resolve()))
    if config.data is None:
        return
    for key, path in config.data.files().items():
        yield tuple(key.split(".")), _inside(str((config.folder / path).resolve()))
    if config.data.cache is not None:
        yield ("data", "cache"), _inside(str((config.folder / config.data.cache).resolve()))
