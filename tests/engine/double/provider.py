"""The provider: what the engine speaks to instead of pulumi-aws, over the real protocol.

One object serves every package. Attached to the engine by PULUMI_DEBUG_PROVIDERS it lives in the process of the tests,
which therefore reach its cloud directly, and it survives the engine when a test kills that.
"""

import json
from collections.abc import Set
from concurrent import futures
from typing import Any

import grpc
import pulumi_aws
from engine.double import order, outputs, sdk, stages, steady
from engine.double.cloud import Cloud, Refused, Step, Thing
from engine.double.wire import UNKNOWN, plain, to_python, to_struct
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

from preflight import made_up
from preflight.force_new import REPLACED_BY, forces_replacement

PACKAGES = ("aws", "awsx", "docker-build", "random")
_SERVICE = "aws:ecs/service:Service"
_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_IMAGE = "docker-build:index:Image"
_VERSIONED = (_DISTRIBUTION, stages.FUNCTION)
_GET_FUNCTION = "aws:cloudfront/getFunction:getFunction"
_GET_RESOURCE = "aws:cloudcontrol/getResource:getResource"
# The flag by which the provider waits, and what it does without one.
_WAIT_FLAGS = {_DISTRIBUTION: ("waitForDeployment", True), _SERVICE: ("waitForSteadyState", False)}
_LOOKS = 2
# What a service's revision holds, of what the provider knows.
# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html
_REVISION = (
    "capacityProviderStrategies",
    "launchType",
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "taskDefinition",
    "volumeConfiguration",
    "vpcLatticeConfigurations",
)
DEFAULTS = outputs.DEFAULTS
_MESSAGE_BYTES = 64 * 1024 * 1024
_CHANNEL = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]


