// A new tunnel: four fields as they always were, and behind "more" all the rest. What was written stays until it has become a tunnel.
import { call } from '/ui/api.js';
import { rememberJoin } from '/ui/connect.js';
import { ask } from '/ui/dialogs.js';
import { check, choice, field, labels, placed, port, read, seconds, target } from '/ui/fields.js';
import { policiesOf, policyField, policyFields } from '/ui/policies.js';
import { store } from '/ui/store.js';
import { explain, html, nothing, View } from '/ui/view.js';
import { t } from '/ui/words.js';

const DRAFT = 'culvert.draft';
const CHECK_MS = 500;
const OFFERED = 5;
const MOST_EXPOSES = 64;
const FRESH = { expire: '-1', bridge: 'yes', tls: 'yes', exposes: '1' };

const stored = () => {
  try {
    return { ...FRESH, ...JSON.parse(sessionStorage.getItem(DRAFT) ?? '{}') };
  } catch {
    return { ...FRESH };
  }
};

/** Opens the dialog; resolves when it is closed again. */
export function create() {
  return ask(t('create.title'), (again, close) => html`<culvert-create .close=${close}></culvert-create>`, { wide: true });
}

/** Seconds of a lease, or null for no end: nothing, zero and less mean none, as in the original API. */
const lease = (text) => (/^(-\d+(\.\d+)?|0)?$/.test(text.trim()) ? null : seconds(text));

class Create extends View {
  static properties = { close: { attribute: false } };

  draft = stored();
  faults = {};
  #fault = '';
  #busy = false;
  #made = null;
  #pools = [];
  #held = [];
  #timer = 0;
  #touched = new Set();

