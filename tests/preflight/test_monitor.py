"""The recording monitor: URNs, options, transforms and values are what the real engine would have."""

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

ROOT = "urn:pulumi:test::switchyard::"
STACK = f"{ROOT}pulumi:pulumi:Stack::switchyard-test"
RANDOM_ID = "random:index/randomId:RandomId"


class Group(pulumi.ComponentResource):
    """A component, with another inside it if asked, around one random id."""

    def __init__(self, name, inner=False, opts=None, child=None):
        super().__init__("switchyard:index:Group", name, {}, opts)
        options = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), child)
        if inner:
            Group(f"{name}-inner", opts=options)
        else:
            self.id = random.RandomId(f"{name}-id", byte_length=4, opts=options)
            self.register_outputs({"hex": self.id.hex})


def test_a_urn_names_every_type_above_and_the_parent_is_the_urn_of_the_one_above(record):
    recording = record(lambda: Group("a", inner=True))
    types = [f"{ROOT}{'$'.join(['switchyard:index:Group'] * depth)}" for depth in (1, 2)]
    expected = {
        f"{types[0]}::a": STACK,
        f"{types[1]}::a-inner": f"{types[0]}::a",
        f"{types[1]}${RANDOM_ID}::a-inner-id": f"{types[1]}::a-inner",
    }
    assert {urn: each.parent for urn, each in recording.resources.items()} == expected
    assert all(urn == each.urn for urn, each in recording.resources.items())
    assert [each.name for each in recording.children(f"{types[0]}::a")] == ["a-inner"]


def test_a_component_is_no_custom_resource_and_keeps_what_it_registers_as_outputs(record):
    group = record(lambda: Group("a")).one("switchyard:index:Group")
    assert (group.custom, group.remote) == (False, False)
    assert set(group.outputs) == {"hex"}
    assert len(group.outputs["hex"]) == 16


def test_a_second_resource_of_the_same_urn_is_refused_in_the_engines_words(record):
    def program():
        random.RandomId("a", byte_length=4)
        random.RandomId("a", byte_length=8)

    with pytest.raises(
        pulumi.RunError, match=f"^Duplicate resource URN '{ROOT}{RANDOM_ID}::a'; try giving it a unique"
    ):
        record(program)


def test_the_same_name_under_another_parent_is_no_duplicate(record):
    def program():
        random.RandomId("a-id", byte_length=4)
        Group("a")

    assert len(record(program).of_type(RANDOM_ID)) == 2


# Transforms


def appending(letter):
    def transform(args):
        return pulumi.ResourceTransformResult(
            props={**args.props, "prefix": args.props.get("prefix", "") + letter}, opts=args.opts
        )

    return transform


def test_transforms_run_as_the_engine_runs_them_own_first_then_the_parents_then_the_stacks(record):
    def program():
        pulumi.runtime.register_resource_transform(appending("s"))
        child = pulumi.ResourceOptions(transforms=[appending("o")])
        outer = Group("outer", opts=pulumi.ResourceOptions(transforms=[appending("p")]))
        Group("a", opts=pulumi.ResourceOptions(parent=outer, transforms=[appending("q")]), child=child)
        random.RandomId("alone", byte_length=4)

    recording = record(program)
    prefixes = {each.name: each.inputs.get("prefix") for each in recording.of_type(RANDOM_ID)}
    assert prefixes == {"a-id": "oqps", "outer-id": "ps", "alone": "s"}


def test_what_a_transform_changes_reaches_those_that_use_the_resource(record):
    def program():
        pulumi.runtime.register_resource_transform(appending("s"))
        pulumi.export("prefix", random.RandomId("a", byte_length=4).prefix)

    assert record(program).outputs == {"prefix": "s"}


