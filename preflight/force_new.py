"""Which properties can't be changed in place: the provider answers a change of one with a replacement.

A type that is missing here is an error in the tests on the engine. A difference takes it for one that changes in place,
and says that it does not know. `*` stands for every property.

Source: "Forces new resource" and `ForceNew`/`RequiresReplace` in the resources of the Terraform provider that
pulumi_aws is built from, https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service; for the others
https://registry.terraform.io/providers/hashicorp/random/latest/docs. The file of each type is in
tests/preflight/force_new.yaml, which pins what is here. `region` forces a new resource wherever it is taken, so it is
not repeated here.
"""

from collections.abc import Mapping

_NAMED = frozenset({"name", "namePrefix"})

REPLACED_BY: Mapping[str, frozenset[str]] = {
    "aws:acm/certificate:Certificate": frozenset(
        {"domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod", "validationOptions"}
    ),
    "aws:acm/certificateValidation:CertificateValidation": frozenset({"certificateArn", "validationRecordFqdns"}),
    "aws:apigatewayv2/api:Api": frozenset({"protocolType", "credentialsArn", "routeKey", "target"}),
    "aws:apigatewayv2/authorizer:Authorizer": frozenset({"apiId"}),
    "aws:apigatewayv2/integration:Integration": frozenset({"apiId", "integrationType", "integrationSubtype"}),
    "aws:apigatewayv2/route:Route": frozenset({"apiId"}),
    "aws:apigatewayv2/stage:Stage": frozenset({"apiId", "name"}),
    "aws:appautoscaling/policy:Policy": frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
    "aws:appautoscaling/target:Target": frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
    "aws:cloudfront/distribution:Distribution": frozenset({"staging"}),
    "aws:cloudfront/function:Function": frozenset({"name"}),
    "aws:cloudfront/keyValueStore:KeyValueStore": frozenset({"name"}),
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": frozenset({"key", "keyValueStoreArn"}),
    "aws:cloudfront/originAccessControl:OriginAccessControl": frozenset(),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": frozenset(),
    "aws:cloudfront/vpcOrigin:VpcOrigin": frozenset(),
    "aws:cloudwatch/logDelivery:LogDelivery": frozenset({"deliveryDestinationArn", "deliverySourceName"}),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": frozenset(
        {"name", "deliveryDestinationType", "outputFormat"}
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": frozenset({"name", "logType", "resourceArn"}),
    "aws:cloudwatch/logGroup:LogGroup": _NAMED | {"logGroupClass"},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": frozenset({"vpcId"}),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": frozenset({"vpcId"}),
    "aws:ec2/eip:Eip": frozenset(
        {"address", "domain", "customerOwnedIpv4Pool", "networkBorderGroup", "publicIpv4Pool"}
    ),
    "aws:ec2/flowLog:FlowLog": frozenset(
        {
            "destinationOptions",
            "iamRoleArn",
            "logDestination",
            "logDestinationType",
            "logFormat",
            "maxAggregationInterval",
            "subnetId",
            "trafficType",
            "vpcId",
        }
    ),
    "aws:ec2/instance:Instance": frozenset(
        {"ami", "availabilityZone", "keyName", "networkInterfaces", "placementGroup", "primaryNetworkInterface"}
        | {"subnetId"}
    ),
    "aws:ec2/internetGateway:InternetGateway": frozenset(),
    "aws:ec2/natGateway:NatGateway": frozenset(
        {"allocationId", "availabilityMode", "connectivityType", "privateIp", "subnetId", "vpcId"}
    ),
    "aws:ec2/networkInterface:NetworkInterface": frozenset({"subnetId", "interfaceType"}),
    "aws:ec2/route:Route": frozenset(
        {"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"}
    ),
    "aws:ec2/routeTable:RouteTable": frozenset({"vpcId"}),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": frozenset({"subnetId", "gatewayId"}),
    "aws:ec2/securityGroup:SecurityGroup": _NAMED | {"description", "vpcId"},
    "aws:ec2/subnet:Subnet": frozenset(
        {"availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"}
    ),
    "aws:ec2/vpc:Vpc": frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset({"serviceName", "vpcEndpointType", "vpcId", "serviceRegion"}),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": frozenset({"policy", "repository"}),
    "aws:ecr/repository:Repository": frozenset({"name", "encryptionConfigurations"}),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": frozenset({"repository"}),
    "aws:ecs/cluster:Cluster": frozenset({"name"}),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": frozenset({"clusterName"}),
    # Not capacityProviderStrategies: without forceNewDeployment the provider refuses others, and danger_of_loss.py
    # says so.
    "aws:ecs/service:Service": frozenset(
        {"cluster", "deploymentController", "iamRole", "launchType", "name", "schedulingStrategy"}
    ),
    "aws:ecs/taskDefinition:TaskDefinition": frozenset("*"),
    "aws:iam/instanceProfile:InstanceProfile": _NAMED | {"path"},
    "aws:iam/role:Role": _NAMED | {"path"},
    "aws:iam/rolePolicy:RolePolicy": _NAMED | {"role"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": frozenset({"policyArn", "role"}),
    "aws:lambda/alias:Alias": frozenset({"functionName", "name"}),
    "aws:lambda/function:Function": frozenset({"name", "packageType", "tenancyConfig"}),
    "aws:lambda/functionUrl:FunctionUrl": frozenset({"functionName", "qualifier"}),
    "aws:lambda/permission:Permission": frozenset("*"),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": frozenset({"functionName", "qualifier"}),
    "aws:lb/listener:Listener": frozenset({"loadBalancerArn"}),
    "aws:lb/listenerRule:ListenerRule": frozenset({"listenerArn"}),
    "aws:lb/loadBalancer:LoadBalancer": _NAMED | {"customerOwnedIpv4Pool", "internal", "loadBalancerType"},
    "aws:lb/targetGroup:TargetGroup": _NAMED
    | {"ipAddressType", "port", "protocol", "protocolVersion", "targetType", "vpcId"},
    "aws:route53/record:Record": frozenset({"name", "zoneId"}),
    "aws:s3/bucket:Bucket": frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": frozenset({"bucket", "expectedBucketOwner"}),
    "aws:s3/bucketLogging:BucketLogging": frozenset({"bucket", "expectedBucketOwner"}),
    "aws:s3/bucketObjectv2:BucketObjectv2": frozenset({"bucket", "key"}),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": frozenset({"bucket"}),
    "aws:s3/bucketPolicy:BucketPolicy": frozenset({"bucket"}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": frozenset({"bucket"}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": frozenset(
        {"bucket", "expectedBucketOwner"}
    ),
    "aws:s3/bucketVersioning:BucketVersioning": frozenset({"bucket", "expectedBucketOwner"}),
    "aws:scheduler/schedule:Schedule": _NAMED | {"groupName"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": frozenset({"securityGroupId"}),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": frozenset({"securityGroupId"}),
    "aws:wafv2/webAcl:WebAcl": _NAMED | {"scope"},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": frozenset(
        {"logDestinationConfigs", "resourceArn"}
    ),
    "awsx:ecr:Image": frozenset(),  # a component; it builds and pushes another image
    "docker-build:index:Image": frozenset(),
    "random:index/randomId:RandomId": frozenset("*"),
    "random:index/randomPassword:RandomPassword": frozenset("*"),
}

_UPDATED = {  # of the types that are replaced by any change, what is not
    "aws:ecs/taskDefinition:TaskDefinition": frozenset({"tags", "skipDestroy", "trackLatest"}),
}


_ASKED_FOR = {  # what is replaced only where another property asks for it
    ("aws:ec2/instance:Instance", "userData"): "userDataReplaceOnChange",
    ("aws:ec2/instance:Instance", "userDataBase64"): "userDataReplaceOnChange",
}


def forces_replacement(type_: str, property_: str, new_inputs: Mapping[str, object]) -> bool:
    """Whether the provider would replace the resource for a change of this property."""
    if property_ in ("tagsAll", "tags"):
        return False
    if property_ == "region":
        return not type_.startswith("pulumi:")  # a provider is changed in place; what it makes is not
    if (type_, property_) in _ASKED_FOR:
        return new_inputs.get(_ASKED_FOR[type_, property_]) is True
    listed = REPLACED_BY.get(type_, frozenset())
    return property_ in listed or ("*" in listed and property_ not in _UPDATED.get(type_, ()))
