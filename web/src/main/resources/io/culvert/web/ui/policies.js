// What a tunnel's visitors may do: the same fields when it is made and when it is changed.
import { choice, count, field, list, read, seconds, size, written } from '/ui/fields.js';
import { html } from '/ui/view.js';
import { t } from '/ui/words.js';

/** Name of the field, place in the document, kind. */
const FIELDS = [
  ['allow', ['visitors', 'allow'], 'list'],
  ['deny', ['visitors', 'deny'], 'list'],
  ['most', ['connections', 'most'], 'count'],
  ['perAddress', ['connections', 'most_per_address'], 'count'],
  ['perSecond', ['connections', 'new_per_second'], 'count'],
  ['rateIn', ['bytes_per_second', 'in'], 'size'],
  ['rateOut', ['bytes_per_second', 'out'], 'size'],
  ['eachIn', ['bytes_per_second', 'connection_in'], 'size'],
  ['eachOut', ['bytes_per_second', 'connection_out'], 'size'],
  ['volume', ['volume_bytes'], 'size'],
  ['idle', ['idle_seconds'], 'seconds'],
  ['longest', ['longest_seconds'], 'seconds'],
  ['proxy', ['proxy_protocol'], 'choice'],
];

const PARSERS = { list, count, size, seconds, choice: (text) => text || 'none' };

/** The draft that says these policies. */
export function draftOf(policies) {
  return Object.fromEntries(FIELDS.map(([name, place, kind]) => {
    const value = place.reduce((at, step) => at[step], policies);
    return [name, kind === 'choice' ? value : written[kind](value)];
  }));
}

/** The document that a draft says; faults go to the form. */
export function policiesOf(form) {
  const document = {};
  for (const [name, place, kind] of FIELDS) {
    const value = read(form, name, PARSERS[kind]);
    const at = place.slice(0, -1).reduce((node, step) => (node[step] ??= {}), document);
    at[place.at(-1)] = value;
  }
  return document;
}

/** The field for a place within `/policies`. */
export function policyField(pointer) {
  const steps = pointer.replace(/^\/policies\//, '').split('/');
  return FIELDS.find(([, place]) => place.every((step, i) => step === steps[i]))?.[0];
}



export function policyFields(form) {
  const sized = (name) => field(form, name, { label: t(`policy.${name}`), placeholder: t('none.placeholder'), help: t('policy.size.help') });
  const counted = (name) => field(form, name, { label: t(`policy.${name}`), placeholder: t('none.placeholder'), inputmode: 'numeric' });
  const timed = (name) => field(form, name, { label: t(`policy.${name}`), placeholder: t('none.placeholder'), help: t('policy.time.help') });
  return html`<div class="fields">
    ${field(form, 'allow', { label: t('policy.allow'), lines: 2, placeholder: '192.0.2.0/24', help: t('policy.allow.help') })}
    ${field(form, 'deny', { label: t('policy.deny'), lines: 2, placeholder: '2001:db8::/32', help: t('policy.deny.help') })}
    ${['most', 'perAddress', 'perSecond'].map(counted)}${['rateIn', 'rateOut', 'eachIn', 'eachOut', 'volume'].map(sized)}${['idle', 'longest'].map(timed)}
    ${choice(form, 'proxy', { label: t('policy.proxy'), help: t('policy.proxy.help'), choices: [['none', t('policy.proxy.none')], ['v1', 'v1'], ['v2', 'v2']] })}
  </div>`;
}
