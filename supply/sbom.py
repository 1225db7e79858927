"""The bill of materials: all that sellerkit needs, as CycloneDX JSON; one lock, the same bytes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from sellerkit import __version__
from supply.licences import licence_of
from supply.lock import SELF, Locked, shipped

#: Stands for the time of writing, which would make each bill another one.
_NEVER = datetime(1980, 1, 1, tzinfo=UTC)


def bill(packages: Iterable[Locked], text: str) -> str:
    """Return the bill of a lock, given its packages and its text."""
    wanted = shipped(packages)
    components = {package: _component(package) for package in wanted}
    own = Component(name="sellerkit", version=__version__, type=ComponentType.APPLICATION,
                    licenses=[LicenseFactory().make_from_string("Apache-2.0")],
                    bom_ref="sellerkit")  # fmt: skip
    bom = Bom(components=components.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_OID, text))
    bom.metadata.component, bom.metadata.timestamp = own, _NEVER
    for asking in (own, *components.values()):
        needs = [c for p, c in components.items() if _asks(asking, p)]
        bom.register_dependency(asking, needs)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _asks(asking: Component, package: Locked) -> bool:
    return (SELF if asking.name == "sellerkit" else asking.name) in package.needed_by


def _component(package: Locked) -> Component:
    url = PackageURL("pypi", None, package.name, package.version)
    licence = licence_of(package.name)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        purl=url,
        bom_ref=url.to_string(),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        # each file of a package has a hash: for every system another
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=h) for h in package.hashes],
        properties=[Property(name="python:marker", value=package.marker)] if package.marker else [],
    )
