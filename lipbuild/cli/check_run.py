from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipbuild.cli.shown_output import write_verbatim

if TYPE_CHECKING:
    from lipbuild.diagnostics.file_report import FileReport
    from lipbuild.rules.check import Checked
    from lipbuild.text.text import SourceText


class Format(str, Enum):
    """How findings are written."""

    full = "full"
    concise = "concise"
    json = "json"
    sarif = "sarif"
    github = "github"
    junit = "junit"


class Drawing(str, Enum):
    """How a network is drawn."""

    table = "table"
    mermaid = "mermaid"
    dot = "dot"


class CheckRun:
    """One check of several configs."""

    def __init__(
        self,
        overrides: Sequence[str] = (),
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        format: Format = Format.full,
        graph: Drawing | None = None,
        fix: bool = False,
        unsafe: bool = False,
        diff: bool = False,
        statistics: bool = False,
        exclude: Sequence[str] = (),
    ) -> None:
        from lipbuild.cli.select_rules import select_rules

        self.overrides = overrides
        self.shown = select_rules(select, ignore)
        self.format = format
        self.graph = graph
        self.fix = fix or unsafe or diff
        self.unsafe = unsafe
        self.diff = diff
        self.statistics = statistics
        self.exclude = exclude
        # The files that the last run read: the configs and their parents.
        self.files: list[Path] = []

    def __call__(self, configs: Sequence[Path]) -> int:
        """Check configs, or folders of them, and return the exit status."""
        from lipbuild.cli.find_configs import find_configs
        from lipbuild.errors import UnusableError

        self.files, others = find_configs(configs, self.exclude)
        paths = list(self.files)
        reports: list[FileReport] = []
        changed = unusable = False
        for path in paths:
            piped = str(path) == "-"
            try:
                source = self.read(path)
            except UnusableError as error:
                if len(paths) == 1:
                    raise
                # The others are still checked.
                print(f"error: {error.message}", file=sys.stderr)
                unusable = True
                continue
            checked, fixed, touched = self.check(source, path)
            self.files = [*self.files, *(t.path for t in checked.texts if t.path is not None)]
            changed = changed or touched
            report = self.report(source, checked, fixed)
            reports.append(report)
            if self.format is Format.full and not self.diff:
                # What is on standard output for the next program, a fixed config or a drawing, stands alone there.
                drawn = self.graph in (Drawing.mermaid, Drawing.dot)
                stream = sys.stderr if drawn or (piped and self.fix) else sys.stdout
                if any(shown.diagnostics for shown in reports[-2:]) and len(reports) > 1:
                    print(file=stream)
                self.show(report, checked, stream, alone=len(paths) == 1)
        if not self.diff:
            self.finish(reports, len(paths), others)
        if unusable:
            return 2
        if self.diff:
            return 1 if changed else 0
        return 0 if all(report.ok for report in reports) else 1

    def read(self, path: Path) -> SourceText:
        """The text of a config.

        Raises:
            UnusableError: It cannot be read.
        """
        from lipbuild.cli.read_config import read_config

        return read_config(path)

    def check(self, source: SourceText, path: Path) -> tuple[Checked, int, bool]:
        """The config after its fixes, how many there were, and whether its text changed."""
        if not self.fix:
            from lipbuild.rules.check import check as apply_rules

            checked = apply_rules(source, self.overrides)
            if any(found.fix is not None for found in checked.diagnostics):
                from lipbuild.rules.fix import with_tried_fixes

                checked = with_tried_fixes(checked, self.overrides)
            return checked, 0, False
        from lipbuild.cli.write_fixed import show_diff, write_fixed
        from lipbuild.rules.fix import fix

        fixed = fix(source, self.overrides, unsafe=self.unsafe, rules=self.shown)
        if self.diff:
            show_diff(source, fixed.source)
        elif str(path) == "-":
            write_verbatim(fixed.source.text)
        elif fixed.count:
            write_fixed(path, fixed.source)
        return fixed.checked, fixed.count, fixed.count > 0

    def report(self, source: SourceText, checked: Checked, fixed: int) -> FileReport:
        """What is to be said of one config, of the rules that are shown."""
        from lipbuild.diagnostics.file_report import FileReport

        return FileReport(
            source.name,
            tuple(found for found in checked.diagnostics if found.rule in self.shown),
            tuple(found for found in checked.suppressed if found.rule in self.shown),
            checked.voided_by,
            fixed,
            self.network(checked),
        )

    def network(self, checked: Checked) -> dict[str, Any] | None:
        """The network for a program, if it was asked for."""
        if self.graph is None or self.format is not Format.json or checked.graph is None:
            return None
        from lipbuild.cli.graph_value import graph_value

        return graph_value(checked.graph)

    def show(self, report: FileReport, checked: Checked, stream: object, *, alone: bool) -> None:
        """Print the findings of one config, and its network where it is right."""
        from typing import TextIO, cast

        from lipbuild.cli.show import count, show_diagnostics
        from lipbuild.cli.text_table import wrapped
        from lipbuild.network.bound_text import bound_text
        from lipbuild.network.graph_node import INPUT

        out = cast(TextIO, stream)
        show_diagnostics(report.diagnostics, out)
        if report.fixed:
            print(f"{report.name}: fixed {report.fixed} finding{'s' if report.fixed > 1 else ''}", file=out)
        if not checked.ok or checked.graph is None:
            left_out = [found for found in checked.diagnostics if found.rule not in self.shown]
            if left_out:
                print(f"{report.name}: {count(left_out)} in rules that were left out", file=out)
            return
        network = checked.graph
        if self.graph is Drawing.table or (self.graph is None and alone):
            from lipbuild.cli.layer_table import layer_table

            print(layer_table(network), end="\n\n", file=out)
        elif self.graph is not None:
            from lipbuild.cli import graph_drawing

            drawing = graph_drawing.mermaid if self.graph is Drawing.mermaid else graph_drawing.dot
            print(drawing(network), end="")
            return
        constant = f"Lipschitz constant at most {bound_text(network.bound)} of {bound_text(network.lipschitz)} promised"
        if network.unproved:
            kinds = ", ".join(f"`{kind}`" for kind in network.unproved)
            constant = f"nothing can be certified, as nobody has proved a constant of {kinds}"
        elif network.preprocessed != INPUT:
            constant += f", {bound_text(network.preprocessing_bound)} of it by the preprocessing"
        if network.target_scale is not None:
            fitted = network.node(network.target_scale).spec.is_fitted
            by = bound_text(network.target_gain)
            constant += (
                f", {by} of it by the scale of the targets" if fitted else ", in deviations of the target"
            )
        print(wrapped(f"{report.name}: ok, {network.parameters:,} parameters, {constant}"), file=out)
        if alone and checked.config is not None:
            from lipbuild.cli.column_promises_text import column_promises_text

            print(column_promises_text(report.name, checked.config, network), end="", file=out)
        if checked.config is not None and checked.config.sweep is not None:
            section, keys = checked.config.sweep, len(checked.config.space)
            looked_for = " and ".join(objective.label for objective in section.objectives)
            varied = f"{keys} key{'s' if keys > 1 else ''}"
            swept = f"{report.name}: a sweep of {varied} over {section.trials} trials for {looked_for}"
            print(wrapped(swept), file=out)
        if report.voided_by:
            names = ", ".join(f"`{name}`" for name in report.voided_by)
            rules = "rule" if len(report.voided_by) == 1 else "rules"
            void = f"{report.name}: no certificate: a comment silences the soundness {rules} {names}"
            print(wrapped(void), file=out)

    def finish(self, reports: Sequence[FileReport], asked: int, others: int) -> None:
        """What is written once, after all files."""
        if self.format is Format.full and (asked > 1 or others):
            wrong = sum(not report.ok for report in reports)
            unread = f", {asked - len(reports)} could not be read" if asked > len(reports) else ""
            plural = "" if len(reports) == 1 else "s"
            said = f"{len(reports):,} config{plural} checked, {wrong or 'none'} with errors{unread}"
            if others:
                said += f"; {others:,} other YAML file{'s' if others > 1 else ''} left alone"
            drawn = self.graph in (Drawing.mermaid, Drawing.dot)
            print(f"\n{said}", file=sys.stderr if drawn or self.fix else sys.stdout)
        if self.format is Format.concise:
            from lipbuild.diagnostics.concise import concise

            sys.stdout.write(concise(reports))
        elif self.format is Format.json:
            from lipbuild.diagnostics.json_format import json_text

            sys.stdout.write(json_text(reports))
        elif self.format is Format.sarif:
            from lipbuild.diagnostics.sarif import sarif
            from lipbuild.rules.registry import RULES

            sys.stdout.write(sarif(reports, RULES))
        elif self.format is Format.github:
            from lipbuild.diagnostics.github import github

            sys.stdout.write(github(reports))
        elif self.format is Format.junit:
            from lipbuild.diagnostics.junit import junit

            sys.stdout.write(junit(reports))
        if self.statistics:
            self.count(reports)

    def count(self, reports: Sequence[FileReport]) -> None:
        """How often each rule found something, the most frequent first; beside formats for programs."""
        counted = Counter((found.code, found.rule) for report in reports for found in report.diagnostics)
        stream = sys.stdout if self.format in (Format.full, Format.concise) else sys.stderr
        for (code, rule), times in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
            print(f"{times:>6}  {code}  {rule}", file=stream)
