"""Buckets that the distribution reads from. Others, such as one for logs, are no part of the way."""

from preflight.drawing.sketch import Sketch
from preflight.drawing.view import View
from preflight.recording import Resource


def draw_bucket(view: View, sketch: Sketch, bucket: Resource) -> None:
    if bucket.urn in sketch.places:
        policies = view.users(bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
        sketch.settle(bucket.urn, f"S3 bucket {bucket.name}", "static files", view.draw_region(sketch), of=policies)
