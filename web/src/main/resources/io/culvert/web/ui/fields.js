// Fields of forms: how they look, what may be said in them, and where a fault of the server's belongs.
import { html, nothing } from '/ui/view.js';
import { bytes, duration, sentence, t } from '/ui/words.js';

/** What somebody wrote cannot be; `message` says what can. */
export class Fault extends Error {}

const SECONDS = { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const SIZES = { '': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 };

/** Seconds from `90`, `5m`, `2h` or `1d`; null from nothing. Throws Fault. */
export function seconds(text) {
  return scaled(text, SECONDS, 0.001, 315_360_000, 'fault.seconds');
}

/** Bytes from `1000`, `500 kB` or `5 GB`; null from nothing. Throws Fault. */
export function size(text) {
  const value = scaled(text, SIZES, 1, 9_007_199_254_740_991, 'fault.bytes');
  return value === null ? null : Math.round(value);
}

function scaled(text, units, least, most, words) {
  if (text.trim() === '') {
    return null;
  }
  const found = /^([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = found && units[found[2].toLowerCase()];
  const value = found && unit ? Number(found[1]) * unit : NaN;
  if (!(value >= least && value <= most)) {
    throw new Fault(t(words));
  }
  return value;
}

/** A whole number; null from nothing. Throws Fault. */
export function count(text, least = 1, most = 1_000_000) {
  if (text.trim() === '') {
    return null;
  }
  if (!/^[0-9]+$/.test(text.trim()) || Number(text) < least || Number(text) > most) {
    throw new Fault(t('fault.count', least, most));
  }
  return Number(text);
}

/** `host:port`, from a port alone too. Throws Fault. */
export function target(text) {
  const said = text.trim();
  if (said === '') {
    throw new Fault(t('fault.target.none'));
  }
  const whole = /^[0-9]+$/.test(said) ? `127.0.0.1:${said}` : said;
  const found = /^(?:[^\s[\]:]{1,253}|\[[0-9A-Fa-f:.%a-z]{2,60}\]):([0-9]{1,5})$/.exec(whole);
  if (!found || Number(found[1]) < 1 || Number(found[1]) > 65_535) {
    throw new Fault(t('fault.target'));
  }
  return whole;
}

/** A port, or null from nothing. Throws Fault. */
export function port(text) {
  if (text.trim() === '') {
    return null;
  }
  if (!/^[0-9]+$/.test(text.trim()) || Number(text) > 65_535) {
    throw new Fault(t('fault.port'));
  }
  return Number(text);
}

/** Labels from `key:value`, separated by commas or lines. Throws Fault. */
export function labels(text) {
  const all = {};
  for (const part of text.split(/[,\n]/).map((each) => each.trim()).filter(Boolean)) {
    const found = /^([A-Za-z0-9._/-]{1,63})\s*[:=]\s*(.{0,200})$/.exec(part);
    if (!found) {
      throw new Fault(t('fault.labels', part));
    }
    all[found[1]] = found[2];
  }
  return all;
}

/** Words separated by spaces, commas or lines. */
export const list = (text) => text.split(/[\s,]+/).filter(Boolean);

/** As somebody would write it. */
export const written = {
  seconds: (value) => (value === null ? '' : value % 86_400 === 0 ? `${value / 86_400}d` : value % 3600 === 0 ? `${value / 3600}h` : value % 60 === 0 ? `${value / 60}m` : String(value)),
  size: (value) => (value === null ? '' : value % 1e9 === 0 ? `${value / 1e9} GB` : value % 1e6 === 0 ? `${value / 1e6} MB` : value % 1e3 === 0 ? `${value / 1e3} kB` : String(value)),
  count: (value) => (value === null ? '' : String(value)),
  list: (value) => value.join('\n'),
  labels: (value) => Object.entries(value).map(([key, each]) => `${key}:${each}`).join(', '),
};

/** As the page tells it. */
export const told = { seconds: duration, size: bytes };

/**
 * One field with label, help and fault. `form` has `draft` (what was written), `faults` (what is wrong, by name) and `write(name, value)`.
 */
export function field(form, name, { label, help, placeholder, inputmode, lines, required, after } = {}) {
  const fault = form.faults[name] ?? '';
  const described = [help ? `help-${name}` : '', fault ? `fault-${name}` : ''].filter(Boolean).join(' ');
  const input = (event) => form.write(name, event.target.value);
  return html`<div class="field"><label for="f-${name}">${label}${required ? html` <span class="must" aria-hidden="true">*</span>` : nothing}</label>
    ${lines
      ? html`<textarea id="f-${name}" rows=${lines} spellcheck="false" placeholder=${placeholder ?? ''} .value=${form.draft[name] ?? ''}
          aria-invalid=${fault ? 'true' : nothing} aria-describedby=${described || nothing} @input=${input}></textarea>`
      : html`<input id="f-${name}" type="text" autocomplete="off" spellcheck="false" inputmode=${inputmode ?? nothing} placeholder=${placeholder ?? ''}
          .value=${form.draft[name] ?? ''} aria-required=${required ? 'true' : nothing} aria-invalid=${fault ? 'true' : nothing}
          aria-describedby=${described || nothing} @input=${input}>`}
    ${after ?? nothing}
    ${help ? html`<p class="help" id="help-${name}">${help}</p>` : nothing}
    <p class="fault" id="fault-${name}" role="alert">${fault}</p></div>`;
}

/** A field with a few answers: `choices` are pairs of value and words. */
export function choice(form, name, { label, help, choices }) {
  return html`<div class="field"><label for="f-${name}">${label}</label>
    <select id="f-${name}" aria-describedby=${help ? `help-${name}` : nothing} @change=${(event) => form.write(name, event.target.value)}>${choices.map(
      ([value, words]) => html`<option value=${value} ?selected=${(form.draft[name] ?? choices[0][0]) === value}>${words}</option>`)}</select>
    ${help ? html`<p class="help" id="help-${name}">${help}</p>` : nothing}<p class="fault" role="alert">${form.faults[name] ?? ''}</p></div>`;
}

export function check(form, name, { label, help }) {
  return html`<div class="field wide"><label class="check"><input type="checkbox" aria-describedby=${help ? `help-${name}` : nothing} .checked=${form.draft[name] === 'yes'}
    @change=${(event) => form.write(name, event.target.checked ? 'yes' : 'no')}> ${label}</label>${help ? html`<p class="help" id="help-${name}">${help}</p>` : nothing}</div>`;
}

/** Reads one value of a draft; a fault goes to its field. Gives back undefined where there is one. */
export function read(form, name, parse) {
  try {
    return parse(form.draft[name] ?? '');
  } catch (e) {
    if (!(e instanceof Fault)) {
      throw e;
    }
    form.faults[name] = e.message;
    return undefined;
  }
}

/**
 * Sorts what the server found wrong to the fields: `places` leads from a JSON pointer to a name. What fits nowhere is given back as text.
 */
export function placed(problem, places, faults) {
  const rest = [];
  for (const error of problem.errors) {
    const name = places(error.field);
    const words = error.value === null || error.value === 'MASKED' ? t('fault.wanted', sentence(error.expected)) : t('fault.expected', error.value, sentence(error.expected));
    if (name) {
      faults[name] ??= words;
    } else {
      rest.push(`${error.field}: ${words}`);
    }
  }
  return rest.join(' ');
}
