// What one does to tunnels, one or many: asked first where visitors would be cut, told afterwards.
import { call } from '/ui/api.js';
import { ask } from '/ui/dialogs.js';
import { store } from '/ui/store.js';
import { explain, html, say } from '/ui/view.js';
import { number, t } from '/ui/words.js';

// What the API takes in one call, and how many calls run beside each other where it takes one tunnel each.
const BULK = 1_000;
const ABREAST = 4;
const COUNTED = 100;

export const title = (tunnel) => tunnel.name ?? t('tunnel.number', tunnel.id);

const titles = (tunnels) => (tunnels.length === 1 ? title(tunnels[0]) : t('tunnels.many', number(tunnels.length)));

/** Tunnels as they are at this moment: nobody should decide by old counts. */
async function fresh(tunnels) {
  if (tunnels.length <= COUNTED) {
    await store.refresh(tunnels.map((tunnel) => tunnel.id));
  }
  return tunnels.map((tunnel) => store.tunnels.get(tunnel.id) ?? tunnel);
}

function consequences(tunnels) {
  const visitors = tunnels.reduce((sum, tunnel) => sum + tunnel.traffic.visitors, 0);
  const sessions = tunnels.reduce((sum, tunnel) => sum + tunnel.traffic.sessions, 0);
  const ports = tunnels.flatMap((tunnel) => tunnel.exposes.map((expose) => `${expose.protocol} ${expose.port}`));
  return { visitors, sessions, ports };
}

const portList = (ports) => (ports.length <= 6 ? ports.join(', ') : `${ports.slice(0, 6).join(', ')} … (${number(ports.length)})`);

const tellAll = (done, failed, words) => {
  if (failed.length === 0) {
    say(t(`${words}.done`, titles(done)));
  } else {
    say(`${t('some.failed', number(failed.length), number(done.length + failed.length))} ${explain(failed[0])}`, 'bad');
  }
};

async function bulk(path, tunnels, more, words) {
  const done = [];
  const failed = [];
  for (let i = 0; i < tunnels.length; i += BULK) {
    const part = tunnels.slice(i, i + BULK);
    try {
      const answer = await call('POST', path, { body: { ids: part.map((tunnel) => tunnel.id), ...more } });
      answer.results.forEach((result, k) => {
        if (result.tunnel) {
          store.take(result.tunnel);
          done.push(part[k]);
        } else {
          failed.push({ kind: (result.problem?.type ?? '').replace(/^.*#/, ''), status: result.status, detail: result.problem?.detail ?? '' });
        }
      });
    } catch (e) {
      part.forEach(() => failed.push(e));
    }
  }
  tellAll(done, failed, words);
  return failed.length === 0;
}

async function each(tunnels, act, words) {
  const done = [];
  const failed = [];
  const waiting = [...tunnels];
  const work = async () => {
    for (let tunnel = waiting.shift(); tunnel; tunnel = waiting.shift()) {
      try {
        store.take(await act(tunnel));
        done.push(tunnel);
      } catch (e) {
        failed.push(e);
      }
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
  tellAll(done, failed, words);
  return failed.length === 0;
}

export const renew = (tunnels) => bulk('/tunnels/bulk-renew', tunnels, {}, 'renew');

export const resume = (tunnels) => each(tunnels, (tunnel) => call('POST', `/tunnels/${tunnel.id}/resume`), 'resume');

export async function pause(tunnels) {
  const now = await fresh(tunnels);
  const { visitors } = consequences(now);
  const sure = await ask(t('pause.title', titles(now)), (again, close) => html`
    <h2>${t('pause.title', titles(now))}</h2>
    <p>${visitors > 0 ? t('pause.cuts', number(visitors)) : t('pause.nobody')}</p>
    <p class="help">${t('pause.help')}</p>
    <p class="buttons"><button class="danger" @click=${() => close(true)}>${t('pause')}</button>
      <button class="quiet" autofocus @click=${() => close()}>${t('cancel')}</button></p>`);
  return sure ? each(now, (tunnel) => call('POST', `/tunnels/${tunnel.id}/pause`), 'pause') : false;
}

/** Ends tunnels, at once or politely. Resolves to whether it was done. */
export async function end(tunnels, mode = 'cut') {
  const now = await fresh(tunnels);
  const { visitors, sessions, ports } = consequences(now);
  let chosen = mode;
  let seconds = '30';
  const sure = await ask(t('end.title', titles(now)), (again, close) => html`
    <h2>${t('end.title', titles(now))}</h2>
    <p>${t('end.what', portList(ports))}</p>
    <fieldset class="choice"><legend>${t('end.visitors', number(visitors), number(sessions))}</legend>
      <label><input type="radio" name="mode" value="cut" ?checked=${chosen === 'cut'} @change=${() => { chosen = 'cut'; again(); }}> ${t('end.cut')}</label>
      <label><input type="radio" name="mode" value="drain" ?checked=${chosen === 'drain'} @change=${() => { chosen = 'drain'; again(); }}> ${t('end.drain')}</label>
      <label class="indent">${t('end.seconds')} <input class="short" inputmode="numeric" .value=${seconds} ?disabled=${chosen !== 'drain'}
        @input=${(event) => { seconds = event.target.value; again(); }}></label>
    </fieldset>
    <p class="fault" role="alert">${chosen === 'drain' && !(Number(seconds) > 0 && Number(seconds) <= 86_400) ? t('end.seconds.wrong') : ''}</p>
    <p class="buttons"><button class="danger" ?disabled=${chosen === 'drain' && !(Number(seconds) > 0 && Number(seconds) <= 86_400)}
        @click=${() => close(true)}>${t(chosen === 'cut' ? 'end' : 'drain')}</button>
      <button class="quiet" autofocus @click=${() => close()}>${t('keep')}</button></p>`);
  if (!sure) {
    return false;
  }
  return bulk('/tunnels/bulk-delete', now, chosen === 'cut' ? { mode: 'cut' } : { mode: 'drain', drain_seconds: Number(seconds) }, chosen === 'cut' ? 'end' : 'drain');
}
