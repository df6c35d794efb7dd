// The frame: who is in, which view the address names, what is told to everybody.
import { doors, enter, forget, leave, whoami } from '/ui/api.js';
import { events } from '/ui/events.js';
import { store } from '/ui/store.js';
import { go, html, nothing, View } from '/ui/view.js';
import { current, memory, ready, speak, t } from '/ui/words.js';

const SAID_MS = 6_000;
// A hiccup is not worth a banner.
const LOST_MS = 1_200;
const THEMES = ['auto', 'light', 'dark'];

/** Which view stands at an address, and how it comes. */
const PLACES = [
  [/^\/ui\/manager$/, 'manager', () => import('/ui/manager.js'), () => html`<culvert-manager></culvert-manager>`],
  [/^\/ui\/tunnel\/(\d+)$/, 'manager', () => import('/ui/tunnel.js'), (id) => html`<culvert-tunnel .number=${Number(id)}></culvert-tunnel>`],
  [/^\/ui\/server$/, 'server', () => import('/ui/server.js'), () => html`<culvert-server></culvert-server>`],
  [/^\/ui\/access$/, 'access', () => import('/ui/access.js'), () => html`<culvert-access></culvert-access>`],
  [/^\/ui\/login$/, 'login', () => import('/ui/login.js'), () => html`<culvert-login></culvert-login>`],
];

class App extends View {
  #view = nothing;
  #place = '';
  #turn = 0;
  #said = null;
  #lost = false;
  #lostTimer = 0;

  createRenderRoot() {
    this.textContent = ''; // what the document showed before there was a script
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.listen(window, 'popstate', () => this.#show());
    this.listen(document, 'culvert-go', () => this.#show());
    this.listen(document, 'culvert-say', (event) => this.#say(event.detail));
    this.listen(document, 'click', (event) => this.#click(event));
    this.listen(doors, 'shut', () => this.#shut());
    this.listen(events, 'state', (event) => this.#stream(event.detail));
    this.listen(store, 'change', (event) => event.detail.ids === null && this.requestUpdate());
    this.#begin();
  }

  /** Finds out who is in; without anybody only the login is shown. */
  async #begin() {
    try {
      const { session } = await enter();
      if (!session && location.pathname !== '/ui/login') {
        this.#shut();
        return;
      }
    } catch {
      // The server does not answer: the view says so, and the stream tries on.
      events.start();
    }
    this.#show();
  }

  #shut() {
    forget();
    events.stop();
    store.clear();
    if (location.pathname !== '/ui/login') {
      const from = location.pathname + location.search;
      go(from === '/ui/manager' ? '/ui/login' : `/ui/login?next=${encodeURIComponent(from)}`, { replace: true });
    }
  }

  async #show() {
    const turn = ++this.#turn;
    if (whoami()?.must_change_password && location.pathname !== '/ui/access' && location.pathname !== '/ui/login') {
      go('/ui/access', { replace: true });
      return;
    }
    const path = location.pathname;
    if (path !== '/ui/login' && whoami() && !whoami().must_change_password) {
      events.start();
    }
    for (const [pattern, place, load, view] of PLACES) {
      const found = pattern.exec(path);
      if (found) {
        try {
          await load();
        } catch (e) {
          console.error(e);
          this.#say({ text: t('problem.page'), kind: 'bad' });
          return;
        }
        if (turn !== this.#turn) {
          return; // somebody went on meanwhile
        }
        const moved = this.#place !== '' && this.#path !== path;
        this.#place = place;
        this.#path = path;
        this.#view = view(...found.slice(1));
        this.requestUpdate();
        await this.updateComplete;
        if (moved) {
          scrollTo(0, 0);
          this.querySelector('main')?.focus({ preventScroll: true });
        }
        return;
      }
    }
    go('/ui/manager', { replace: true });
  }

  #path = '';

  /** Links within the page change the view, not the document. */
  #click(event) {
    const anchor = event.target.closest?.('a[href^="/ui/"]');
    if (anchor && !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !anchor.target && !anchor.download && !anchor.pathname.startsWith('/ui/oidc/')) {
      event.preventDefault();
      if (anchor.getAttribute('href') !== location.pathname + location.search) {
        go(anchor.getAttribute('href'));
      }
    }
  }

  #say(said) {
    this.#said = said;
    this.requestUpdate();
    clearTimeout(this.sayTimer);
    if (said && said.kind !== 'bad') {
      this.sayTimer = setTimeout(() => this.#say(null), SAID_MS);
    }
  }

  #stream(state) {
    clearTimeout(this.#lostTimer);
    if (state === 'lost') {
      this.#lostTimer = setTimeout(() => {
        this.#lost = true;
        this.requestUpdate();
      }, this.#lost ? 0 : LOST_MS);
    } else {
      if (this.#lost && state === 'live') {
        this.#say({ text: t('back'), kind: 'done' });
      }
      this.#lost = false;
      this.requestUpdate();
    }
  }

  async #leave() {
    await leave();
    events.stop();
    store.clear();
    go('/ui/login', { replace: true });
  }

