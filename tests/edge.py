"""Edge: runs a CloudFront function's own JavaScript, with the modules it may import played as AWS documents them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import quickjs

IMPORTS = {"cf": "import cf from 'cloudfront';", "crypto": "import crypto from 'crypto';"}

# Sources: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html (get throws
# on a key that isn't there, and kvs() where no store is associated), helper-functions-origin-modification.html and
# functions-javascript-runtime-20.html there. What an unknown origin's id does isn't said: here it throws.
MODULES = """
let STORE = null, DISTRIBUTION = [], chosen = null;
const cf = {
    kvs: function () {
        if (STORE === null) throw new Error('no key value store is associated');
        return { get: async function (key, options) {
            if (!(key in STORE)) throw new Error('KeyNotFound');
            return options && options.format === 'json' ? JSON.parse(STORE[key]) : STORE[key];
        } };
    },
    selectRequestOriginById: function (id) {
        if (DISTRIBUTION.indexOf(id) < 0) throw new Error('no such origin: ' + id);
        chosen = id;
    }
};
const crypto = { createHash: function (algorithm) {
    if (algorithm !== 'sha256') throw new Error('not in this stand-in: ' + algorithm);
    let text = '';
    return {
        update: function (more) { text += more; return this; },
        digest: function (encoding) { if (encoding !== 'hex') throw new Error('no'); return sha256(text); }
    };
} };
let returned = null, failed = null;
async function once(event) {
    chosen = returned = failed = null;
    try { returned = await handler(event); } catch (error) { failed = String(error); }
}
async function many(ips) {
    returned = [];
    for (const ip of ips) {
        chosen = null;
        await handler({ version: '1.0', context: {}, viewer: { ip: ip }, request: { headers: {}, uri: '/' } });
        returned.push(chosen);
    }
}
"""


class Edge:
    """One published function of one distribution. `store` is None where no key value store is associated."""

    def __init__(self, code: str, *, origins: Sequence[str] = (), store: Mapping[str, str] | None = None) -> None:
        lines = code.splitlines()
        imported = [line for line in lines if line.startswith("import ")]
        assert lines[: len(imported)] == imported, "imports come first"
        assert set(imported) <= set(IMPORTS.values())
        self._engine = quickjs.Context()
        self._engine.add_callable("sha256", lambda text: hashlib.sha256(text.encode()).hexdigest())
        self._engine.eval(MODULES)
        hidden = "".join(f"let {name} = undefined;" for name, line in IMPORTS.items() if line not in imported)
        body = "\n".join(line for line in lines if line not in imported)
        self._engine.eval(f"(function () {{ {hidden}\n{body}\nglobalThis.handler = handler; }})()")
        self._set("DISTRIBUTION", list(origins))
        self._set("STORE", None if store is None else dict(store))

    def _set(self, name: str, value: Any) -> None:
        self._engine.eval(f"{name} = {json.dumps(value)}")

    def _run(self, call: str) -> Any:
        self._engine.eval(call)
        while self._engine.execute_pending_job():
            pass
        if failed := self._engine.eval("failed"):
            raise RuntimeError(failed)
        return json.loads(self._engine.eval("JSON.stringify(returned)"))

    def answer(self, request: Mapping[str, Any], ip: str = "192.0.2.1", **context: str) -> tuple[Any, str | None]:
        """What the function returns for a request of this viewer, and the origin it named, if any."""
        event = {
            "version": "1.0",
            "context": {"eventType": "viewer-request", **context},
            "viewer": {"ip": ip},
            "request": request,
        }
        returned = self._run(f"once({json.dumps(event)})")
        return returned, self._engine.eval("chosen")

    def sides(self, ips: Sequence[str]) -> list[str | None]:
        """The origin named for each of these viewers."""
        return self._run(f"many({json.dumps(list(ips))})")
