"""The synthetic project: `bench:services` services, each in both topologies behind a distribution of its own."""

from pathlib import Path

import pulumi

from components.container_image import ContainerImage, ContainerImageArgs
from components.distribution import Distribution, DistributionArgs
from components.origin_secret import OriginSecret, OriginSecretArgs
from components.repository import Repository, RepositoryArgs
from components.static_site import StaticSite, StaticSiteArgs
from settings import Settings
from topologies import TOPOLOGIES

SITE = Path(__file__).parents[2] / "site"


def service(number: int, settings: Settings) -> None:
    """Register one service, as stack.py does for a stack."""
    repository = Repository(f"repository{number}", RepositoryArgs())
    image_args = ContainerImageArgs(repository_url=repository.repository_url, source=settings.image)
    image = ContainerImage(f"image{number}", image_args).image_uri
    secret = OriginSecret(f"secret{number}", OriginSecretArgs(generation=settings.origin_secret))
    site = StaticSite(f"site{number}", StaticSiteArgs(directory=str(SITE)))
    halves = [TOPOLOGIES[each](f"{each}{number}", settings, image, secret, None) for each in settings.topologies]
    origins = [half.origin for half in halves]
    Distribution(f"cdn{number}", DistributionArgs(service_origins=origins, active=settings.topology, site=site.origin))


for number in range(pulumi.Config("bench").require_int("services")):
    service(number, Settings.load())
