"""A whole config, typed."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from lipbuild.config.decode import decode, keys_astray
from lipbuild.config.sections import (
    CertifySection,
    ConfigSection,
    DataSection,
    ExportSection,
    ModelSection,
    TrainSection,
)
from lipbuild.config.sources import SourceSpec
from lipbuild.config.stack import Stack, decode_stack
from lipbuild.config.sweep.section import SweepSection
from lipbuild.errors import RefusedError
from lipbuild.fields.strict import Strict
from lipbuild.frozen import dataclass
from lipbuild.text.merge import is_choice
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode, plain
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span

if TYPE_CHECKING:
    from lipbuild.config.sweep.space import Space


@dataclass(frozen=True)
class Config:
    """What a config says, as far as it could be read.

    Attributes:
        name: The model's name.
        seed: What the training's randomness starts from.
        folder: Where relative paths start.
        model: The network's section; None where it is wrong or missing.
        stack: Its layers; empty where there are none to go on with.
        data: The data's section, if any.
        train: The training's section, if any.
        certify: What is certified.
        export: What is exported.
        sweep: The sweep's section, if any.
        space: The keys that it varies; empty where there are none.
        tree: The config as plain values, after parents, options and variables.
        places: Where each key of each section stands (`train.loss`), and its value's place. What is named in a
            list stands at its number (`data.preprocess[0]`).
        sound: Whether everything could be read.
    """

    name: str
    seed: int
    folder: Path
    model: ModelSection | None
    stack: Stack
    data: DataSection | None
    train: TrainSection | None
    certify: CertifySection
    export: ExportSection
    tree: Map[str, Any]
    root: Span
    sweep: SweepSection | None = None
    space: Space = ()
    places: Map[str, Span] = field(default_factory=dict)
    keys: Map[str, Span] = field(default_factory=dict)
    sound: bool = True

    @overload
    def needed(self, name: Literal["model"], advice: str = ...) -> ModelSection: ...
    @overload
    def needed(self, name: Literal["data"], advice: str = ...) -> DataSection: ...
    @overload
    def needed(self, name: Literal["train"], advice: str = ...) -> TrainSection: ...
    @overload
    def needed(self, name: Literal["sweep"], advice: str = ...) -> SweepSection: ...
    def needed(self, name: str, advice: str = "") -> Any:
        """A section that a command cannot do without.

        Args:
            name: Its key.
            advice: What to do where the config has none.

        Raises:
            RefusedError: The config has none.
        """
        section = getattr(self, name)
        if section is None:
            message = f"{self.root.source.name}: the config has no `{name}` section"
            raise RefusedError(message, advice or f"add `{name}:`")
        return section

    def place(self, path: str) -> Span:
        """Where the value of a key stands; where its section or the config starts if it is left out."""
        while path:
            if path in self.places:
                return self.places[path]
            if path in self.keys:
                return self.keys[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        line, _ = self.root.source.position(self.root.start)
        return Span(self.root.source, self.root.start, self.root.source.line_end(line))


# Whoever made so many mistakes has made one of them again and again.
MAX_PROBLEMS = 1_000


class TooManyProblemsError(Exception):
    """There are as many problems as are looked for.

    Attributes:
        problems: All of them; the last one says so.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        note = f"the check ends with it: {len(problems):,} mistakes have been found, and the rest is not looked at"
        last = problems[-1]
        self.problems = (*problems[:-1], replace(last, notes=(*last.notes, note)))


def decode_config(root: Mapping, folder: Path) -> tuple[Config, tuple[Problem, ...]]:
    """The config of a tree, and what is wrong with it.

    Whatever can be read is, so that one run of a checker shows all that is wrong.

    Raises:
        TooManyProblemsError: There are so many of them that the rest is not looked at.
    """
    problems: list[Problem] = []

    def report(problem: Problem) -> None:
        problems.append(problem)
        if len(problems) == MAX_PROBLEMS:
            raise TooManyProblemsError(problems)

    # The model has its own grammar; everything else is a mapping of typed keys.
    header = decode(ConfigSection, _header(root), "a config", report)
    parts = header if header is not None else _salvage(root)
    model: ModelSection | None = None
    stack: Stack = ()
    node = root.get("model")
    if node is not None:
        entry = root.entry("model")
        at = entry.key.span if entry else None
        astray = partial(keys_astray, ConfigSection, _header(root))
        model = decode(ModelSection, node, "`model`", report, at=at, astray=astray)
        layers = node.entry("layers") if isinstance(node, Mapping) else None
        if layers is not None and isinstance(layers.value, Scalar) and layers.value.value is None:
            report(Problem("out-of-range-values", "`layers` needs at least 1 layer", layers.key.span))
        elif layers is not None:
            stack = decode_stack(layers.value, report) or ()
            if not stack and not problems:
                report(Problem("out-of-range-values", "`layers` needs at least 1 layer", layers.value.span))
    space = _space(root, report)
    places: dict[str, Span] = {}
    keys: dict[str, Span] = {}
    _find_places(root, "", places, keys)
    if parts.data is not None and not parts.data.has_source and {"train", "sweep"} & keys.keys():
        message = "`source: none` has no data to train on"
        advice = "say where the data comes from, such as `csv: {path: data.csv, target: kind}`"
        report(Problem("missing-keys", message, places["data.source"], help=advice))
    _check_batches(parts, places, report)
    config = Config(
        name=parts.name,
        seed=parts.seed,
        folder=folder,
        model=model,
        stack=stack,
        data=_from_the_shell(parts.data, root.span, places),
        train=_for_radii(parts),
        certify=parts.certify,
        export=parts.export,
        tree=_as_dict(root),
        root=root.span,
        sweep=parts.sweep,
        space=space,
        places=places,
        keys=keys,
        sound=not problems,
    )
    return config, tuple(problems)