def test_a_transform_may_change_each_option_and_keeps_those_it_leaves_alone(record):
    def transform(args):
        if args.name != "a":
            return None
        return pulumi.ResourceTransformResult(
            props=args.props,
            opts=pulumi.ResourceOptions.merge(
                args.opts,
                pulumi.ResourceOptions(
                    protect=True,
                    retain_on_delete=True,
                    delete_before_replace=True,
                    ignore_changes=["prefix"],
                    replace_on_changes=["byteLength"],
                    additional_secret_outputs=["hex"],
                    aliases=[pulumi.Alias(name="old")],
                ),
            ),
        )

    def program():
        pulumi.runtime.register_resource_transform(transform)
        first = random.RandomId("first", byte_length=4)
        made = random.RandomId(
            "a", byte_length=4, opts=pulumi.ResourceOptions(depends_on=[first], ignore_changes=["keepers"])
        )
        pulumi.export("hex", made.hex)

    recording = record(program)
    options = recording.one(RANDOM_ID, "a").options
    assert (options.protect, options.retain_on_delete, options.delete_before_replace) == (True, True, True)
    assert options.ignore_changes == ("keepers", "prefix")
    assert options.replace_on_changes == ("byteLength",)
    assert options.aliases == (f"{ROOT}{RANDOM_ID}::old",)
    assert options.depends_on == (f"{ROOT}{RANDOM_ID}::first",)
    assert recording.outputs == {"hex": {"$secret": True}}
    assert not recording.one(RANDOM_ID, "first").options.protect


def test_what_a_transform_raises_is_raised_here(record):
    def transform(args):
        raise ValueError(f"not {args.name}")

    def program():
        pulumi.runtime.register_resource_transform(transform)
        random.RandomId("a", byte_length=4)

    with pytest.raises(ValueError, match=r"^not a$"):
        record(program)


# Options


def test_every_option_is_recorded(record):
    def program():
        first = random.RandomId("first", byte_length=4)
        random.RandomId(
            "a",
            byte_length=4,
            opts=pulumi.ResourceOptions(
                protect=True,
                depends_on=[first],
                ignore_changes=["prefix"],
                replace_on_changes=["byteLength"],
                delete_before_replace=True,
                retain_on_delete=True,
                version="1.2.3",
                custom_timeouts=pulumi.CustomTimeouts(create="5m"),
            ),
        )

    recording = record(program)
    options = recording.one(RANDOM_ID, "a").options
    assert options.protect
    assert options.depends_on == (f"{ROOT}{RANDOM_ID}::first",)
    assert options.ignore_changes == ("prefix",)
    assert options.replace_on_changes == ("byteLength",)
    assert options.delete_before_replace
    assert options.retain_on_delete
    assert options.version == "1.2.3"
    assert options.custom_timeouts == {"create": "5m"}
    plain = recording.one(RANDOM_ID, "first").options
    assert (plain.protect, plain.delete_before_replace, plain.retain_on_delete) == (False, False, False)
    assert plain.custom_timeouts == {}


@pytest.mark.parametrize(
    ("alias", "urn"),
    [
        (pulumi.Alias(name="old"), f"{ROOT}switchyard:index:Group${RANDOM_ID}::old"),
        (pulumi.Alias(type_="random:old:Id"), f"{ROOT}switchyard:index:Group$random:old:Id::a-id"),
        (pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE), f"{ROOT}{RANDOM_ID}::a-id"),
        (pulumi.Alias(stack="s", project="p"), f"urn:pulumi:s::p::switchyard:index:Group${RANDOM_ID}::a-id"),
        (f"{ROOT}x:y:Z::given", f"{ROOT}x:y:Z::given"),
    ],
    ids=["name", "type", "parent", "stack", "urn"],
)
def test_an_alias_is_the_urn_it_stands_for(alias, urn, record):
    recording = record(lambda: Group("a", child=pulumi.ResourceOptions(aliases=[alias])))
    assert recording.one(RANDOM_ID).options.aliases == (urn,)


def test_an_input_from_another_resource_shows_where_it_comes_from(record):
    def program():
        made = random.RandomId("made", byte_length=4)
        random.RandomId("a", byte_length=4, prefix=made.hex, keepers={"plain": "text"})

    options = record(program).one(RANDOM_ID, "a").options
    assert options.property_dependencies == {"prefix": (f"{ROOT}{RANDOM_ID}::made",)}
    assert options.depends_on == (f"{ROOT}{RANDOM_ID}::made",)


def test_a_provider_is_named_by_its_urn_alone(record):
    def program():
        provider = aws.Provider("main", region="us-east-1")
        Group("a", opts=pulumi.ResourceOptions(providers=[provider]))
        zone = aws.get_region_output(opts=pulumi.InvokeOutputOptions(provider=provider))
        aws.sns.Topic("topic", display_name=zone.region, opts=pulumi.ResourceOptions(provider=provider))

    recording = record(program)
    provider = f"{ROOT}pulumi:providers:aws::main"
    assert recording.one("aws:sns/topic:Topic").options.provider == provider
    assert [(each.token, each.provider) for each in recording.lookups] == [("aws:index/getRegion:getRegion", provider)]
    assert recording.one(RANDOM_ID).options.provider == ""
    assert not recording.one("pulumi:providers:aws").is_ours


