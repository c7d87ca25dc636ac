// Runs at the edge on every request to the service, before CloudFront picks an origin.
// The constants it uses are written above it: see _viewer_request.py.
function prepared(event) {
    const request = event.request;
    const headers = request.headers;

    // What only we, or Lambda's web adapter, may say. In a container nothing else would remove a forged one.
    FORGEABLE.forEach(function (name) {
        delete headers[name];
    });
    // Host itself names the origin: each origin wants its own.
    if (headers.host) {
        headers['x-forwarded-host'] = { value: headers.host.value };
    }
    // x-forwarded-for grows differently on the way to each origin; these two are the same for both.
    if (event.viewer) {
        headers['x-viewer-address'] = { value: event.viewer.ip };
    }
    if (event.context.requestId) {
        headers['x-request-id'] = { value: event.context.requestId };
    }
    // Copied, not moved: origin access control overwrites Authorization on the way to Lambda, a container reads it.
    if (AUTHORIZATION_SOURCE && headers.authorization) {
        headers[AUTHORIZATION_SOURCE] = { value: headers.authorization.value };
    }
    return request;
}

// The answer to a request that is larger than the service says it takes, or null. Each origin would refuse it in its
// own way, and the roomier one would not refuse it. A body that doesn't tell its length passes.
function refusal(request) {
    const length = request.headers['content-length'];
    if (MAX_BODY_BYTES !== null && length && Number(length.value) > MAX_BODY_BYTES) {
        return answered(413, 'Content Too Large', { error: 'the body is over ' + MAX_BODY_BYTES + ' bytes' });
    }
    const line = request.uri.length + sizeOf(request.querystring, 2);
    if (MAX_HEADER_BYTES !== null && line + sizeOf(request.headers, 4) + sizeOf(request.cookies, 3) > MAX_HEADER_BYTES) {
        return answered(431, 'Request Header Fields Too Large', { error: 'over ' + MAX_HEADER_BYTES + ' bytes' });
    }
    return null;
}

// Bytes of headers, cookies or query: names, values, and what stands between them.
function sizeOf(fields, between) {
    return Object.keys(fields || {}).reduce(function (sum, name) {
        return (fields[name].multiValue || [fields[name]]).reduce(function (inner, one) {
            return inner + name.length + (one.value || '').length + between;
        }, sum);
    }, 0);
}

function answered(statusCode, statusDescription, content) {
    return {
        statusCode: statusCode,
        statusDescription: statusDescription,
        headers: { 'content-type': { value: 'application/json' }, 'cache-control': { value: 'no-store' } },
        body: JSON.stringify(content)
    };
}
