"""OriginSecret: which secrets there are, which one is sent, and that none is ever shown."""

import pytest

from components.origin_secret import LENGTH, OriginSecret, OriginSecretArgs


def made(record, generation: int):
    return record(lambda: OriginSecret("proof", OriginSecretArgs(generation=generation)))


@pytest.mark.parametrize(
    ("generation", "names"), [(1, {"proof-1"}), (2, {"proof-2", "proof-1"}), (9, {"proof-9", "proof-8"})]
)
def test_the_secret_of_a_generation_and_of_the_one_before_are_made(record, generation, names):
    secrets = made(record, generation).of_type("random:index/randomPassword:RandomPassword")
    assert {each.name for each in secrets} == names


def test_a_rotation_keeps_the_secret_that_is_in_use(record):
    before, after = made(record, 3), made(record, 4)
    kept = set(before.resources) & set(after.resources)
    assert "proof-3" in {urn.rpartition("::")[2] for urn in kept}


def test_a_secret_is_long_and_fit_for_a_header(record):
    secret = made(record, 1).one("random:index/randomPassword:RandomPassword")
    assert secret.inputs == {"length": LENGTH, "special": False}
    assert LENGTH >= 32


def test_the_current_secret_is_the_newest_and_secret(record):
    seen = {}

    def program():
        secret = OriginSecret("proof", OriginSecretArgs(generation=2))
        secret.current.apply(lambda value: seen.update(current=value))
        secret.accepted[0].apply(lambda value: seen.update(first=value))
        secret.accepted[1].apply(lambda value: seen.update(second=value))

    recording = record(program)
    assert seen["current"] == seen["first"] != seen["second"]
    assert recording.one("switchyard:index:OriginSecret").outputs == {"current": {"$secret": True}}


def test_a_generation_below_one_is_refused():
    with pytest.raises(ValueError, match="generation must be 1 or more, got 0"):
        OriginSecretArgs(generation=0)