class Unready(Exception):
    """It is there, but the provider waited for it in vain, or did only the first half of what it was to do."""

    def __init__(self, thing: Thing, planned: dict[str, Any], why: str = "") -> None:
        super().__init__(why or f"waiting for {thing.name}: timeout while waiting for state to become 'ready'")
        self.thing, self.planned = thing, planned


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The engine's requests, turned into operations on a Cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.region = "us-east-1"
        self.default_tags: dict[str, str] = {}

    # Before there are resources

    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, supports_autonaming_configuration=True
        )

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=pulumi_aws._utilities.get_version())

    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "double", "resources": {}}))

    def GetMapping(self, request, context):
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request, context):
        return provider_pb2.GetMappingsResponse()

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        old, new = to_python(request.old_inputs), to_python(request.news)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key) and key != "version")
        # Since version 7 nothing replaces the provider: a resource has its own region, and that is what forces it.
        # Source: https://github.com/pulumi/pulumi-aws/pull/5656
        return provider_pb2.DiffResponse(changes=2 if changed else 1, diffs=changed)

    def Configure(self, request, context):
        arguments = plain(to_python(request.args))
        if "region" in arguments:
            self.region = arguments["region"]
        if "defaultTags" in arguments:
            self.default_tags = json.loads(arguments["defaultTags"]).get("tags", {})
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, supports_autonaming_configuration=True
        )

    # Resources

    def Check(self, request, context):
        type_, news, olds = _type(request.urn), to_python(request.news), to_python(request.olds)
        found = [] if type_ == _IMAGE else sdk.problems(type_, news)
        if type_ not in REPLACED_BY:
            found.append(("", f"preflight/force_new.py has no entry for {type_}: add what forces a new one"))
        failures = [provider_pb2.CheckFailure(property=key, reason=reason) for key, reason in found]
        if failures:
            return provider_pb2.CheckResponse(inputs=request.news, failures=failures)
        named = outputs.auto_name(type_, request.urn, self.cloud.made[request.urn], news)
        if named:
            key, name = named
            if request.autonaming.mode == provider_pb2.CheckRequest.AutonamingOptions.ENFORCE:
                name = request.autonaming.proposed_name
            if request.autonaming.mode != provider_pb2.CheckRequest.AutonamingOptions.DISABLE:
                news[key] = olds.get(key) or name
                news[DEFAULTS] = [key]
        known = sdk.shape(type_)
        if type_.startswith("aws:") and known and "region" in known.inputs:
            news.setdefault("region", self.region)
        if known and "tagsAll" in known.outputs:
            news["tagsAll"] = {**self.default_tags, **(news.get("tags") or {})}
        return provider_pb2.CheckResponse(inputs=to_struct(news))

    def Diff(self, request, context):
        type_, state, new = _type(request.urn), to_python(request.olds), to_python(request.news)
        was = stages.all_inputs(type_, to_python(request.old_inputs), state)
        # As the real bridge does: what was last read back counts, not what was asked for then.
        old = {key: state.get(key, value) for key, value in was.items()}
        ignored = {each.split(".")[0].split("[")[0] for each in request.ignoreChanges}
        details, replaces = {}, []
        for key in sorted({*old, *new} - ignored - {DEFAULTS}):
            if _comparable(type_, key, old.get(key)) == _comparable(type_, key, new.get(key)):
                continue
            kind = "ADD" if key not in old else "DELETE" if key not in new else "UPDATE"
            if forces_replacement(type_, key, plain(new)):
                kind += "_REPLACE"
                replaces.append(key)
            details[key] = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(kind), inputDiff=True)
        if type_ == _SERVICE and "capacityProviderStrategies" in details and not plain(new).get("forceNewDeployment"):
            # Source: https://github.com/hashicorp/terraform-provider-aws/pull/43533
            context.abort(
                grpc.StatusCode.UNKNOWN, "force_new_deployment should be true to update capacity_provider_strategy"
            )
        return provider_pb2.DiffResponse(
            changes=2 if details else 1,
            diffs=sorted(details),
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and outputs.is_named_by_the_program(type_, new),
            hasDetailedDiff=True,
            detailedDiff=details,
        )

    def Create(self, request, context):
        type_, inputs = _type(request.urn), to_python(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct({**inputs, **outputs.unknown(type_, inputs)}))
        try:
            with self.cloud.operation("create", request.urn, type_) as step:
                thing = self._create(step, type_, inputs)
        except (Refused, Unready) as error:
            return _abort(context, error)
        return provider_pb2.CreateResponse(id=thing.id, properties=to_struct(thing.outputs))

    def _create(self, step: Step, type_: str, inputs: dict[str, Any]) -> Thing:
        urn, cloud = step.operation.urn, self.cloud
        with cloud.lock:
            order.check_create(cloud, type_, inputs)
            id_, more = outputs.computed(type_, urn, cloud.made[urn], inputs, self.region)
            cloud.made[urn] += 1
            kept = {key: value for key, value in inputs.items() if key != DEFAULTS}
            thing = Thing(type=type_, id=id_, urn=urn, inputs=inputs, outputs={**kept, **more})
            if type_ == _IMAGE:
                self._push(thing, inputs)
            cloud.things[(urn, id_)] = thing
            planned = dict(thing.outputs)
            if type_ == stages.FUNCTION:
                planned["liveStageEtag"] = thing.outputs["liveStageEtag"] = ""
                self._publish(step, thing, planned)
        return self._finish(step, thing, planned)

    def Update(self, request, context):
        type_, inputs = _type(request.urn), to_python(request.news)
        olds = to_python(request.olds)
        old_inputs = stages.all_inputs(type_, to_python(request.old_inputs), olds)
        new = {**{key: value for key, value in olds.items() if key not in old_inputs or key in inputs}, **inputs}
        new.pop(DEFAULTS, None)
        changed = {key for key in {*old_inputs, *inputs} if plain(olds.get(key)) != plain(inputs.get(key))}
        new |= outputs.after_update(type_, {**olds, **inputs}, changed, preview=request.preview)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(new))
        try:
            with self.cloud.operation("update", request.urn, type_) as step:
                # The real provider calls nothing for an update that changes nothing: it reads what there is.
                changes = {key for key in inputs if key != DEFAULTS and plain(olds.get(key)) != plain(new.get(key))}
                thing = self._update(step, request.id, inputs, new, changes)
        except (Refused, Unready) as error:
            return _abort(context, error)
        return provider_pb2.UpdateResponse(properties=to_struct(thing.outputs))

    def _update(self, step: Step, id_: str, inputs: dict[str, Any], new: dict[str, Any], changes: Set[str]) -> Thing:
        urn, cloud = step.operation.urn, self.cloud
        with cloud.lock:
            thing = cloud.get(urn, id_)
            if thing is None:
                raise Refused(f"NotFound: there is no {urn} with id {id_}")
            if not changes:
                return thing
            order.check_update(cloud, thing, inputs)
            live = thing.outputs.get("etag", "")
            if thing.type == stages.FUNCTION:
                stages.check_update(thing, new["etag"], changes)
            thing.earlier = [*(thing.earlier if not thing.settled else ()), thing.outputs]
            thing.inputs, thing.outputs = inputs, new
            if thing.type == _IMAGE:
                self._push(thing, inputs)
            planned = dict(new)
            if thing.type in _VERSIONED:  # each change is another version, which a provider that gave up never reads
                new["etag"] = live + "+"
            if thing.type == stages.FUNCTION:
                self._publish(step, thing, planned)
            if thing.type == stages.HEADERS_POLICY:
                stages.touch_distributions(cloud, thing)
        return self._finish(step, thing, planned)

    def _publish(self, step: Step, function: Thing, planned: dict[str, Any]) -> None:
        if self.cloud.faults.meets(step.operation.kind, function.urn, "unpublished"):
            step.took_effect(function, waits=False)
            step.settle(function)
            step.operation.error = "it was not published"
            raise Unready(function, planned, "publishing CloudFront Function: ServiceUnavailable")
        stages.publish(self.cloud, function, function.outputs["etag"])

    def _finish(self, step: Step, thing: Thing, planned: dict[str, Any]) -> Thing:
        """Let time pass, and whatever a test wants to go wrong with what has been done."""
        kind, urn = step.operation.kind, thing.urn
        back = self.cloud.faults.meets(kind, urn, "rolled back")
        lacks = self._lacks(step, thing)
        unready = lacks or self.cloud.faults.meets(kind, urn, "unready")
        waits = _is_waited_for(thing)
        step.took_effect(thing, waits=waits)
        is_back = bool(back or unready) and thing.type == _SERVICE
        if is_back:
            thing.outputs = _rolled_back(thing)
        goes_on = unready and thing.type in _WAIT_FLAGS and not (is_back and kind == "update")
        if waits and not goes_on:
            step.settle(thing)
        if unready:
            step.operation.error = "timeout while waiting"
            raise Unready(thing, planned, "; ".join(lacks))
        if self.cloud.faults.meets(kind, urn, "lost"):
            raise Refused(f"InjectedFault: the answer to {kind} of {urn} was lost")
        return thing

    def _lacks(self, step: Step, service: Thing) -> list[str]:
        """What a service's tasks lack to start. It counts as a refusal: what comes later comes too late for them."""
        with self.cloud.lock:
            found = steady.why_not_steady(self.cloud, plain(service.outputs)) if service.type == _SERVICE else []
            lacks = [f"no task starts: {each}" for each in found]
            self.cloud.refusals += [f"{step.operation.kind} {service.name}: {each}" for each in lacks]
        return lacks

    def Read(self, request, context):
        thing = self.cloud.get(request.urn, request.id)
        if thing is None:
            return provider_pb2.ReadResponse()
        asked = to_python(request.inputs) or thing.inputs
        inputs = {key: thing.outputs.get(key, value) for key, value in asked.items()}
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(thing.outputs), inputs=to_struct(inputs))

    def Delete(self, request, context):
        type_ = _type(request.urn)
        try:
            with self.cloud.operation("delete", request.urn, type_) as step:
                self._delete(step, request.id, to_python(request.properties))
        except Refused as error:
            return _abort(context, error)
        return empty_pb2.Empty()

    def _delete(self, step: Step, id_: str, known: dict[str, Any]) -> None:
        urn, cloud = step.operation.urn, self.cloud
        with cloud.lock:
            thing = cloud.get(urn, id_)
            if thing is None:
                return  # gone already is as good as deleted, as for the real provider
            order.check_delete(cloud, thing)
            if thing.type == stages.FUNCTION:
                stages.check_delete(thing, known["etag"])
            for same in [thing, *order.same_for_aws(cloud, thing)]:
                del cloud.things[(same.urn, same.id)]
            url = thing.outputs.get("repositoryUrl")
            for image in cloud.of_type(_IMAGE) if url else ():
                if image.outputs["ref"].startswith(f"{url}:"):
                    del cloud.things[(image.urn, image.id)]  # a repository takes its images along
        step.took_effect(thing)
        if cloud.faults.meets("delete", urn, "lost", "unready"):
            raise Refused(f"InjectedFault: the answer to delete of {urn} was lost")

    # Look-ups and components

    def Invoke(self, request, context):
        arguments = plain(to_python(request.args))
        if request.tok == "aws:cloudfront/getDistribution:getDistribution":
            found = self._distribution(arguments["id"])
            return provider_pb2.InvokeResponse(**{"return": to_struct(found)})
        if request.tok in (_GET_FUNCTION, _GET_RESOURCE):
            try:
                found = self._live(request.tok, arguments)
            except LookupError as error:
                return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=str(error))])
            return provider_pb2.InvokeResponse(**{"return": to_struct(found)})
        try:
            found = made_up.lookup(request.tok, arguments, arguments.get("region") or self.region)
        except LookupError as error:
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=str(error))])
        if request.tok == "aws:route53/getZone:getZone":
            self.cloud.adopted.add(found["zoneId"])  # what is looked up is there, whoever made it
        return provider_pb2.InvokeResponse(**{"return": to_struct(found)})

    def _distribution(self, id_: str) -> dict[str, Any]:
        """As AWS tells it. A deployment that nobody waited for takes until somebody has asked a second time."""
        with self.cloud.lock:
            (thing,) = (each for each in self.cloud.of_type(_DISTRIBUTION) if each.id == id_)
            thing.looks += not thing.settled
            if thing.looks >= _LOOKS:
                thing.settle()
            status = "Deployed" if thing.settled else "InProgress"
            return {"id": id_, "status": status, "etag": thing.outputs["etag"]}

    def _live(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What there is, not what the state says: the code of a function, a distribution as Cloud Control tells it."""
        with self.cloud.lock:
            if token == _GET_RESOURCE:
                assert arguments["typeName"] == "AWS::CloudFront::Distribution"
                (thing,) = (each for each in self.cloud.of_type(_DISTRIBUTION) if each.id == arguments["identifier"])
                return {**arguments, "id": thing.id, "properties": stages.as_cloud_control_tells_it(thing)}
            functions = self.cloud.of_type(stages.FUNCTION)
            (thing,) = (each for each in functions if plain(each.outputs)["name"] == arguments["name"])
            stage = stages.published(thing) if arguments["stage"] == "LIVE" else plain(thing.outputs)
            if stage is None:
                raise LookupError(f"reading CloudFront Function ({thing.id}) LIVE stage: couldn't find resource")
            return {**arguments, "id": thing.id, "code": stage["code"]}

    def Construct(self, request, context):
        """The only component here is awsx's image: it has docker-build push one."""
        inputs = to_python(request.inputs)
        problems = sdk.problems(request.type, inputs)
        if request.type != "awsx:ecr:Image" or problems:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{request.type}: {problems or 'the double has no such'}")
        with grpc.insecure_channel(request.monitorEndpoint, options=_CHANNEL) as channel:
            monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
            me = monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type=request.type,
                    name=request.name,
                    parent=request.parent,
                    object=to_struct({}),
                    acceptSecrets=True,
                    dependencies=request.dependencies,
                    retainOnDelete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
                )
            )
            tag = f"{inputs['repositoryUrl']}:{plain(inputs.get('imageTag'))}"
            known = plain(inputs["repositoryUrl"]) != UNKNOWN
            image = monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type=_IMAGE,
                    name=request.name,
                    parent=me.urn,
                    custom=True,
                    object=to_struct({"tags": [tag if known else UNKNOWN], "push": True, "context": inputs["context"]}),
                    acceptSecrets=True,
                    acceptResources=True,
                    supportsPartialValues=True,
                )
            )
            uri = to_python(image.object).get("ref") or UNKNOWN
            monitor.RegisterResourceOutputs(
                resource_pb2.RegisterResourceOutputsRequest(urn=me.urn, outputs=to_struct({"imageUri": uri}))
            )
        return provider_pb2.ConstructResponse(urn=me.urn, state=to_struct({"imageUri": uri}))

    def _push(self, image: Thing, inputs: dict[str, Any]) -> None:
        """Build and push to the repository, which takes each tag once, but for the very same image."""
        for name in plain(inputs["tags"]):
            url, _, tag = name.rpartition(":")
            repository = self._repository(url)
            images = repository.contents
            if tag in images and not self.cloud.builds_are_cached:
                raise Refused(f"ImageTagAlreadyExistsException: {tag} is in {repository.name}, whose tags never move")
            # The digest that preflight makes up for the component, which is awsx's.
            images.setdefault(tag, made_up.image_digest(image.urn.replace(f"${_IMAGE}::", "::"), tag))
            image.outputs["ref"] = f"{name}@sha256:{images[tag]}"

    def _repository(self, url: str) -> Thing:
        for each in self.cloud.of_type("aws:ecr/repository:Repository"):
            if plain(each.outputs)["repositoryUrl"] == url:
                return each
        raise Refused(f"RepositoryNotFoundException: there is no repository {url}")


