"""What an account is set up for: read once, everything wrong refused at once, in the configuration's own words."""

import json

import pytest
from stacks import ROOT

from bootstrap.settings import parse
from preflight.recorder import record_stack
from preflight.stackfile import load

FOLDER = ROOT / "bootstrap"
GITHUB = {"owner": "acme", "repository": "shop"}


def configuration(**changes):
    given = {"github": GITHUB, "environments": ["dev"], **changes}
    texts = {
        f"switchyard:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in given.items()
    }
    return {"aws:region": "eu-west-1", **{key: text for key, text in texts.items() if text != "null"}}


def refused(**changes) -> list[str]:
    return [str(each) for each in parse(configuration(**changes))[1]]


def test_the_file_that_ships_is_accepted():
    settings, refusals = parse(load(FOLDER, "main").config)
    assert refusals == []
    assert settings is not None
    assert settings.environments == ("dev", "prod")


def test_an_account_for_one_environment_needs_no_more_than_this():
    settings, refusals = parse(configuration())
    assert refusals == []
    assert settings is not None
    assert (settings.review, settings.zone, settings.regions, settings.protect) == (False, None, (), True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"github": "null"}, "github: got nothing; allowed: this key is required"),
        ({"environments": []}, "environments: got []"),
        ({"environments": ["dev", "dev"]}, 'environments[1]: got "dev"; allowed: each environment once'),
        ({"environments": ["review"]}, 'environments[0]: got "review"; allowed: another name'),
        ({"environments": ["pr-1"]}, 'environments[0]: got "pr-1"'),
        ({"environments": ["Dev"]}, 'environments[0]: got "Dev"; allowed: lower-case letters'),
        ({"environments": ["a*"]}, 'environments[0]: got "a*"'),
        ({"github": {**GITHUB, "owner": "a/b"}}, 'github.owner: got "a/b"; allowed: a GitHub user'),
        ({"github": {**GITHUB, "repository": "a b"}}, 'github.repository: got "a b"'),
        ({"github": {**GITHUB, "ownerId": 1}}, "github.ownerId: got only one of them; allowed: given together with"),
        ({"github": {**GITHUB, "provider": "arn:aws:iam::1:x"}}, 'github.provider: got "arn:aws:iam::1:x"'),
        (
            {"github": {**GITHUB, "own": "x"}},
            "github.own: got a text that is not shown; allowed: one of the keys owner, repository",
        ),
        ({"tags": f'{{"a": {"[" * 3_000}{"]" * 3_000}}}'}, "tags.a: got a list that is not shown; allowed: text"),
        ({"tags": {"a": "\ud800"}}, "tags: got half of a character"),
        ({"reviews": True}, "reviews: got true; allowed: one of the keys github, environments, review"),
        ({"review": "yes"}, 'review: got "yes"; allowed: true or false'),
        ({"project": "a/b"}, 'project: got "a/b"; allowed: a project\'s name'),
        ({"regions": ["mars-1"]}, 'regions[0]: got "mars-1"; allowed: a region outside China and GovCloud'),
        ({"zone": "Example"}, 'zone: got "Example"; allowed: a DNS name'),
        ({"boundaryActions": ["s3:*"]}, 'boundaryActions: got "s3:*"; allowed: service:Action without a wildcard'),
    ],
)
def test_what_cant_be_deployed_is_refused_with_key_value_and_what_is_allowed(changes, words):
    found = refused(**changes)
    assert any(words in each for each in found), found


def test_everything_wrong_is_told_at_once():
    wrong = configuration(environments=["Dev"], zone="x", github={**GITHUB, "owner": "a/b"}) | {"aws:region": "mars"}
    keys = [str(each).partition(":")[0] for each in parse(wrong)[1]]
    assert {"environments[0]", "zone", "github.owner"} <= set(keys)
    assert any(str(each).startswith("aws:region") for each in parse(wrong)[1])


def test_a_wrong_file_is_refused_before_anything_is_registered():
    with pytest.raises(Exception, match=r"Pulumi\.main\.yaml can't be deployed as it is:\n  environments\[0\]: got "):
        record_stack(load(FOLDER, "main", ("environments=[PROD]",)))
