// Runs at the edge on every request to the static site: a path that names no file is a page of the single-page app.
function handler(event) {
    const request = event.request;
    const last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
    if (last.indexOf('.') === -1) {
        request.uri = '/index.html';
    }
    return request;
}
