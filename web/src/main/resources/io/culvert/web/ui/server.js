// The server: how it is, which ports are whose, what happens.
import { call, follow } from '/ui/api.js';
import { ask } from '/ui/dialogs.js';
import { events } from '/ui/events.js';
import { choice, field, placed, port, read } from '/ui/fields.js';
import { store } from '/ui/store.js';
import { explain, html, nothing, say, View } from '/ui/view.js';
import { bytes, clock, dateTime, maybe, number, sentence, span, t } from '/ui/words.js';

const EVENTS_KEPT = 200;
const PORTS_SHOWN = 200;
// Counts come each 2 s, and events by the thousand.
const COUNTS_MS = 1_000;
const QUIET_MS = 400;
const STATES = ['up', 'waiting', 'degraded', 'paused', 'draining'];
const PORT_KINDS = new Set(['created', 'expired', 'removed', 'port_moved', 'changed']);

class Server extends View {
  #server = null;
  #problem = null;
  #pools = [];
  #ports = [];
  #log = [];
  #filter = '';
  #kind = '';
  #portTimer = 0;
  #countTimer = 0;
  draft = { name: '', port: '', protocol: 'tcp' };
  faults = {};
  #fault = '';

  connectedCallback() {
    super.connectedCallback();
    this.#load();
    this.#past();
    this.listen(events, 'events', (event) => {
      this.#take(event.detail);
      this.#countAgain();
    });
    this.listen(events, 'gap', () => this.#load());
    this.listen(events, 'traffic', (event) => event.detail.tunnels.length > 0 && this.#countAgain());
    this.every(1_000, () => this.requestUpdate());
    this.finally(() => {
      clearTimeout(this.#portTimer);
      clearTimeout(this.#countTimer);
    });
  }

  async #load() {
    try {
      await Promise.all([this.#loadServer(), this.#loadPorts()]);
      this.#problem = null;
    } catch (e) {
      this.#problem = e;
    }
    this.requestUpdate();
  }

  async #loadServer() {
    this.#server = await store.loadServer();
    this.requestUpdate();
  }

  /** Something has happened: the numbers are others. */
  #countAgain() {
    this.#countTimer ||= setTimeout(() => {
      this.#countTimer = 0;
      this.#loadServer().catch(() => null);
    }, COUNTS_MS);
  }

  async #loadPorts() {
    const [pools, ports] = await Promise.all([call('GET', '/pools'), call('GET', '/ports')]);
    this.#pools = pools.pools;
    this.#ports = ports.ports;
    this.requestUpdate();
    await this.updateComplete;
    this.#pools.forEach((pool, i) => pool.from > 0 && drawMap(this.querySelector(`#map-${i}`), pool, this.#ports));
  }

