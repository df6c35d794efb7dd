// A small picture of the last minute.
import { store } from '/ui/store.js';
import { html, svg } from '/ui/view.js';

const WIDTH = 72;
const HEIGHT = 22;
const SPAN_MS = 60_000;
const STEP_MS = 2_000;

const NONE = html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true"></svg>`;

/** Both directions, one line each, from a tunnel's samples. */
export function spark(samples, now = store.now()) {
  const last = samples.at(-1);
  if (!last || !samples.some(({ at, rate }) => rate && now - at < SPAN_MS)) {
    return NONE;
  }
  const seen = samples.filter(({ at }) => now - at < SPAN_MS + STEP_MS);
  const most = Math.max(1, ...seen.map(({ rate }) => (rate ? Math.max(rate.in, rate.out) : 0)));
  const x = (at) => (WIDTH - (Math.max(0, now - at) / SPAN_MS) * WIDTH).toFixed(1);
  const y = (value) => (HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1);
  const line = (way) => {
    let path = '';
    let pen = 'M';
    for (const { at, rate } of seen) {
      // What nobody watched is a gap in the line, not a slope.
      path += rate ? `${pen}${x(at)} ${y(rate[way])}` : '';
      pen = rate ? 'L' : 'M';
    }
    // Whoever rests is not told of again.
    return last.rate && now - last.at > STEP_MS ? `${path}H${WIDTH}` : path;
  };
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
    ${svg`<path class="base" d="M0 ${HEIGHT - 1}H${WIDTH}"></path><path class="out" d=${line('out')}></path><path class="in" d=${line('in')}></path>`}</svg>`;
}
