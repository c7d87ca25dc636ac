"""Hostile settings: values that somebody might put into a stack file to break out of where they belong."""

import json
import re
from typing import Any

from hypothesis import strategies as st

from settings import KEYS_AT

MARK = "zzcanary"
"""In every text that would do harm as markup, code or a command: nowhere may it be anything but text."""
TEXTS = [
    f"<script>alert('{MARK}')</script>",
    f'"><{MARK} onload=alert(1)>',
    f"<img src=x onerror={MARK}()>",
    f"</script><{MARK}>",
    f"[{MARK}](javascript:alert(1))",
    f"@{MARK} `{MARK}` ||{MARK}||",
    f'"}}],"Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Sid":"{MARK}"}}]',
    f'*","arn:aws:iam::*:role/{MARK}',
    f"${{aws:username}}/{MARK}",
    f"'; process.exit(1); // {MARK}",
    f"`);throw new Error('{MARK}');//",
    f"x: {{ style.fill: red }}; {MARK} -> y",
    f"|md # {MARK} |",
    f"\x1b[2J\x1b]0;{MARK}\x07",
    f"\u202e{MARK}\u2028\u0085\u009b31m",
    f"{MARK}\r\nSet-Cookie: a=b",
    f"{MARK}\x00",
    f"../../../../etc/passwd#{MARK}",
    f"$({MARK}) ; rm -rf / #",
    f"{{{{ 7 * 7 }}}} {{% {MARK} %}} {{0.__class__}} %s %n",
    "\ud800" + MARK,
    "\U0001f4a9" * 40 + MARK,
    "a" * 70_000 + MARK,
    "",
    " ",
    "null",
    "-1e400",
    "0x10",
    "yes",
]
NUMBERS = [-1, 0, 1, 2**31, 2**63, 10**400, -(10**30), 1.5, 1e308, -0.0]
KEYS = [*TEXTS[:14], "__proto__", "__class__", "constructor", "$secret", "$unknown", "4dabf18193072939515e22adb298388d"]

RAW = {
    f"{MARK}-{name}-{size}": before * size + middle + after * size
    for name, before, middle, after in [
        ("map", '{"a":', "1", "}"),
        ("list", "[", "", "]"),
        ("open", "[", "", ""),
        ("digits", "9", "", ""),
    ]
    for size in (33, 200, 250, 500, 3_000, 5_000, 70_000)
}
"""Values that Python's own writer would not write: as deep, or with as many digits, as no reader takes them."""

texts = st.sampled_from(TEXTS) | st.text(max_size=40)
leaves = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.integers() | texts | st.sampled_from(sorted(RAW))
nested = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=4),
    max_leaves=12,
)
"""Any JSON, of the wrong type more often than not."""


def _object(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys) | texts, nested, max_size=4)


def configurations() -> st.SearchStrategy[dict[str, str]]:
    """A stack's configuration as the CLI hands it over, wrong in one to four of its keys."""
    values = [
        st.tuples(st.just(key), _object(KEYS_AT[key]) | nested if key in KEYS_AT else nested) for key in KEYS_AT[""]
    ]
    given = st.lists(st.one_of(*values), min_size=1, max_size=4).map(dict)
    foreign = st.dictionaries(
        st.sampled_from(["aws:profile", "aws:token", "aws:assumeRoles", "aws:x", "x:y", ":"]),
        texts | st.sampled_from(sorted(RAW.values())),
    )
    return st.tuples(given, foreign).map(lambda both: _as_text(both[0]) | both[1])


def _as_text(values: dict[str, Any]) -> dict[str, str]:
    base = {"aws:region": "us-east-1", "switchyard:topology": "serverless", "switchyard:image": "none"}
    given = {
        f"switchyard:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in values.items()
    }
    return base | {key: _raw(text) for key, text in given.items()}


def _raw(text: str) -> str:
    if text in RAW:
        return RAW[text]
    return re.sub(rf'"({MARK}-[a-z]+-\d+)"(?!:)', lambda match: RAW[match.group(1)], text)


PRINTABLE = [each for each in TEXTS if each.isprintable() and 0 < len(each) < 1000]
"""Those that may well be accepted, and then have to be carried as they are."""


def accepted() -> st.SearchStrategy[list[str]]:
    """Overrides with hostile values at places where any text, or nearly any, is allowed."""
    places = {
        "service.environment": st.sampled_from(PRINTABLE).map(lambda text: json.dumps({"HOSTILE": text})),
        "service.healthCheckPath": st.sampled_from(["/a?b=c&d=%27", "/'\"`${x}", "/a;b", "/~!$&()*+,=:@", f"/{MARK}"]),
        "service.paths": st.sampled_from(["/'\"~$&@:+*", "/*.a", f"/{MARK}$&'/*", '/"}]}/*']).map(
            lambda p: json.dumps([p])
        ),
        "tags": st.sampled_from(["a+b=c:d/e@f.g-h_i", f"{MARK} = x", "../..", "aws"]).map(lambda t: json.dumps({t: t})),
        "service.secrets": st.just(
            json.dumps({"S": f"arn:aws:secretsmanager:us-east-1:123456789012:secret:a/_+=.@!-{MARK}-AbCdEf"})
        ),
        "waf.managedGroups": st.just('["AWSManagedRulesSQLiRuleSet"]'),
    }
    one = st.sampled_from(sorted(places)).flatmap(lambda key: places[key].map(lambda value: f"{key}={value}"))
    return st.lists(one, min_size=3, max_size=6, unique_by=lambda each: each.partition("=")[0])


_ODD = [
    "!!binary aGk=",
    "!!set {a}",
    "!!bool x",
    "!!int x",
    "!!timestamp x",
    "!!python/name:os.system ''",
    f"!<tag:%0a{MARK}> x",
    "!!map [1]",
    "!!str {a: 1}",
    "&x [*x]",
    "&x {a: *x}",
    "&x {<<: *x}",
    "*x",
    "<<",
    "{<<: 5}",
    "{? [a] : 1}",
    "{!!bool x: 1}",
    "{0x10: 1, a: 1, a: 2}",
    "2001-01-01",
    "1e400",
    "0x" + "f" * 5_000,
    *RAW.values(),
]
"""YAML that is no JSON, or more than a reader takes."""


def stack_files() -> st.SearchStrategy[str]:
    """The text of a stack file in which one key's value is odd, on its own or among others."""
    odd = st.recursive(
        st.sampled_from(_ODD) | st.sampled_from(["a", "1", "", "~", "true"]),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
            | st.lists(inner, max_size=3).map(lambda each: f"{{{', '.join(f'k{n}: {v}' for n, v in enumerate(each))}}}")
        ),
        max_leaves=4,
    )
    key = st.sampled_from([*(f"switchyard:{each}" for each in KEYS_AT[""]), "aws:assumeRoles", "x:y"])
    base = "config:\n  aws:region: us-east-1\n  switchyard:topology: serverless\n  switchyard:image: none\n"
    return st.tuples(key, odd).map(lambda both: f"{base}  {both[0]}: {both[1]}\n")
