"""Container: the service as ECS Fargate tasks behind an Application Load Balancer, in a network of its own."""

import pulumi
import pulumi_aws as aws

from components.alias_record import AliasRecord, AliasRecordArgs
from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from components.certificate import Certificate, CertificateArgs
from components.fargate_service import FargateService, FargateServiceArgs
from components.log_bucket import LogBucket
from components.origin import Origin
from components.origin_secret import HEADER, OriginSecret
from components.vpc import ExistingVpc, Vpc, VpcArgs
from components.vpc_origin import ZONES_WITHOUT_VPC_ORIGINS, VpcOrigin, VpcOriginArgs
from settings import Domain, Settings
from topologies.half import Half


class Container(Half):
    """Tasks that nobody but the balancer reaches, and a balancer that nobody but our distribution reaches.

    Children: `<name>-vpc`, `<name>-balancer`, `<name>` (FargateService), `<name>-vpc-origin` where the balancer is
    internal, and with a domain `<name>-certificate` and `<name>-record` for `origin.<domain name>`.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        image: pulumi.Input[str],
        origin_secret: OriginSecret,
        log_bucket: LogBucket | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("switchyard:index:Container", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        is_internal = settings.container.load_balancer == "internal"

        vpc = Vpc(f"{name}-vpc", _vpc_args(settings), child)
        certificate = self._certificate(name, settings.domain) if settings.domain else None
        balancer = ApplicationLoadBalancer(
            f"{name}-balancer",
            ApplicationLoadBalancerArgs(
                vpc_id=vpc.vpc_id,
                subnet_ids=vpc.private_subnet_ids if is_internal else vpc.public_subnet_ids,
                scheme=settings.container.load_balancer,
                certificate_arn=certificate.certificate_arn if certificate else None,
                origin_secrets=origin_secret.accepted,
                target_port=settings.service.port,
                health_check_path=settings.service.health_check_path,
                idle_timeout_seconds=settings.timeouts.balancer_idle,
                deregistration_delay_seconds=settings.timeouts.deregistration,
                # While there is a standby the next step may be to drop this half, which protection would block.
                deletion_protection=settings.protect and not settings.standby,
                access_log_bucket=log_bucket.bucket_name if log_bucket else None,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[vpc]),  # a public one needs the way to the internet
        )
        service = FargateService(
            name,
            FargateServiceArgs(
                image_uri=image,
                vpc_id=vpc.vpc_id,
                subnet_ids=vpc.task_subnet_ids,
                assign_public_ip=vpc.task_public_ip,
                target_group_arn=balancer.target_group_arn,
                target_group_arn_suffix=balancer.target_group_arn_suffix,
                load_balancer_arn_suffix=balancer.arn_suffix,
                load_balancer_security_group_id=balancer.security_group_id,
                container_port=settings.service.port,
                cpu=settings.container.cpu,
                memory_mib=settings.container.memory_mb,
                min_tasks=settings.container.min_tasks,
                max_tasks=settings.container.max_tasks,
                spot=settings.container.spot,
                cpu_target_percent=settings.container.scaling.cpu_percent,
                requests_per_task=settings.container.scaling.requests_per_task,
                response_time_ms=settings.container.scaling.response_time_ms,
                execute_command=settings.container.execute_command,
                container_insights=settings.container.insights,
                environment=settings.service.environment,
                secrets=settings.service.secrets,
                log_retention_days=settings.logs.retention_days,
                stop_timeout_seconds=settings.timeouts.stop,
                egress_ports=settings.container.egress_ports,
            ),
            # A task can pull its image only once the routes out are there, and ECS refuses a target group
            # that no listener uses yet.
            pulumi.ResourceOptions(parent=self, depends_on=[vpc, balancer]),
        )
        ready: list[pulumi.Resource] = [balancer, service]
        vpc_origin = None
        if is_internal:
            protocol = "https-only" if certificate else "http-only"
            args = VpcOriginArgs(load_balancer_arn=balancer.arn, port=balancer.listener_port, protocol=protocol)
            # It wants an internet gateway on the VPC, though no traffic goes through that.
            waits = pulumi.ResourceOptions(parent=self, depends_on=[vpc])
            vpc_origin = VpcOrigin(f"{name}-vpc-origin", args, waits)
            ready.append(vpc_origin)
        if settings.domain:
            ready.append(self._record(name, settings.domain, balancer))

        self.origin = Origin(
            id="container",
            domain_name=_origin_name(settings.domain) if settings.domain else balancer.dns_name,
            protocol="https-only" if certificate else "http-only",
            headers={HEADER: origin_secret.current},
            vpc_origin_id=vpc_origin.vpc_origin_id if vpc_origin else None,
            read_timeout_seconds=settings.timeouts.origin_read,
            ready=ready,
        )
        self.log_group = service.log_group_name
        self.cluster = service.cluster_name
        self.service = service.service_name
        self.register_outputs({"cluster": self.cluster, "service": self.service, "log_group": self.log_group})

    def _certificate(self, name: str, domain: Domain) -> Certificate:
        args = CertificateArgs(domain_name=_origin_name(domain), zone_id=self._zone_id(domain))
        return Certificate(f"{name}-certificate", args, pulumi.ResourceOptions(parent=self))

    def _record(self, name: str, domain: Domain, balancer: ApplicationLoadBalancer) -> AliasRecord:
        args = AliasRecordArgs(
            zone_id=self._zone_id(domain),
            name=_origin_name(domain),
            target_domain_name=balancer.dns_name,
            target_zone_id=balancer.zone_id,
        )
        return AliasRecord(f"{name}-record", args, pulumi.ResourceOptions(parent=self))

    def _zone_id(self, domain: Domain) -> pulumi.Output[str]:
        zone = aws.route53.get_zone_output(name=domain.zone, opts=pulumi.InvokeOutputOptions(parent=self))
        return zone.zone_id


def _origin_name(domain: Domain) -> str:
    return f"origin.{domain.name}"


def _vpc_args(settings: Settings) -> VpcArgs:
    network = settings.network
    if network.existing:
        return VpcArgs(existing=ExistingVpc(**network.existing.model_dump()))
    return VpcArgs(
        cidr_block=network.cidr,
        zones=network.zones,
        nat=network.nat,
        nat_instance_ports=settings.container.egress_ports,
        ipv6=network.ipv6,
        flow_logs=network.flow_logs,
        log_retention_days=settings.logs.retention_days,
        interface_endpoints=_interface_endpoints(settings),
        # Also for a public balancer, so that changing its kind does not move the subnets.
        exclude_zone_ids=ZONES_WITHOUT_VPC_ORIGINS,
    )


def _interface_endpoints(settings: Settings) -> tuple[str, ...]:
    """What a task calls while it starts and runs: the registry, the logs, and where its secrets are."""
    services = {arn.split(":")[2] for arn in settings.service.secrets.values()}
    shell = {"ssmmessages"} if settings.container.execute_command else set()
    return (*VpcArgs.interface_endpoints, *sorted(services | shell))