def _check_batches(parts: ConfigSection, places: Map[str, Span], report: Callable[[Problem], None]) -> None:
    """Hold the share that is mixed in against the size of a batch."""
    mix = parts.data.mix if parts.data is not None else None
    if mix is None or parts.train is None:
        return
    size = parts.train.batch_size
    if not 0 < mix.of_batch(size) < size:
        which = "all" if mix.of_batch(size) else "none"
        message = f"a share of {mix.share:g} is {which} of the {size} samples of a batch"
        place = places["data.mix.share"]
        report(Problem("out-of-range-values", message, place, help="give larger batches, or another share"))


def _for_radii(parts: ConfigSection) -> TrainSection | None:
    """The training's section; a loss without a margin of its own asks for a radius that the config names."""
    train, certify = parts.train, parts.certify
    if train is None or "radii" not in certify.model_fields_set:
        return train
    loss = train.loss.for_radii(certify.radii)
    return train if loss is train.loss else train.model_copy(update={"loss": loss})


def _from_the_shell(data: DataSection | None, root: Span, places: Map[str, Span]) -> DataSection | None:
    """The section of the data; the path of an option starts from the working directory."""
    if data is None:
        return None

    def absolute(key: str, path: str) -> str:
        place = places.get(key)
        is_option = place is not None and place.source is not root.source and place.source.path is None
        return str(Path.cwd() / path) if is_option else path

    def from_here(place: str, source: SourceSpec) -> SourceSpec:
        files = source.files()
        found = {key: absolute(f"{place}.{source.source_name}.{key}", path) for key, path in files.items()}
        return source.model_copy(update=found) if found != files else source

    changes: dict[str, object] = {}
    source = from_here("data.source", data.source)
    if source is not data.source:
        changes["source"] = source
    if data.mix is not None:
        mixed = from_here("data.mix.source", data.mix.source)
        if mixed is not data.mix.source:
            changes["mix"] = data.mix.model_copy(update={"source": mixed})
    if data.cache is not None:
        changes["cache"] = absolute("data.cache", data.cache)
    return data.model_copy(update=changes) if changes else data


def _space(root: Mapping, report: Callable[[Problem], None]) -> Space:
    section = root.get("sweep")
    entry = section.entry("space") if isinstance(section, Mapping) else None
    if entry is None:
        return ()
    from lipbuild.config.sweep.space import decode_space

    return decode_space(entry.value, report, at=entry.key.span)


def _as_dict(root: Mapping) -> dict[str, Any]:
    value = plain(root)
    assert isinstance(value, dict)
    return value


def _header(root: Mapping) -> Mapping:
    """The config with the model's own value put aside, for it is read apart."""
    entries = tuple(
        Entry(e.key, Scalar(True, e.value.span)) if e.name == "model" else e for e in root.entries
    )
    return Mapping(entries, root.span)


def _salvage(root: Mapping) -> ConfigSection:
    """The sections that are right in a config of which some are wrong; their problems have been reported."""

    def quiet(_: Problem) -> None:
        return None

    good: dict[str, Any] = {"model": True}
    sections: dict[str, type[Strict]] = {
        "data": DataSection,
        "train": TrainSection,
        "certify": CertifySection,
        "export": ExportSection,
        "sweep": SweepSection,
    }
    for name, cls in sections.items():
        node = root.get(name)
        value = decode(cls, node, name, quiet) if node is not None else None
        if value is not None:
            good[name] = value
    return ConfigSection(**good)


def _find_places(node: Mapping, prefix: str, places: dict[str, Span], keys: dict[str, Span]) -> None:
    for entry in node.entries:
        path = f"{prefix}{entry.name}"
        keys[path] = entry.key.span
        if entry.value.span.end > entry.value.span.start:
            places[path] = entry.value.span
        if isinstance(entry.value, Mapping) and entry.name not in ("layers", "variables"):
            # A name with its arguments stands where its name does.
            places[path] = entry.value.entries[0].key.span if is_choice(entry.value) else entry.key.span
            _find_places(entry.value, f"{path}.", places, keys)
        elif isinstance(entry.value, Sequence) and entry.name != "layers":
            for index, item in enumerate(entry.value.items):
                _find_item(item, f"{path}[{index}]", places, keys)


def _find_item(item: TextNode, path: str, places: dict[str, Span], keys: dict[str, Span]) -> None:
    places[path] = item.span
    if isinstance(item, Mapping) and len(item) == 1:
        places[path] = item.entries[0].key.span
        _find_places(item, f"{path}.", places, keys)
