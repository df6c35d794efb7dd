// All tunnels, as the server has them: read once, then kept by events and by the counts that come with them. Nothing is asked for again and
// again.
import { call } from '/ui/api.js';
import { events } from '/ui/events.js';

// The first answer fills a screen; the next ones are read in one go each, and no task may be long.
const FIRST = 50;
const PAGE = 200;
// As many as one request may name.
const BATCH = 100;
// Events of one cause come together: one request answers them all.
const SETTLE_MS = 60;
const SAMPLES = 40;
// Counts come each 2 s. Much less or more between two of them is another server's clock, or a page that slept.
const ROUND_SECONDS = [0.5, 10];

const GONE = new Set(['expired', 'removed']);
/** After these the tunnel is what it was, but for what the event itself says. */
const TOLD = new Set(['renewed', 'expiring', 'policy_hit', 'token_rotated']);
/** After these nothing is as it was. */
const ALL = new Set(['server_started', 'server_draining']);
const QUIET = { in: 0, out: 0 };
const NEVER = [];

const millis = (iso) => (iso === null ? null : Date.parse(iso));

/** What the list needs of a tunnel's document; ten thousand of them are kept. Never changed: another one takes its place. */
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
    samples: before?.samples ?? NEVER,
    key: (document.name ?? '\uffff').toLowerCase(),
    text: searchable(document),
  };
}

/** What a search looks at. */
function searchable({ id, name, comment, owner, labels, exposes, reason }) {
  let text = `#${id}\n${name ?? ''}\n${comment}\n${owner}\n${reason}`;
  for (const label in labels) {
    text += `\n${label}:${labels[label]}`;
  }
  for (const expose of exposes) {
    text += `\n${expose.target} ${expose.port}`;
  }
  return text.toLowerCase();
}

/**
 * Tells `change`: `ids`, those that changed, or null for all; `moved`, whether some came or went; `stated`, whether some are in another
 * state or have another name.
 */
class Store extends EventTarget {
  tunnels = new Map();
  /** How many there are in each state. */
  counts = {};
  /** Whether all tunnels have been read. */
  complete = false;
  problem = null;
  server = null;
  /** How far the server's clock is ahead of ours. */
  skew = 0;
  #stale = new Set();
  #timer = 0;
  #walk = 0;
  /** When counts came last, by the server's clock; null where what is known of before cannot be compared. */
  #counted = null;
  /** Whose last rate was not zero. */
  #moving = new Set();
  /** Ended: an answer that was on its way meanwhile does not bring them back. */
  #ended = new Set();

  constructor() {
    super();
    events.addEventListener('events', (event) => this.#take(event.detail));
    events.addEventListener('traffic', (event) => this.#count(event.detail));
    events.addEventListener('gap', () => this.load());
    events.addEventListener('state', () => (this.#counted = null));
  }

  clear() {
    this.#walk++;
    this.tunnels.clear();
    this.counts = {};
    this.#stale.clear();
    this.#moving.clear();
    this.#ended.clear();
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
    const gone = new Set(this.tunnels.keys());
    this.#ended.clear();
    this.problem = null;
    try {
      await this.loadServer();
      let cursor = null;
      do {
        const page = await call('GET', '/tunnels', { query: cursor ? { limit: PAGE, cursor } : { limit: FIRST } });
        if (walk !== this.#walk) {
          return;
        }
        const ids = new Set();
        for (const document of page.tunnels) {
          gone.delete(document.id);
          ids.add(document.id);
          this.#put(document);
        }
        cursor = page.next_cursor;
        this.#tell(ids, true);
      } while (cursor);
      gone.forEach((id) => this.#drop(id));
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
      this.#end(document.id);
    } else {
      this.#put(document);
    }
    this.#tell(new Set([document.id]), true);
  }

  /** Reads some tunnels anew, for those who want to know how they are at this very moment. */
  async refresh(ids) {
    try {
      for (let i = 0; i < ids.length; i += BATCH) {
        await this.#read(ids.slice(i, i + BATCH));
      }
    } catch {
      // The stream of events tells when the server is away.
    }
  }

  #put(document) {
    if (this.#ended.has(document.id)) {
      return;
    }
    const before = this.tunnels.get(document.id);
    if (before?.state !== document.state) {
      this.#state(before?.state, -1);
      this.#state(document.state, 1);
    }
    this.tunnels.set(document.id, compact(document, before));
  }

  #end(id) {
    this.#ended.add(id);
    return this.#drop(id);
  }

  /** Gives back whether there was such a tunnel. */
  #drop(id) {
    this.#state(this.tunnels.get(id)?.state, -1);
    this.#stale.delete(id);
    this.#moving.delete(id);
    return this.tunnels.delete(id);
  }

  #state(state, more) {
    if (state) {
      this.counts[state] = (this.counts[state] ?? 0) + more;
    }
  }

  /** Counts of those tunnels that carried something or whose people came or went, and so the rates of all. */
  #count({ at, tunnels }) {
    const now = Date.parse(at);
    const before = this.#counted;
    const seconds = before === null ? NaN : (now - before) / 1000;
    const known = seconds >= ROUND_SECONDS[0] && seconds <= ROUND_SECONDS[1];
    this.#counted = now;
    const ids = new Set();
    for (const { id, ...traffic } of tunnels) {
      const tunnel = this.tunnels.get(id);
      if (tunnel) {
        ids.add(id);
        const more = (name) => Math.max(0, traffic[name] - tunnel.traffic[name]) / seconds;
        this.#rate(tunnel, traffic, known ? { in: more('bytes_in'), out: more('bytes_out') } : null, now, before);
      }
    }
    for (const id of this.#moving) {
      if (!ids.has(id)) {
        ids.add(id);
        const tunnel = this.tunnels.get(id);
        this.#rate(tunnel, tunnel.traffic, known ? QUIET : null, now, before);
      }
    }
    if (ids.size > 0) {
      this.#tell(ids, false);
    }
  }

  #rate(tunnel, traffic, rate, at, before) {
    const samples = tunnel.samples.slice(-SAMPLES);
    if (rate && samples.length > 0 && samples.at(-1).at < before) {
      samples.push({ at: before, rate: QUIET }); // it has rested, up to the last time
    }
    samples.push({ at, rate });
    const { id } = tunnel;
    this.tunnels.set(id, { ...tunnel, traffic, total: traffic.bytes_in + traffic.bytes_out, rate, samples });
    if (rate && rate.in + rate.out > 0) {
      this.#moving.add(id);
    } else {
      this.#moving.delete(id);
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
        moved = this.#end(event.tunnel) || moved;
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
      this.tunnels.set(tunnel.id, { ...tunnel, deadline: tunnel.ends === null ? deadline : Math.min(deadline, tunnel.ends) });
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
        moved = this.#drop(id) || moved;
      }
    }
    this.#tell(new Set(ids), moved, stated);
  }

  #tell(ids, moved, stated = moved) {
    this.dispatchEvent(new CustomEvent('change', { detail: { ids, moved, stated } }));
  }
}

export const store = new Store();
