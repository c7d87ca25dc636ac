"""Products as AWS's price list has them: the one that is meant, and its namesakes."""

import json

import yaml

from preflight.prices import FILE

TEXT = FILE.read_text(encoding="utf-8")
ROWS = yaml.load(TEXT, Loader=yaml.BaseLoader)["prices"]
ALB = {
    "service": "AWSELB",
    "family": "Load Balancer-Application",
    "usagetype": "LoadBalancerUsage",
    "operation": "LoadBalancing:Application",
}


def row(price_id: str = "alb.hour", region: str = "us-east-1", **sku: str) -> dict:
    """A row of the price file, with changes to its SKU identity."""
    found = next(each for each in ROWS if (each["id"], each["region"]) == (price_id, region))
    return {**found, "sku": {**found["sku"], **sku}}


def product(sku: str, usage_type: str, *prices: tuple[str, str], unit: str = "Hrs", **changes) -> dict:
    """A product with (first unit, price) tiers; `attributes` are changed, other keywords are the product's own."""
    dimensions = {
        f"{sku}.{n}": {"beginRange": start, "endRange": "Inf", "unit": unit, "pricePerUnit": {"USD": price}}
        for n, (start, price) in enumerate(prices or (("0", "0.0225"),))
    }
    attributes = {
        "usagetype": usage_type,
        "operation": "LoadBalancing:Application",
        "regionCode": "us-east-1",
        **changes.pop("attributes", {}),
    }
    return {
        "product": {"sku": sku, "productFamily": "Load Balancer-Application", "attributes": attributes, **changes},
        "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": {"priceDimensions": dimensions}}},
    }


RIGHT = product("RIGHT", "LoadBalancerUsage")
DECOYS = [
    product("TRUST", "TS-LoadBalancerUsage", ("0", "0.005")),
    product("RESERVED", "ReservedLoadBalancerUsage"),
    product("OUTPOST", "Outposts-LoadBalancerUsage", ("0", "0")),
    product("NETWORK", "LoadBalancerUsage", operation="x", attributes={"operation": "LoadBalancing:Network"}),
    product("FAMILY", "LoadBalancerUsage", productFamily="Load Balancer"),
    product("IRELAND", "EU-LoadBalancerUsage", attributes={"regionCode": "eu-west-1"}),
]


def bulk(*products: dict) -> bytes:
    """A public file with these products."""
    return json.dumps(
        {
            "products": {each["product"]["sku"]: each["product"] for each in products},
            "terms": {"OnDemand": {each["product"]["sku"]: each["terms"]["OnDemand"] for each in products}},
        }
    ).encode()
