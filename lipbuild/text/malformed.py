"""What a YAML parser cannot read, in words that say what is wrong and where.

The parser tells the place at which it could not go on, which is often not the place that is wrong: an open bracket is
missed only at the next key, and a line that is indented too far only at its colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem, Related
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

RULE = "malformed-yaml"

_KEY = re.compile(r"\s*(?:- +)*[\w.$-]+:\s+")
_SPACED_KEY = re.compile(r"\s*(- +)?[\w.-]+\s*")
# What is quoted, what is a comment, and brackets.
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:\\.|[^"\\])*"|(?:^|(?<=\s))\#[^\n]*|[\[\]{}]""", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+", re.MULTILINE)
# A line with a layer, or another name, without arguments.
_BARE_NAME = re.compile(r"\s*(-|[\w-]+:)\s+([A-Z]\w*)\s*$")
# How wide editors show a tab.
_WIDTHS = (2, 4, 8)
_IN_WORD = re.compile(r"[\w.]")
# How far before an error a name is looked for.
_NEAR = 200
_CLOSING = {"[": "]", "{": "}"}


def malformed(source: SourceText, error: yaml.MarkedYAMLError) -> Problem:
    """The problem that a parser's error stands for."""
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(source.text)) if mark is not None else 0
    if index == len(source.text):
        index = len(source.text.rstrip())
    context = error.context_mark.index if error.context_mark is not None else None
    return _Reading(
        source, (error.problem or "").strip(), (error.context or "").strip(), index, context
    ).problem()


