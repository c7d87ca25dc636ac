"""The sample service: the same answers from Lambda, behind the Lambda Web Adapter, from Fargate and on this machine."""
