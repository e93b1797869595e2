import json
import subprocess
from collections.abc import Callable

from lipbuild.rules.registry import RULES

Lipbuild = Callable[..., "subprocess.CompletedProcess[str]"]


def test_every_rule_is_listed(lipbuild: Lipbuild) -> None:
    lines = lipbuild("rules").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.code, name] for name, rule in RULES.items()]


def test_a_rule_is_explained_by_name_and_by_code(lipbuild: Lipbuild) -> None:
    by_name, by_code = lipbuild("rules", "plain-dense"), lipbuild("rules", "LIP201")
    assert by_name.stdout == by_code.stdout
    assert "## Why is this bad?" in by_name.stdout
    assert by_name.returncode == 0


def test_some_rules_are_listed_by_the_beginning_of_their_codes_and_by_their_group(lipbuild: Lipbuild) -> None:
    by_code = lipbuild("rules", "LIP2")
    codes = [line.split()[0] for line in by_code.stdout.splitlines()]
    assert codes == [rule.code for rule in RULES.values() if rule.is_soundness]
    assert lipbuild("rules", "soundness").stdout == by_code.stdout


def test_an_unknown_rule_has_a_nearest(lipbuild: Lipbuild) -> None:
    done = lipbuild("rules", "plain-dens")
    assert done.returncode == 2
    assert "`plain-dense`" in done.stderr


def test_the_list_is_there_for_programs(lipbuild: Lipbuild) -> None:
    data = json.loads(lipbuild("rules", "--format", "json").stdout)["rules"]
    assert [rule["name"] for rule in data] == list(RULES)