  /** What the server still knows of before: a second stream, read until it is silent. */
  async #past() {
    const abort = new AbortController();
    this.finally(() => abort.abort());
    try {
      const reader = (await follow(0, abort.signal)).pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const quiet = setTimeout(() => abort.abort(), QUIET_MS);
        const { done, value } = await reader.read();
        clearTimeout(quiet);
        if (done) {
          break;
        }
        text += value;
        const end = text.lastIndexOf('\n\n');
        const list = text.slice(0, end).split('\n\n').filter((frame) => /^id: /m.test(frame) && /^data: /m.test(frame)).map((frame) => JSON.parse(/^data: (.*)$/m.exec(frame)[1]));
        text = text.slice(end + 2);
        this.#take(list);
      }
    } catch {
      // Silent, or gone: what came is shown.
    }
  }

  #take(list) {
    const known = new Set(this.#log.map((event) => event.id));
    this.#log = [...this.#log, ...list.filter((event) => !known.has(event.id))].sort((a, b) => b.id - a.id).slice(0, EVENTS_KEPT);
    if (list.some((event) => PORT_KINDS.has(event.kind)) && !this.#portTimer) {
      this.#portTimer = setTimeout(() => {
        this.#portTimer = 0;
        this.#loadPorts().catch(() => null);
      }, 1_000);
    }
    this.requestUpdate();
  }

  // ---- what is done

  async #drain(on) {
    const { counts } = this.#server;
    const sure = await ask(t(on ? 'drain.on' : 'drain.off'), (again, close) => html`<h2>${t(on ? 'drain.on' : 'drain.off')}</h2>
      <p>${t(on ? 'drain.on.what' : 'drain.off.what', number(counts.tunnels), number(counts.visitors))}</p>
      <p class="buttons"><button class=${on ? 'danger' : ''} @click=${() => close(true)}>${t(on ? 'drain.on.go' : 'drain.off.go')}</button><button class="quiet" autofocus @click=${() => close()}>${t('cancel')}</button></p>`);
    if (sure) {
      try {
        await call('POST', '/server/drain', { body: { on } });
        await this.#loadServer();
        store.load();
      } catch (e) {
        say(explain(e), 'bad');
      }
    }
  }

  write(name, value) {
    this.draft = { ...this.draft, [name]: value };
    this.faults = {};
    this.#fault = '';
    this.requestUpdate();
  }

  async #reserve(event) {
    event.preventDefault();
    this.faults = {};
    const wanted = read(this, 'port', port);
    const name = this.draft.name.trim();
    if (!name) {
      this.faults.name = t('reserve.name.none');
    }
    if (Object.keys(this.faults).length === 0) {
      try {
        const kept = await call('POST', '/ports', { body: { name, port: wanted, protocol: this.draft.protocol } });
        say(t('reserve.done', kept.port, name));
        this.draft = { name: '', port: '', protocol: 'tcp' };
        await this.#loadPorts();
      } catch (e) {
        if (e.kind === 'conflict' || e.kind === 'port-taken') {
          this.faults.port = explain(e);
        } else {
          this.#fault = e.errors?.length ? placed(e, (pointer) => ({ '/name': 'name', '/port': 'port' })[pointer], this.faults) : explain(e);
        }
      }
    }
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector('[aria-invalid=true]')?.focus();
  }

  async #release(each) {
    const sure = await ask(t('release.title', each.port), (again, close) => html`<h2>${t('release.title', each.port)}</h2>
      <p>${t(each.use === 'reserved' ? 'release.reserved' : 'release.quarantine', each.reservation ?? '')}</p>
      <p class="buttons"><button class="danger" @click=${() => close(true)}>${t('release')}</button><button class="quiet" autofocus @click=${() => close()}>${t('cancel')}</button></p>`);
    if (sure) {
      try {
        await call('DELETE', `/ports/${each.protocol}/${each.port}`);
        await this.#loadPorts();
      } catch (e) {
        say(explain(e), 'bad');
      }
    }
  }

  // ---- drawing

  #health() {
    const { version, started_at: started, draining, agent_port: agentPort, counts, limits } = this.#server;
    const fact = (name, value, more) => html`<div><dt>${name}</dt><dd>${value}${more ? html`<span class="sub">${more}</span>` : nothing}</dd></div>`;
    return html`<dl class="facts">
        ${fact(t('health'), html`<span class="state ${events.state === 'live' ? (draining ? 'draining' : 'up') : 'degraded'}">${t(events.state === 'live' ? (draining ? 'health.draining' : 'health.good') : 'health.lost')}</span>`)}
        ${fact(t('version'), version)}${fact(t('uptime'), span((store.now() - Date.parse(started)) / 1000), dateTime(started))}
        ${fact(t('agent.port'), agentPort)}${fact(t('tunnels'), number(counts.tunnels), t('counts.sub', number(counts.sessions), number(counts.visitors)))}</dl>
      <div class="columns">
        <section class="card" aria-labelledby="h-counts"><h2 id="h-counts">${t('tunnels')}</h2><ul class="counts">${STATES.map((state) => html`<li><a href="/ui/manager?state=${state}"><span class="state ${state}">${t(`state.${state}`)}</span> <b>${number(counts[state])}</b></a></li>`)}</ul></section>
        <section class="card" aria-labelledby="h-drain"><h2 id="h-drain">${t('drain.title')}</h2><p>${t('drain.what')}</p>
          <label class="switch"><input type="checkbox" role="switch" .checked=${draining} @click=${(event) => { event.preventDefault(); this.#drain(!draining); }}> ${t(draining ? 'drain.is.on' : 'drain.is.off')}</label></section>
        <section class="card" aria-labelledby="h-limits"><h2 id="h-limits">${t('limits')}</h2><dl class="pairs">
          ${Object.entries(limits).map(([name, value]) => html`<div><dt>${maybe(`limit.${name}`, name)}</dt><dd>${name.endsWith('bytes') ? bytes(value) : number(value)}</dd></div>`)}</dl></section></div>`;
  }

  #poolSection() {
    return html`<section class="card" aria-labelledby="h-ports"><h2 id="h-ports">${t('ports')}</h2>
      ${this.#pools.map((pool, i) => {
        const size = pool.from === 0 ? null : pool.to - pool.from + 1;
        return html`<div class="pool"><h3>${pool.name} <span class="number">${size === null ? t('pool.system') : `${pool.from}–${pool.to}`}</span></h3>
          <p class="help">${t('pool.words', number(pool.used), number(pool.reserved), number(pool.quarantined), size === null ? '–' : number(size - pool.used - pool.reserved - pool.quarantined))}</p>
          ${size === null ? nothing : html`<canvas id="map-${i}" class="map" role="img" aria-label=${t('pool.map', pool.name)}></canvas>`}</div>`;
      })}
      <p class="legend"><span class="l-expose">${t('use.expose')}</span><span class="l-bridge">${t('use.bridge')}</span><span class="l-reserved">${t('use.reserved')}</span><span class="l-quarantine">${t('use.quarantine')}</span></p>
      <form class="reserve" novalidate @submit=${(event) => this.#reserve(event)}><h3>${t('reserve.title')}</h3><div class="fields">
        ${field(this, 'name', { label: t('create.name'), required: true, help: t('reserve.name.help') })}${field(this, 'port', { label: t('create.port'), inputmode: 'numeric', placeholder: t('create.port.placeholder') })}
        ${choice(this, 'protocol', { label: t('create.protocol'), choices: [['tcp', 'TCP'], ['udp', 'UDP']] })}</div><p class="fault" role="alert">${this.#fault}</p><p class="buttons"><button>${t('reserve')}</button></p></form>
      ${this.#portTable()}</section>`;
  }

  #portTable() {
    const wanted = this.#filter.toLowerCase();
    const fits = this.#ports.filter((each) => `${each.port} ${each.protocol} ${each.use} ${t(`use.${each.use}`)} #${each.tunnel} ${each.reservation ?? ''}`.toLowerCase().includes(wanted));
    return html`<div class="field filter"><label for="port-filter">${t('ports.filter')}</label><input id="port-filter" type="search" .value=${this.#filter} @input=${(event) => { this.#filter = event.target.value; this.requestUpdate(); }}></div>
      ${fits.length === 0 ? html`<p class="help">${t(this.#ports.length === 0 ? 'ports.none' : 'ports.filter.none')}</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="h-ports"><table><thead><tr><th scope="col">${t('port')}</th><th scope="col">${t('use')}</th><th scope="col">${t('col.name')}</th><th scope="col">${t('until')}</th><th scope="col"><span class="unseen">${t('col.actions')}</span></th></tr></thead>
          <tbody>${fits.slice(0, PORTS_SHOWN).map((each) => html`<tr><td>${each.port} <span class="label">${each.protocol}</span></td><td>${t(`use.${each.use}`)}${each.reservation && each.use !== 'reserved' ? ` · ${t('use.reserved')}` : ''}</td>
            <td>${each.tunnel === null ? nothing : html`<a href="/ui/tunnel/${each.tunnel}">#${each.tunnel}</a> `}${each.reservation ?? nothing}</td><td>${each.until ? dateTime(each.until) : nothing}</td>
            <td class="act">${each.use === 'reserved' || each.use === 'quarantine' ? html`<button type="button" class="quiet" aria-label=${t('release.title', each.port)} @click=${() => this.#release(each)}>${t('release')}</button>` : nothing}</td></tr>`)}</tbody></table></div>
          ${fits.length > PORTS_SHOWN ? html`<p class="help">${t('ports.more', number(PORTS_SHOWN), number(fits.length))}</p>` : nothing}`}`;
  }

  #eventSection() {
    const kinds = [...new Set(this.#log.map((event) => event.kind))].sort();
    const shown = this.#log.filter((event) => !this.#kind || event.kind === this.#kind);
    return html`<section class="card" aria-labelledby="h-events"><h2 id="h-events">${t('events')} <label class="inline"><span class="unseen">${t('events.kind')}</span><select @change=${(event) => { this.#kind = event.target.value; this.requestUpdate(); }}>
        <option value="">${t('events.all')}</option>${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === this.#kind}>${maybe(`kind.${kind}`, kind)}</option>`)}</select></label></h2>
      ${shown.length === 0 ? html`<p class="help">${t('events.none')}</p>` : html`<ol class="log" reversed>${shown.map((event) => html`<li><time datetime=${event.at} title=${dateTime(event.at)}>${clock(event.at)}</time>
        <span class="kind">${maybe(`kind.${event.kind}`, event.kind)}</span>${event.tunnel === null ? html`<span></span>` : html`<a href="/ui/tunnel/${event.tunnel}">#${event.tunnel}</a>`}<span>${sentence(event.text)}</span></li>`)}</ol>`}</section>`;
  }

  render() {
    document.title = `${t('server')} · Culvert`;
    if (!this.#server) {
      return this.#problem ? html`<div class="empty" role="alert"><h1>${t('server')}</h1><p>${explain(this.#problem)}</p><p><button type="button" @click=${() => this.#load()}>${t('again')}</button></p></div>`
        : html`<div class="empty"><h1>${t('server')}</h1><p>${t('loading')}</p></div>`;
    }
    return html`<div class="page"><h1>${t('server')}</h1>${this.#health()}${this.#poolSection()}${this.#eventSection()}</div>`;
  }
}

/** All ports of a pool as small squares, row by row. */
function drawMap(canvas, pool, ports) {
  if (!canvas) {
    return;
  }
  const size = pool.to - pool.from + 1;
  const width = canvas.clientWidth || 600;
  const cell = size > 4_000 ? 5 : size > 500 ? 8 : 14;
  const columns = Math.max(1, Math.floor(width / cell));
  const height = Math.ceil(size / columns) * cell;
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  const css = getComputedStyle(document.documentElement);
  const colours = { expose: '--accent', bridge: '--in', reserved: '--warn', quarantine: '--soft' };
  const uses = new Map(ports.filter((each) => each.port >= pool.from && each.port <= pool.to).map((each) => [each.port, each.use]));
  for (let i = 0; i < size; i++) {
    context.fillStyle = css.getPropertyValue(colours[uses.get(pool.from + i)] ?? '--line');
    context.fillRect((i % columns) * cell, Math.floor(i / columns) * cell, cell - 1, cell - 1);
  }
}

customElements.define('culvert-server', Server);
