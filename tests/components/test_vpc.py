"""Vpc: subnets, routes and ways out of each kind, what is closed in all of them, and what an adopted one leaves be."""

import re
from dataclasses import fields
from typing import get_args

import botocore.session
import pulumi
import pytest

from components._logs import RETENTION_DAYS
from components._ways_out import Nat
from components.vpc import ZONES_PER_REGION, ExistingVpc, Vpc, VpcArgs, zones_in
from preflight.made_up import ZONE_ID_PREFIXES, lookup
from preflight.recording import Recording

SUBNET, TABLE, ROUTE = "aws:ec2/subnet:Subnet", "aws:ec2/routeTable:RouteTable", "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT, EIP, ENDPOINT = "aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip", "aws:ec2/vpcEndpoint:VpcEndpoint"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EGRESS_ONLY = "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"
VPC = "switchyard:index:Vpc"
KINDS = get_args(Nat)
ZONE_NAMES = ("us-east-1a", "us-east-1b")
EXISTING = {"vpc_id": "vpc-0a1b2c3d4e5f67890", "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f67890"]}


_RECORDED: dict[str, Recording] = {}


@pytest.fixture
def built(record):
    """Record a Vpc named `main` with these Args; each only once, for a recording does not change."""

    def build(*, region: str = "us-east-1", **args) -> Recording:
        key = f"{region} {args}"
        if key not in _RECORDED:
            _RECORDED[key] = record(lambda: Vpc("main", VpcArgs(**args)), region=region)
        return _RECORDED[key]

    return build


def routes(recording) -> dict[str, dict]:
    """What each route leads to, by the route's name."""
    leaves_out = {"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"}
    return {
        each.name: {key: value for key, value in each.inputs.items() if key not in leaves_out}
        for each in recording.of_type(ROUTE)
    }


def reaches(recording, urn: str) -> set[str]:
    """Everything that must exist before this does, however indirectly."""
    seen: set[str] = set()
    todo = [urn]
    while todo:
        for each in recording.resources[todo.pop()].options.depends_on:
            if each not in seen:
                seen.add(each)
                todo.append(each)
    return seen


class TestArgs:
    @pytest.mark.parametrize("zones", [2, 6])
    def test_two_to_six_zones_are_allowed(self, zones):
        assert VpcArgs(zones=zones).zones == zones

    @pytest.mark.parametrize("zones", [1, 7])
    def test_fewer_or_more_zones_are_refused(self, zones):
        with pytest.raises(ValueError, match=f"VpcArgs: zones must be 2 to 6, got {zones}$"):
            VpcArgs(zones=zones)

    @pytest.mark.parametrize("nat", KINDS)
    def test_every_way_out_is_allowed(self, nat):
        assert VpcArgs(nat=nat).nat == nat

    @pytest.mark.parametrize("nat", ["", "None", "per_zone", "gateway"])
    def test_another_way_out_is_refused(self, nat):
        kinds = "none, endpoints, instance, single, perZone, regional"
        with pytest.raises(ValueError, match=f"nat must be one of {kinds}, got '{nat}'$"):
            VpcArgs(nat=nat)

    def test_a_retention_that_cloudwatch_does_not_know_is_refused(self):
        assert {VpcArgs(log_retention_days=days).log_retention_days for days in RETENTION_DAYS} == set(RETENTION_DAYS)
        with pytest.raises(ValueError, match=r"log_retention_days must be one of 1, 3, 5, .*, got 15$"):
            VpcArgs(log_retention_days=15)

    def test_a_block_too_small_for_the_zones_is_refused_with_the_prefix_needed(self):
        assert VpcArgs(cidr_block="10.0.0.0/24", zones=4).zones == 4
        with pytest.raises(ValueError, match=re.escape("a /23 or larger for 5 zones, got '10.0.0.0/24'")):
            VpcArgs(cidr_block="10.0.0.0/24", zones=5)

    def test_names_of_services_are_checked_as_the_endpoints_check_them(self):
        with pytest.raises(ValueError, match=r"interface_endpoints must be short names such as ecr\.api, got 'ECR'"):
            VpcArgs(interface_endpoints=["ECR"])
        with pytest.raises(ValueError, match="interface_endpoints must leave out s3"):
            VpcArgs(interface_endpoints=["s3"])

    @pytest.mark.parametrize("zone", ["us-east-1a", "", "use1", "USE1-AZ3"])
    def test_a_zone_to_keep_out_of_goes_by_its_id(self, zone):
        assert VpcArgs(exclude_zone_ids=["use1-az3"]).exclude_zone_ids == ["use1-az3"]
        with pytest.raises(ValueError, match=f"exclude_zone_ids must be zone ids such as use1-az3, got '{zone}'"):
            VpcArgs(exclude_zone_ids=[zone])

    def test_all_that_is_wrong_is_said_at_once(self):
        with pytest.raises(ValueError, match=r"cidr_block .*; zones .*; nat .*; log_retention_days "):
            VpcArgs(cidr_block="ten", zones=0, nat="no", log_retention_days=0)


