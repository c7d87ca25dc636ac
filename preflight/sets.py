"""Which of a type's lists are sets: the provider compares them whatever their order.

Source: `TypeSet`, `SetNestedBlock` and `SetAttribute` in the schemas of
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service, each in the file of its resource. A list
that is not here is one whose order counts, as that of a distribution's `orderedCacheBehaviors`, the first that fits.
"""

from collections.abc import Mapping

_NETWORKED = frozenset({"securityGroups", "subnets"})

SETS: Mapping[str, frozenset[str]] = {
    "aws:acm/certificate:Certificate": frozenset({"subjectAlternativeNames", "validationOptions"}),
    "aws:acm/certificateValidation:CertificateValidation": frozenset({"validationRecordFqdns"}),
    "aws:apigatewayv2/authorizer:Authorizer": frozenset({"identitySources"}),
    "aws:cloudfront/distribution:Distribution": frozenset(
        {"aliases", "allowedMethods", "cachedMethods", "customHeaders", "functionAssociations", "origins"}
        | {"items", "lambdaFunctionAssociations", "locations", "originSslProtocols", "whitelistedNames"}
    ),
    "aws:cloudfront/function:Function": frozenset({"keyValueStoreAssociations"}),
    "aws:cloudfront/vpcOrigin:VpcOrigin": frozenset({"items"}),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": frozenset({"egress", "ingress"}),
    "aws:ec2/instance:Instance": frozenset({"securityGroups", "vpcSecurityGroupIds", "ebsBlockDevices"}),
    "aws:ec2/networkInterface:NetworkInterface": frozenset({"privateIps", "securityGroups"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset({"routeTableIds", "securityGroupIds", "subnetIds"}),
    "aws:ecs/cluster:Cluster": frozenset({"settings"}),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": frozenset(
        {"capacityProviders", "defaultCapacityProviderStrategies"}
    ),
    "aws:ecs/service:Service": _NETWORKED | {"capacityProviderStrategies", "loadBalancers", "placementConstraints"},
    "aws:ecs/taskDefinition:TaskDefinition": frozenset({"requiresCompatibilities", "placementConstraints", "volumes"}),
    "aws:lambda/function:Function": frozenset({"securityGroupIds", "subnetIds"}),
    "aws:lb/listenerRule:ListenerRule": frozenset({"conditions", "values"}),
    "aws:lb/loadBalancer:LoadBalancer": _NETWORKED | {"subnetMappings"},
    "aws:route53/record:Record": frozenset({"records"}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": frozenset({"rules"}),
    "aws:wafv2/webAcl:WebAcl": frozenset({"rules"}),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": frozenset(
        {"conditions", "filters", "logDestinationConfigs"}
    ),
}