# Values


def test_values_arrive_as_plain_data(record):
    def program():
        random.RandomId("a", byte_length=4, keepers={"b": "1", "a": pulumi.Output.from_input("2")})

    inputs = record(program).one(RANDOM_ID).inputs
    assert inputs == {"byteLength": 4, "keepers": {"a": "2", "b": "1"}}
    assert type(inputs["byteLength"]) is int
    assert list(inputs["keepers"]) == ["a", "b"]


def test_numbers_stay_numbers_and_only_whole_ones_become_int(record):
    recording = record(lambda: pulumi.export("n", [1.0, 1.5, -0.0, 10**15, True, None]))
    assert recording.outputs == {"n": [1, 1.5, 0, 10**15, True, None]}
    assert [type(each) for each in recording.outputs["n"]] == [int, float, int, int, bool, type(None)]


def test_a_secret_keeps_nothing_of_its_value_however_deep_it_lies(record):
    def program():
        secret = pulumi.Output.secret("CANARY")
        random.RandomId("a", byte_length=4, prefix=secret, keepers={"deep": secret})
        made = random.RandomPassword("p", length=8)
        pulumi.export("joined", pulumi.Output.concat("x", made.result))
        pulumi.export("deep", [{"x": secret}])

    recording = record(program)
    secret = {"$secret": True}
    made = recording.one(RANDOM_ID)
    assert made.inputs["prefix"] == secret
    assert made.inputs["keepers"] in (secret, {"deep": secret})
    assert recording.outputs["joined"] == secret
    assert "CANARY" not in repr(recording)


def test_additional_secret_outputs_are_secret_to_those_that_use_them(record):
    def program():
        made = random.RandomId("a", byte_length=4, opts=pulumi.ResourceOptions(additional_secret_outputs=["hex"]))
        pulumi.export("hex", made.hex)
        pulumi.export("b64", made.b64_url)

    outputs = record(program).outputs
    assert outputs["hex"] == {"$secret": True}
    assert isinstance(outputs["b64"], str)


def test_what_nobody_can_make_up_is_unknown(record):
    def program():
        made = random.RandomId("a", byte_length=4)
        random.RandomId("b", byte_length=4, prefix=made.dec)
        pulumi.export("dec", made.dec.apply(lambda text: text.upper()))

    recording = record(program)
    assert recording.one(RANDOM_ID, "b").inputs["prefix"] == {"$unknown": True}
    assert recording.outputs == {"dec": {"$unknown": True}}


def test_assets_and_archives_are_marked_by_what_they_are(record, tmp_path):
    (tmp_path / "file").write_text("x")

    def program():
        aws.s3.BucketObjectv2("text", bucket="b", source=pulumi.StringAsset("hello"))
        aws.s3.BucketObjectv2("file", bucket="b", source=pulumi.FileAsset(str(tmp_path / "file")))
        aws.s3.BucketObjectv2("zip", bucket="b", source=pulumi.AssetArchive({"a": pulumi.StringAsset("x")}))

    recording = record(program)
    source = {each.name: each.inputs["source"] for each in recording}
    assert source["text"] == {"$asset": {"text": "hello"}}
    assert source["file"]["$asset"]["path"] == str(tmp_path / "file")
    assert len(source["file"]["$asset"]["hash"]) == 64
    assert source["zip"] == {"$archive": {"assets": {"a": {"$asset": {"text": "x"}}}}}


def test_a_reference_to_a_resource_is_marked_with_its_urn(record):
    def program():
        made = random.RandomId("made", byte_length=4)
        pulumi.ComponentResource("switchyard:index:Group", "a").register_outputs({"made": made})

    (reference,) = record(program).one("switchyard:index:Group").outputs["made"].items()
    assert reference[0] == "$resource"
    assert reference[1]["urn"] == f"{ROOT}{RANDOM_ID}::made"


