// The handler while there is a standby: names the origin of each request, and only ever one of ORIGINS.
async function handler(event) {
    const refused = refusal(event.request);
    if (refused) {
        return refused;
    }
    const smoke = event.request.headers[SMOKE_HEADER];
    const request = prepared(event);
    let side = null;
    try {
        side = smoke ? sideAskedFor(smoke.value) : null;
        const percent = await percentOfFirst();
        if (side && ORIGINS.indexOf(side) < 0) {
            return answered(400, 'Bad Request', { sides: ORIGINS });
        }
        cf.selectRequestOriginById(side || ORIGINS[percentile(event.viewer.ip) < percent ? 0 : 1]);
    } catch (error) {
        // No store, no value, or one that doesn't count: the request goes where its behaviour sends it. What came back
        // would be taken for the answer of the side that was asked for.
        if (side) {
            return answered(503, 'Service Unavailable', { error: 'no share of viewers is in force here', sides: [] });
        }
    }
    return request;
}

// Percent of the viewers that go to the first origin. Throws while the distribution may not have both.
async function percentOfFirst() {
    const split = await cf.kvs().get(KEY, { format: 'json' });
    const percent = split[ORIGINS[0]];
    if (split.epoch !== EPOCH || typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) {
        throw new Error('the stored split is not of this epoch, or no split');
    }
    return percent;
}

// The side named by a header <side>:<token>, or null without the right token.
function sideAskedFor(text) {
    const colon = text.indexOf(':');
    const hash = crypto.createHash('sha256').update(text.slice(colon + 1)).digest('hex');
    return hash === TOKEN_SHA256 ? text.slice(0, Math.max(colon, 0)) || 'none' : null;
}

// 0 up to 100, spread evenly over viewers and always the same for each: Jenkins's one-at-a-time hash, which is made of
// what every JavaScript has.
function percentile(ip) {
    const text = networkOf(ip);
    let hash = 0;
    for (let i = 0; i < text.length; i++) {
        hash = hash + text.charCodeAt(i) | 0;
        hash = hash + (hash << 10) | 0;
        hash ^= hash >>> 6;
    }
    hash = hash + (hash << 3) | 0;
    hash ^= hash >>> 11;
    hash = hash + (hash << 15) | 0;
    return (hash >>> 0) / 4294967296 * 100;
}

// An IPv4 address, or the first 64 bits of an IPv6 one: a viewer's device changes the rest as it likes.
function networkOf(ip) {
    if (ip.indexOf(':') < 0) {
        return ip;
    }
    if (ip.indexOf('.') >= 0) { // IPv4 in IPv6's clothes, ::ffff:192.0.2.1
        return ip.slice(ip.lastIndexOf(':') + 1);
    }
    const sides = ip.split('::');
    const groups = sides[0] ? sides[0].split(':') : [];
    const last = sides[1] ? sides[1].split(':') : [];
    while (groups.length + last.length < 8) {
        groups.push('0');
    }
    return groups.concat(last).slice(0, 4).map(function (group) {
        return parseInt(group, 16).toString(16);
    }).join(':');
}
