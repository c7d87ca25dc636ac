"""The components in somebody's unit test, with Pulumi's own mocks as its documentation shows them."""

import subprocess
import sys

from stacks import ROOT

TEST = """
import pulumi


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        arn = f"arn:aws:test:us-east-1:123456789012:{args.name}"
        return f"{args.name}-id", {"name": args.name, "arn": arn, **args.inputs}

    def call(self, args):
        return {}


pulumi.runtime.set_mocks(Mocks(), preview=False)

from components.distribution import Distribution, DistributionArgs
from components.fargate_service import FargateService, FargateServiceArgs
from components.lambda_function import LambdaFunction, LambdaFunctionArgs
from components.origin import Origin
from components.repository import Repository, RepositoryArgs

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + "0123456789abcdef" * 4


@pulumi.runtime.test
def test():
    origin = Origin(id="web", domain_name="web.example.com")
    balancer = {each: "x" for each in ("target_group_arn", "load_balancer_arn_suffix", "target_group_arn_suffix")}
    made = [
        Distribution("cdn", DistributionArgs(service_origins=[origin], active="web")).distribution_id,
        FargateService(
            "app",
            FargateServiceArgs(
                image_uri=IMAGE, vpc_id="vpc", subnet_ids=["a"], load_balancer_security_group_id="sg", **balancer
            ),
        ).cluster_name,
        LambdaFunction("function", LambdaFunctionArgs(image_uri=IMAGE)).function_arn,
        Repository("images", RepositoryArgs()).repository_arn,
    ]
    return pulumi.Output.all(*made).apply(lambda all: print(*all))


test()
"""


def test_they_are_made_and_nothing_is_waited_for():
    run = subprocess.run([sys.executable, "-c", TEST], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    arn = "arn:aws:test:us-east-1:123456789012"
    assert run.stdout.split() == ["cdn-id", "app-cluster", f"{arn}:function", f"{arn}:images"]