class TestExisting:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"vpc_id": "vpc-1"}, "vpc_id must be a VPC id such as vpc-0a1b2c3d4e5f67890, got 'vpc-1'"),
            ({"vpc_id": "vpc-0A1B2C3D"}, "vpc_id must be a VPC id such as vpc-0a1b2c3d4e5f67890, got 'vpc-0A1B2C3D'"),
            ({"vpc_id": "subnet-0a1b2c3d"}, "vpc_id must be a VPC id"),
            ({"vpc_id": "vpc-0a1b2c3d4e5f678901"}, "vpc_id must be a VPC id"),
            ({"public_subnet_ids": ["subnet-1"]}, "public_subnet_ids must be subnet ids such as"),
            ({"private_subnet_ids": ["subnet-0a1b2c3d", "vpc-0a1b2c3d"]}, "private_subnet_ids must be subnet ids"),
            ({"private_subnet_ids": []}, "public_subnet_ids or private_subnet_ids must name a subnet, got none"),
        ],
    )
    def test_what_cannot_be_an_id_or_has_no_subnet_is_refused(self, changes, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            ExistingVpc(**(EXISTING | changes))

    def test_ids_of_both_lengths_that_aws_gives_are_allowed(self):
        assert len(ExistingVpc(**EXISTING).private_subnet_ids) == 2
        assert ExistingVpc(**(EXISTING | {"vpc_id": "vpc-0a1b2c3d"})).vpc_id == "vpc-0a1b2c3d"

    def test_the_patterns_agree_with_an_api_of_aws(self):
        model = botocore.session.get_session().get_service_model("rtbfabric")
        assert model.shape_for("VpcId").metadata["pattern"] == "vpc-[a-f0-9]{8,17}"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("cidr_block", "10.1.0.0/16"),
            ("zones", 3),
            ("nat", "single"),
            ("nat_instance_ports", (443, 5432)),
            ("ipv6", False),
            ("flow_logs", False),
            ("log_retention_days", 30),
            ("interface_endpoints", ("logs",)),
            ("exclude_zone_ids", ("use1-az3",)),
        ],
    )
    def test_it_stands_alone(self, field, value):
        with pytest.raises(ValueError, match=f"existing stands alone: leave out {field}$"):
            VpcArgs(existing=ExistingVpc(**EXISTING), **{field: value})

    def test_that_test_knows_every_field(self):
        (mark,) = type(self).test_it_stands_alone.pytestmark
        assert {field for field, _ in mark.args[1]} == {each.name for each in fields(VpcArgs)} - {"existing"}

    def test_tasks_go_to_its_private_subnets_without_a_public_address(self, built):
        recording = built(existing=ExistingVpc(**EXISTING, public_subnet_ids=["subnet-99999999"]))
        assert recording.one(VPC).outputs == {
            "vpc_id": EXISTING["vpc_id"],
            "public_subnet_ids": ["subnet-99999999"],
            "private_subnet_ids": EXISTING["private_subnet_ids"],
            "task_subnet_ids": EXISTING["private_subnet_ids"],
            "task_public_ip": False,
        }

    def test_tasks_go_to_its_public_subnets_with_a_public_address_if_there_are_no_others(self, built):
        existing = ExistingVpc(vpc_id="vpc-0a1b2c3d", public_subnet_ids=["subnet-99999999"])
        outputs = built(existing=existing).one(VPC).outputs
        assert (outputs["task_subnet_ids"], outputs["task_public_ip"]) == (["subnet-99999999"], True)
        assert outputs["private_subnet_ids"] == []

    def test_nothing_is_created_and_nothing_looked_up(self, built):
        recording = built(existing=ExistingVpc(**EXISTING))
        assert [each.type for each in recording] == [VPC]
        assert recording.lookups == ()

    def test_ids_may_come_from_another_resource(self, record):
        def program():
            existing = ExistingVpc(
                vpc_id=pulumi.Output.from_input("vpc-0a1b2c3d"),
                public_subnet_ids=[pulumi.Output.from_input("subnet-99999999")],
            )
            Vpc("main", VpcArgs(existing=existing))

        outputs = record(program).one(VPC).outputs
        assert (outputs["vpc_id"], outputs["task_subnet_ids"]) == ("vpc-0a1b2c3d", ["subnet-99999999"])


