"""The stack file: read as the Pulumi CLI 3.272 reads it, and overridden as its `config set --path` would."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.pulumi_yaml import parse_yaml
from preflight.stackfile import SEALED, StackFileError, load, stack_names

PROJECT = "name: shop\nruntime: python\n"


@pytest.fixture
def config(tmp_path):
    """`config(stack_text, *overrides)` is the configuration of a stack called dev."""

    def read(text: str, *overrides: str, project: str = PROJECT):
        (tmp_path / "Pulumi.yaml").write_text(project)
        (tmp_path / "Pulumi.dev.yaml").write_text(text)
        return load(tmp_path, "dev", overrides).config

    return read


# What the CLI makes of YAML: `pulumi config --json` on the same text.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("TRUE", "true"),
        ("False", "false"),
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),  # the CLI makes a point in time of it, and text of that again
        ("5", "5"),
        ("+5", "5"),
        ("-0", "0"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("3.", "3"),
        ("1e3", "1000"),
        ("1_000", "1000"),
        ("1_0.5", "10.5"),
        ("010", "8"),
        ("-010", "-8"),
        ("08", "8"),
        ("012345678901", "12345678901"),
        ("0x1F", "31"),
        ("0o14", "12"),
        ("0b11", "3"),
        ("0b2", "0b2"),
        ("9007199254740993", "9007199254740993"),
        ('""', ""),
        ('"5"', "5"),
        ("null", ""),
        ("~", ""),
        ("", ""),
        ("[1, two, 3.0]", '[1, "two", 3]'),
        ("{a: off, n: null, f: 010}", '{"a": "off", "n": null, "f": 8}'),
        ("{<<: {a: 1}, b: 2}", '{"a": 1, "b": 2}'),
    ],
)
def test_a_value_is_the_text_that_the_cli_would_hand_over(text, value, config):
    assert config(f"config:\n  shop:key: {text}\n") == {"shop:key": value}


@given(st.one_of(st.integers(), st.booleans(), st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]))))
def test_json_is_yaml(value):
    assert parse_yaml(json.dumps(value, ensure_ascii=False)) == value


def test_a_key_without_a_namespace_is_the_projects_own(config):
    assert config("config: {a: 1, other:b: 2, aws:region: eu-west-1}") == {
        "shop:a": "1",
        "other:b": "2",
        "aws:region": "eu-west-1",
    }


@pytest.mark.parametrize("text", ["", "config:\n", "config: {}\n", "encryptionsalt: x\n"])
def test_a_stack_file_may_configure_nothing(text, config):
    assert config(text) == {}


# Broken files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config:\n  a: 1\n  b: 2\n  a: 3\n", r"^Pulumi\.dev\.yaml:4 is not valid YAML: key 'a' is there twice$"),
        ("config: {x: {a: 1, a: 2}}", r"^Pulumi\.dev\.yaml:1 .*key 'a' is there twice$"),
        ("config:\n  a: [1\n", r"^Pulumi\.dev\.yaml:3 is not valid YAML: expected ',' or ']'"),
        ("config:\n\ta: 1\n", r"^Pulumi\.dev\.yaml:2 is not valid YAML: found character '\\t'"),
        ("config: {a: {? [x] : 1}}", r"^Pulumi\.dev\.yaml:1: a: a key must be text$"),
        ("config: {a: !!python/name:os.system }", r"^Pulumi\.dev\.yaml:1: a: the tag !!python/name:os\.system means"),
        (
            "config: {a: {b: !!binary aGk=}}",
            r"^Pulumi\.dev\.yaml:1: a\.b: the tag !!binary means nothing here; remove it$",
        ),
        ("config: {a: !!set {b}}", r"^Pulumi\.dev\.yaml:1: a: the tag !!set means"),
        ("config: {a: [!!map [1]]}", r"^Pulumi\.dev\.yaml:1: a\[0\]: the tag !!map means"),
        ("config: {a: <<}", r"^Pulumi\.dev\.yaml:1: a: the tag !!merge means"),
        ("config: {a: !!int x}", r"^Pulumi\.dev\.yaml:1: a: can't be read as a number$"),
        ("config: {a: !!bool x}", r"^Pulumi\.dev\.yaml:1: a: can't be read as true or false$"),
        ("config: {a: {!!bool x: 1}}", r"^Pulumi\.dev\.yaml:1: a\.x: can't be read as true or false$"),
        (f"config: {{a: [0x{'f' * 5_000}]}}", r"^Pulumi\.dev\.yaml:1: a\[0\]: can't be read as a number$"),
        (f"config: {{a: {'9' * 5_000}}}", r"^Pulumi\.dev\.yaml:1: a: can't be read as a number$"),
        (
            "config:\n  switchyard:a: &x {b: *x}",
            r"^Pulumi\.dev\.yaml:2: switchyard:a\.b.*\.b: nested deeper than 32 maps and lists$",
        ),
        (f"config: {{a: {'[' * 3_000}", r"^Pulumi\.dev\.yaml:1: a\[0\].*: nested deeper than 32 maps and lists$"),
        (
            f"config: {{a: &x [{'1,' * 999}], b: &y [{'*x,' * 99}]}}",
            r"^Pulumi\.dev\.yaml:1: b\[.*: more than 10000 values",
        ),
        ("a: 1\n--- \nb: 2\n", r"^Pulumi\.dev\.yaml:2 is not valid YAML: but found another document$"),
        ("\x00", r"^Pulumi\.dev\.yaml is not valid YAML: "),
        ("- a\n", r"^Pulumi\.dev\.yaml must be a map of text keys$"),
        ("text", r"^Pulumi\.dev\.yaml must be a map of text keys$"),
        ("1: 2", r"^Pulumi\.dev\.yaml must be a map of text keys$"),
        ("config: [a]", r"^Pulumi\.dev\.yaml: `config` must be a map of text keys$"),
        ("config: text", r"^Pulumi\.dev\.yaml: `config` must be a map of text keys$"),
        ("config: {1: 2}", r"^Pulumi\.dev\.yaml: `config` must be a map of text keys$"),
    ],
)
def test_a_broken_stack_file_is_refused_with_its_line(text, message, config):
    with pytest.raises(StackFileError, match=message) as refused:
        config(text)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path, config):
    config("")
    (tmp_path / "Pulumi.dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StackFileError, match=r"^Pulumi\.dev\.yaml can't be read: "):
        load(tmp_path, "dev")


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("runtime: python", "Pulumi.yaml: the project has no `name`$"),
        ("name: [", r"^Pulumi\.yaml:1 is not valid YAML"),
        (
            "name: shop\nconfig: some/folder",
            r"^Pulumi\.yaml: `config` must be a map of keys; the folder of the stack files",
        ),
    ],
)
def test_a_broken_project_file_is_refused(project, message, config):
    with pytest.raises(StackFileError, match=message):
        config("", project=project)


def test_a_missing_project_file_is_refused(tmp_path):
    with pytest.raises(StackFileError, match=r"^Pulumi\.yaml is missing in /"):
        load(tmp_path, "dev")


def test_a_stack_without_a_file_is_refused_with_those_that_have_one(tmp_path, config):
    config("")
    (tmp_path / "Pulumi.prod.yaml").write_text("")
    with pytest.raises(
        StackFileError, match=r"^no stack 'x': there is no Pulumi\.x\.yaml; the stacks here are: dev, prod$"
    ):
        load(tmp_path, "x")


def test_the_stacks_are_those_with_a_file_in_alphabetical_order(tmp_path):
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yaml", "Pulumi.a-b.yaml", "Pulumi.x.yml", "other.yaml"):
        (tmp_path / name).write_text("name: shop")
    assert stack_names(tmp_path) == ["a-b", "dev", "prod"]


def test_stack_files_may_lie_in_a_folder_that_the_project_names(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nstackConfigDir: stacks")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/Pulumi.dev.yaml").write_text("config: {a: 1}")
    assert stack_names(tmp_path) == ["dev"]
    assert load(tmp_path, "dev").config == {"shop:a": "1"}


# Pulumi.yaml's own `config`


def declaring(text: str) -> str:
    return f"{PROJECT}config:\n{text}\n"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("  a: {type: integer, default: 5}", {"shop:a": "5"}),
        ("  a: {default: false}", {"shop:a": "false"}),
        ("  a: text", {"shop:a": "text"}),
        ("  aws:region: eu-west-1", {"aws:region": "eu-west-1"}),
        ("  aws:region: {value: eu-west-1}", {"aws:region": "eu-west-1"}),
        ("  aws:region: {description: not ours to require}", {}),
        ("  a: {x: {y: 1}}", {"shop:a": '{"x": {"y": 1}}'}),
    ],
)
def test_a_default_of_the_project_applies_where_the_stack_says_nothing(declared, expected, config):
    assert config("", project=declaring(declared)) == expected


def test_the_stack_wins_over_a_default_of_the_project(config):
    assert config("config: {a: 1}", project=declaring("  a: {default: 5}")) == {"shop:a": "1"}


def test_an_override_wins_over_a_default_and_its_removal_brings_the_default_back(config):
    project = declaring("  a: {default: 5}")
    assert config("config: {a: 1}", "shop:a=2", project=project) == {"shop:a": "2"}
    assert config("config: {a: 1}", "shop:a=null", project=project) == {"shop:a": "5"}


@pytest.mark.parametrize(
    "declared", ["  a: {type: string}\n  b: {type: string}", "  shop:a: {}\n  shop:b: {description: x}"]
)
def test_keys_without_a_default_that_the_stack_lacks_are_refused_together(declared, config):
    if "{}" in declared:
        declared = declared.replace("{}", "{description: y}")
    with pytest.raises(
        StackFileError, match=r"^stack 'dev' is missing configuration value\(s\) '(shop:)?a', '(shop:)?b'$"
    ):
        config("", project=declaring(declared))


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("string", ["text", '"5"'], ["5", "true", "[a]", "{a: 1}"]),
        ("integer", ["5", '"5"', "-1"], ["5.5", "true", "text", "[5]", '"5.5"', '"true"', '"["']),
        ("boolean", ["true", '"true"'], ["5", "text", '"yes"', "[true]"]),
        ("array", ["[]", "[a]"], ["a", "{a: 1}", "5"]),
        ("object", ["{}", "{a: 1}"], ["a", "[a]", "5"]),
    ],
)
def test_a_value_must_be_of_the_type_that_the_project_declares(type_, good, bad, config):
    project = declaring(f"  a: {{type: {type_}}}")
    for text in good:
        assert "shop:a" in config(f"config:\n  a: {text}\n", project=project)
    for text in bad:
        with pytest.raises(StackFileError, match=f"^stack 'dev': shop:a must be of type '{type_}', got "):
            config(f"config:\n  a: {text}\n", project=project)


def test_a_refused_value_shows_no_sealed_part_of_it(config):
    with pytest.raises(StackFileError) as refused:
        config("config: {a: {b: {secure: CANARY}}}", project=declaring("  a: {type: string}"))
    assert "CANARY" not in str(refused.value)


def test_a_key_that_the_project_calls_secret_must_be_sealed(config):
    project = declaring("  a: {type: string, secret: true}")
    with pytest.raises(
        StackFileError, match=r"^stack 'dev': shop:a must be encrypted, as Pulumi\.yaml says it is secret$"
    ):
        config("config: {a: open}", project=project)
    assert config("config: {a: {secure: v1:x}}", project=project) == {"shop:a": SEALED}


# Sealed values


def test_a_sealed_value_is_replaced_wherever_it_lies_and_its_key_is_secret(tmp_path, config):
    config("config: {a: {secure: CANARY}, b: {deep: [{secure: CANARY}], open: 1}, c: {secure: x, other: 1}, d: 1}")
    file = load(tmp_path, "dev")
    assert file.config == {
        "shop:a": SEALED,
        "shop:b": json.dumps({"deep": [SEALED], "open": 1}),
        "shop:c": json.dumps({"secure": "x", "other": 1}),  # not what `pulumi config set --secret` writes
        "shop:d": "1",
    }
    assert file.secret_keys == ("shop:a", "shop:b")
    assert "CANARY" not in repr(file)


# Overrides

BASE = """
config:
  switchyard:topology: serverless
  switchyard:container: {cpu: 256, tags: [a, b]}
  switchyard:text: hello
  aws:region: us-east-1
