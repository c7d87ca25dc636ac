"""The edge: viewers, the firewall, the distribution with its functions, and its origins."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from preflight.drawing.sketch import Sketch
from preflight.drawing.view import View
from preflight.recording import Resource

_FUNCTION = "aws:cloudfront/function:Function"
_STORE = "aws:cloudfront/keyValueStore:KeyValueStore"


def draw_distribution(view: View, sketch: Sketch, distribution: Resource) -> None:
    """The distribution, how viewers come to it, and where it sends them."""
    edge = sketch.place("edge", "CloudFront", role="edge")
    functions = [
        *view.behind(distribution, "defaultCacheBehavior", _FUNCTION),
        *view.behind(distribution, "orderedCacheBehaviors", _FUNCTION),
    ]
    names = distribution.inputs.get("aliases") or ["a name of CloudFront's own"]
    detail = ", ".join(map(str, names))
    cdn = sketch.place(
        distribution.urn, f"Distribution {distribution.name}", detail, within=edge, of=[distribution, *functions]
    )
    viewers = sketch.place("viewers", "Viewers", role="outside")
    firewalls = view.behind(distribution, "webAclId", "aws:wafv2/webAcl:WebAcl")
    for each in firewalls:
        rules = len(each.inputs.get("rules", ()))
        waf = sketch.place(each.urn, f"Web ACL {each.name}", f"{rules} rules", within=edge, of=[each])
        sketch.arrow(viewers, waf, "HTTPS", of=[each])
        sketch.arrow(waf, cdn, of=[each])
    if not firewalls:
        sketch.arrow(viewers, cdn, "HTTPS")
    shares: dict[str, int] = {}
    for store in {each.urn: each for function in functions for each in _stores(view, function)}.values():
        shares |= _shares(view, store)
        said = ", ".join(f"{name} {share} %" for name, share in shares.items())
        detail = f"who goes where: {said}" if said else "who goes where"
        key = sketch.place(store.urn, f"KeyValueStore {store.name}", detail, within=edge, of=[store])
        sketch.arrow(key, cdn, of=[store], aside=True)
    for origin in distribution.inputs.get("origins", ()):
        _draw_origin(view, sketch, distribution, origin, shares)


def _stores(view: View, function: Resource) -> list[Resource]:
    return view.behind(function, "keyValueStoreAssociations", _STORE)


def _shares(view: View, store: Resource) -> dict[str, int]:
    """The viewers' shares in percent, as the store has them: `{"container": 90}`; the other origin takes the rest."""
    for each in view.users(store, "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey", "keyValueStoreArn"):
        try:
            value = json.loads(each.inputs["value"])
        except (KeyError, TypeError, ValueError):
            continue
        if isinstance(value, dict):
            return {name: share for name, share in value.items() if isinstance(share, int)}
    return {}


def _draw_origin(
    view: View, sketch: Sketch, distribution: Resource, origin: Mapping[str, Any], shares: Mapping[str, int]
) -> None:
    target = _target(view, origin)
    if target:
        key = sketch.place(target.urn, f"{target.type.rpartition(':')[2]} {target.name}", of=[target])
    else:
        where = str(origin.get("domainName"))
        key = sketch.place(f"origin {where}", "Another origin", where, role="outside")
    paths = list(_paths(distribution, origin.get("originId")))
    share = shares.get(str(origin.get("originId")))
    if share is None and shares and not paths:
        share = 100 - sum(shares.values())
    takes = [", ".join(paths)] if paths else [] if share else ["standing by"]
    takes += [f"{share} % of viewers"] if share else []
    sketch.arrow(
        distribution.urn,
        key,
        "\n".join([*takes, *_proofs(origin)]),
        of=[target] if target else [],
        aside=not (paths or share),
    )


def _target(view: View, origin: Mapping[str, Any]) -> Resource | None:
    """What answers for an origin; a record stands for the balancer that it names."""
    vpc_origin = (origin.get("vpcOriginConfig") or {}).get("vpcOriginId")
    found = view.at(vpc_origin) or view.at(origin.get("domainName"))
    if found and found.type == "aws:route53/record:Record":
        return next(iter(view.behind(found, "aliases", "aws:lb/loadBalancer:LoadBalancer")), None)
    return found


def _paths(distribution: Resource, origin_id: object) -> Iterator[str]:
    for each in distribution.inputs.get("orderedCacheBehaviors", ()):
        if each.get("targetOriginId") == origin_id:
            yield str(each.get("pathPattern"))
    if (distribution.inputs.get("defaultCacheBehavior") or {}).get("targetOriginId") == origin_id:
        yield "all other paths" if distribution.inputs.get("orderedCacheBehaviors") else "all paths"


def _proofs(origin: Mapping[str, Any]) -> Iterator[str]:
    """How the origin knows that it is our distribution that calls."""
    for each in origin.get("customHeaders", ()):
        yield f"with {each.get('name')}"
    if origin.get("originAccessControlId"):
        yield "signed"
