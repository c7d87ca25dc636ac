"""Where AWS explains its controls."""


def security_hub(service: str, number: int) -> str:
    """The page of AWS Security Hub about one control, such as `ec2`, 2."""
    return f"https://docs.aws.amazon.com/securityhub/latest/userguide/{service}-controls.html#{service}-{number}"


CONFUSED_DEPUTY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
LEAST_PRIVILEGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
RULES = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
VPC_ORIGINS = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html"
RESTRICT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html"
CONTAINER = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html"
