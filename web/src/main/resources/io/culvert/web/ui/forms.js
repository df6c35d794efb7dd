// Dialogs in which something is written, decided, or told once.
import { ask } from '/ui/dialogs.js';
import { placed } from '/ui/fields.js';
import { copy, explain, html } from '/ui/view.js';
import { t } from '/ui/words.js';

/** What a form is to its fields: a draft, faults, and how one is written to. */
const formOf = (draft) => ({
  draft,
  faults: {},
  fault: '',
  write(name, value) {
    this.draft[name] = value;
    delete this.faults[name];
    this.fault = '';
    this.again?.();
  },
});

/**
 * Asks for a few things in a dialog and does something with them; stays until that was done or it is dismissed. `send` gives back what the
 * dialog resolves to; Problems it throws go to the fields that `places` names. `proof` is the field of a password or a code that is asked
 * for once more, and what is said where it is wrong.
 */
export function form(title, draft, fields, send, { places = {}, action = t('save'), proof = null } = {}) {
  const state = formOf(draft);
  return ask(title, (again, close) => {
    state.again = again;
    return html`<form novalidate @submit=${async (event) => {
      event.preventDefault();
      state.faults = {};
      state.fault = '';
      try {
        const done = await send(state);
        if (Object.keys(state.faults).length === 0) {
          close(done ?? true);
          return;
        }
      } catch (e) {
        if (e.status === 401 && proof) {
          state.faults[proof.field] = proof.wrong;
        } else {
          state.fault = e.errors?.length > 0 ? placed(e, (pointer) => places[pointer], state.faults) : explain(e);
        }
      }
      again();
      event.target.querySelector('[aria-invalid=true]')?.focus();
    }}><h2>${title}</h2><div class="fields two">${fields(state)}</div><p class="fault" role="alert">${state.fault}</p>
      <p class="buttons"><button>${action}</button><button type="button" class="quiet" @click=${() => close()}>${t('cancel')}</button></p></form>`;
  }, { wide: true });
}

/** Asks whether something is to be done. */
export const sure = (title, what, action) => ask(title, (again, close) => html`<h2>${title}</h2><p>${what}</p>
  <p class="buttons"><button class="danger" @click=${() => close(true)}>${action}</button><button class="quiet" autofocus @click=${() => close()}>${t('cancel')}</button></p>`);

/** Shows a secret that is told once. */
export const once = (title, what, text) => ask(title, (again, close) => html`<h2>${title}</h2><p>${what}</p>
  <div class="copyable"><pre tabindex="0" role="group" aria-label=${title}>${text}</pre><button type="button" class="quiet" @click=${(event) => copy(text, event.target.previousElementSibling)}>${t('copy')}</button></div>
  <p class="buttons"><button @click=${() => close()}>${t('close')}</button></p>`, { wide: true });
