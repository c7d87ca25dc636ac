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
