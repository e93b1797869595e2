from __future__ import annotations

from collections.abc import Sequence

from lipbuild.errors import UnusableError
from lipbuild.rules.registry import RULES
from lipbuild.source.suggest import nearest


def select_rules(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The names of the rules whose findings are shown.

    Args:
        select: Names, codes or beginnings of codes (`LIP2`), separated by commas; all rules where empty.
        ignore: What is left out of them.

    Raises:
        UnusableError: One of them is no rule.
    """
    chosen = _rules(select, "--select") if select else frozenset(RULES)
    return chosen - _rules(ignore, "--ignore")


def _rules(selectors: Sequence[str], option: str) -> frozenset[str]:
    found: set[str] = set()
    for selector in (part.strip() for text in selectors for part in text.split(",")):
        if not selector:
            continue
        matching = {
            name
            for name, rule in RULES.items()
            if selector in (name, "ALL") or (selector.startswith("LIP") and rule.code.startswith(selector))
        }
        if not matching:
            near = nearest(selector, [*RULES, *(rule.code for rule in RULES.values())])
            advice = f"there is one with a similar name: `{near}`" if near else "`lipbuild rules` lists them"
            raise UnusableError(f"{option}: there is no rule `{selector}`", advice)
        found |= matching
    return frozenset(found)
