"""What a recording's traffic passes: from the viewers over the edge to a function or tasks, and their way out."""

from preflight.drawing.edge import draw_distribution
from preflight.drawing.fargate import draw_service
from preflight.drawing.serverless import draw_api, draw_function_url
from preflight.drawing.site import draw_bucket
from preflight.drawing.sketch import Architecture, Sketch
from preflight.drawing.view import View
from preflight.recording import Recording


def architecture(recording: Recording, region: str) -> Architecture:
    """The drawing of one stack; empty where it has nothing that traffic passes."""
    view = View(recording, region)
    sketch = Sketch()
    for each in recording.of_type("aws:cloudfront/distribution:Distribution"):
        draw_distribution(view, sketch, each)
    for each in recording.of_type("aws:apigatewayv2/api:Api"):
        draw_api(view, sketch, each)
    for each in recording.of_type("aws:lambda/functionUrl:FunctionUrl"):
        draw_function_url(view, sketch, each)
    for each in recording.of_type("aws:ecs/service:Service"):
        draw_service(view, sketch, each)
    for each in recording.of_type("aws:s3/bucket:Bucket"):
        draw_bucket(view, sketch, each)
    return sketch.done()