class TestZones:
    def names(self, recording) -> list[str]:
        return sorted({each.inputs["availabilityZone"] for each in recording.of_type(SUBNET)})

    def test_the_first_by_name_are_taken(self, built):
        assert self.names(built(zones=3)) == ["us-east-1a", "us-east-1b", "us-east-1c"]

    def test_the_first_by_name_are_taken_in_whatever_order_aws_lists_them(self, record, monkeypatch):
        answer = {"id": "us-east-1", "names": ["us-east-1c", "us-east-1b", "us-east-1a"]}
        monkeypatch.setattr("preflight.made_up._availability_zones", lambda *_: answer)
        recording = record(lambda: Vpc("main", VpcArgs()))
        assert self.names(recording) == ["us-east-1a", "us-east-1b"]
        assert recording.one(SUBNET, "main-public-us-east-1a").inputs["cidrBlock"] == "10.0.0.0/20"

    def test_an_excluded_one_is_skipped(self, built):
        recording = built(zones=3, exclude_zone_ids=("use1-az3",))
        assert self.names(recording) == ["us-east-1a", "us-east-1b", "us-east-1d"]

    def test_more_than_there_are_is_refused(self, built):
        assert len(self.names(built(region="eu-west-1", zones=3))) == 3
        with pytest.raises(ValueError, match=r"zones must be at most 3 in eu-west-1, got 4$"):
            built(region="eu-west-1", zones=4)

    def test_more_than_are_left_is_refused(self, built):
        with pytest.raises(ValueError, match=r"zones must be at most 5 in us-east-1 without use1-az3, got 6$"):
            built(zones=6, exclude_zone_ids=("use1-az3",))

    def test_only_working_zones_that_nobody_had_to_opt_in_to_are_asked_for(self, built):
        (asked,) = [each.args for each in built().lookups if "getAvailabilityZones" in each.token]
        opted = {"name": "opt-in-status", "values": ["opt-in-not-required"]}
        assert asked == {"filters": [opted], "excludeZoneIds": []}

    @pytest.mark.parametrize(
        ("region", "zones"),
        [("us-east-1", 6), ("us-west-2", 4), ("us-west-1", 2), ("ap-northeast-2", 4), ("eu-west-1", 3)],
    )
    def test_the_table_says_how_many_a_region_has(self, region, zones):
        assert zones_in(region) == zones

    @pytest.mark.parametrize("region", sorted({*ZONE_ID_PREFIXES, *ZONES_PER_REGION}))
    def test_the_table_promises_no_zone_that_a_preview_would_not_find(self, region):
        found = lookup("aws:index/getAvailabilityZones:getAvailabilityZones", {}, region)
        assert len(found["names"]) >= zones_in(region)


