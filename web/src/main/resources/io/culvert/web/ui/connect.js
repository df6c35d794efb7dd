// How an agent is brought to a tunnel: the lines to run inside, and a check that turns green when it has come.
import { call, download } from '/ui/api.js';
import { serverHost } from '/ui/addresses.js';
import { ask } from '/ui/dialogs.js';
import { events } from '/ui/events.js';
import { store } from '/ui/store.js';
import { copy, explain, html, nothing, say, View } from '/ui/view.js';
import { duration, sentence, t } from '/ui/words.js';

const WAYS = ['own', 'goproxy', 'systemd', 'docker', 'heartbeat'];
const FREED_MS = 10_000;
// Sessions are counted on another thread than the one that tells of them.
const PROBE_MS = 150;

/** Tokens are told once; this page keeps them as long as it is open, and nowhere else. */
const joins = new Map();

export const rememberJoin = (id, join) => join && joins.set(id, join);

/** Opens the help for one tunnel. */
export async function connectDialog(id) {
  try {
    const tunnel = await call('GET', `/tunnels/${id}`);
    await ask(t('connect.title', tunnel.name ?? `#${id}`), (again, close) => html`<h2 tabindex="-1" autofocus>${t('connect.title', tunnel.name ?? `#${id}`)}</h2>
      <culvert-connect .tunnel=${tunnel}></culvert-connect><p class="buttons"><button type="button" @click=${() => close()}>${t('close')}</button></p>`, { wide: true });
  } catch (e) {
    say(explain(e), 'bad');
  }
}

/** Gives a file to whoever clicked. */
function save(name, blob) {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), FREED_MS);
}

const spaced = (words) => words.filter(Boolean).join(' ');

export class Connect extends View {
  static properties = { tunnel: { attribute: false } };

  #way = 'own';
  #probe = null;
  #probing = false;
  #again = false;

  connectedCallback() {
    super.connectedCallback();
    this.listen(events, 'events', (event) => {
      if (event.detail.some(({ tunnel, kind }) => tunnel === this.tunnel?.id && ['agent_up', 'agent_down', 'up', 'down'].includes(kind))) {
        setTimeout(() => this.isConnected && this.check(), PROBE_MS);
      }
    });
  }

  updated(changed) {
    if (changed.has('tunnel') && this.tunnel && changed.get('tunnel')?.id !== this.tunnel.id) {
      this.check();
    }
  }

  /** Walks a visitor's way, once; again where something happened meanwhile. */
  async check() {
    if (this.#probing) {
      this.#again = true;
      return;
    }
    this.#probing = true;
    this.requestUpdate();
    try {
      do {
        this.#again = false;
        this.#probe = await call('POST', `/tunnels/${this.tunnel.id}/probe`, { body: {} });
      } while (this.#again);
    } catch (e) {
      this.#probe = { ok: false, steps: [{ step: 'session', outcome: 'unknown', text: explain(e) }] };
    } finally {
      this.#probing = false;
      this.requestUpdate();
    }
  }

  // ---- the lines

  get #token() {
    return `culvert-${this.tunnel.id}.token`;
  }

  #agent(file) {
    const allow = this.tunnel.exposes.map((expose) => `--allow ${expose.target}`);
    return spaced(['agent', `--server ${serverHost()}:${this.tunnel.agent_port}`, `--token-file ${file}`, ...new Set(allow)]);
  }

  #stock() {
    const { port, tls, compress } = this.tunnel.bridge;
    return spaced(['proxy client', tls ? '' : '-t tcp', `-P ${serverHost()}:${port}`, tls ? '-C proxy.crt -K proxy.key' : '', compress ? '-c' : '']);
  }

  #unit() {
    const { id, name } = this.tunnel;
    return `# /etc/systemd/system/culvert-${id}.service
[Unit]
Description=Culvert tunnel ${id}${name ? ` (${name.replace(/[\r\n%]/g, ' ')})` : ''}
Wants=network-online.target
After=network-online.target

[Service]
LoadCredential=token:/etc/culvert/${this.#token}
ExecStart=/opt/culvert/culvert ${this.#agent('%d/token')}
DynamicUser=yes
Restart=on-failure
RestartSec=5
# 2: the command line is wrong, 3: the tunnel has ended
RestartPreventExitStatus=2 3

[Install]
WantedBy=multi-user.target`;
  }

  #docker() {
    return `docker run -d --restart on-failure --net host --user "$(id -u):$(id -g)" \\
  -v "$PWD/${this.#token}:/run/token:ro" culvert \\
  ${this.#agent('/run/token')}`;
  }

  #beat() {
    const { ttl_seconds: ttl } = this.tunnel.lease;
    return `while curl -fsS -o /dev/null -X POST -H @culvert.header ${location.origin}/api/v1/tunnels/${this.tunnel.id}/renew; do
  sleep ${Math.max(1, Math.floor(ttl / 3))}
done`;
  }

  // ---- what it looks like

  #line(id, text) {
    const rows = text.split('\n').length;
    return html`<div class="copyable"><pre id="line-${id}" tabindex="0" role="group" aria-label=${t('connect.lines')} class=${rows > 1 ? 'many' : ''}>${text}</pre><button type="button" class="quiet" aria-describedby="line-${id}"
      @click=${() => copy(text, this.querySelector(`#line-${id}`))}>${t('copy')}</button></div>`;
  }

  async #rotate() {
    const sure = await ask(t('connect.rotate'), (again, close) => html`<h2>${t('connect.rotate')}</h2><p>${t('connect.rotate.what')}</p>
      <p class="buttons"><button class="danger" @click=${() => close(true)}>${t('connect.rotate')}</button><button class="quiet" autofocus @click=${() => close()}>${t('cancel')}</button></p>`);
    if (!sure) {
      return;
    }
    try {
      const made = await call('POST', `/tunnels/${this.tunnel.id}/rotate-token`);
      rememberJoin(made.id, made.join);
      store.take(made);
      this.requestUpdate();
    } catch (e) {
      say(explain(e), 'bad');
    }
  }

  async #bundle() {
    try {
      save(`culvert-tunnel-${this.tunnel.id}.zip`, await download(`/api/bundle?id=${this.tunnel.id}&format=zip`));
    } catch (e) {
      say(explain(e), 'bad');
    }
  }

  #secret() {
    const join = joins.get(this.tunnel.id);
    if (!join) {
      return html`<p>${t('connect.no.token')} <button type="button" class="quiet" @click=${() => this.#rotate()}>${t('connect.rotate…')}</button></p>`;
    }
    return html`<p>${t('connect.token')}</p>${this.#line('token', join)}
      <p class="buttons"><button type="button" class="quiet" @click=${() => save(this.#token, new Blob([join, '\n'], { type: 'text/plain' }))}>${t('connect.save', this.#token)}</button></p>
      <p class="help">${t('connect.paste')} <code>(umask 077; cat &gt; ${this.#token})</code></p>`;
  }

  #lines() {
    switch (this.#way) {
      case 'own':
        return html`${this.#secret()}<p>${t('connect.run')}</p>${this.#line('own', `culvert ${this.#agent(this.#token)}`)}<p class="help">${t('connect.jar')}</p>`;
      case 'systemd':
        return html`${this.#secret()}<p>${t('connect.systemd')}</p>${this.#line('systemd', this.#unit())}<p>${t('connect.systemd.start')}</p>
          ${this.#line('enable', `systemctl daemon-reload && systemctl enable --now culvert-${this.tunnel.id}`)}`;
      case 'docker':
        return html`${this.#secret()}<p>${t('connect.docker')}</p>${this.#line('docker', this.#docker())}`;
      case 'goproxy':
        if (!this.tunnel.bridge) {
          return html`<p>${t('connect.no.bridge')}</p>`;
        }
        return html`${this.tunnel.bridge.tls ? html`<p>${t('connect.bundle')} <button type="button" class="quiet" @click=${() => this.#bundle()}>${t('connect.bundle.go')}</button></p>` : nothing}
          <p>${t('connect.goproxy')}</p>${this.#line('goproxy', this.#stock())}`;
      default:
        return this.tunnel.lease.ttl_seconds === null
          ? html`<p>${t('connect.no.heartbeat')}</p>`
          : html`<p>${t(this.tunnel.lease.renew_by === 'session' ? 'connect.heartbeat.session' : 'connect.heartbeat', duration(this.tunnel.lease.ttl_seconds))}</p>
            ${this.#line('beat', this.#beat())}<p class="help">${t('connect.header')} <code>Authorization: Bearer …</code></p>`;
    }
  }

  #tabs() {
    const key = (event) => {
      const at = WAYS.indexOf(this.#way);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: WAYS.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        this.#way = WAYS[(to + WAYS.length) % WAYS.length];
        this.requestUpdate();
        this.updateComplete.then(() => this.querySelector('[role=tab][aria-selected=true]').focus());
      }
    };
    return html`<div class="tabs" role="tablist" aria-label=${t('connect.ways')} @keydown=${key}>${WAYS.map((way) => html`<button type="button" role="tab" id="tab-${way}"
      aria-controls="way" aria-selected=${String(way === this.#way)} tabindex=${way === this.#way ? 0 : -1}
      @click=${() => { this.#way = way; this.requestUpdate(); }}>${t(`connect.way.${way}`)}</button>`)}</div>`;
  }

  render() {
    if (!this.tunnel) {
      return nothing;
    }
    const probe = this.#probe;
    return html`${this.#tabs()}<div id="way" role="tabpanel" aria-labelledby="tab-${this.#way}" class="way">${this.#lines()}</div>
      <section class="check-live" aria-label=${t('check')}><h3>${t('check')} <button type="button" class="quiet" ?disabled=${this.#probing} @click=${() => this.check()}>${t('check.again')}</button></h3>
        <div aria-live="polite">${steps(probe)}${probe?.ok ? html`<p class="good">${t('check.good')}</p>` : html`<p class="help">${t('check.waiting')}</p>`}</div></section>`;
  }
}

/** The steps of a probe, each with its outcome. */
export function steps(probe) {
  return probe ? html`<ol class="steps">${probe.steps.map((step) => html`<li class=${step.outcome}><b>${t(`step.${step.step}`)}</b>
    <span class="outcome">${t(`outcome.${step.outcome}`)}</span> <span class="sub">${sentence(step.text)}</span></li>`)}</ol>` : nothing;
}

customElements.define('culvert-connect', Connect);
