"""StaticSite: which files it publishes and how, who may read them, and in which order they go up."""

import json
import re

import botocore.session
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._site_files import CONTENT_TYPES, cache_control, content_type, site_files
from components.static_site import StaticSite, StaticSiteArgs
from preflight.made_up import ACCOUNT

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
FILES = {
    "index.html": "<!doctype html>",
    "about/team.HTM": "<p>",
    "assets/app.0a1b2c3d4e.js": "1",
    "assets/logo.svg": "<svg/>",
    ".well-known/security.txt": "Contact: x",
    ".DS_Store": "x",
    ".git/config": "x",
    "assets/.env": "SECRET=1",
}
PUBLISHED = ["index.html", "about/team.HTM", "assets/app.0a1b2c3d4e.js", "assets/logo.svg", ".well-known/security.txt"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for key, text in FILES.items():
        path = tmp_path / "site" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "site"


@pytest.fixture
def recorded(record, folder):
    def run(**changes):
        return record(lambda: StaticSite("site", StaticSiteArgs(directory="site", **changes)))

    return run


def test_it_has_these_children_and_no_others(recorded):
    recording = recorded(access_log_bucket="logs")
    children = recording.children(recording.one("switchyard:index:StaticSite").urn)
    assert {(child.type.rpartition(":")[2], child.name) for child in children} == {
        ("Bucket", "site"),
        ("BucketOwnershipControls", "site-ownership"),
        ("BucketPublicAccessBlock", "site-public-access"),
        ("BucketServerSideEncryptionConfiguration", "site-encryption"),
        ("BucketLifecycleConfiguration", "site-lifecycle"),
        ("BucketVersioning", "site-versioning"),
        ("BucketLogging", "site-logging"),
        ("BucketPolicy", "site-policy"),
        ("OriginAccessControl", "site-access-control"),
        *(("BucketObjectv2", f"site-{key}") for key in PUBLISHED),
    }


def test_logging_comes_only_when_asked_for(recorded):
    names = {each.name for each in recorded()}
    assert "site" in names
    assert "site-logging" not in names


def test_hidden_files_stay_at_home(recorded):
    assert {each.inputs["key"] for each in recorded().of_type(OBJECT)} == set(PUBLISHED)


def test_a_file_is_read_from_the_path_as_given_so_that_every_machine_plans_alike(recorded):
    uploaded = recorded().one(OBJECT, "site-assets/logo.svg").inputs
    assert uploaded["source"]["$asset"]["path"] == "site/assets/logo.svg"
    assert uploaded["bucket"] == recorded().one("switchyard:index:StaticSite").outputs["bucket_name"]


def test_changed_content_shows_in_the_plan(recorded, folder):
    before = recorded().one(OBJECT, "site-index.html").inputs
    (folder / "index.html").write_text("<p>changed")
    after = recorded().one(OBJECT, "site-index.html").inputs
    assert {key for key in before if before[key] != after[key]} == {"source", "sourceHash"}


def test_a_file_says_its_type_and_how_long_it_may_be_kept(recorded):
    recording = recorded()
    said = {
        each.inputs["key"]: (each.inputs["contentType"], each.inputs["cacheControl"])
        for each in recording.of_type(OBJECT)
    }
    assert said == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "about/team.HTM": ("text/html; charset=utf-8", "no-cache"),
        "assets/app.0a1b2c3d4e.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "assets/logo.svg": ("image/svg+xml", "public, max-age=300"),
        ".well-known/security.txt": ("text/plain; charset=utf-8", "public, max-age=300"),
    }


def names(urns) -> set[str]:
    return {urn.rpartition("::")[2] for urn in urns}


def test_pages_go_up_after_all_they_may_refer_to_and_everything_after_versioning(recorded):
    recording = recorded()
    assets = {f"site-{key}" for key in PUBLISHED if not key.lower().endswith((".html", ".htm"))}
    for page in ("site-index.html", "site-about/team.HTM"):
        assert names(recording.one(OBJECT, page).options.depends_on) == {*assets, "site", "site-versioning"}
    for asset in assets:
        assert names(recording.one(OBJECT, asset).options.depends_on) == {"site", "site-versioning"}