class _Reading:
    """One error, looked at beside the lines around it."""

    def __init__(self, source: SourceText, said: str, doing: str, index: int, opened: int | None) -> None:
        self.source = source
        self.said = said
        self.doing = doing
        self.index = index
        self.opened = opened
        self.number, self.column = source.position(index)
        self.line = source.line(self.number)
        self.character = source.text[index : index + 1]

    def problem(self) -> Problem:
        for reading in (
            self.tab,
            self.start,
            self.quotation,
            self.escape,
            self.bracket,
            self.list_on_the_line,
            self.list_item,
            self.colon,
            self.key,
            self.indentation,
            self.closing,
            self.after,
        ):
            found = reading()
            if found is not None:
                return found
        notes = (self.doing,) if self.doing else ()
        return Problem(RULE, f"this is not YAML: {self.said or 'unreadable'}", self.at(), notes=notes)

    def at(self, length: int = 1) -> Span:
        return self.span(self.index, min(self.index + length, max(self.end, self.index + 1)))

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, start, min(end, len(self.source.text)))

    @property
    def begin(self) -> int:
        return self.source.line_start(self.number)

    @property
    def end(self) -> int:
        return self.source.line_end(self.number)

    def tab(self) -> Problem | None:
        if self.character != "\t" or self.line[: self.column - 1].strip():
            return None
        tabs = len(self.line) - len(self.line.lstrip("\t"))
        return Problem(
            RULE,
            "a tab cannot indent a line in YAML",
            self.at(tabs),
            help="indent with spaces, two for each level",
            fix=self.without_tabs(),
        )

    def without_tabs(self) -> Fix | None:
        """Tabs as blanks, as many as make the text YAML."""
        for width in _WIDTHS:
            edits = tuple(self.tabs(width))
            if _is_yaml(_with_blanks(self.source.text, width)):
                return Fix(f"replace each tab by {width} spaces", edits, Applicability.UNSAFE)
        return None

    def tabs(self, width: int) -> Iterator[Edit]:
        """Each tab that indents a line of the text, as blanks."""
        for number in range(1, self.source.line_count + 1):
            line = self.source.line(number)
            margin = line[: len(line) - len(line.lstrip())]
            if "\t" in margin:
                start = self.source.line_start(number)
                yield Edit(self.span(start, start + len(margin)), margin.replace("\t", " " * width))

    def start(self) -> Problem | None:
        if "cannot start any token" in self.said and self.character:
            message = f"a value cannot start with {_quoted(self.character)}"
        elif "alphabetic or numeric" in self.said and self.opened is not None:
            message = f"there is no name after the `{self.source.text[self.opened]}`"
        else:
            return None
        return Problem(
            RULE, message, self.at(), help="put the value in quotation marks", fix=self.quoted_value()
        )

    def quotation(self) -> Problem | None:
        if self.opened is None or "scanning a quoted scalar" not in self.doing:
            return None
        return Problem(
            RULE,
            "this quotation mark is never closed",
            self.span(self.opened, self.opened + 1),
            help=f"close the text with another `{self.source.text[self.opened]}`",
            fix=self.closed(self.source.text[self.opened]),
        )

    def escape(self) -> Problem | None:
        if "escape" not in self.said:
            return None
        return Problem(
            RULE,
            f"`{self.source.text[self.index : self.index + 2]}` is not an escape in YAML",
            self.at(2),
            help="put the text in single quotation marks, in which a backslash is a backslash",
        )

    def bracket(self) -> Problem | None:
        """A list or a mapping in brackets that does not continue as it should."""
        if self.opened is None or not re.search(r"expected ',' or '[\]}]'", self.said):
            return None
        sign = self.source.text[self.opened]
        closing = _CLOSING.get(sign, "]")
        opening = self.span(self.opened, self.opened + 1)
        line, _ = self.source.position(self.opened)
        if self.source.text[self.index - 1 : self.index + 1] == "${":
            return Problem(
                RULE,
                "within brackets a variable stands in quotation marks",
                self.span(self.index - 1, self.end_of_variable()),
                fix=self.quoted_variable(),
                help="YAML reads its braces as a mapping",
            )
        if line != self.number or self.index >= len(self.source.text.rstrip()):
            related: tuple[Related, ...] = ()
            if self.index < len(self.source.text.rstrip()):
                related = (
                    Related(self.span(self.index, self.index + 1), f"a `{closing}` is missing before this"),
                )
            return Problem(
                RULE,
                f"this `{sign}` is never closed",
                opening,
                related=related,
                help=f"close it with `{closing}`",
                fix=self.closed(closing),
            )
        path = re.compile(r"[\w.]+(?:\[\d+\][\w.]*)+(?=\s*:)").match(self.source.text, self.key_start())
        if path is not None:
            quoted = Fix(f"write `'{path[0]}'`", (Edit(self.span(*path.span()), f"'{path[0]}'"),))
            message = "within braces a path with `[` stands in quotation marks"
            return Problem(RULE, message, self.span(*path.span()), help=quoted.message, fix=quoted)
        # No names are longer.
        near = self.source.text[max(self.begin, self.index - _NEAR) : self.index]
        named = re.search(r"([\w-]+):\s+([A-Z]\w*)$", near)
        if self.character == ":" and named is not None:
            return self.unbraced(named[1], named[2])
        return Problem(
            RULE,
            f"a `,` or a `{closing}` is missing here",
            self.at(),
            related=(Related(opening, "opened here"),),
        )

    def unbraced(self, key: str, name: str) -> Problem:
        """`{optimizer: Adam: {…}}`, where a name with its arguments stands within braces as a value."""
        start = self.index - len(name)
        arguments = re.compile(r":\s+\{[^{}]*\}").match(self.source.text, self.index)
        fix = None
        if arguments is not None:
            edits = (
                Edit(self.span(start, start), "{"),
                Edit(self.span(arguments.end(), arguments.end()), "}"),
            )
            fix = Fix("put it in braces", edits)
        message = f"`{name}` has arguments, and stands within braces without braces of its own"
        help = f"write `{key}: {{{name}: {{…}}}}`"
        return Problem(RULE, message, self.span(start, self.index), help=help, fix=fix)

    def key_start(self) -> int:
        """Where the word before the error starts."""
        start = self.index
        while start > self.begin and _IN_WORD.match(self.source.text, start - 1):
            start -= 1
        return start

    def closed(self, closing: str) -> Fix | None:
        """What was opened closed at the end of its line, before a comment."""
        assert self.opened is not None
        number, column = self.source.position(self.opened)
        rest = self.source.line(number)[column - 1 :]
        text = _without_comment(rest)
        # An open bracket within it makes another place as likely.
        if not text[1:] or any(sign in text[1:] for sign in "[]{}'\""):
            return None
        at = self.opened + len(text)
        return Fix(f"close it with `{closing}`", (Edit(self.span(at, at), closing),), Applicability.UNSAFE)

    def end_of_variable(self) -> int:
        end = self.source.text.find("}", self.index, self.end)
        return self.index + 1 if end < 0 else end + 1

    def quoted_variable(self) -> Fix | None:
        start, end = self.index - 1, self.end_of_variable()
        text = self.source.text[start:end]
        if not re.fullmatch(r"\$\{[^{}'\"]+\}", text) or not re.match(r"\s*[,\]}]", self.source.text[end:]):
            return None
        if self.source.text[:start].rstrip()[-1:] not in ("[", "{", ",", ":"):
            return None
        return Fix(f'write `"{text}"`', (Edit(self.span(start, end), f'"{text}"'),))

    def list_on_the_line(self) -> Problem | None:
        if "block sequence entries are not allowed" not in self.said:
            return None
        return Problem(
            RULE,
            "a list of lines with `-` starts on a line of its own",
            self.at(),
            help="put each `-` on a line below its key, or write `[a, b]`",
        )

    def list_item(self) -> Problem | None:
        """A line among the items of a list that is not an item."""
        if "'-' indicator" not in self.said:
            return None
        fix = None
        if re.match(r"-[A-Za-z]", self.source.text[self.index : self.end]):
            return self.joined_dash(self.index, self.index + 1)
        if not self.line[: self.column - 1].strip() and not self.line.lstrip().startswith("-"):
            fix = Fix(
                "make it an item", (Edit(self.span(self.index, self.index), "- "),), Applicability.UNSAFE
            )
        word = re.match(r"[^\s:]+", self.source.text[self.index : self.end])
        return Problem(
            RULE,
            "this line stands among the items of a list and has no `-`"
            if fix
            else "the indentation of this line fits none of the lines above",
            self.at(len(word[0]) if word else 1),
            help="start it with `- `, or indent it like its neighbours",
            fix=fix,
        )

    def colon(self) -> Problem | None:
        """A colon inside a value: two keys on a line, or a line that is indented too far."""
        if "mapping values are not allowed" not in self.said:
            return None
        head = self.line[: self.column - 1]
        above = self.above()
        if _SPACED_KEY.fullmatch(head) and above is not None:
            return self.below_a_value(head, above)
        return Problem(
            RULE,
            "a colon and a space are inside a value",
            self.at(),
            help="put the value in quotation marks",
            fix=self.quoted_value(),
        )

    def below_a_value(self, head: str, above: int) -> Problem:
        """A key that the line above it swallows."""
        line = self.source.line(above)
        margin, own = _margin(line), _margin(self.line)
        key = self.span(self.begin + own, self.index)
        start = self.source.line_start(above)
        other = self.span(start + margin, start + len(line.rstrip()))
        if own > margin:
            name = _BARE_NAME.match(line)
            if name is not None:
                return self.argument(key, other, name[1], name[2])
            return Problem(
                RULE,
                "this line is indented deeper than the one above it, which has a value already",
                key,
                related=(Related(other, "has a value"),),
                help=f"{_indent(margin)}, like line {above}",
                fix=self.indented(margin),
            )
        colon = re.match(r"\s*(?:- +)?[\w.-]+:(?=\S)", line)
        if colon is not None:
            at = start + colon.end()
            return Problem(
                RULE,
                "a colon without a space after it does not make a key",
                self.span(at - 1, at),
                help="write a space after the colon",
                fix=Fix("write a space after the colon", (Edit(self.span(at, at), " "),)),
            )
        return Problem(RULE, "this line has no colon", other, help="write it as `key: value`")

    def argument(self, key: Span, other: Span, place: str, name: str) -> Problem:
        """A key below a bare name, whose argument it is: `- SpectralDense` or `loss: HKR`."""
        argument = key.text.strip()
        at = other.start + other.text.rindex(name)
        other = self.span(at, at + len(name))
        if place.strip() == "-":
            fix = Fix(f"write `{name}:`", (Edit(self.span(other.end, other.end), ":"),))
            written = f"{name}:"
        else:
            fix, written = None, f"{place.strip()} {{{name}: {{{argument}: …}}}}"
        return Problem(
            RULE,
            f"`{argument}` is an argument of `{name}`, which has no `:`",
            key,
            related=(Related(other, "has no `:`"),),
            help=f"write `{written}`",
            fix=fix,
        )

    def key(self) -> Problem | None:
        if "could not find expected ':'" not in self.said or self.opened is None:
            return None
        number, column = self.source.position(self.opened)
        text = self.source.line(number)
        here = self.span(self.opened, self.source.line_start(number) + len(text.rstrip()))
        if re.match(r"-\w", text[column - 1 :]):
            return self.joined_dash(here.start, here.end)
        return Problem(RULE, "this line has no colon", here, help="write it as `key: value`")

    def joined_dash(self, start: int, end: int) -> Problem:
        at = start + 1
        fix = Fix("write a space after the `-`", (Edit(self.span(at, at), " "),))
        message = "an item of a list needs a space after its `-`"
        return Problem(RULE, message, self.span(start, end), help="write `- `", fix=fix)

    def indentation(self) -> Problem | None:
        """A line whose indentation fits none of those above."""
        first = not self.line[: self.column - 1].strip()
        if not first or "expected key" not in self.said or "block mapping" not in self.doing:
            return None
        dash = self.line.lstrip().startswith("-")
        levels: dict[int, int] = {}
        for number in range(self.number - 1, 0, -1):
            line = self.source.line(number)
            if line.strip() and not line.lstrip().startswith("#") and line.lstrip().startswith("-") == dash:
                levels.setdefault(_margin(line), number)
        own = _margin(self.line)
        near = min(levels, key=lambda level: (abs(level - own), level), default=None)
        word = re.match(r"[^\s:]+", self.source.text[self.index : self.end])
        advice, fix = "a list stands below a key of its own" if dash else "", None
        if near is not None and near != own:
            advice = f"{_indent(near)}, like line {levels[near]}"
            fix = self.indented(near)
        return Problem(
            RULE,
            "the indentation of this line fits none of the lines above",
            self.at(len(word[0]) if word else 1),
            help=advice,
            fix=fix,
        )

    def closing(self) -> Problem | None:
        if "expected key" not in self.said or self.character not in ("]", "}", "'", '"'):
            return None
        if self.character in "]}":
            message = f"there is nothing open that this `{self.character}` could close"
            return Problem(RULE, message, self.at(), help="remove it")
        return None

    def after(self) -> Problem | None:
        """Text after a value that has ended."""
        if "expected key" in self.said:
            rest = self.span(self.index, self.begin + len(self.line.rstrip()))
            message = "the value ends before this"
        elif "node content" in self.said:
            unclosed = self.unclosed()
            if unclosed is not None:
                return unclosed
            message = f"a value cannot start with {_quoted(self.character)}"
            return Problem(
                RULE, message, self.at(), help="put the whole value in quotation marks, or remove this"
            )
        elif "<document start>" in self.said:
            rest, message = self.span(self.index, self.end), "the config has ended before this"
        else:
            return None
        return Problem(RULE, message, rest, help="put the whole value in quotation marks, or remove this")

    def unclosed(self) -> Problem | None:
        """A bracket that is open where the text ends, or where one of the other kind is closed."""
        ends = not self.source.text[self.index :].strip()
        opened: list[int] = []
        for token in _TOKEN.finditer(self.source.text, 0, self.index):
            sign = token[0]
            before = self.source.text[max(0, token.start() - 80) : token.start()].rstrip()[-1:]
            if sign in _CLOSING and (before in ("", *":-,[{") or opened):
                opened.append(token.start())
            elif opened and sign == _CLOSING[self.source.text[opened[-1]]]:
                opened.pop()
        if not opened or not (ends or self.character in _CLOSING.values()):
            return None
        closing = [_CLOSING[self.source.text[at]] for at in reversed(opened)]
        if not ends and self.character == closing[0]:
            return None
        at = len(self.source.text[: self.index].rstrip())
        missing = "".join(closing) if ends else closing[0]
        fix = Fix(f"write `{missing}`", (Edit(self.span(at, at), missing),), Applicability.UNSAFE)
        opening = self.span(opened[-1], opened[-1] + 1)
        message = f"this `{opening.text}` is never closed"
        return Problem(RULE, message, opening, help=f"close it with `{closing[0]}`", fix=fix)

    def above(self) -> int | None:
        """The nearest line above that holds more than a comment."""
        for number in range(self.number - 1, 0, -1):
            line = self.source.line(number).strip()
            if line and not line.startswith("#"):
                return number
        return None

    def indented(self, margin: int) -> Fix:
        """The line, and those that belong to it, at another indentation."""
        own = _margin(self.line)
        edits = []
        for number in range(self.number, self.source.line_count + 1):
            line = self.source.line(number)
            if number > self.number and line.strip() and _margin(line) <= own:
                break
            if line.strip():
                start = self.source.line_start(number)
                blanks = " " * max(0, _margin(line) + margin - own)
                edits.append(Edit(self.span(start, start + _margin(line)), blanks))
        return Fix(_indent(margin), tuple(edits), Applicability.UNSAFE)

    def quoted_value(self) -> Fix | None:
        """The rest of the line after its key, in quotation marks, where nothing in it has a meaning of its own."""
        head = _KEY.match(self.line)
        if head is None or head.end() > self.column - 1:
            return None
        value = _without_comment(self.line[head.end() :])
        if not value or any(sign in value for sign in "'\"[]{}\\"):
            return None
        start = self.begin + head.end()
        return Fix(
            "put the value in quotation marks", (Edit(self.span(start, start + len(value)), f'"{value}"'),)
        )


def _quoted(character: str) -> str:
    return "a backtick" if character == "`" else f"`{character}`"


def _indent(margin: int) -> str:
    return f"indent it by {margin} spaces" if margin else "start it at the margin"


def _without_comment(text: str) -> str:
    """A text up to its comment. Blanks are looked for one by one: to try each run of them takes quadratic time."""
    comment = re.search(r"\s#", text)
    return (text if comment is None else text[: comment.start()]).rstrip()


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _with_blanks(text: str, width: int) -> str:
    """The text with the tabs of its margins as blanks: in one pass, however many there are."""
    return _MARGIN.sub(lambda margin: margin[0].replace("\t", " " * width), text)


def _is_yaml(text: str) -> bool:
    try:
        return all(True for _ in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError:
        return False
