"""The components in a program of somebody else's, on the real engine."""

import pytest
from engine.bench import Bench

pytestmark = pytest.mark.needs_cli

TWICE = """
import pulumi

from components.distribution import Distribution, DistributionArgs
from components.fargate_service import FargateService, FargateServiceArgs
from components.origin import Origin


class Shop(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__(f"somebody:index:{name}", name)
        child = pulumi.ResourceOptions(parent=self)
        origin = Origin(id="web", domain_name=f"{name}.example.com")
        Distribution("cdn", DistributionArgs(service_origins=[origin], active="web"), child)
        service = FargateServiceArgs(
            image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + "0123456789abcdef" * 4,
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            target_group_arn="arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef",
            load_balancer_security_group_id="sg-balancer",
            load_balancer_arn_suffix="app/web/0123456789abcdef",
            target_group_arn_suffix="targetgroup/web/0123456789abcdef",
        )
        FargateService("web", service, child)


for name in ("Shop", "Blog"):
    Shop(name)
"""


def test_two_that_differ_in_their_parents_only_are_in_one_program():
    with Bench("dev") as bench:
        (bench.work / "__main__.py").write_text(TWICE)
        planned = bench.preview()
        assert planned.code == 0, planned.output
        created = [step.name for step in planned.steps if step.op == "create"]
        assert (created.count("cdn"), created.count("web")) == (4, 4)  # each component, and what it is made of