def serve(cloud: Cloud) -> tuple[grpc.Server, dict[str, int]]:
    """Start it; the port is the same for every package."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64), options=_CHANNEL)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(cloud), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, dict.fromkeys(PACKAGES, port)


def _comparable(type_: str, key: str, value: Any) -> Any:
    """A value without its secrets; what the provider takes for a set, in one order."""
    bare = plain(value)
    if (type_, key) == ("aws:cloudfront/distribution:Distribution", "origins") and isinstance(bare, list):
        return sorted(bare, key=lambda each: json.dumps(each, sort_keys=True))
    return bare


def _rolled_back(service: Thing) -> dict[str, Any]:
    """ECS goes back by itself to the revision that ran before; a first deployment stalls with nothing to go back to."""
    if not service.earlier:
        return {**service.outputs, "taskDefinition": "none: no deployment has completed"}
    before = service.earlier[-1]
    kept = {key: value for key, value in service.outputs.items() if key not in _REVISION}
    return {**kept, **{key: before[key] for key in _REVISION if key in before}}


def _is_waited_for(thing: Thing) -> bool:
    flag, default = _WAIT_FLAGS.get(thing.type, ("", True))
    return plain(thing.inputs).get(flag, default) is True


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _abort(context: grpc.ServicerContext, error: Refused | Unready) -> Any:
    """Answer with an error; of something that is there but not ready, with what is known of it."""
    if isinstance(error, Unready):
        detail = provider_pb2.ErrorResourceInitFailed(
            id=error.thing.id, properties=to_struct(error.planned), reasons=[str(error)]
        )
        packed = any_pb2.Any()
        packed.Pack(detail)
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[packed])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))
    return None