def test_the_origin_is_the_private_bucket_and_is_ready_when_it_may_be_read_with_its_pages(record, folder):
    made = []
    recording = record(lambda: made.append(StaticSite("site", StaticSiteArgs(directory="site")).origin))
    (origin,) = made
    assert (origin.id, origin.is_bucket, origin.vpc_origin_id) == ("site", True, None)
    assert {each._name for each in origin.ready} == {"site-policy", "site-index.html", "site-about/team.HTM"}
    assert recording.one("aws:cloudfront/originAccessControl:OriginAccessControl").inputs == {
        "originAccessControlOriginType": "s3",
        "signingBehavior": "always",
        "signingProtocol": "sigv4",
    }


def test_the_bucket_is_private_versioned_and_encrypted(recorded):
    recording = recorded()
    block = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    blocked = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [block[key] for key in blocked] == [True] * 4
    ownership = recording.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    versioning = recording.one("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    encryption = recording.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs
    assert encryption["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_old_versions_go_after_a_month_and_abandoned_uploads_after_a_week(recorded):
    lifecycle = recorded().one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert lifecycle.inputs["rules"] == [
        {
            "id": "expire",
            "status": "Enabled",
            "filter": {},
            "noncurrentVersionExpiration": {"noncurrentDays": 30},
            "expiration": {"expiredObjectDeleteMarker": True},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        }
    ]


def test_protection_is_for_the_bucket_and_lets_files_come_and_go(record, folder):
    def program():
        args = StaticSiteArgs(directory="site", access_log_bucket="logs")
        StaticSite("site", args, pulumi.ResourceOptions(protect=True))

    recording = record(program)
    protected = {each.name for each in recording if each.options.protect}
    assert {"site", "site-versioning", "site-lifecycle"} <= protected
    assert not protected & {"site-logging", *(f"site-{key}" for key in PUBLISHED)}


@pytest.mark.parametrize("value", [True, False])
def test_force_destroy_reaches_the_bucket(recorded, value):
    assert recorded(force_destroy=value).one("aws:s3/bucket:Bucket").inputs == {"forceDestroy": value}
    assert StaticSiteArgs(directory="site").force_destroy


def test_the_access_log_goes_to_the_sites_own_folder(recorded):
    logging = recorded(access_log_bucket="logs-1a2b").one("aws:s3/bucketLogging:BucketLogging").inputs
    assert (logging["targetBucket"], logging["targetPrefix"]) == ("logs-1a2b", "site/")


def test_only_distributions_of_this_account_may_read_and_only_over_tls(recorded):
    recording = recorded()
    arn = recording.one("switchyard:index:StaticSite").outputs["bucket_arn"]
    ours = {"StringLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}
    cloudfront = {"Service": "cloudfront.amazonaws.com"}
    policy = recording.one("aws:s3/bucketPolicy:BucketPolicy")
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": cloudfront,
            "Action": ["s3:GetObject"],
            "Resource": [f"{arn}/*"],
            "Condition": ours,
        },
        {
            "Effect": "Allow",
            "Principal": cloudfront,
            "Action": ["s3:ListBucket"],
            "Resource": [arn],
            "Condition": ours,
        },
    ]
    assert names(policy.options.depends_on) == {"site", "site-ownership", "site-public-access"}


def test_its_outputs_are_the_buckets_own(recorded):
    outputs = recorded().one("switchyard:index:StaticSite").outputs
    name = outputs["bucket_name"]
    assert re.fullmatch(r"site-[0-9a-f]{7}", name)
    assert outputs == {
        "bucket_name": name,
        "bucket_arn": f"arn:aws:s3:::{name}",
        "bucket_regional_domain_name": f"{name}.s3.us-east-1.amazonaws.com",
    }


def test_a_missing_folder_and_a_file_in_its_place_are_refused(folder):
    for bad in ("nowhere", "site/index.html"):
        with pytest.raises(ValueError, match=f"StaticSiteArgs: directory must be a folder, got '{bad}'"):
            StaticSiteArgs(directory=bad)


def test_a_folder_without_a_start_page_is_refused(folder):
    (folder / "index.html").rename(folder / "home.html")
    with pytest.raises(ValueError, match=r"directory must hold an index\.html, got 'site' without one"):
        StaticSiteArgs(directory="site")


@pytest.mark.parametrize(("link", "target"), [("leak.txt", "secret.txt"), ("more", "outside"), ("gone", "nowhere")])
def test_a_symbolic_link_is_refused_wherever_it_points(folder, tmp_path, link, target):
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "outside").mkdir()
    (folder / "assets" / link).symlink_to(tmp_path / target)
    with pytest.raises(ValueError, match=f"directory must hold no symbolic links, got 'assets/{link}'"):
        StaticSiteArgs(directory="site")


