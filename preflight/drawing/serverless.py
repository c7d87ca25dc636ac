"""The serverless half: an HTTP API or a Function URL, what checks the caller, and the function."""

from collections.abc import Iterator

from preflight.drawing.sketch import Sketch
from preflight.drawing.view import View
from preflight.recording import Resource

_ALIAS, _FUNCTION = "aws:lambda/alias:Alias", "aws:lambda/function:Function"


def draw_api(view: View, sketch: Sketch, api: Resource) -> None:
    """The API with its routes, its authorizer, and the functions it calls."""
    region = view.draw_region(sketch)
    routes = view.users(api, "aws:apigatewayv2/route:Route", "apiId")
    stages = view.users(api, "aws:apigatewayv2/stage:Stage", "apiId")
    sketch.settle(api.urn, f"HTTP API {api.name}", "", region, of=[api, *routes, *stages])
    for each in view.users(api, "aws:apigatewayv2/integration:Integration", "apiId"):
        for function, alias in _called(view, each, "integrationUri"):
            key = _draw_function(view, sketch, function, alias)
            sketch.arrow(api.urn, key, "invokes", of=[each])
    for each in view.users(api, "aws:apigatewayv2/authorizer:Authorizer", "apiId"):
        for function, _ in _called(view, each, "authorizerUri"):
            key = sketch.place(
                function.urn, f"Authorizer {function.name}", "checks the secret", within=region, of=[function]
            )
            sketch.arrow(api.urn, key, "asks first", of=[each], aside=True)


def draw_function_url(view: View, sketch: Sketch, url: Resource) -> None:
    """The URL, who may call it, and its function."""
    may_call = "IAM: signed calls only" if url.inputs.get("authorizationType") == "AWS_IAM" else "open to everybody"
    sketch.settle(url.urn, f"Function URL {url.name}", may_call, view.draw_region(sketch), of=[url])
    aliases = view.behind(url, "qualifier", _ALIAS)
    functions = view.behind(url, "functionName", _FUNCTION)
    for function in functions or [each for alias in aliases for each in view.behind(alias, "functionName", _FUNCTION)]:
        key = _draw_function(view, sketch, function, next(iter(aliases), None))
        sketch.arrow(url.urn, key, "invokes", of=[url])


def _called(view: View, resource: Resource, key: str) -> Iterator[tuple[Resource, Resource | None]]:
    """The functions that an input names, each with the alias by which it does."""
    for alias in view.behind(resource, key, _ALIAS):
        for function in view.behind(alias, "functionName", _FUNCTION):
            yield function, alias
    for function in view.behind(resource, key, _FUNCTION):
        yield function, None


def _draw_function(view: View, sketch: Sketch, function: Resource, alias: Resource | None) -> str:
    memory = function.inputs.get("memorySize")
    detail = f"{memory} MB" if isinstance(memory, int) else ""
    return sketch.place(
        function.urn,
        f"Function {function.name}",
        detail,
        within=view.draw_region(sketch),
        of=[function, alias] if alias else [function],
    )
