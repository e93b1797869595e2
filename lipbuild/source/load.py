"""A config file as one tree: read, laid over its parents, overridden, its variables put in."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path

from lipbuild.errors import UnusableError
from lipbuild.source.merge import merge
from lipbuild.source.nodes import Entry, Mapping, Node, Scalar, kind
from lipbuild.source.overrides import override
from lipbuild.source.parse import parse
from lipbuild.source.problem import Problem
from lipbuild.source.span import Span
from lipbuild.source.text import SourceText
from lipbuild.source.variables import substitute

# More than any config needs; a chain of parents this long is an accident.
_MAX_PARENTS = 20


class SourceError(UnusableError):
    """A text that could not be had at all: a missing file, a folder, bytes that are no text."""


@dataclass(frozen=True)
class Loaded:
    """A config as a tree.

    Attributes:
        source: The text it was read from.
        root: The tree, or None where nothing could be read.
        problems: What was found wrong on the way, in the order it was found.
        texts: Every text that took part: the file, its parents, the options.
        spoiled: Where values stand that could not be had; what else is wrong with them follows from that.
    """

    source: SourceText
    root: Mapping | None
    problems: tuple[Problem, ...]
    texts: tuple[SourceText, ...]
    spoiled: tuple[Span, ...] = ()


def read(path: Path) -> SourceText:
    """The text of a file.

    Raises:
        SourceError: There is no such file, it cannot be read, or it is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise SourceError(f"{path}: this is a folder, and a config is a file") from None
    except OSError as error:
        raise SourceError(f"{path}: it cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # A path that holds a null character.
        raise SourceError(f"{path}: it cannot be read: {error}") from None
    return decode(str(path), data, path)


def decode(name: str, data: bytes, path: Path | None = None) -> SourceText:
    """Bytes as a source text.

    Raises:
        SourceError: They are not UTF-8.
    """
    try:
        return SourceText(name, data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise SourceError(f"{name}: it is not UTF-8 text (byte {error.start})") from None


def load(source: SourceText, overrides: Items[str] = ()) -> Loaded:
    """The tree of a config: parents first, then the file, then the options, then the variables."""
    problems: list[Problem] = []
    texts = [source]
    root = _with_parents(source, problems, texts, ())
    if root is None:
        return Loaded(source, None, tuple(problems), tuple(texts))
    node: Node = root
    for option in overrides:
        node, found = override(node, option)
        problems += found
    done = substitute(node)
    problems += done.problems
    assert isinstance(done.root, Mapping)
    return Loaded(source, done.root, tuple(problems), tuple(texts), done.spoiled)


def _with_parents(
    source: SourceText, problems: list[Problem], texts: list[SourceText], children: tuple[Path, ...]
) -> Mapping | None:
    parsed = parse(source)
    problems += parsed.problems
    root = parsed.root
    if root is None or (isinstance(root, Scalar) and root.value is None):
        if not parsed.problems:
            problems.append(
                Problem(
                    "empty-configs",
                    "the config is empty",
                    Span(source, 0, 0),
                    help="`lipbuild init PATH` writes one to start from",
                )
            )
        return None
    if not isinstance(root, Mapping):
        problems.append(
            Problem(
                "wrong-types",
                f"a config is a mapping with keys like `model:` and `train:`, and this is {kind(root)}",
                Span(source, root.span.start, min(root.span.end, source.line_end(1))),
            )
        )
        return None
    extends = root.entry("extends")
    if extends is None:
        return root
    own = Mapping(tuple(entry for entry in root.entries if entry is not extends), root.span)
    parent = _parent(source, extends, problems, texts, children)
    if parent is None:
        return own
    merged = merge(parent, own)
    assert isinstance(merged, Mapping)
    return merged


def _absolute(path: Path) -> Path:
    """The path without links and `..`, or as it is where it is no path that could exist."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path


def _parent(
    source: SourceText,
    extends: Entry,
    problems: list[Problem],
    texts: list[SourceText],
    children: tuple[Path, ...],
) -> Mapping | None:
    value = extends.value
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        message = f"`extends` takes the path of one config, and this is {kind(value)}"
        problems.append(Problem("wrong-types", message, value.span))
        return None
    path = source.folder / value.value
    here = _absolute(source.path) if source.path is not None else None
    chain = children if here is None else (*children, here)
    if _absolute(path) in chain:
        problems.append(
            Problem("unreadable-parents", "this config extends itself", value.span, label="leads back here")
        )
        return None
    if len(chain) > _MAX_PARENTS:
        message = f"this is the parent of a parent more than {_MAX_PARENTS} times"
        problems.append(Problem("unreadable-parents", message, value.span))
        return None
    try:
        text = read(path)
    except SourceError as error:
        message = f"the parent config cannot be read: {error}"
        problems.append(
            Problem(
                "unreadable-parents",
                message,
                value.span,
                help="`extends` is a path from the folder of the file that it stands in",
            )
        )
        return None
    texts.append(text)
    return _with_parents(text, problems, texts, chain)