  connectedCallback() {
    super.connectedCallback();
    this.#loadPorts();
    this.finally(() => clearTimeout(this.#timer));
  }

  firstUpdated() {
    this.querySelector('#f-target0').focus();
  }

  async #loadPorts() {
    try {
      const [pools, ports] = await Promise.all([call('GET', '/pools'), call('GET', '/ports')]);
      this.#pools = pools.pools;
      this.#held = ports.ports;
      this.requestUpdate();
    } catch {
      // Free ports are an offer; without it the server picks, as it does anyway.
    }
  }

  write(name, value) {
    this.draft = { ...this.draft, [name]: value };
    this.#touched.add(name);
    sessionStorage.setItem(DRAFT, JSON.stringify(this.draft));
    delete this.faults[name];
    this.#fault = '';
    this.requestUpdate();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), CHECK_MS);
  }

  get #count() {
    return Number(this.draft.exposes);
  }

  /** What the draft asks for; faults are noted on the way. */
  #document() {
    this.faults = {};
    const { draft } = this;
    const text = (name) => (draft[name] ?? '').trim();
    const exposes = Array.from({ length: this.#count }, (_, i) => ({
      protocol: draft[`protocol${i}`] ?? 'tcp',
      target: read(this, `target${i}`, target),
      port: read(this, `port${i}`, port),
      ...(text('pool') ? { pool: text('pool') } : {}),
      ...(text('bind') ? { bind: text('bind') } : {}),
    }));
    exposes.forEach(({ protocol, port: wanted }, i) => {
      const holder = wanted && this.#held.find((each) => each.port === wanted && each.protocol === protocol);
      if (holder && !(holder.use === 'reserved' && holder.reservation === text('name')) && holder.use !== 'quarantine') {
        this.faults[`port${i}`] = holder.tunnel === null ? t('fault.port.reserved', holder.reservation) : t('fault.port.held', holder.tunnel);
      }
    });
    const drain = draft.action === 'drain' ? { action: 'drain', drain_seconds: read(this, 'drain', seconds) ?? 30 } : { action: 'cut' };
    return {
      ...(text('name') ? { name: text('name') } : {}),
      comment: draft.comment ?? '',
      labels: read(this, 'labels', labels),
      exposes,
      bridge: draft.bridge === 'yes' ? { tls: draft.tls === 'yes', compress: draft.compress === 'yes' } : null,
      lease: {
        ttl_seconds: read(this, 'expire', lease),
        grace_seconds: read(this, 'grace', seconds),
        max_lifetime_seconds: read(this, 'lifetime', seconds),
        renew_by: draft.renewBy ?? 'api',
        on_expiry: drain,
      },
      policies: policiesOf(this),
    };
  }

  #place(pointer) {
    const expose = /^\/exposes\/(\d+)\/(target|port|protocol)/.exec(pointer);
    if (expose) {
      return `${expose[2]}${expose[1]}`;
    }
    if (pointer.startsWith('/policies/')) {
      return policyField(pointer);
    }
    return { '/name': 'name', '/comment': 'comment', '/lease/ttl_seconds': 'expire', '/lease/grace_seconds': 'grace', '/lease/max_lifetime_seconds': 'lifetime',
      '/lease/on_expiry/drain_seconds': 'drain', '/exposes/0/pool': 'pool', '/exposes/0/bind': 'bind' }[pointer] ?? (pointer.startsWith('/labels') ? 'labels' : undefined);
  }

  /** Puts what the server said to where it belongs. */
  #refused(problem) {
    if (problem.kind === 'port-taken') {
      const wanted = /\b(\d+)\b/.exec(problem.detail)?.[1];
      const i = Array.from({ length: this.#count }, (_, k) => k).find((k) => (this.draft[`port${k}`] ?? '').trim() === wanted) ?? 0;
      this.faults[`port${i}`] = explain(problem);
      return '';
    }
    if (problem.kind === 'conflict' && problem.detail.startsWith('name:')) {
      this.faults.name = explain(problem);
      return '';
    }
    return problem.errors.length > 0 ? placed(problem, (pointer) => this.#place(pointer), this.faults) : explain(problem);
  }

  /** While one writes: what is wrong with the fields that were touched, by this page's rules and then by the server's. */
  async #check() {
    const document = this.#document();
    if (Object.keys(this.faults).length === 0) {
      try {
        await call('POST', '/tunnels', { query: { dry_run: true }, body: document });
      } catch (e) {
        if (e.status >= 400 && e.status < 500 && e.status !== 401) {
          this.#refused(e);
        }
      }
    }
    for (const name of Object.keys(this.faults)) {
      if (!this.#touched.has(name)) {
        delete this.faults[name];
      }
    }
    this.requestUpdate();
  }

  async #submit(event) {
    event.preventDefault();
    clearTimeout(this.#timer);
    this.#fault = '';
    const document = this.#document();
    if (Object.keys(this.faults).length === 0) {
      this.#busy = true;
      this.requestUpdate();
      try {
        const made = await call('POST', '/tunnels', { body: document });
        rememberJoin(made.id, made.join);
        sessionStorage.removeItem(DRAFT);
        store.take(made);
        this.#made = made;
      } catch (e) {
        this.#fault = this.#refused(e);
      } finally {
        this.#busy = false;
      }
    }
    this.requestUpdate();
    await this.updateComplete;
    const first = Object.keys(this.faults)[0];
    if (this.#made) {
      this.querySelector('h2').focus();
    } else if (first) {
      const at = this.querySelector(`#f-${first}`);
      at?.closest('details')?.setAttribute('open', '');
      at?.focus();
    }
  }

  #free(i) {
    const wanted = (this.draft.pool ?? '').trim();
    const pool = this.#pools.find((each) => (wanted ? each.name === wanted : true));
    if (!pool || pool.from === 0) {
      return nothing;
    }
    const protocol = this.draft[`protocol${i}`] ?? 'tcp';
    const held = new Set(this.#held.filter((each) => each.protocol === protocol).map((each) => each.port));
    const free = [];
    for (let candidate = pool.from; candidate <= pool.to && free.length < OFFERED; candidate++) {
      if (!held.has(candidate)) {
        free.push(candidate);
      }
    }
    return html`<p class="offers"><span>${t('create.free')}</span>${free.map((each) => html`<button type="button" class="chip" aria-pressed=${String(this.draft[`port${i}`] === String(each))}
      @click=${() => this.write(`port${i}`, String(each))}>${each}</button>`)}</p>`;
  }

  #protocol(i) {
    return choice(this, `protocol${i}`, { label: t('create.protocol'), choices: [['tcp', 'TCP'], ['udp', 'UDP']] });
  }

  #exposes() {
    const rows = [];
    for (let i = 1; i < this.#count; i++) {
      rows.push(html`<div class="fields three">${field(this, `target${i}`, { label: t('create.target.n', i + 1), required: true, placeholder: '127.0.0.1:80' })}
        ${field(this, `port${i}`, { label: t('create.port.n', i + 1), inputmode: 'numeric', placeholder: t('create.port.placeholder') })}${this.#protocol(i)}</div>`);
    }
    return html`${rows}<p class="buttons">${this.#count < MOST_EXPOSES ? html`<button type="button" class="quiet" @click=${() => this.write('exposes', String(this.#count + 1))}>${t('create.add')}</button>` : nothing}
      ${this.#count > 1 ? html`<button type="button" class="quiet" @click=${() => this.write('exposes', String(this.#count - 1))}>${t('create.take')}</button>` : nothing}</p>`;
  }

  #more() {
    const faulty = Object.keys(this.faults).some((name) => !['target0', 'port0', 'comment', 'expire'].includes(name));
    return html`<details class="more-fields" ?open=${faulty || this.draft.more === 'yes'} @toggle=${(event) => { this.draft.more = event.target.open ? 'yes' : 'no'; }}>
      <summary>${t('create.more')}</summary>
      <fieldset><legend>${t('create.what')}</legend>
        <div class="fields">${field(this, 'name', { label: t('create.name'), help: t('create.name.help') })}
          ${field(this, 'labels', { label: t('create.labels'), placeholder: 'team:lab, room:204', help: t('create.labels.help') })}${this.#protocol(0)}
          ${this.#pools.length > 1 ? choice(this, 'pool', { label: t('create.pool'), choices: [['', t('create.pool.any')], ...this.#pools.map((pool) => [pool.name, `${pool.name} ${pool.from}–${pool.to}`])] }) : nothing}
          ${field(this, 'bind', { label: t('create.bind'), placeholder: '0.0.0.0', help: t('create.bind.help') })}</div>
        ${this.#exposes()}</fieldset>
      <fieldset><legend>${t('create.goproxy')}</legend>
        ${check(this, 'bridge', { label: t('create.bridge'), help: t('create.bridge.help') })}
        ${this.draft.bridge === 'yes' ? html`${check(this, 'tls', { label: t('create.tls'), help: t('create.tls.help') })}${check(this, 'compress', { label: t('create.compress') })}` : nothing}</fieldset>
      <fieldset><legend>${t('create.lease')}</legend><div class="fields">
        ${choice(this, 'renewBy', { label: t('create.renewBy'), help: t('create.renewBy.help'), choices: [['api', t('create.renewBy.api')], ['session', t('create.renewBy.session')]] })}
        ${field(this, 'grace', { label: t('create.grace'), placeholder: t('none.placeholder'), help: t('create.grace.help') })}
        ${field(this, 'lifetime', { label: t('create.lifetime'), placeholder: t('none.placeholder'), help: t('create.lifetime.help') })}
        ${choice(this, 'action', { label: t('create.action'), choices: [['cut', t('create.action.cut')], ['drain', t('create.action.drain')]] })}
        ${this.draft.action === 'drain' ? field(this, 'drain', { label: t('create.drain'), placeholder: '30' }) : nothing}</div></fieldset>
      <fieldset><legend>${t('policies')}</legend>${policyFields(this)}</fieldset>
    </details>`;
  }

  render() {
    if (this.#made) {
      return html`<h2 tabindex="-1">${t('create.done', this.#made.name ?? `#${this.#made.id}`)}</h2>
        <culvert-connect .tunnel=${this.#made}></culvert-connect>
        <p class="buttons"><a class="button quiet" href="/ui/tunnel/${this.#made.id}" @click=${() => this.close()}>${t('open')}</a>
          <button type="button" @click=${() => this.close()}>${t('close')}</button></p>`;
    }
    return html`<form class="create" novalidate @submit=${(event) => this.#submit(event)}>
      <h2>${t('create.title')}</h2>
      <div class="fields two">
        ${field(this, 'target0', { label: t('create.target'), required: true, placeholder: '22', help: t('create.target.help') })}
        ${field(this, 'comment', { label: t('create.comment'), placeholder: t('create.comment.placeholder') })}
        ${field(this, 'port0', { label: t('create.port'), inputmode: 'numeric', placeholder: t('create.port.placeholder'), after: this.#free(0) })}
        ${field(this, 'expire', { label: t('create.expire'), help: t('create.expire.help') })}
      </div>
      ${this.#more()}
      <p class="fault" role="alert">${this.#fault}</p>
      <p class="buttons"><button ?disabled=${this.#busy}>${t('create.go')}</button>
        <button type="button" class="quiet" @click=${() => this.close()}>${t('cancel')}</button></p>
    </form>`;
  }
}

customElements.define('culvert-create', Create);