"""


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("topology=container", "switchyard:topology", "container"),
        ("switchyard:topology=container", "switchyard:topology", "container"),
        ("aws:region=eu-west-1", "aws:region", "eu-west-1"),
        ("container.cpu=512", "switchyard:container", {"cpu": 512, "tags": ["a", "b"]}),
        ("switchyard:container.cpu=512", "switchyard:container", {"cpu": 512, "tags": ["a", "b"]}),
        ('container["cpu"]=512', "switchyard:container", {"cpu": 512, "tags": ["a", "b"]}),
        ("container.tags[1]=c", "switchyard:container", {"cpu": 256, "tags": ["a", "c"]}),
        ("container.tags[2]=c", "switchyard:container", {"cpu": 256, "tags": ["a", "b", "c"]}),
        ("container.tags[0]=null", "switchyard:container", {"cpu": 256, "tags": ["b"]}),
        ("container.cpu=null", "switchyard:container", {"tags": ["a", "b"]}),
        ("container.nothing.at.all=null", "switchyard:container", {"cpu": 256, "tags": ["a", "b"]}),
        ("new.deep.er=1", "switchyard:new", {"deep": {"er": 1}}),
        ("new[0].x=1", "switchyard:new", [{"x": 1}]),
        ('tags["a.b"]=1', "switchyard:tags", {"a.b": 1}),
        ('tags["a:b=c"]=1', "switchyard:tags", {"a:b=c": 1}),
        ('aws:defaultTags.tags["a:b"]=1', "aws:defaultTags", {"tags": {"a:b": 1}}),
        (r'tags["a\"b"]=1', "switchyard:tags", {'a"b': 1}),
        ("site={directory: site}", "switchyard:site", {"directory": "site"}),
        ("standby=true", "switchyard:standby", "true"),
        ("text=a=b:c", "switchyard:text", "a=b:c"),
        ("mode=off", "switchyard:mode", "off"),
        ('text="5"', "switchyard:text", "5"),
    ],
)
def test_an_override_changes_one_place_and_nothing_else(override, key, value, config):
    plain, changed = config(BASE), config(BASE, override)
    assert {each: text for each, text in changed.items() if each != key} == {
        each: text for each, text in plain.items() if each != key
    }
    assert (changed[key] if isinstance(value, str) else json.loads(changed[key])) == value


@pytest.mark.parametrize("override", ["text=null", "text=~", "text=", "text=Null"])
def test_null_removes_a_key(override, config):
    assert "switchyard:text" not in config(BASE, override)


def test_removing_what_is_not_there_changes_nothing(config):
    assert config(BASE, "nothing=null", "no.thing=null", "x[0]=null") == config(BASE)


def test_overrides_apply_in_turn(config):
    assert config(BASE, "text=1", "text=null", "text=2")["switchyard:text"] == "2"


def without_value(override: str) -> str:
    key, equals, value = override.partition("=")
    return key + equals + ("..." if value else "")


@pytest.mark.parametrize(
    "override",
    ["", "=", "=1", "text", "a.b", ".a=1", "a.=1", "a..b=1", "a[=1", "a[x]=1", "a[-1]=1", 'a["=1', "[0]=1", ":a=1",
     "a:=1", "a:b:c=1", "text=[1", "text={a: 1, a: 2}", r'a["\d"]=1',
     f"a{'[0]' * 3_000}=1", f"a={'[' * 3_000}", "a=!!bool x", "a=&x [*x]"],
)  # fmt: skip
def test_an_override_that_is_none_is_refused_without_its_value(override, config):
    with pytest.raises(StackFileError) as refused:
        config(BASE, override)
    assert str(refused.value) == (
        f"--set {without_value(override)}: expected key=value, such as container.cpu=512 or aws:region=eu-west-1"
    )


@pytest.mark.parametrize(
    "override",
    ["text.a=1", "text[0]=1", "container[0]=1", "container.tags.x=1", "container.tags[3]=1", "container.cpu.x=1"],
)
def test_an_override_of_a_place_that_cannot_be_is_refused(override, config):
    with pytest.raises(StackFileError) as refused:
        config(BASE, override)
    assert str(refused.value) == (
        f"--set {without_value(override)}: there is no such place; a value on the way is no map, or a list is too short"
    )


KEYS = st.text(min_size=1).filter(lambda text: text.isprintable())


@given(st.lists(st.one_of(KEYS, st.just(0)), max_size=4), st.one_of(st.integers(), st.booleans(), KEYS))
def test_any_path_can_be_written_with_quoted_keys_and_holds_what_was_set(tmp_path_factory, steps, value):
    folder = tmp_path_factory.mktemp("path")
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "Pulumi.dev.yaml").write_text("")
    written = "".join("[0]" if step == 0 else f"[{json.dumps(step)}]" for step in steps)
    config = load(folder, "dev", (f"top{written}={json.dumps(value, ensure_ascii=False)}",)).config
    found = config["switchyard:top"]
    if steps or not isinstance(value, str):
        found = json.loads(found)
    for step in steps:
        assert len(found) == 1
        found = found[step]
    assert found == value


@given(st.text())
def test_any_text_is_an_override_or_refused(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "Pulumi.dev.yaml").write_text(BASE)
    with suppress(StackFileError):
        load(folder, "dev", (text,))
