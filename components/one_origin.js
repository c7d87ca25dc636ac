// The handler while nothing stands by: the behaviour's own target serves.
function handler(event) {
    return refusal(event.request) || prepared(event);
}
