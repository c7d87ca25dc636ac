// The service, asked. An answer that is none, and one that says no, both throw an Error whose message is for people.

const WAIT_MS = 15000;

export async function ask(method, path, body, headers = {}) {
  const bytes = body === undefined ? undefined : new Uint8Array(await new Blob([body]).arrayBuffer());
  const response = await fetch(path, {
    method,
    body: bytes,
    cache: 'no-store',
    headers: bytes ? { ...headers, 'x-amz-content-sha256': await sha256(bytes) } : headers,
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch((error) => {
    throw new Error(error.name === 'TimeoutError' ? `no answer within ${WAIT_MS / 1000} seconds` : 'no answer');
  });
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const content = isJson ? await response.json().catch(() => null) : null;
  if (!response.ok) throw new Error(content?.error ?? content?.message ?? `status ${response.status}`);
  if (response.status !== 204 && content === null) throw new Error('an answer that is not the service\'s');
  return content;
}

export const send = (method, path, content) =>
  ask(method, path, JSON.stringify(content), { 'content-type': 'application/json' });

// A Function URL behind CloudFront refuses a body without its hash; the other front doors don't mind it.
async function sha256(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