class Remote(pulumi.ComponentResource):
    """A component that a plugin builds, with an output that bears an input's name."""

    shape: pulumi.Output[object]
    image_uri: pulumi.Output[str]

    def __init__(self, name, type_, props):
        super().__init__(type_, name, {**props, "imageUri": None}, None, remote=True)


def test_a_remote_component_gets_no_echo_of_its_inputs(record):
    def program():
        made = Remote("a", "awsx:x:Thing", {"shape": {"input": True}})
        pulumi.export("shape", pulumi.Output.from_input(made.shape))

    recording = record(program)
    assert recording.one("awsx:x:Thing").remote
    assert recording.one("awsx:x:Thing").inputs == {"shape": {"input": True}}
    assert recording.outputs.get("shape") in ({"$unknown": True}, None)


@pytest.mark.parametrize("known", [True, False])
def test_an_image_pushed_by_a_remote_component_is_named_by_digest_if_its_repository_is_known(known, record):
    def program():
        repository = "repo" if known else random.RandomId("r", byte_length=4).dec
        made = Remote("a", "awsx:ecr:Image", {"repositoryUrl": repository, "imageTag": "latest"})
        pulumi.export("uri", made.imageUri)

    uri = record(program).outputs["uri"]
    assert uri.startswith("repo:latest@sha256:") if known else uri == {"$unknown": True}


# Look-ups


def test_a_lookup_is_recorded_with_its_arguments_and_answered(record):
    def program():
        zones = aws.get_availability_zones_output(state="available", exclude_zone_ids=["use1-az3"])
        pulumi.export("ids", zones.zone_ids)
        pulumi.export("region", aws.get_region().region)

    recording = record(program)
    assert recording.outputs["ids"] == ["use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"]
    assert recording.outputs["region"] == "us-east-1"
    asked = {each.token: each.args for each in recording.lookups}
    assert asked["aws:index/getAvailabilityZones:getAvailabilityZones"] == {
        "state": "available",
        "excludeZoneIds": ["use1-az3"],
    }


@pytest.mark.parametrize("look", [aws.sns.get_topic, aws.sns.get_topic_output], ids=["at once", "output"])
def test_a_lookup_nobody_thought_of_is_refused_by_name(look, record):
    with pytest.raises(
        LookupError, match=r"^the program looks up aws:sns/getTopic:getTopic, and preflight has no made-up"
    ):
        record(lambda: look(name="x"))


def test_a_resource_that_is_read_is_not_one_of_the_stacks_own(record):
    def program():
        topic = aws.sns.Topic.get("there", "arn:aws:sns:us-east-1:123456789012:there")
        pulumi.export("id", topic.id)
        random.RandomId("a", byte_length=4, opts=pulumi.ResourceOptions(parent=topic))

    recording = record(program)
    assert [each.name for each in recording] == ["a"]
    assert recording.outputs == {"id": "arn:aws:sns:us-east-1:123456789012:there"}


def test_hooks_are_accepted(record):
    def program():
        hook = pulumi.ResourceHook("wait", lambda args: None)
        binding = pulumi.ResourceHookBinding(after_create=[hook])
        random.RandomId("a", byte_length=4, opts=pulumi.ResourceOptions(hooks=binding))

    assert len(record(program).resources) == 1


# Sources


@pytest.mark.usefixtures("sources")
@pytest.mark.parametrize("folder", ["parts", "with space", "früh"])
def test_a_source_is_the_path_in_the_project_and_the_line_of_the_call(folder, project, record_dev):
    root = project(
        {
            f"{folder}/thing.py": "import pulumi_random as r\n\ndef make():\n    r.RandomId('a', byte_length=4)\n",
            "__main__.py": f"""
                import sys
                import pulumi
                import pulumi_random
                sys.path.insert(0, {folder!r})
                import thing
                class Group(pulumi.ComponentResource):
                    def __init__(self):
                        super().__init__("x:y:Group", "g")
                        pulumi_random.RandomId("child", byte_length=4, opts=pulumi.ResourceOptions(parent=self))
                Group()
                thing.make()
                pulumi_random.Provider("provider")
            """,
        }
    )
    sources = {each.name: each.source for each in record_dev(root)}
    assert sources == {
        "a": f"{folder}/thing.py:4",
        "g": "__main__.py:11",
        "child": "__main__.py:10",
        "provider": "__main__.py:13",
    }
