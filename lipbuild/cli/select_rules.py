from __future__ import annotations

from collections.abc import Sequence

from lipbuild.errors import UnusableError
from lipbuild.rules.groups import GROUPS
from lipbuild.rules.registry import RULES
from lipbuild.text.suggest import nearest


def select_rules(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The names of the rules whose findings are shown.

    Args:
        select: Names, codes, beginnings of codes (`LIP2`) or groups, separated by commas; all rules where empty.
        ignore: What is left out of them.

    Raises:
        UnusableError: One of them is not a rule.
    """
    chosen = _rules(select, "--select: ") if select else frozenset(RULES)
    return chosen - _rules(ignore, "--ignore: ")


def rules_called(selector: str, where: str = "") -> tuple[str, ...]:
    """The names of the rules that a name, a code, the beginning of codes or a group stands for, in their codes' order.

    Args:
        selector: `plain-dense`, `LIP201`, `LIP2`, `soundness` or `ALL`.
        where: What a message that there is none begins with.

    Raises:
        UnusableError: There is none.
    """
    groups = {group.name: group.prefix for group in GROUPS}
    prefix = groups.get(selector, selector)
    matching = tuple(
        name
        for name, rule in RULES.items()
        if selector in (name, "ALL") or (prefix.startswith("LIP") and rule.code.startswith(prefix))
    )
    if not matching:
        near = nearest(selector, [*RULES, *(rule.code for rule in RULES.values()), *groups, *groups.values()])
        advice = f"there is one with a similar name: `{near}`" if near else "`lipbuild rules` lists them"
        raise UnusableError(f"{where}there is no rule `{selector}`", advice)
    return matching


def _rules(selectors: Sequence[str], where: str) -> frozenset[str]:
    parts = (part.strip() for text in selectors for part in text.split(","))
    return frozenset(name for part in parts if part for name in rules_called(part, where))
