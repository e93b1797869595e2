"""The software bill of materials of this environment, in CycloneDX."""

from __future__ import annotations

import sys
import uuid
from importlib.metadata import distributions

from lipbuild.errors import UnusableError
from lipbuild.missing import install_command


def packages_here() -> list[tuple[str, str]]:
    """The packages that are installed where this runs, with their versions."""
    found = {(one.metadata["Name"], one.version) for one in distributions() if one.metadata["Name"]}
    return sorted(found, key=lambda one: (one[0].lower(), one[1]))


def sbom(name: str) -> str:
    """CycloneDX 1.6 as JSON: Python and each package that is installed where this runs.

    Args:
        name: What it is the environment of.

    Raises:
        UnusableError: cyclonedx-python-lib is not installed.
    """
    try:
        from cyclonedx.model.bom import Bom
        from cyclonedx.model.component import Component, ComponentType
        from cyclonedx.output.json import JsonV1Dot6
        from packageurl import PackageURL
    except ImportError:
        raise UnusableError(
            "an SBOM needs cyclonedx-python-lib, which is not installed", install_command("evidence")
        ) from None
    packages = packages_here()
    python = ".".join(map(str, sys.version_info[:3]))
    components = [Component(name="python", version=python, type=ComponentType.PLATFORM, bom_ref="python")]
    for package, version in packages:
        url = PackageURL("pypi", None, package.lower().replace("_", "-"), version)
        components.append(
            Component(name=package, version=version, type=ComponentType.LIBRARY, purl=url, bom_ref=str(url))
        )
    # The same packages have the same number.
    known = uuid.uuid5(uuid.NAMESPACE_URL, repr((name, python, packages)))
    bom = Bom(components=components, serial_number=known)
    run = bom.metadata.component = Component(name=name, type=ComponentType.APPLICATION, bom_ref="run")
    bom.register_dependency(run, components)
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"
