// One tunnel: how it is, who is on it, what it carried, what holds for it.
import { end, pause, renew, resume, title } from '/ui/actions.js';
import { address, link } from '/ui/addresses.js';
import { call } from '/ui/api.js';
import { steps } from '/ui/connect.js';
import { ask } from '/ui/dialogs.js';
import { events } from '/ui/events.js';
import '/ui/joins.js';
import { choice, field, labels, placed, port, read, seconds, written } from '/ui/fields.js';
import { draftOf, policiesOf, policyField, policyFields } from '/ui/policies.js';
import { store } from '/ui/store.js';
import { copy, explain, html, nothing, say, View } from '/ui/view.js';
import { ago, bytes, dateTime, duration, number, sentence, span, t } from '/ui/words.js';

const LIVE_SECONDS = 300;
// The server books usage less often than it tells of counts.
const USAGE_MS = 10_000;
const SHOWN = 200;
const GRAINS = { minute: 3_600, hour: 86_400, day: 30 * 86_400 };
const SLOT = { minute: 60, hour: 3_600, day: 86_400 };

class Tunnel extends View {
  static properties = { number: { attribute: false } };

  #tunnel = null;
  #problem = null;
  #live = [[], [], [], []];
  #counted = null;
  #chart = null;
  #usageChart = null;
  #usage = null;
  #grain = 'hour';
  #sessions = [];
  #connections = [];
  #asked = 0; // when it was asked who is there
  #usageTimer = 0;
  #probes = new Map();
  #editing = null;
  draft = {};
  faults = {};
  #fault = '';
  #busy = false;
  #charts = null;
  #acting = false;

  connectedCallback() {
    super.connectedCallback();
    this.listen(events, 'events', (event) => event.detail.some(({ tunnel }) => tunnel === this.number) && this.#load().then(() => this.#who()));
    this.listen(events, 'gap', () => this.#load().then(() => this.#who()));
    this.listen(events, 'traffic', (event) => this.#count(event.detail));
    this.listen(events, 'state', () => (this.#counted = null));
    this.every(1_000, () => this.requestUpdate());
    this.finally(() => {
      clearTimeout(this.#usageTimer);
      this.#chart?.close();
      this.#usageChart?.close();
    });
  }

  willUpdate(changed) {
    if (changed.has('number') && changed.get('number') !== this.number) {
      this.#tunnel = null;
      this.#live = [[], [], [], []];
      this.#counted = null;
      this.#probes.clear();
      this.#editing = null;
      this.#load().then(() => {
        this.#who();
        this.#loadUsage();
      });
    }
  }

  updated() {
    if (this.#tunnel && !this.#charts) {
      this.#charts = import('/ui/charts.js').then((charts) => {
        if (this.isConnected) {
          this.#chart = charts.throughput(this.querySelector('#live'), this.#live, LIVE_SECONDS);
          this.makeUsage = (data, grain) => charts.usage(this.querySelector('#usage'), data, grain);
          this.#drawUsage();
        }
      });
    }
  }

  // ---- what is known

  async #load() {
    try {
      const tunnel = await call('GET', `/tunnels/${this.number}`);
      this.#problem = null;
      this.#know(tunnel);
    } catch (e) {
      this.#problem = e;
      this.requestUpdate();
    }
  }

  #know(tunnel) {
    if (tunnel.id === this.number) {
      this.#tunnel = tunnel;
      this.requestUpdate();
    }
  }

  /** Counts come each 2 s; those that are as they were are left out. */
  #count({ at, tunnels }) {
    if (!this.#tunnel || this.#tunnel.state === 'ended') {
      return;
    }
    const { id, ...traffic } = tunnels.find((each) => each.id === this.number) ?? { id: null, ...this.#tunnel.traffic };
    const now = Date.parse(at) / 1000;
    const passed = now - (this.#counted ?? now);
    const before = this.#tunnel.traffic;
    this.#counted = now;
    if (passed > 0) {
      const rate = (name) => Math.max(0, traffic[name] - before[name]) / passed;
      [now, rate('bytes_in'), rate('bytes_out'), traffic.visitors].forEach((value, i) => this.#live[i].push(value));
      while (this.#live[0][0] < now - LIVE_SECONDS - 5) {
        this.#live.forEach((each) => each.shift());
      }
      if (this.#chart) {
        this.#chart.data = this.#live;
      }
    }
    if (id !== null) {
      this.#tunnel = { ...this.#tunnel, traffic };
      this.#who();
      this.#usageTimer ||= setTimeout(() => {
        this.#usageTimer = 0;
        this.#loadUsage();
      }, USAGE_MS);
      this.requestUpdate();
    }
  }