class TestSubnets:
    def test_a_third_zone_changes_no_subnet_that_is_there(self, built):
        two, three = built(zones=2), built(zones=3)
        before = {each.urn: each.inputs for each in two.of_type(SUBNET)}
        after = {each.urn: each.inputs for each in three.of_type(SUBNET)}
        assert len(after) == len(before) + 2
        assert {urn: after.get(urn) for urn in before} == before

    @pytest.mark.parametrize("nat", KINDS)
    def test_another_way_out_changes_no_subnet(self, built, nat):
        subnets = {each.urn: each.inputs for each in built(nat=nat).of_type(SUBNET)}
        assert subnets == {each.urn: each.inputs for each in built().of_type(SUBNET)}

    def test_each_zone_has_a_public_and_a_private_one_from_the_plan(self, built):
        recording = built(cidr_block="10.9.0.0/16")
        blocks = {
            each.name: (each.inputs["cidrBlock"], each.inputs["ipv6CidrBlock"]) for each in recording.of_type(SUBNET)
        }
        assert blocks == {
            "main-public-us-east-1a": ("10.9.0.0/20", "2600:1f18:abc:de00::/64"),
            "main-private-us-east-1a": ("10.9.16.0/20", "2600:1f18:abc:de80::/64"),
            "main-public-us-east-1b": ("10.9.32.0/20", "2600:1f18:abc:de01::/64"),
            "main-private-us-east-1b": ("10.9.48.0/20", "2600:1f18:abc:de81::/64"),
        }
        assert recording.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"] == "10.9.0.0/16"

    def test_none_hands_out_public_ipv4_addresses(self, built):
        assert {each.inputs["mapPublicIpOnLaunch"] for each in built().of_type(SUBNET)} == {False}

    def test_public_ones_share_a_table_and_each_private_one_has_its_own(self, built):
        recording = built()
        ids = {each.name: each.urn for each in recording.of_type(TABLE)}
        used = {
            each.name: each.options.property_dependencies["routeTableId"] for each in recording.of_type(ASSOCIATION)
        }
        assert used == {
            **{f"main-public-{zone}": (ids["main-public"],) for zone in ZONE_NAMES},
            **{f"main-private-{zone}": (ids[f"main-private-{zone}"],) for zone in ZONE_NAMES},
        }
        subnets = {each.name: each.options.property_dependencies["subnetId"] for each in recording.of_type(ASSOCIATION)}
        assert subnets == {each.name: (each.urn,) for each in recording.of_type(SUBNET)}


