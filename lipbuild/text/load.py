"""A config file as one tree: read, laid over its parents, overridden, its variables put in."""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Sequence as Items
from pathlib import Path

from lipbuild.errors import UnusableError
from lipbuild.frozen import dataclass
from lipbuild.text.merge import merge
from lipbuild.text.nodes import Entry, Mapping, Scalar, Sequence, TextNode, kind
from lipbuild.text.overrides import override
from lipbuild.text.parse import parse
from lipbuild.text.problem import Problem
from lipbuild.text.similar_file import similar_file
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText
from lipbuild.text.variables import substitute

# A config of a thousand layers has 50,000. Whatever is longer is most likely no config at all.
MAX_BYTES = 10_000_000

# More than any config needs; a chain of parents this long is an accident.
_MAX_PARENTS = 20


class SourceError(UnusableError):
    """A text that could not be read at all: a missing file, a folder, bytes that are not text."""


@dataclass(frozen=True)
class Loaded:
    """A config as a tree.

    Attributes:
        source: The text it was read from.
        root: The tree, or None where nothing could be read.
        template: The tree before its variables were put in.
        problems: What was found wrong on the way, in the order it was found.
        texts: Every text that took part: the file, its parents, the options.
        spoiled: The places of values that could not be read; other mistakes there follow from that.
        complete: Whether every parent could be read; what a config lacks may be in one that could not.
    """

    source: SourceText
    root: Mapping | None
    problems: tuple[Problem, ...]
    texts: tuple[SourceText, ...]
    spoiled: tuple[Span, ...] = ()
    complete: bool = True
    template: Mapping | None = None


def read(path: Path) -> SourceText:
    """The text of a file.

    Raises:
        SourceError: There is no such file, it cannot be read, is a device or too long, or is not UTF-8.
    """
    try:
        # The shell's `<(…)` is a pipe that somebody writes to; others would be waited for.
        if stat.S_ISFIFO(path.stat().st_mode) and not path.is_relative_to("/dev"):
            raise SourceError(f"{path}: this is a pipe, and a config is a file")
        with path.open("rb") as file:
            if stat.S_ISCHR(os.fstat(file.fileno()).st_mode) or stat.S_ISBLK(os.fstat(file.fileno()).st_mode):
                raise SourceError(f"{path}: this is a device, and a config is a file")
            data = file.read(MAX_BYTES + 1)
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
        SourceError: They are not UTF-8, or too many.
    """
    if len(data) > MAX_BYTES:
        raise SourceError(f"{name}: it has more than {MAX_BYTES:,} bytes, and no config is as long")
    try:
        return SourceText(name, data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise SourceError(f"{name}: it is not UTF-8 text (byte {error.start})") from None


def load(source: SourceText, overrides: Items[str] = ()) -> Loaded:
    """The tree of a config: parents first, then the file, then the options, then the variables."""
    reader = _Reader([], [source])
    root = reader.with_parents(source, ())
    problems = reader.problems
    if root is None:
        return Loaded(source, None, tuple(problems), tuple(reader.texts))
    node: TextNode = root
    for option in overrides:
        node, found = override(node, option)
        problems += found
    done = substitute(node)
    problems += done.problems
    assert isinstance(done.root, Mapping)
    assert isinstance(node, Mapping)
    return Loaded(
        source, done.root, tuple(problems), tuple(reader.texts), done.spoiled, reader.complete, node
    )


@dataclasses.dataclass
class _Reader:
    """Reads a file and its parents, and keeps what is wrong with them."""

    problems: list[Problem]
    texts: list[SourceText]
    complete: bool = True

    def with_parents(self, source: SourceText, children: tuple[Path, ...]) -> Mapping | None:
        """The tree of a text, laid over those of its parents."""
        root = self.mapping(source)
        extends = root.entry("extends") if root is not None else None
        if root is None or extends is None:
            return root
        own = Mapping(tuple(entry for entry in root.entries if entry is not extends), root.span)
        parent = self.parent(source, extends, children)
        if parent is None:
            self.complete = False
            return own
        merged = merge(parent, own)
        assert isinstance(merged, Mapping)
        return merged

    def mapping(self, source: SourceText) -> Mapping | None:
        """The tree of a text, which must be a mapping."""
        parsed = parse(source)
        self.problems += parsed.problems
        root = parsed.root
        if isinstance(root, Mapping):
            return root
        if root is None or (isinstance(root, Scalar) and root.value is None):
            if not parsed.problems:
                self.report(
                    "empty-configs",
                    "the config is empty",
                    Span(source, 0, 0),
                    help="`lipbuild init PATH` writes one to start from",
                )
            return None
        line, _ = source.position(root.span.start)
        self.report(
            "wrong-types",
            f"a config is a mapping with keys like `model:` and `train:`, and this is {kind(root)}",
            Span(source, root.span.start, min(root.span.end, source.line_end(line))),
            help="a list of layers stands in `layers` of `model`" if isinstance(root, Sequence) else "",
        )
        return None

    def parent(self, source: SourceText, extends: Entry, children: tuple[Path, ...]) -> Mapping | None:
        """The tree of the config that a text extends; None if it could not be read, which has been reported."""
        value = extends.value
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            message = f"`extends` takes the path of one config, and this is {kind(value)}"
            advice = "extend one of them, and let that extend the next" if isinstance(value, Sequence) else ""
            self.report("wrong-types", message, value.span, help=advice)
            return None
        path = source.folder / value.value
        here = _absolute(source.path) if source.path is not None else None
        chain = children if here is None else (*children, here)
        if _absolute(path) in chain:
            message = "this config extends itself"
            self.report("unreadable-parents", message, value.span, label="leads back here")
            return None
        if len(chain) > _MAX_PARENTS:
            message = f"this is the parent of a parent more than {_MAX_PARENTS} times"
            self.report("unreadable-parents", message, value.span)
            return None
        try:
            # A pipe would be waited for.
            if path.exists() and not path.is_file() and not path.is_dir():
                raise SourceError(f"{path}: this is not a file")
            text = read(path)
        except SourceError as error:
            near = similar_file(path)
            self.report(
                "unreadable-parents",
                f"the parent config cannot be read: {error}",
                value.span,
                help=f"there is a file with a similar name: `{near}`"
                if near
                else "`extends` is a path from the folder of the file that it stands in",
            )
            return None
        self.texts.append(text)
        return self.with_parents(text, chain)

    def report(self, rule: str, message: str, span: Span, *, label: str = "", help: str = "") -> None:
        self.problems.append(Problem(rule, message, span, label=label, help=help))


def _absolute(path: Path) -> Path:
    """The path without links and `..`, or unchanged if no such path can exist."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path
