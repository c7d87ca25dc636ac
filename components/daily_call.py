"""DailyCall: keeps a function that nobody calls from being put to sleep."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import matches, refuse
from components._policies import allow, document, trust_here
from components._web_adapter import PATH, PATH_MEANING, get_event


@dataclass(frozen=True, kw_only=True)
class DailyCallArgs:
    """Inputs of DailyCall. ValueError names every field that can't work."""

    alias_arn: pulumi.Input[str]
    """ARN of the alias to call. The alias, because the version that serves is what must stay awake."""
    health_check_path: str = "/healthz"
    """Path that is asked for, with GET. Default /healthz."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches(
                "alias_arn",
                self.alias_arn,
                r"arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+:[^:]+",
                "the ARN of a function's alias",
            ),
            matches("health_check_path", self.health_check_path, PATH, PATH_MEANING),
        )


class DailyCall(pulumi.ComponentResource):
    """Calls the function once a day, as an HTTP API would for GET on the health check's path.

    Lambda makes a function of a container image inactive when it was idle for weeks, and refuses the first request
    after that (https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-lifecycle). A standby is idle
    for weeks, and its first request is the traffic of a switch.

    Children: `<name>` (schedule), `<name>-role`, `<name>-permissions`.
    Cost: 30 calls a month, $0.00.
    Raises: ValueError (DailyCallArgs).
    """

    schedule_name: pulumi.Output[str]
    """Name of the schedule."""

    def __init__(self, name: str, args: DailyCallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:DailyCall", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        # For this account alone, or a schedule in somebody else's could name this role.
        role = aws.iam.Role(f"{name}-role", assume_role_policy=trust_here("scheduler.amazonaws.com", self), opts=child)
        policy = aws.iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=document(allow(["lambda:InvokeFunction"], [args.alias_arn])),
            opts=child,
        )
        schedule = aws.scheduler.Schedule(
            name,
            description="Keeps the function from becoming inactive",
            schedule_expression="rate(1 day)",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": args.alias_arn,
                "role_arn": role.arn,
                "input": json.dumps(get_event(args.health_check_path)),
                # A call that fails for an hour can wait for tomorrow's; the default is 185 tries over 24 hours.
                "retry_policy": {"maximum_retry_attempts": 2, "maximum_event_age_in_seconds": 3600},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

        self.schedule_name = schedule.name
        self.register_outputs({"schedule_name": self.schedule_name})