  #theme() {
    const now = memory.get('theme') ?? 'auto';
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    memory.set('theme', next);
    if (next === 'auto') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = next;
    }
    dispatchEvent(new Event('culvert-theme'));
    this.requestUpdate();
  }

  #nav() {
    const link = (place, path, text) => html`<a href=${path} aria-current=${this.#place === place ? 'page' : nothing}>${text}</a>`;
    return html`<nav aria-label=${t('nav')}>${link('manager', '/ui/manager', t('tunnels'))}${link('server', '/ui/server', t('server'))}${link('access', '/ui/access', t('access'))}<a href="/docs">${t('docs')}</a></nav>`;
  }

  render() {
    const session = whoami();
    const inside = this.#place !== 'login' && this.#place !== '';
    const theme = memory.get('theme') ?? 'auto';
    return html`<a class="skip" href="#main">${t('skip')}</a>
      <header class="top"><a class="brand" href="/ui/manager"><img src="/ui/culvert.svg" alt="" width="24" height="24"> Culvert</a>
        ${inside ? this.#nav() : html`<span class="grow"></span>`}
        <span class="right">
          <button type="button" class="quiet" lang=${current() === 'zh' ? 'en' : 'zh-CN'} id="language" @click=${() => speak(current() === 'zh' ? 'en' : 'zh')}>${
            current() === 'zh' ? 'English' : '简体中文'}</button>
          <button type="button" class="quiet" id="theme" @click=${() => this.#theme()}><span aria-hidden="true">◐ </span><span class="words">${t(`theme.${theme}`)}</span></button>
          ${inside && session && session.kind !== 'open' ? html`<button type="button" class="quiet" id="leave" title=${session.name || nothing} @click=${() => this.#leave()}>${t('leave')}</button>` : nothing}
        </span></header>
      <div class="banner" role="alert" ?hidden=${!this.#lost || !inside}>${this.#lost && inside ? html`<span>${t('lost')}</span>
        <button type="button" class="quiet" @click=${() => events.retry()}>${t('again')}</button>` : nothing}</div>
      ${store.server?.draining && inside ? html`<div class="banner calm" role="status"><span>${t('draining.banner')}</span> <a href="/ui/server">${t('server')}</a></div>` : nothing}
      <main id="main" tabindex="-1" class=${this.#place}>${this.#view}</main>
      <div class="said ${this.#said?.kind ?? 'silent'}" role="status" aria-live="polite">${this.#said ? html`<span>${this.#said.text}</span>
        <button type="button" class="quiet" aria-label=${t('dismiss')} @click=${() => this.#say(null)}>✕</button>` : nothing}</div>`;
  }
}

await ready;
customElements.define('culvert-app', App);