def test_keys_are_in_order_and_use_forward_slashes(folder):
    files = site_files("./site/")
    assert [each.key for each in files] == sorted(PUBLISHED)
    assert {each.path for each in files} == {f"site/{key}" for key in PUBLISHED}


@pytest.mark.parametrize(
    "name",
    ["app.0a1b2c3d.js", "app-0a1b2c3d4e5f.css", "0a1b2c3d.png", "a_0a1b2c3d_b.js", "x." + "0a" * 32 + ".js"],
)
def test_a_hash_in_the_name_lets_a_file_be_kept_for_a_year(name):
    assert cache_control(f"assets/{name}") == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name",
    [
        "app.js",
        "app.0a1b2c3.js",  # seven digits
        "report-20240131.pdf",  # a date
        "deadbeef.png",  # a word
        "app.0a1b2c3dz.js",
        "z0a1b2c3d.js",
        "x." + "0a" * 33 + ".js",
    ],
)
def test_any_other_name_lets_it_be_kept_for_minutes(name):
    assert cache_control(name) == "public, max-age=300"


def test_the_hash_has_to_be_in_the_files_own_name():
    assert cache_control("0a1b2c3d/app.js") == "public, max-age=300"


@given(st.from_regex(r"[0-9a-f]{1,20}", fullmatch=True), st.sampled_from([".html", ".htm", ".HTML"]))
def test_a_page_is_never_kept(stem, suffix):
    assert cache_control(f"a/{stem}{suffix}") == "no-cache"


@given(st.sampled_from(sorted(CONTENT_TYPES)), st.booleans())
def test_a_type_goes_by_the_ending_in_either_case(suffix, upper):
    assert content_type("a/b" + (suffix.upper() if upper else suffix)) == CONTENT_TYPES[suffix]


def test_text_says_that_it_is_utf_8_and_the_unknown_is_just_bytes():
    assert all(kind.endswith("; charset=utf-8") for kind in CONTENT_TYPES.values() if kind.startswith("text/"))
    assert content_type("README") == content_type("a.unknown") == "application/octet-stream"


def test_the_access_control_is_one_cloudfront_knows():
    model = botocore.session.get_session().get_service_model("cloudfront")
    assert "s3" in model.shape_for("OriginAccessControlOriginTypes").enum
    assert "always" in model.shape_for("OriginAccessControlSigningBehaviors").enum
    assert "sigv4" in model.shape_for("OriginAccessControlSigningProtocols").enum


def test_objects_carry_none_of_the_stacks_tags_of_which_they_take_ten_at_most(record, tmp_path):
    (tmp_path / "index.html").write_text("hello")
    recording = record(lambda: StaticSite("site", StaticSiteArgs(directory=str(tmp_path))))
    assert recording.one(OBJECT).inputs["overrideProvider"] == {"defaultTags": {"tags": {}}}
