"""Ask AWS for prices anew and write them into `prices.yaml`: `make prices`, or `python -m preflight.refresh`.

Most services publish a file a region that anybody may read; EC2's is half a gigabyte, so it is asked through the query
API, which needs an account (`pricing:GetProducts`) and boto3: without them EC2's prices stay as they are. Every other
price must be found exactly once: AWS's list is full of near namesakes, and the wrong one looks just as good. If one is
not, nothing is written.
"""
