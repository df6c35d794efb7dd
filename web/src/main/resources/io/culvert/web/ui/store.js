// All tunnels, as the server has them: read once, then kept by events. Nothing is asked for again and again, but the counts of those
// tunnels that are being looked at, since events do not carry counts.
import { call } from '/ui/api.js';
import { events } from '/ui/events.js';

// A page is read in one go, and no task may be long.
const PAGE = 250;
// As many as one request may name.
const BATCH = 100;
// Events of one cause come together: one request answers them all.
const SETTLE_MS = 60;
const SAMPLES = 40;

const GONE = new Set(['expired', 'removed']);
/** After these the tunnel is what it was, but for what the event itself says. */
const TOLD = new Set(['renewed', 'expiring', 'policy_hit', 'token_rotated']);
/** After these nothing is as it was. */
const ALL = new Set(['server_started', 'server_draining']);

const millis = (iso) => (iso === null ? null : Date.parse(iso));

/** What the list needs of a tunnel's document; ten thousand of them are kept. */
function compact(document, before) {
  const { lease, traffic } = document;
  return {
    id: document.id,
    name: document.name,
    labels: document.labels,
    comment: document.comment,
    owner: document.owner,
    exposes: document.exposes,
    bridge: document.bridge,
    agentPort: document.agent_port,
    state: document.state,
    reason: document.reason,
    since: document.since,
    ttl: lease.ttl_seconds,
    grace: lease.grace_seconds,
    renewBy: lease.renew_by,
    deadline: millis(lease.deadline),
    ends: millis(lease.ends_at),
    created: millis(document.created_at),
    traffic,
    total: traffic.bytes_in + traffic.bytes_out,
    rate: before?.rate ?? null,
    samples: before?.samples ?? [],
    key: (document.name ?? '\uffff').toLowerCase(),
    text: null,
  };
}

/** What a search looks at; made when it is first needed. */
export function searchable(tunnel) {
  return (tunnel.text ??= [
    `#${tunnel.id}`,
    tunnel.name ?? '',
    tunnel.comment,
    tunnel.owner,
    ...Object.entries(tunnel.labels).map(([key, value]) => `${key}:${value}`),
    ...tunnel.exposes.map((expose) => `${expose.target} ${expose.port}`),
    tunnel.reason,
  ].join('\n').toLowerCase());
}

/**
 * Tells `change`: `ids`, those that changed, or null for all; `moved`, whether some came or went; `stated`, whether some are in another
 * state or have another name.
 */
class Store extends EventTarget {
  tunnels = new Map();
  /** The server, or null before it is known. */
  server = null;
  /** Whether all tunnels are here. */
  complete = false;
  /** What kept them from coming. */
  problem = null;
  /** By how many milliseconds the server's clock is ahead of ours. */
  skew = 0;
  #stale = new Set();
  #timer = 0;
  #walk = 0;
  #sampling = false;

