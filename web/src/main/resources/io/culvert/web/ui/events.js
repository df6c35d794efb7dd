// The stream of events: read by fetch rather than EventSource, which could not carry a key, and resumed behind the last event that was
// read, so that a server or a network that comes back leaves no gap.
import { follow } from '/ui/api.js';

// The server says something each 15 s; thrice that without a word and the connection is dead.
const SILENCE_MS = 45_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000];
// A page that nobody looks at gives its place back: a browser has six connections to a server, for all tabs together.
const UNSEEN_MS = 60_000;

/**
 * Tells `events` (detail: a list), `traffic` (detail: what the server tells of counts), `gap` where some were lost for good, and `state` (detail: `live`, `lost` or `asleep`).
 * The page has one, for as long as somebody is in.
 */
class Events extends EventTarget {
  state = 'asleep';
  #last = null;
  #wanted = false;
  #abort = null;
  #failures = 0;
  #timer = 0;
  #unseen = 0;

  constructor() {
    super();
    document.addEventListener('visibilitychange', () => this.#seen());
    addEventListener('online', () => this.retry());
  }

  start() {
    if (!this.#wanted) {
      this.#wanted = true;
      this.#read();
    }
  }

  stop() {
    this.#wanted = false;
    this.#last = null;
    this.#sleep();
  }

  /** Tries at once what would be tried later. */
  retry() {
    if (this.#wanted && this.state === 'lost') {
      this.#read();
    }
  }

  #seen() {
    clearTimeout(this.#unseen);
    if (document.hidden) {
      this.#unseen = setTimeout(() => this.#sleep(), UNSEEN_MS);
    } else if (this.#wanted && this.state === 'asleep') {
      this.#read();
    }
  }

  #sleep() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = null;
    this.#become('asleep');
  }

  #become(state) {
    if (this.state !== state) {
      this.state = state;
      this.dispatchEvent(new CustomEvent('state', { detail: state }));
    }
  }

  async #read() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    let watch = 0;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    let resumed = this.#last !== null;
    try {
      heard();
      const body = await follow(this.#last, abort.signal, { traffic: true });
      this.#failures = 0;
      this.#become('live');
      if (!resumed) {
        // Nobody knows what came before: whoever keeps a picture must paint it anew.
        this.dispatchEvent(new Event('gap'));
      }
      resumed = true;
      await this.#take(body.pipeThrough(new TextDecoderStream()).getReader(), heard);
    } catch {
      // Whatever it was, it is over; what follows is the same.
    } finally {
      clearTimeout(watch);
    }
    if (this.#wanted && this.#abort === abort) {
      this.#become('lost');
      const wait = WAITS_MS[Math.min(this.#failures++, WAITS_MS.length - 1)];
      this.#timer = setTimeout(() => this.#read(), wait * (0.75 + Math.random() / 2));
    }
  }

  async #take(reader, heard) {
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      heard();
      rest += value;
      const end = rest.lastIndexOf('\n\n');
      if (end >= 0) {
        this.#tell(rest.slice(0, end).split('\n\n'));
        rest = rest.slice(end + 2);
      }
    }
  }

  #tell(frames) {
    const events = [];
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame);
      if (!data) {
        continue;
      }
      const document = JSON.parse(data[1]);
      if (/^event: gap$/m.test(frame)) {
        this.dispatchEvent(new Event('gap'));
      } else if (/^event: traffic$/m.test(frame)) {
        this.dispatchEvent(new CustomEvent('traffic', { detail: document }));
      } else {
        this.#last = document.id;
        events.push(document);
      }
    }
    if (events.length > 0) {
      this.dispatchEvent(new CustomEvent('events', { detail: events }));
    }
  }
}

export const events = new Events();