class TestAlways:
    @pytest.mark.parametrize("nat", KINDS)
    def test_the_internet_is_behind_the_public_table(self, built, nat):
        recording = built(nat=nat)
        public = recording.one(TABLE, "main-public").urn
        gateway = recording.one(GATEWAY).urn
        for family, destination in (
            ("ipv4", ("destinationCidrBlock", "0.0.0.0/0")),
            ("ipv6", ("destinationIpv6CidrBlock", "::/0")),
        ):
            route = recording.one(ROUTE, f"main-public-{family}")
            assert route.inputs[destination[0]] == destination[1]
            assert route.options.property_dependencies == {"gatewayId": (gateway,), "routeTableId": (public,)}

    @pytest.mark.parametrize("nat", KINDS)
    def test_no_private_table_leads_to_the_internet_gateway(self, built, nat):
        private = {name: target for name, target in routes(built(nat=nat)).items() if "private" in name}
        assert not any("gatewayId" in target for target in private.values())

    @pytest.mark.parametrize("nat", KINDS)
    def test_s3_and_dynamodb_are_on_every_route_table(self, built, nat):
        recording = built(nat=nat)
        tables = tuple(sorted(each.urn for each in recording.of_type(TABLE)))
        for service in ("s3", "dynamodb"):
            endpoint = recording.one(ENDPOINT, f"main-endpoints-{service}")
            assert endpoint.inputs["vpcEndpointType"] == "Gateway"
            assert endpoint.options.property_dependencies["routeTableIds"] == tables
            assert len(endpoint.inputs["routeTableIds"]) == len(tables) == 3

    @pytest.mark.parametrize("nat", KINDS)
    def test_what_uses_a_task_subnet_waits_for_all_its_routes(self, record, nat):
        def program():
            made = Vpc("main", VpcArgs(nat=nat))
            for number, subnet_id in enumerate(made.task_subnet_ids):
                pulumi.CustomResource("test:index:Task", f"task-{number}", {"subnet_id": subnet_id})

        recording = record(program)
        kind = "public" if nat == "none" else "private"
        for number, zone in enumerate(ZONE_NAMES):
            prefix = "main-public-" if kind == "public" else f"main-private-{zone}-"
            waits_for = reaches(recording, recording.one("test:index:Task", f"task-{number}").urn)
            of_its_table = {each.urn for each in recording.of_type(ROUTE) if each.name.startswith(prefix)}
            assert of_its_table <= waits_for
            assert recording.one(SUBNET, f"main-{kind}-{zone}").urn in waits_for

    def test_the_default_security_group_is_emptied(self, built):
        recording = built()
        group = recording.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "main-default")
        assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])
        assert group.options.property_dependencies["vpcId"] == (recording.one("aws:ec2/vpc:Vpc").urn,)

    def test_names_resolve(self, built):
        inputs = built().one("aws:ec2/vpc:Vpc", "main").inputs
        assert (inputs["enableDnsSupport"], inputs["enableDnsHostnames"]) == (True, True)

    def test_flow_logs_can_be_kept_longer_or_left_out(self, built):
        kept = built(log_retention_days=90)
        assert kept.one("switchyard:index:FlowLog", "main-flow-log").parent == kept.one(VPC).urn
        assert kept.one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 90}
        assert kept.one("aws:ec2/flowLog:FlowLog").options.property_dependencies["vpcId"] == (
            kept.one("aws:ec2/vpc:Vpc").urn,
        )
        without = built(flow_logs=False)
        assert not without.of_type("switchyard:index:FlowLog")
        assert not without.of_type("aws:cloudwatch/logGroup:LogGroup")

    @pytest.mark.parametrize("nat", KINDS)
    def test_nothing_stays_unknown(self, built, nat):
        assert "$unknown" not in str([each.inputs for each in built(nat=nat)])

    def test_look_ups_and_children_use_the_components_own_provider(self, record):
        def program():
            import pulumi_aws as aws  # noqa: PLC0415 - importing it is half a second

            provider = aws.Provider("elsewhere", region="eu-west-1")
            Vpc("main", VpcArgs(nat="instance"), pulumi.ResourceOptions(providers=[provider]))

        recording = record(program)
        provider = recording.one("pulumi:providers:aws").urn
        assert {each.provider for each in recording.lookups} == {provider}
        assert {each.options.provider for each in recording if each.type.startswith("aws:")} == {provider}


