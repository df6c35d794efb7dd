// Talks to the API. The key lives in this tab only and travels in a header, never in an address.
const KEY = 'culvert.key';

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: (value) => sessionStorage.setItem(KEY, value),
  drop: () => sessionStorage.removeItem(KEY),
};

/** A refusal by the server: status, and its words. */
export class Refused extends Error {
  constructor(status, info) {
    super(info);
    this.status = status;
  }
}

function ask(path, form, withKey) {
  const headers = withKey ? { Authorization: `Bearer ${withKey}` } : {};
  const options = { headers, cache: 'no-store', signal: AbortSignal.timeout(35_000) };
  if (form) {
    options.method = 'POST';
    options.body = new URLSearchParams(form);
  }
  return fetch(path, options);
}

/** Fetches a file as a blob: a link could not carry the key. Throws as call does. */
export async function download(path) {
  const response = await ask(path, null, key.get());
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Refused(response.status, answer.error_info ?? '');
  }
  return response.blob();
}

/** Calls the API: a GET, or a POST where a form is given. Throws Refused, or TypeError where nobody answers. */
export async function call(path, form, withKey = key.get()) {
  const response = await ask(path, form, withKey);
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Refused(response.status, '');
  }
  if (!response.ok || answer.status !== 'success') {
    throw new Refused(response.status, answer.error_info ?? '');
  }
  return answer;
}
