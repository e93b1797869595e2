from pathlib import Path

from lipbuild.rules.pages import pages

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_of_the_rules_are_those_that_the_rules_make() -> None:
    """Where this fails: `make docs`."""
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert written == pages()