  async #who() {
    if (this.#acting) {
      return; // it may be about to end
    }
    if (!this.#tunnel || this.#tunnel.state === 'ended') {
      this.#sessions = [];
      this.#connections = [];
      return;
    }
    try {
      const [sessions, connections] = await Promise.all([call('GET', `/tunnels/${this.number}/sessions`), call('GET', `/tunnels/${this.number}/connections`)]);
      this.#sessions = sessions.sessions;
      this.#connections = connections.connections;
      this.#asked = Date.now();
      this.requestUpdate();
    } catch {
      // What is shown stays; the banner tells when the server is away.
    }
  }

  async #loadUsage() {
    const from = new Date(store.now() - GRAINS[this.#grain] * 1000).toISOString();
    try {
      this.#usage = await call('GET', `/tunnels/${this.number}/usage`, { query: { grain: this.#grain, from } });
      this.#drawUsage();
      this.requestUpdate();
    } catch {
      // As above.
    }
  }

  /** Slots in which nothing was carried are left out by the server; a chart wants them. */
  #drawUsage() {
    if (!this.#usage || !this.makeUsage) {
      return;
    }
    const step = SLOT[this.#grain];
    const slots = new Map(this.#usage.slots.map((slot) => [Date.parse(slot.start) / 1000, slot]));
    const first = Math.ceil(Date.parse(this.#usage.from) / 1000 / step) * step;
    const data = [[], [], []];
    for (let at = first; at <= Date.parse(this.#usage.to) / 1000; at += step) {
      const slot = slots.get(at);
      data[0].push(at);
      data[1].push(slot ? slot.bytes_in + slot.bytes_out : 0);
      data[2].push(slot ? slot.bytes_in : 0);
    }
    this.#usageChart?.close();
    this.#usageChart = this.makeUsage(data, this.#grain);
  }

  // ---- what is done

  /** The list's actions want the list's picture of a tunnel. */
  get #entry() {
    if (!store.tunnels.has(this.number)) {
      store.take(this.#tunnel);
    }
    return store.tunnels.get(this.number);
  }

  async #do(act) {
    this.#acting = true;
    try {
      await act([this.#entry]);
      await this.#load();
    } finally {
      this.#acting = false;
    }
  }

  async #probe(expose) {
    this.#probes.set(expose, { busy: true });
    this.requestUpdate();
    try {
      this.#probes.set(expose, await call('POST', `/tunnels/${this.number}/probe`, { body: { expose } }));
    } catch (e) {
      this.#probes.delete(expose);
      say(explain(e), 'bad');
    }
    this.requestUpdate();
  }

  async #move(expose) {
    const form = { draft: { to: '' }, faults: {}, write(name, value) { this.draft[name] = value; this.faults = {}; } };
    const now = this.#tunnel.exposes[expose];
    const done = await ask(t('move.title', now.port), (again, close) => html`<form @submit=${async (event) => {
      event.preventDefault();
      const wanted = read(form, 'to', port);
      if (wanted !== undefined) {
        try {
          close(await call('POST', `/tunnels/${this.number}/move-port`, { body: { expose, port: wanted } }));
        } catch (e) {
          form.faults.to = explain(e);
        }
      }
      again();
    }}><h2>${t('move.title', now.port)}</h2><p>${t('move.what')}</p>${field(form, 'to', { label: t('create.port'), placeholder: t('create.port.placeholder'), inputmode: 'numeric' })}
      <p class="buttons"><button>${t('move.go')}</button><button type="button" class="quiet" @click=${() => close()}>${t('cancel')}</button></p></form>`);
    if (done) {
      this.#know(done);
      store.take(done);
      say(t('move.done', done.exposes[expose].port));
    }
  }

  async #cut(kind, id, what) {
    const sure = await ask(t(`${kind}.cut`), (again, close) => html`<h2>${t(`${kind}.cut`)}</h2><p>${what}</p>
      <p class="buttons"><button class="danger" @click=${() => close(true)}>${t(`${kind}.cut.go`)}</button><button class="quiet" autofocus @click=${() => close()}>${t('cancel')}</button></p>`);
    if (!sure) {
      return;
    }
    try {
      await call('DELETE', `/tunnels/${this.number}/${kind}/${id}`);
      say(t(`${kind}.cut.done`));
    } catch (e) {
      say(explain(e), 'bad');
    }
    this.#who();
  }

  // ---- changes in place

  #edit(what) {
    const { name, comment, labels: own, lease, policies } = this.#tunnel;
    this.#editing = { what, version: this.#tunnel.version };
    this.faults = {};
    this.#fault = '';
    this.draft = what === 'policies' ? draftOf(policies) : what === 'about'
      ? { name: name ?? '', comment, labels: written.labels(own) }
      : { ttl: written.seconds(lease.ttl_seconds), grace: written.seconds(lease.grace_seconds), lifetime: written.seconds(lease.max_lifetime_seconds), renewBy: lease.renew_by,
          action: lease.on_expiry.action, drain: written.seconds(lease.on_expiry.drain_seconds) };
    this.requestUpdate();
    this.updateComplete.then(() => this.querySelector(`#edit-${what} :is(input, textarea, select)`)?.focus());
  }

  write(name, value) {
    this.draft = { ...this.draft, [name]: value };
    delete this.faults[name];
    this.requestUpdate();
  }

  #patch() {
    const { what } = this.#editing;
    if (what === 'policies') {
      return { policies: policiesOf(this) };
    }
    if (what === 'about') {
      const wanted = read(this, 'labels', labels);
      const gone = Object.keys(this.#tunnel.labels).filter((key) => wanted && !(key in wanted));
      return { name: this.draft.name.trim() || null, comment: this.draft.comment, labels: { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted } };
    }
    return {
      lease: {
        ttl_seconds: read(this, 'ttl', seconds),
        grace_seconds: read(this, 'grace', seconds),
        max_lifetime_seconds: read(this, 'lifetime', seconds),
        renew_by: this.draft.renewBy,
        on_expiry: this.draft.action === 'drain' ? { action: 'drain', drain_seconds: read(this, 'drain', seconds) ?? 30 } : { action: 'cut', drain_seconds: null },
      },
    };
  }

  #place(pointer) {
    return pointer.startsWith('/policies/') ? policyField(pointer) : { '/name': 'name', '/comment': 'comment', '/lease/ttl_seconds': 'ttl', '/lease/grace_seconds': 'grace',
      '/lease/max_lifetime_seconds': 'lifetime', '/lease/on_expiry/drain_seconds': 'drain' }[pointer] ?? (pointer.startsWith('/labels') ? 'labels' : undefined);
  }

  async #save(event) {
    event.preventDefault();
    this.faults = {};
    this.#fault = '';
    const patch = this.#patch();
    if (Object.keys(this.faults).length === 0) {
      this.#busy = true;
      this.requestUpdate();
      try {
        const changed = await call('PATCH', `/tunnels/${this.number}`, { body: patch, more: { 'If-Match': `"${this.#editing.version}"` } });
        this.#editing = null;
        this.#know(changed);
        store.take(changed);
        say(t('saved'));
      } catch (e) {
        if (e.kind === 'stale-version') {
          this.#editing.version = (await call('GET', `/tunnels/${this.number}`)).version;
          this.#fault = t('stale');
        } else if (e.kind === 'conflict' && e.detail.startsWith('name:')) {
          this.faults.name = explain(e);
        } else {
          this.#fault = e.errors?.length > 0 ? placed(e, (pointer) => this.#place(pointer), this.faults) : explain(e);
        }
      } finally {
        this.#busy = false;
      }
    }
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector('[aria-invalid=true]')?.focus();
  }

  #form(what, fields) {
    return html`<form id="edit-${what}" novalidate @submit=${(event) => this.#save(event)}>${fields}<p class="fault" role="alert">${this.#fault}</p>
      <p class="buttons"><button ?disabled=${this.#busy}>${t('save')}</button><button type="button" class="quiet" @click=${() => { this.#editing = null; this.requestUpdate(); }}>${t('cancel')}</button></p></form>`;
  }

  #editor(what) {
    return this.#tunnel.state === 'ended' || this.#editing?.what === what ? nothing
      : html`<button type="button" class="quiet" aria-label=${t(`edit.${what}`)} @click=${() => this.#edit(what)}>${t('edit')}</button>`;
  }

  // ---- drawing

  #header() {
    const tunnel = this.#tunnel;
    const over = tunnel.state === 'ended';
    return html`<div class="title"><div><a class="back" href="/ui/manager">← ${t('tunnels')}</a>
        <h1>${title(tunnel)} ${tunnel.name ? html`<span class="number">#${tunnel.id}</span>` : nothing}</h1>
        <p class="reason"><span class="state ${tunnel.state}">${t(`state.${tunnel.state}`)}</span> ${sentence(tunnel.reason)}
          <span class="sub-inline" title=${dateTime(tunnel.since)}>${ago(tunnel.since, store.now())}</span></p></div>
      ${over ? nothing : html`<div class="buttons">
        <button type="button" class="quiet" @click=${() => this.#connect()}>${t('connect')}</button>
        ${tunnel.lease.ttl_seconds === null ? nothing : html`<button type="button" class="quiet" @click=${() => this.#do(renew)}>${t('renew')}</button>`}
        ${tunnel.state === 'paused' ? html`<button type="button" class="quiet" @click=${() => this.#do(resume)}>${t('resume')}</button>` : html`<button type="button" class="quiet" @click=${() => this.#do(pause)}>${t('pause…')}</button>`}
        <button type="button" class="quiet" @click=${() => this.#do((all) => end(all, 'drain'))}>${t('drain…')}</button>
        <button type="button" class="danger" @click=${() => this.#do(end)}>${t('end…')}</button></div>`}</div>`;
  }

  async #connect() {
    const { connectDialog } = await import('/ui/connect.js');
    connectDialog(this.number);
  }

  #facts() {
    const { traffic, lease } = this.#tunnel;
    const ends = lease.deadline ?? lease.ends_at;
    const left = ends && (Date.parse(ends) - store.now()) / 1000;
    const fact = (name, value, more) => html`<div><dt>${name}</dt><dd>${value}${more ? html`<span class="sub">${more}</span>` : nothing}</dd></div>`;
    return html`<dl class="facts">
      ${fact(t('col.lease'), ends === null || this.#tunnel.state === 'ended' ? t(ends === null ? 'lease.none' : 'state.ended') : left > 0 ? span(left) : t('lease.over'), ends && dateTime(ends))}
      ${fact(t('visitors.open'), number(traffic.visitors), t('visitors.ever', number(traffic.connections), number(traffic.refused)))}
      ${fact(t('sessions.open'), number(traffic.sessions))}
      ${fact(t('chart.in'), bytes(traffic.bytes_in))}${fact(t('chart.out'), bytes(traffic.bytes_out))}
      ${traffic.datagrams_dropped > 0 ? fact(t('dropped'), number(traffic.datagrams_dropped)) : nothing}</dl>`;
  }

  #exposes() {
    return html`<section class="card" aria-labelledby="h-exposes"><h2 id="h-exposes">${t('exposes')}</h2><ul class="exposes">${this.#tunnel.exposes.map((expose, i) => {
      const href = link(expose);
      const probe = this.#probes.get(i);
      return html`<li><div class="expose-line">${href ? html`<a href=${href} target="_blank" rel="noopener noreferrer">${address(expose)}</a>` : html`<span id="plain-${i}">${address(expose)}</span><span class="label">udp</span>`}
        <span class="target">→ ${expose.target}</span><span class="grow"></span>
        <button type="button" class="quiet" aria-label=${t('copy.one', address(expose))} @click=${(event) => copy(address(expose), event.target.closest('li').querySelector('a, span'))}>${t('copy')}</button>
        ${this.#tunnel.state === 'ended' ? nothing : html`<button type="button" class="quiet" aria-label=${t('probe.one', expose.port)} ?disabled=${probe?.busy} @click=${() => this.#probe(i)}>${t('probe')}</button>
          <button type="button" class="quiet" aria-label=${t('move.title', expose.port)} @click=${() => this.#move(i)}>${t('move…')}</button>`}</div>
        <div aria-live="polite">${probe && !probe.busy ? steps(probe) : nothing}</div></li>`;
    })}</ul></section>`;
  }

  #about() {
    const tunnel = this.#tunnel;
    const fact = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<section class="card" aria-labelledby="h-about"><h2 id="h-about">${t('about')} ${this.#editor('about')}</h2>${this.#editing?.what === 'about'
      ? this.#form('about', html`<div class="fields">${field(this, 'name', { label: t('create.name') })}${field(this, 'comment', { label: t('create.comment') })}
          ${field(this, 'labels', { label: t('create.labels'), help: t('create.labels.help') })}</div>`)
      : html`<dl class="pairs">${fact(t('create.comment'), tunnel.comment || t('none'))}
          ${fact(t('create.labels'), Object.entries(tunnel.labels).map(([key, value]) => html`<span class="label">${key}:${value}</span>`))}
          ${fact(t('owner'), tunnel.owner)}${fact(t('created'), dateTime(tunnel.created_at))}
          ${fact(t('bridge'), tunnel.bridge ? `${tunnel.bridge.port} · ${tunnel.bridge.tls ? 'TLS' : 'TCP'}${tunnel.bridge.compress ? ' · -c' : ''}` : t('bridge.server', tunnel.agent_port))}</dl>`}</section>`;
  }

  #lease() {
    const { lease } = this.#tunnel;
    const fact = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    const long = (value) => (value === null ? t('none') : duration(value));
    return html`<section class="card" aria-labelledby="h-lease"><h2 id="h-lease">${t('create.lease')} ${this.#editor('lease')}</h2>${this.#editing?.what === 'lease'
      ? this.#form('lease', html`<div class="fields">${field(this, 'ttl', { label: t('ttl'), placeholder: t('lease.none'), help: t('policy.time.help') })}
          ${choice(this, 'renewBy', { label: t('create.renewBy'), choices: [['api', t('create.renewBy.api')], ['session', t('create.renewBy.session')]] })}
          ${field(this, 'grace', { label: t('create.grace'), placeholder: t('none.placeholder'), help: t('create.grace.help') })}
          ${field(this, 'lifetime', { label: t('create.lifetime'), placeholder: t('none.placeholder'), help: t('create.lifetime.help') })}
          ${choice(this, 'action', { label: t('create.action'), choices: [['cut', t('create.action.cut')], ['drain', t('create.action.drain')]] })}
          ${this.draft.action === 'drain' ? field(this, 'drain', { label: t('create.drain'), placeholder: '30' }) : nothing}</div>`)
      : html`<dl class="pairs">${fact(t('ttl'), long(lease.ttl_seconds))}${fact(t('create.renewBy'), t(`create.renewBy.${lease.renew_by}`))}${fact(t('create.grace'), long(lease.grace_seconds))}
          ${fact(t('create.lifetime'), long(lease.max_lifetime_seconds))}${fact(t('create.action'), lease.on_expiry.action === 'cut' ? t('create.action.cut') : t('action.drain', long(lease.on_expiry.drain_seconds)))}
          ${fact(t('last.renewal'), dateTime(lease.last_renewal))}</dl>`}</section>`;
  }

  #policies() {
    const said = draftOf(this.#tunnel.policies);
    const set = Object.entries(said).filter(([, value]) => value !== '' && value !== 'none');
    return html`<section class="card" aria-labelledby="h-policies"><h2 id="h-policies">${t('policies')} ${this.#editor('policies')}</h2>${this.#editing?.what === 'policies'
      ? this.#form('policies', policyFields(this))
      : set.length === 0 ? html`<p class="help">${t('policies.none')}</p>`
        : html`<dl class="pairs">${set.map(([name, value]) => html`<div><dt>${t(`policy.${name}`)}</dt><dd>${value.replaceAll('\n', ', ')}</dd></div>`)}</dl>`}</section>`;
  }

  #sessionTable() {
    return html`<section class="card" aria-labelledby="h-sessions"><h2 id="h-sessions">${t('sessions')} <span class="number">${number(this.#sessions.length)}</span></h2>${this.#sessions.length === 0
      ? html`<p class="help">${t('sessions.none')}</p>`
      : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="h-sessions"><table><thead><tr><th scope="col">${t('col.agent')}</th><th scope="col">${t('from')}</th><th scope="col">${t('since')}</th><th scope="col">${t('round.trip')}</th><th scope="col">${t('streams')}</th><th scope="col"><span class="unseen">${t('col.actions')}</span></th></tr></thead>
        <tbody>${this.#sessions.map((each) => html`<tr><td>${each.agent} <span class="label">${each.kind}</span></td><td>${each.address}</td><td title=${dateTime(each.since)}>${ago(each.since, store.now())}</td>
          <td>${each.round_trip_seconds === null ? '–' : t('millis', number(each.round_trip_seconds * 1000, { maximumFractionDigits: 1 }))}</td><td>${number(each.streams)}</td>
          <td class="act"><button type="button" class="quiet danger" aria-label=${t('sessions.cut.one', each.agent, each.address)} @click=${() => this.#cut('sessions', each.id, t('sessions.cut.what', each.agent, number(each.streams)))}>${t('sessions.cut.go')}</button></td></tr>`)}</tbody></table></div>`}</section>`;
  }

  #connectionTable() {
    const shown = this.#connections.slice(-SHOWN).reverse();
    return html`<section class="card" aria-labelledby="h-connections"><h2 id="h-connections">${t('connections')} <span class="number">${number(this.#connections.length)}</span></h2>${shown.length === 0
      ? html`<p class="help">${t('connections.none')}</p>`
      : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="h-connections"><table><thead><tr><th scope="col">${t('visitor')}</th><th scope="col">${t('target')}</th><th scope="col">${t('since')}</th><th scope="col">${t('quiet')}</th><th scope="col">${t('chart.in')}</th><th scope="col">${t('chart.out')}</th><th scope="col"><span class="unseen">${t('col.actions')}</span></th></tr></thead>
        <tbody>${shown.map((each) => html`<tr><td>${each.visitor}${each.protocol === 'udp' ? html` <span class="label">udp</span>` : nothing}</td><td>${each.target}</td><td title=${dateTime(each.since)}>${ago(each.since, store.now())}</td><td>${span(each.quiet_seconds + (Date.now() - this.#asked) / 1000)}</td>
          <td>${bytes(each.bytes_in)}</td><td>${bytes(each.bytes_out)}</td>
          <td class="act"><button type="button" class="quiet danger" aria-label=${t('connections.cut.one', each.visitor)} @click=${() => this.#cut('connections', each.id, t('connections.cut.what', each.visitor, bytes(each.bytes_in + each.bytes_out)))}>${t('connections.cut.go')}</button></td></tr>`)}</tbody></table></div>
        ${this.#connections.length > SHOWN ? html`<p class="help">${t('connections.more', number(SHOWN), number(this.#connections.length))}</p>` : nothing}`}</section>`;
  }

  #timeline() {
    return html`<section class="card" aria-labelledby="h-timeline"><h2 id="h-timeline">${t('timeline')}</h2><ol class="timeline" reversed>${this.#tunnel.transitions.toReversed().map((each) => html`<li><span class="state ${each.state}">${t(`state.${each.state}`)}</span>
      <span>${sentence(each.reason)}</span><time datetime=${each.since}>${dateTime(each.since)}</time></li>`)}</ol></section>`;
  }

  #usageSection() {
    const slots = this.#usage?.slots ?? [];
    const sum = (name) => slots.reduce((total, slot) => total + slot[name], 0);
    return html`<section class="card" aria-labelledby="h-usage"><h2 id="h-usage">${t('usage')} <label class="inline"><span class="unseen">${t('usage.grain')}</span><select @change=${(event) => { this.#grain = event.target.value; this.#loadUsage(); }}>${Object.keys(GRAINS).map(
      (grain) => html`<option value=${grain} ?selected=${grain === this.#grain}>${t(`usage.${grain}`)}</option>`)}</select></label></h2>
      <div id="usage" class="chart" role="img" aria-label=${t('usage.words', bytes(sum('bytes_in')), bytes(sum('bytes_out')), number(sum('connections')))}></div>
      <p class="help">${t('usage.words', bytes(sum('bytes_in')), bytes(sum('bytes_out')), number(sum('connections')))}</p></section>`;
  }

  render() {
    const tunnel = this.#tunnel;
    document.title = `${tunnel ? title(tunnel) : `#${this.number}`} · Culvert`;
    if (!tunnel) {
      return this.#problem
        ? html`<div class="empty" role="alert"><h1>${t('tunnel.gone')}</h1><p>${explain(this.#problem)}</p><p class="buttons"><a class="button" href="/ui/manager">${t('tunnels')}</a>
            <button type="button" class="quiet" @click=${() => this.#load()}>${t('again')}</button></p></div>`
        : html`<div class="empty"><h1 class="unseen">${t('tunnel.number', this.number)}</h1><p>${t('loading')}</p></div>`;
    }
    const { traffic } = tunnel;
    return html`<div class="page">${this.#header()}${this.#facts()}
      <section class="card" aria-labelledby="h-live"><h2 id="h-live">${t('live')}</h2><div id="live" class="chart" role="img"
        aria-label=${t('live.words', number(traffic.visitors), bytes(traffic.bytes_in), bytes(traffic.bytes_out))}></div></section>
      ${this.#exposes()}<div class="columns">${this.#about()}${this.#lease()}</div>${this.#policies()}<culvert-joins .tunnel=${tunnel}></culvert-joins>${this.#sessionTable()}${this.#connectionTable()}
      ${this.#usageSection()}${this.#timeline()}</div>`;
  }
}

customElements.define('culvert-tunnel', Tunnel);
