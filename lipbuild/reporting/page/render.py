from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from lipbuild._version import __version__
from lipbuild.diagnostics.printable import printable_lines
from lipbuild.reporting.charts.drawing import STYLE
from lipbuild.reporting.section import Section


def render(title: str, subtitle: str, sections: Sequence[Section], *, live: str = "") -> str:
    """A page as one HTML file that asks nothing of any network.

    Its content security policy allows its own style sheet and script, by their digests, and the images inside it;
    a live page also its own server. Whatever stands in the sections is escaped.

    Args:
        title: Its title.
        subtitle: A line below the title.
        sections: Its sections.
        live: The address at its own server that sends the next page; nothing for a page that stays as it is.
    """
    style, script = STYLE + _read("page.css"), _read("page.js")
    environment = Environment(
        loader=DictLoader({"page": _read("page.html.jinja")}),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    policy = [
        "default-src 'none'",
        f"style-src '{_digest(style)}'",
        f"script-src '{_digest(script)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if live:
        policy.append("connect-src 'self'")
    return environment.get_template("page").render(
        title=title,
        subtitle=subtitle,
        sections=sections,
        live=live,
        policy="; ".join(policy),
        # Files of this package, and not of any run.
        style=Markup(style),
        script=Markup(script),
        version=__version__,
    )


def _shown(value: Any) -> Any:
    """What stands in a page, before it is escaped: nothing turns the direction of writing."""
    return printable_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
