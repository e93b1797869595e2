from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def rules(
    rule: Annotated[str | None, typer.Argument(help="A rule's name or code.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> int:
    """List the design rules, or explain one."""
    from lipbuild.diagnostics.palette import Palette
    from lipbuild.errors import UnusableError
    from lipbuild.rules.registry import RULES
    from lipbuild.source.suggest import nearest

    chosen = list(RULES.values())
    if rule is not None:
        chosen = [known for known in chosen if rule in (known.name, known.code)]
        if not chosen:
            near = nearest(rule, [*RULES, *(known.code for known in RULES.values())])
            advice = f"there is one with a similar name: `{near}`" if near else "`lipbuild rules` lists them"
            raise UnusableError(f"there is no rule `{rule}`", advice)
    if as_json:
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
        print(json.dumps(data, ensure_ascii=False, indent=2))
        return 0
    palette = Palette.for_stream(sys.stdout)
    if rule is not None:
        (known,) = chosen
        head = f"{known.name} ({known.code}, {known.severity.value})"
        print(f"{palette.paint(head, bold=True)}\n\n{known.text.strip()}")
        return 0
    width = max(map(len, RULES))
    for known in chosen:
        name = palette.paint(known.name.ljust(width), bold=True)
        print(f"{known.code}  {name}  {known.severity.value:<7}  {known.summary}")
    return 0
