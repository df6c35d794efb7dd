// Talks to /api/v1, and is the only place that knows how one is let in. A key lives in this tab only and travels in a header, never in
// an address; a login lives in a cookie that no script can read.

import { memory } from '/ui/words.js';

const BASE = '/api/v1';
const KEY = 'culvert.key';
const SIGNED_IN = 'signed-in';
const PATIENCE_MS = 35_000;
// What asks for a proof of its own, a password or a code: 401 says that the proof is wrong, not that nobody is in.
const PROVES = /^\/session\//;
const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Who is in; null before `enter` has found out. */
let session = null;

/** A refusal, or no answer at all (status 0, kind `offline`). */
export class Problem extends Error {
  constructor(status, kind, detail, errors = []) {
    super(detail || kind);
    this.status = status;
    this.kind = kind;
    this.detail = detail;
    this.errors = errors;
  }

  /** From an answer that is no good. */
  static async of(response) {
    const body = await response.json().catch(() => ({}));
    const kind = String(body.type ?? '').replace(/^.*#/, '');
    return new Problem(response.status, kind || 'odd', body.detail ?? body.error_info ?? '', body.errors ?? []);
  }
}

/** Tells `shut` when a request is refused since nobody is let in any more. */
export const doors = new EventTarget();

const storedKey = () => sessionStorage.getItem(KEY) ?? '';

function headers(method, more = {}, key = storedKey()) {
  const all = { ...more };
  if (key) {
    all.Authorization = `Bearer ${key}`;
  } else if (session?.csrf && UNSAFE.has(method)) {
    all['X-CSRF-Token'] = session.csrf;
  }
  return all;
}

async function send(method, path, { query, body, more, key, signal } = {}) {
  const search = query ? `?${new URLSearchParams(query)}` : '';
  const options = { method, headers: headers(method, more, key), cache: 'no-store', signal: signal ?? AbortSignal.timeout(PATIENCE_MS) };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  try {
    return await fetch(path + search, options);
  } catch (e) {
    if (signal?.aborted) {
      throw e;
    }
    throw new Problem(0, 'offline', '');
  }
}

/**
 * Calls an operation and gives back its document. `query` may be an object or a list of pairs.
 * Throws Problem.
 */
export async function call(method, path, options = {}) {
  const response = await send(method, BASE + path, options);
  if (!response.ok) {
    const problem = await Problem.of(response);
    if (response.status === 401 && options.key === undefined && !PROVES.test(path)) {
      doors.dispatchEvent(new Event('shut'));
    }
    throw problem;
  }
  return response.status === 204 ? null : response.json();
}

/** A file as a blob: a link could not carry the key. Throws Problem. */
export async function download(path) {
  const response = await send('GET', path);
  if (!response.ok) {
    throw await Problem.of(response);
  }
  return response.blob();
}

/** An answer that goes on, from behind event `last` where that is known. The caller reads its body. Throws Problem. */
export async function follow(last, signal, query) {
  const response = await send('GET', `${BASE}/events`, { query, signal, more: last === null ? {} : { 'Last-Event-ID': String(last) } });
  if (!response.ok) {
    if (response.status === 401) {
      doors.dispatchEvent(new Event('shut'));
    }
    throw await Problem.of(response);
  }
  return response.body;
}

/** Reads anew who is in. */
export async function entered() {
  session = await call('GET', '/session');
  return session;
}

/** Who is in, `{kind: 'open' | 'key' | 'session', …}`, or null where the server wants to be told; and the ways in. */
export async function enter(key = storedKey()) {
  const ways = await call('GET', '/session/ways', { key: '' });
  session = null;
  // No script sees the cookie; that there may be one is remembered, so that nobody asks in vain.
  if (key || ways.open || memory.get(SIGNED_IN) === 'yes' || ways.provider) {
    try {
      session = await call('GET', '/session', { key });
    } catch (e) {
      if (e.status !== 401) {
        throw e;
      }
      memory.set(SIGNED_IN, 'no');
    }
  }
  return { session, ways };
}

/** Lets a key in; null where the server does not know it. */
export async function enterByKey(key) {
  // A key with letters that no header can carry fails before anything is sent.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    return null;
  }
  const found = await enter(key);
  if (found.session) {
    sessionStorage.setItem(KEY, key);
  }
  return found.session;
}

/** Lets a user in. Throws Problem: `unauthorized`, or `second-factor` where a code is asked for. */
export async function enterByPassword(user, password, code) {
  sessionStorage.removeItem(KEY);
  session = await call('POST', '/session', { body: code ? { user, password, code } : { user, password }, key: '' });
  memory.set(SIGNED_IN, 'yes');
  return session;
}

/** Forgets who was in, here and on the server. */
export async function leave() {
  const was = session;
  const key = storedKey();
  if (was?.kind === 'session' && !key) {
    await call('DELETE', '/session').catch(() => null);
  }
  forget();
}

export function forget() {
  sessionStorage.removeItem(KEY);
  memory.set(SIGNED_IN, 'no');
  session = null;
}

export const whoami = () => session;