class TestIpv6:
    def test_the_vpc_has_a_block_and_every_interface_an_address(self, built):
        recording = built()
        assert recording.one("aws:ec2/vpc:Vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
        assert {each.inputs["assignIpv6AddressOnCreation"] for each in recording.of_type(SUBNET)} == {True}

    @pytest.mark.parametrize("nat", [kind for kind in KINDS if kind != "endpoints"])
    def test_private_subnets_get_out_and_nobody_in(self, built, nat):
        recording = built(nat=nat)
        for zone in ZONE_NAMES:
            route = recording.one(ROUTE, f"main-private-{zone}-ipv6")
            assert route.inputs["destinationIpv6CidrBlock"] == "::/0"
            assert route.options.property_dependencies == {
                "egressOnlyGatewayId": (recording.one(EGRESS_ONLY, "main-egress-only").urn,),
                "routeTableId": (recording.one(TABLE, f"main-private-{zone}").urn,),
            }

    @pytest.mark.parametrize("nat", KINDS)
    def test_switched_off_it_leaves_no_trace(self, built, nat):
        recording = built(nat=nat, ipv6=False)
        assert recording.one("aws:ec2/vpc:Vpc").inputs["assignGeneratedIpv6CidrBlock"] is False
        assert not recording.of_type(EGRESS_ONLY)
        assert not [name for name in routes(recording) if name.endswith("-ipv6")]
        assert {each.inputs.get("ipv6CidrBlock") for each in recording.of_type(SUBNET)} == {None}
        assert {each.inputs["assignIpv6AddressOnCreation"] for each in recording.of_type(SUBNET)} == {False}
        assert not [each for each in recording if "cidrIpv6" in each.inputs]


def ipv4_routes(recording) -> dict[str, dict]:
    return {name: target for name, target in routes(recording).items() if re.match("main-private-.*-ipv4", name)}


class TestWaysOut:
    PAID = (NAT, EIP, "aws:ec2/instance:Instance", "aws:ec2/networkInterface:NetworkInterface")

    def paid(self, recording) -> set[tuple[str, str]]:
        interfaces = [each for each in recording.of_type(ENDPOINT) if each.inputs["vpcEndpointType"] == "Interface"]
        return {(each.type, each.name) for each in recording if each.type in self.PAID or each in interfaces}

    def test_none_puts_tasks_with_a_public_address_into_public_subnets(self, built):
        recording = built()
        outputs = recording.one(VPC).outputs
        assert outputs["task_public_ip"] is True
        assert outputs["task_subnet_ids"] == outputs["public_subnet_ids"] != outputs["private_subnet_ids"]
        assert ipv4_routes(recording) == {}
        assert self.paid(recording) == set()

    @pytest.mark.parametrize("nat", [kind for kind in KINDS if kind != "none"])
    def test_every_other_kind_puts_them_into_private_subnets_without_one(self, built, nat):
        outputs = built(nat=nat).one(VPC).outputs
        assert outputs["task_public_ip"] is False
        assert outputs["task_subnet_ids"] == outputs["private_subnet_ids"] != outputs["public_subnet_ids"]

    def test_endpoints_leaves_private_subnets_without_any_route_to_the_internet(self, built):
        recording = built(nat="endpoints")
        assert set(routes(recording)) == {"main-public-ipv4", "main-public-ipv6"}
        assert not recording.of_type(EGRESS_ONLY)

    def test_endpoints_reaches_each_service_from_every_zones_private_subnet(self, built):
        recording = built(nat="endpoints", interface_endpoints=("ecr.api", "ssm"), zones=3)
        names = {"main-endpoints-ecr.api", "main-endpoints-ssm"}
        assert self.paid(recording) == {(ENDPOINT, name) for name in names}
        private = recording.one(VPC).outputs["private_subnet_ids"]
        assert {tuple(recording.one(ENDPOINT, name).inputs["subnetIds"]) for name in names} == {tuple(private)}
        assert len(private) == 3

    def test_endpoints_by_default_are_what_a_task_needs_to_start_and_log(self, built):
        names = {name.removeprefix("main-endpoints-") for _, name in self.paid(built(nat="endpoints"))}
        assert names == {"ecr.api", "ecr.dkr", "logs"}

    def test_endpoints_admit_the_vpcs_own_addresses(self, built):
        recording = built(nat="endpoints", cidr_block="10.9.0.0/16")
        rules = recording.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        sources = {each.inputs.get("cidrIpv4") or each.inputs.get("cidrIpv6") for each in rules}
        assert sources == {"10.9.0.0/16", "2600:1f18:abc:de00::/56"}

    @pytest.mark.parametrize("nat", [kind for kind in KINDS if kind != "endpoints"])
    def test_no_other_kind_pays_for_interface_endpoints(self, built, nat):
        assert ENDPOINT not in {type_ for type_, _ in self.paid(built(nat=nat))}

    def test_instance_is_one_whose_interface_all_zones_name(self, built):
        recording = built(nat="instance", cidr_block="10.9.0.0/16")
        interface = recording.one(EIP).inputs["networkInterface"]
        assert set(map(str, ipv4_routes(recording).values())) == {str({"networkInterfaceId": interface})}
        assert len(ipv4_routes(recording)) == 2
        rule = recording.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        assert rule.inputs["cidrIpv4"] == "10.9.0.0/16"
        eni = recording.one("aws:ec2/networkInterface:NetworkInterface")
        assert recording.one(SUBNET, "main-public-us-east-1a").urn in eni.options.property_dependencies["subnetId"]

    def test_instance_is_running_before_its_routes_are_but_is_no_part_of_them(self, built):
        recording = built(nat="instance")
        instance = recording.one("aws:ec2/instance:Instance").urn
        for zone in ZONE_NAMES:
            options = recording.one(ROUTE, f"main-private-{zone}-ipv4").options
            assert instance in options.depends_on
            # or replacing the instance, which deletes it first, would touch the routes too
            assert instance not in options.property_dependencies["networkInterfaceId"]

    def test_instance_starts_where_the_internet_is_reached(self, built):
        recording = built(nat="instance")
        waits_for = reaches(recording, recording.one("aws:ec2/instance:Instance").urn)
        assert {recording.one(ROUTE, "main-public-ipv4").urn, recording.one(GATEWAY).urn} <= waits_for

    def test_single_is_one_gateway_in_the_first_zone_for_all(self, built):
        recording = built(nat="single", zones=3)
        gateway = recording.one(NAT)
        assert self.paid(recording) == {(NAT, "main-nat-us-east-1a"), (EIP, "main-nat-us-east-1a")}
        assert set(gateway.inputs) == {"subnetId", "allocationId", "tags"}
        assert gateway.inputs["subnetId"] == recording.one(VPC).outputs["public_subnet_ids"][0]
        assert gateway.options.property_dependencies["allocationId"] == (recording.one(EIP).urn,)
        assert len(ipv4_routes(recording)) == 3
        for name in ipv4_routes(recording):
            assert recording.one(ROUTE, name).options.property_dependencies["natGatewayId"] == (gateway.urn,)

    def test_per_zone_is_a_gateway_in_each_for_that_zone_alone(self, built):
        recording = built(nat="perZone", zones=3)
        public = recording.one(VPC).outputs["public_subnet_ids"]
        zones = [*ZONE_NAMES, "us-east-1c"]
        assert self.paid(recording) == {(type_, f"main-nat-{zone}") for type_ in (NAT, EIP) for zone in zones}
        for zone, subnet_id in zip(zones, public, strict=True):
            gateway = recording.one(NAT, f"main-nat-{zone}")
            assert gateway.inputs["subnetId"] == subnet_id
            assert gateway.options.property_dependencies["allocationId"] == (recording.one(EIP, gateway.name).urn,)
            dependencies = recording.one(ROUTE, f"main-private-{zone}-ipv4").options.property_dependencies
            assert dependencies["natGatewayId"] == (gateway.urn,)

    def test_going_from_single_to_per_zone_keeps_the_gateway_that_is_there(self, built):
        single, each = built(nat="single"), built(nat="perZone")
        kept = single.one(NAT)
        assert each.resources[kept.urn].inputs == kept.inputs

    def test_regional_is_one_gateway_that_names_neither_subnet_nor_address(self, built):
        recording = built(nat="regional")
        gateway = recording.one(NAT, "main-nat")
        assert self.paid(recording) == {(NAT, "main-nat")}
        assert set(gateway.inputs) == {"vpcId", "availabilityMode", "tags"}
        assert gateway.inputs["availabilityMode"] == "regional"
        assert gateway.options.property_dependencies["vpcId"] == (recording.one("aws:ec2/vpc:Vpc").urn,)
        for zone in ZONE_NAMES:
            dependencies = recording.one(ROUTE, f"main-private-{zone}-ipv4").options.property_dependencies
            assert dependencies["natGatewayId"] == (gateway.urn,)

    @pytest.mark.parametrize("nat", ["single", "perZone", "regional"])
    def test_gateways_wait_for_the_internet_gateway_themselves(self, built, nat):
        recording = built(nat=nat)
        internet = recording.one(GATEWAY).urn
        assert all(internet in each.options.depends_on for each in recording.of_type(NAT))

    @pytest.mark.parametrize("nat", ["instance", "single", "perZone", "regional"])
    def test_every_private_subnet_has_ipv4_to_everywhere(self, built, nat):
        recording = built(nat=nat)
        for zone in ZONE_NAMES:
            route = recording.one(ROUTE, f"main-private-{zone}-ipv4")
            assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
            table = recording.one(TABLE, f"main-private-{zone}").urn
            assert route.options.property_dependencies["routeTableId"] == (table,)


def test_it_creates_these_children_and_no_others(built):
    recording = built(nat="perZone")
    vpc = recording.one(VPC, "main")
    subnets = [f"main-{kind}-{zone}" for kind in ("public", "private") for zone in ZONE_NAMES]
    assert {(each.type, each.name) for each in recording.children(vpc.urn)} == {
        ("aws:ec2/vpc:Vpc", "main"),
        ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "main-default"),
        (GATEWAY, "main-internet-gateway"),
        (EGRESS_ONLY, "main-egress-only"),
        *((type_, name) for type_ in (SUBNET, ASSOCIATION) for name in subnets),
        *((TABLE, name) for name in ("main-public", "main-private-us-east-1a", "main-private-us-east-1b")),
        *((ROUTE, f"main-public-{family}") for family in ("ipv4", "ipv6")),
        *((ROUTE, f"main-private-{zone}-{family}") for zone in ZONE_NAMES for family in ("ipv4", "ipv6")),
        *((type_, f"main-nat-{zone}") for type_ in (NAT, EIP) for zone in ZONE_NAMES),
        ("switchyard:index:VpcEndpoints", "main-endpoints"),
        ("switchyard:index:FlowLog", "main-flow-log"),
    }
    assert all(each.parent for each in recording if each != vpc)


def test_it_hands_back_the_ids_by_zone(record):
    made = {}

    def program():
        made["vpc"] = Vpc("main", VpcArgs(nat="single", zones=3))

    recording = record(program)
    outputs = recording.one(VPC).outputs
    used = {each.name: each.inputs["subnetId"] for each in recording.of_type(ASSOCIATION)}
    zones = [*ZONE_NAMES, "us-east-1c"]
    assert outputs["public_subnet_ids"] == [used[f"main-public-{zone}"] for zone in zones]
    assert outputs["private_subnet_ids"] == [used[f"main-private-{zone}"] for zone in zones]
    assert outputs["vpc_id"] == recording.one(SUBNET, "main-public-us-east-1a").inputs["vpcId"]
    assert len(made["vpc"].task_subnet_ids) == 3
    assert set(outputs) == {"vpc_id", "public_subnet_ids", "private_subnet_ids", "task_subnet_ids", "task_public_ip"}


def test_a_subnet_named_twice_is_refused():
    subnet = "subnet-0123456789abcdef0"
    with pytest.raises(ValueError, match=r"private_subnet_ids must be different subnets, got \['subnet-"):
        ExistingVpc(vpc_id="vpc-0123456789abcdef0", private_subnet_ids=(subnet, subnet))