  constructor() {
    super();
    events.addEventListener('events', (event) => this.#take(event.detail));
    events.addEventListener('gap', () => this.load());
  }

  clear() {
    this.#walk++;
    this.tunnels.clear();
    this.#stale.clear();
    this.complete = false;
    this.server = null;
  }

  /** Now, by the server's clock. */
  now() {
    return Date.now() + this.skew;
  }

  /** Reads all tunnels, page by page; what has come is shown while the rest is on its way. */
  async load() {
    const walk = ++this.#walk;
    const seen = new Set();
    const there = new Set(this.tunnels.keys());
    this.problem = null;
    try {
      await this.loadServer();
      let cursor = null;
      do {
        const page = await call('GET', '/tunnels', { query: { limit: PAGE, ...(cursor && { cursor }) } });
        if (walk !== this.#walk) {
          return;
        }
        for (const document of page.tunnels) {
          seen.add(document.id);
          this.#put(document);
        }
        cursor = page.next_cursor;
        this.#tell(null, true);
      } while (cursor);
      for (const id of there) {
        if (!seen.has(id)) {
          this.tunnels.delete(id);
        }
      }
      this.complete = true;
    } catch (e) {
      this.problem = e;
    }
    this.#tell(null, true);
  }

  async loadServer() {
    const asked = Date.now();
    this.server = await call('GET', '/server');
    const then = Date.parse(this.server.started_at) + this.server.uptime_seconds * 1000;
    this.skew = then - (asked + Date.now()) / 2;
    return this.server;
  }

  /** Takes a document that an operation has answered with. */
  take(document) {
    if (document.state === 'ended') {
      this.tunnels.delete(document.id);
    } else {
      this.#put(document);
    }
    this.#tell(new Set([document.id]), true);
  }

  /** Asks for the counts of some tunnels, and from the difference tells their rates. */
  async sample(ids) {
    if (this.#sampling || ids.length === 0) {
      return;
    }
    this.#sampling = true;
    try {
      for (let i = 0; i < ids.length; i += BATCH) {
        await this.#read(ids.slice(i, i + BATCH));
      }
    } catch {
      // The stream of events tells when the server is away.
    } finally {
      this.#sampling = false;
    }
  }

  #put(document) {
    const before = this.tunnels.get(document.id);
    const tunnel = compact(document, before);
    this.tunnels.set(document.id, tunnel);
    const now = performance.now();
    const last = tunnel.samples.at(-1);
    if (!last || now - last.at > 800) {
      if (last && now > last.at) {
        const seconds = (now - last.at) / 1000;
        const more = (count, was) => Math.max(0, count - was) / seconds;
        tunnel.rate = { in: more(tunnel.traffic.bytes_in, last.in), out: more(tunnel.traffic.bytes_out, last.out) };
      }
      tunnel.samples.push({ at: now, in: tunnel.traffic.bytes_in, out: tunnel.traffic.bytes_out, rate: tunnel.rate });
      if (tunnel.samples.length > SAMPLES) {
        tunnel.samples.shift();
      }
    }
  }

  #take(list) {
    const ids = new Set();
    let moved = false;
    for (const event of list) {
      if (ALL.has(event.kind)) {
        this.load();
        return;
      }
      if (event.tunnel === null) {
        continue;
      }
      ids.add(event.tunnel);
      if (GONE.has(event.kind)) {
        moved = this.tunnels.delete(event.tunnel) || moved;
        this.#stale.delete(event.tunnel);
      } else if (TOLD.has(event.kind)) {
        this.#renewed(event);
      } else {
        this.#stale.add(event.tunnel);
      }
    }
    this.#tell(ids, moved);
    if (this.#stale.size > 0 && !this.#timer) {
      this.#timer = setTimeout(() => this.#refresh(), SETTLE_MS);
    }
  }

  /** A renewal says when it was; the deadline follows. */
  #renewed(event) {
    const tunnel = this.tunnels.get(event.tunnel);
    if (event.kind === 'renewed' && tunnel && tunnel.ttl !== null) {
      const deadline = Date.parse(event.at) + tunnel.ttl * 1000;
      tunnel.deadline = tunnel.ends === null ? deadline : Math.min(deadline, tunnel.ends);
    }
  }

  async #refresh() {
    const batch = [...this.#stale].slice(0, BATCH);
    batch.forEach((id) => this.#stale.delete(id));
    try {
      await this.#read(batch);
    } catch {
      // Where the stream breaks too, its return begins with what was missed.
    }
    this.#timer = this.#stale.size > 0 ? setTimeout(() => this.#refresh(), 0) : 0;
  }

  async #read(ids) {
    const walk = this.#walk;
    const page = await call('GET', '/tunnels', { query: [['limit', BATCH], ...ids.map((id) => ['id', id])] });
    if (walk !== this.#walk) {
      return;
    }
    let moved = false;
    let stated = false;
    for (const document of page.tunnels) {
      const before = this.tunnels.get(document.id);
      moved ||= !before;
      stated ||= before?.state !== document.state || before.name !== document.name;
      this.#put(document);
    }
    const found = new Set(page.tunnels.map((document) => document.id));
    for (const id of ids) {
      if (!found.has(id)) {
        moved = this.tunnels.delete(id) || moved;
      }
    }
    this.#tell(new Set(ids), moved, stated);
  }

  #tell(ids, moved, stated = moved) {
    this.dispatchEvent(new CustomEvent('change', { detail: { ids, moved, stated } }));
  }
}

export const store = new Store();
