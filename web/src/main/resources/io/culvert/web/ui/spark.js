// A small picture of the last minute.
import { html, nothing, svg } from '/ui/view.js';

const WIDTH = 72;
const HEIGHT = 22;
const SPAN_MS = 60_000;
const STEP_MS = 2_000;

/** Both directions, one line each, from a tunnel's samples. */
export function spark(samples, now = performance.now()) {
  const rates = samples.filter((sample) => sample.rate && now - sample.at < SPAN_MS + STEP_MS);
  const most = Math.max(1, ...rates.map((sample) => Math.max(sample.rate.in, sample.rate.out)));
  const x = (sample) => WIDTH - ((now - sample.at) / SPAN_MS) * WIDTH;
  const y = (value) => HEIGHT - 1 - (value / most) * (HEIGHT - 3);
  const line = (way) => {
    let path = '';
    let last = null;
    for (const sample of rates) {
      // A pause in watching is a gap in the line, not a slope.
      path += `${last && sample.at - last.at < 4 * STEP_MS ? 'L' : 'M'}${x(sample).toFixed(1)} ${y(sample.rate[way]).toFixed(1)}`;
      last = sample;
    }
    return path;
  };
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
    ${rates.length > 1 ? svg`<path class="base" d="M0 ${HEIGHT - 1}H${WIDTH}"></path> <path class="out" d=${line('out')}></path><path class="in" d=${line('in')}></path>` : nothing}</svg>`;
}
