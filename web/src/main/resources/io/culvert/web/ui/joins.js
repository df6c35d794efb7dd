// Invitations to serve a tunnel, beside the token that its creation told: each for a while and so many agents, and revocable.
import { call } from '/ui/api.js';
import { count, field, read, seconds } from '/ui/fields.js';
import { form, once, sure } from '/ui/forms.js';
import { explain, html, nothing, say, View } from '/ui/view.js';
import { ago, dateTime, number, t } from '/ui/words.js';

const MOST_USES = 100;

class Joins extends View {
  static properties = { tunnel: { attribute: false } };

  #tokens = [];
  #problem = null;

  updated(changed) {
    if (changed.has('tunnel') && changed.get('tunnel')?.id !== this.tunnel.id) {
      this.#load();
    }
  }

  get #path() {
    return `/tunnels/${this.tunnel.id}/join-tokens`;
  }

  async #load() {
    try {
      this.#tokens = (await call('GET', this.#path)).join_tokens;
      this.#problem = null;
    } catch (e) {
      this.#problem = e;
    }
    this.requestUpdate();
  }

  async #make() {
    const made = await form(t('joins.new'), { uses: '1', ttl: '1h' }, (state) => html`
      ${field(state, 'uses', { label: t('joins.uses'), inputmode: 'numeric', placeholder: t('none.placeholder'), help: t('joins.uses.help') })}
      ${field(state, 'ttl', { label: t('joins.ttl'), placeholder: t('lease.none'), help: t('policy.time.help') })}`, (state) => {
      const uses = read(state, 'uses', (text) => count(text, 1, MOST_USES));
      const ttl = read(state, 'ttl', seconds);
      return Object.keys(state.faults).length > 0 ? null : call('POST', this.#path, { body: { uses, ttl_seconds: ttl } });
    }, { action: t('joins.make'), places: { '/uses': 'uses', '/ttl_seconds': 'ttl' } });
    if (made?.join) {
      await once(t('joins.made'), t('joins.made.what'), made.join);
      this.#load();
    }
  }

  async #revoke(token) {
    if (await sure(t('joins.revoke'), t('joins.revoke.what', number(token.credentials)), t('key.revoke'))) {
      try {
        await call('DELETE', `${this.#path}/${token.id}`);
        say(t('joins.revoked'));
      } catch (e) {
        say(explain(e), 'bad');
      }
      this.#load();
    }
  }

  #row(token) {
    const good = token.state === 'good';
    return html`<tr><td><code>${token.id.slice(0, 8)}</code><span class="sub">${token.created_by}</span></td><td>${t(`joins.is.${token.state}`)}</td>
      <td>${token.uses === null ? t('none.placeholder') : `${number(token.uses_left)} / ${number(token.uses)}`}</td><td>${token.expires_at ? dateTime(token.expires_at) : t('key.never')}</td>
      <td>${token.last_used_at ? ago(token.last_used_at) : t('never')}</td><td>${number(token.credentials)}</td>
      <td class="act">${good || token.credentials > 0 ? html`<button type="button" class="quiet danger" aria-label="${t('joins.revoke')} ${token.id.slice(0, 8)}" @click=${() => this.#revoke(token)}>${t('key.revoke')}</button>` : nothing}</td></tr>`;
  }

  render() {
    return html`<section class="card" aria-labelledby="h-joins"><h2 id="h-joins">${t('joins')} ${
      this.tunnel.state === 'ended' ? nothing : html`<button type="button" class="quiet" @click=${() => this.#make()}>${t('joins.new…')}</button>`}</h2>
      ${this.#problem ? html`<p class="trouble" role="alert">${explain(this.#problem)}</p>` : nothing}${this.#tokens.length === 0 ? html`<p class="help">${t('joins.none')}</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="h-joins"><table><thead><tr>${['joins.token', 'joins.state', 'joins.left', 'ends', 'used.last', 'joins.agents'].map((head) => html`<th scope="col">${t(head)}</th>`)}
          <th scope="col"><span class="unseen">${t('col.actions')}</span></th></tr></thead><tbody>${this.#tokens.map((token) => this.#row(token))}</tbody></table></div>`}</section>`;
  }
}

customElements.define('culvert-joins', Joins);
