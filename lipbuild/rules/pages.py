"""The documentation pages of the rules, made of the same text that `lipbuild rules` shows."""

from __future__ import annotations

from lipbuild.rules.groups import GROUPS
from lipbuild.rules.registry import RULES
from lipbuild.rules.rule import Rule


def pages() -> dict[str, str]:
    """Every page by its file name: one a rule, and `README.md`, which lists them."""
    return {"README.md": _index(), **{f"{rule.name}.md": _page(rule) for rule in RULES.values()}}


def _page(rule: Rule) -> str:
    return f"# {rule.name} ({rule.code})\n\n*{rule.severity.value}.* {rule.text.strip()}\n"


def _index() -> str:
    lines = [
        "# Rules",
        "",
        "What `lipbuild check` looks for. `lipbuild rules NAME` shows each of these pages; they are written by",
        "`make docs` from the rules themselves.",
        "",
        "An *error* makes a config unfit to be built; a *warning* is most likely a mistake and a *remark* worth",
        "knowing. A comment `# lipbuild: ignore[rule-name] reason` silences a rule on its line, and",
        "`# lipbuild: ignore-file[rule-name] reason` in its file. A silenced soundness rule voids the certificate.",
    ]
    for group in GROUPS:
        lines += [
            "",
            f"## {group.name.capitalize()}: {group.question}",
            "",
            "| code | rule | | |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {rule.code} | [{rule.name}]({rule.name}.md) | {rule.severity.value} | {rule.summary} |"
            for rule in RULES.values()
            if rule.code.startswith(group.prefix)
        ]
    return "\n".join(lines) + "\n"
