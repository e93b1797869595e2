from __future__ import annotations

import sys
from typing import Annotated

import typer

from lipbuild.cli.result import FormatOption, ResultFormat, print_json


def rules(
    rule: Annotated[
        str | None,
        typer.Argument(
            metavar="[RULE]",
            help="A rule's name or code, the beginning of a code (`LIP2`), or a group (`soundness`).",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = ResultFormat.text,
) -> int:
    """List the design rules, or explain one of them.

    Example:
        lipbuild rules soundness
        lipbuild rules plain-dense
    """
    from lipbuild.diagnostics.palette import Palette
    from lipbuild.rules.registry import RULES

    chosen = list(RULES.values())
    if rule is not None:
        from lipbuild.cli.select_rules import rules_called

        chosen = [RULES[name] for name in rules_called(rule)]
    if format is ResultFormat.json:
        data = [
            {
                "code": known.code,
                "name": known.name,
                "severity": known.severity.value,
                "summary": known.summary,
                "text": known.text.strip(),
            }
            for known in chosen
        ]
        print_json("rules", {"rules": data})
        return 0
    palette = Palette.for_stream(sys.stdout)
    if rule in (chosen[0].name, chosen[0].code):
        known = chosen[0]
        head = f"{known.name} ({known.code}, {known.severity.value})"
        print(f"{palette.paint(head, bold=True)}\n\n{known.text.strip()}")
        return 0
    width = max(map(len, RULES))
    for known in chosen:
        name = palette.paint(known.name.ljust(width), bold=True)
        print(f"{known.code}  {name}  {known.severity.value:<7}  {known.summary}")
    return 0
