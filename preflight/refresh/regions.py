"""How the price list names what belongs to a region."""

from collections.abc import Mapping

from preflight.prices import GLOBAL

HOME = "us-east-1"
# What a usage type starts with in each region; the first region has also those without.
# Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-region-billing-codes.html
PREFIXES: Mapping[str, tuple[str, ...]] = {
    "af-south-1": ("AFS1",),
    "ap-east-1": ("APE1",),
    "ap-east-2": ("APE2",),
    "ap-northeast-1": ("APN1",),
    "ap-northeast-2": ("APN2",),
    "ap-northeast-3": ("APN3",),
    "ap-south-1": ("APS3",),
    "ap-south-2": ("APS5",),
    "ap-southeast-1": ("APS1",),
    "ap-southeast-2": ("APS2",),
    "ap-southeast-3": ("APS4",),
    "ap-southeast-4": ("APS6",),
    "ap-southeast-5": ("APS7",),
    "ap-southeast-6": ("APS8",),
    "ap-southeast-7": ("APS9",),
    "ca-central-1": ("CAN1",),
    "ca-west-1": ("CAN2",),
    "eu-central-1": ("EUC1",),
    "eu-central-2": ("EUC2",),
    "eu-north-1": ("EUN1",),
    "eu-south-1": ("EUS1",),
    "eu-south-2": ("EUS2",),
    "eu-west-1": ("EU", "EUW1"),
    "eu-west-2": ("EUW2",),
    "eu-west-3": ("EUW3",),
    "il-central-1": ("ILC1",),
    "me-central-1": ("MEC1",),
    "me-south-1": ("MES1",),
    "mx-central-1": ("MXC1",),
    "sa-east-1": ("SAE1",),
    "us-east-1": ("USE1",),
    "us-east-2": ("USE2",),
    "us-west-1": ("USW1",),
    "us-west-2": ("USW2",),
}


def usage_types(base: str, region: str) -> set[str]:
    """What a usage type may be called in a region: `EU-LoadBalancerUsage`, and never `TS-LoadBalancerUsage`."""
    found = {f"{prefix}-{base}" for prefix in PREFIXES.get(region, ())} | {f"{region}-{base}"}
    return found | {base} if region in (GLOBAL, HOME) else found


def how_to_ask(region: str) -> str:
    """What to do about a price that a region lacks."""
    if region in PREFIXES:
        return f'make prices ARGS="--region {region}"'
    return f"add them to preflight/prices.yaml by hand: make prices does not know {region}"
