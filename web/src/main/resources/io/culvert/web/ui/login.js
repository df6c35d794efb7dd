// The door: by key, or by user and password where the server knows users.
import { enter, enterByKey, enterByPassword } from '/ui/api.js';
import { explain, go, html, nothing, View } from '/ui/view.js';
import { t } from '/ui/words.js';

/** Where one wanted to go; only places of this page. */
function next() {
  const wanted = new URLSearchParams(location.search).get('next') ?? '';
  return /^\/ui\/(manager|server|access|tunnel\/\d+)(\?|$)/.test(wanted) ? wanted : '/ui/manager';
}

/** Why the identity provider's people were led back to this door; one of the words of ProviderRoutes. */
function failed() {
  const word = new URLSearchParams(location.search).get('failed') ?? '';
  return /^(http|state|refused|name|groups|provider)$/.test(word) ? t(`login.failed.${word}`) : '';
}

class Login extends View {
  #ways = { password: false, provider: false };
  #byKey = true;
  /** Whether the ways in are known: a form that changes under one's hands helps nobody. */
  #known = false;
  #code = false;
  #fault = failed();
  #busy = false;

  async connectedCallback() {
    super.connectedCallback();
    try {
      const { session, ways } = await enter();
      if (session) {
        go(next(), { replace: true });
        return;
      }
      this.#ways = ways;
      this.#byKey = !ways.password;
    } catch (e) {
      this.#fault = explain(e);
    }
    this.#known = true;
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector('input')?.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const value = (name) => this.querySelector(`[name=${name}]`)?.value ?? '';
    this.#busy = true;
    this.#fault = '';
    this.requestUpdate();
    try {
      const session = this.#byKey ? await enterByKey(value('key').trim()) : await enterByPassword(value('user').trim(), value('password'), value('code').trim());
      if (session) {
        go(next(), { replace: true });
        return;
      }
      this.#fault = t('login.wrong.key');
    } catch (e) {
      if (e.kind === 'second-factor') {
        this.#fault = this.#code ? t('login.wrong.code') : '';
        this.#code = true;
      } else {
        this.#fault = e.status === 401 ? t('login.wrong.password') : explain(e);
      }
    } finally {
      this.#busy = false;
      this.requestUpdate();
    }
    await this.updateComplete;
    const field = this.querySelector(this.#code ? '[name=code]' : this.#byKey ? '[name=key]' : '[name=password]');
    field?.focus();
    field?.select();
  }

  /** The other way in. */
  async #other() {
    this.#byKey = !this.#byKey;
    this.#fault = '';
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector('input').focus();
  }

  #field(name, options) {
    const wrong = this.#fault !== '';
    return html`<label for="field-${name}">${t(`login.${name}`)}</label>
      <input id="field-${name}" name=${name} type=${options.type} autocomplete=${options.autocomplete} required
        aria-invalid=${wrong && options.guilty ? 'true' : nothing} aria-describedby="fault${options.help ? ` help-${name}` : ''}">
      ${options.help ? html`<p class="help" id="help-${name}">${options.help}</p>` : nothing}`;
  }

  render() {
    document.title = `${t('login.title')} · Culvert`;
    return html`<div class="door">
      <h1><img src="/ui/culvert.svg" alt="" width="40" height="40"> Culvert</h1>
      <p>${t('login.lead')}</p>
      ${this.#known ? html`<form id="login" class="card" novalidate @submit=${(event) => this.#submit(event)}>
        ${this.#byKey
          ? this.#field('key', { type: 'password', autocomplete: 'current-password', help: t('login.help'), guilty: true })
          : html`${this.#field('user', { type: 'text', autocomplete: 'username', guilty: !this.#code })}
              ${this.#field('password', { type: 'password', autocomplete: 'current-password', guilty: !this.#code })}
              ${this.#code ? this.#field('code', { type: 'text', autocomplete: 'one-time-code', help: t('login.code.help'), guilty: true }) : nothing}`}
        <p id="fault" class="fault" role="alert">${this.#fault}</p>
        <p class="buttons"><button ?disabled=${this.#busy}>${t('login.go')}</button>
        ${this.#ways.password ? html`<button type="button" class="quiet" id="login-way" @click=${() => this.#other()}>${
          t(this.#byKey ? 'login.by.password' : 'login.by.key')}</button>` : nothing}${this.#ways.provider ? html`<a class="button quiet" href="/ui/oidc/start">${t('login.provider')}</a>` : nothing}</p>
      </form>` : html`<p>${t('loading')}</p>`}</div>`;
  }
}

customElements.define('culvert-login', Login);
