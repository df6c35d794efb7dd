// Charts: uPlot in the page's colours and language. Each also says in words what it shows.
import uPlot from '/ui/lib/uplot/uplot.js';
import { bytes, clock, day, languages, number, rate, t } from '/ui/words.js';

const HEIGHT = 220;

const style = document.createElement('link');
style.rel = 'stylesheet';
style.href = '/ui/lib/uplot/uplot.css';
document.head.append(style);

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function axis(options) {
  return { stroke: colour('soft'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui, sans-serif', ...options };
}

/** A chart that fills its place, and is made anew when colours or language change. */
class Chart {
  #place;
  #make;
  #data;
  #plot = null;
  #undo = [];

  constructor(place, data, make) {
    this.#place = place;
    this.#data = data;
    this.#make = make;
    const again = () => this.#build();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    for (const [target, kind] of [[dark, 'change'], [window, 'culvert-theme'], [languages, 'change']]) {
      target.addEventListener(kind, again);
      this.#undo.push(() => target.removeEventListener(kind, again));
    }
    const observer = new ResizeObserver(() => this.#plot?.setSize({ width: place.clientWidth, height: HEIGHT }));
    observer.observe(place);
    this.#undo.push(() => observer.disconnect());
    this.#build();
  }

  #build() {
    this.#plot?.destroy();
    this.#plot = new uPlot({ width: Math.max(200, this.#place.clientWidth), height: HEIGHT, ...this.#make() }, this.#data, this.#place);
  }

  set data(data) {
    this.#data = data;
    this.#plot.setData(data);
  }

  close() {
    this.#undo.forEach((undo) => undo());
    this.#plot.destroy();
  }
}

const times = { values: (plot, splits) => splits.map((each) => clock(each * 1000)), space: 90 };

/** Bytes a second both ways and open connections, by time: `[times, in, out, connections]`. */
export function throughput(place, data, seconds) {
  return new Chart(place, data, () => ({
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { live: true },
    scales: {
      x: { time: true, range: (plot, min, max) => [max - Math.min(seconds, Math.max(60, max - min)), max] },
      y: { range: (plot, min, max) => [0, Math.max(1_000, max * 1.1)] },
      n: { range: (plot, min, max) => [0, Math.max(4, Math.ceil(max * 1.2))] },
    },
    axes: [axis(times), axis({ values: (plot, splits) => splits.map(rate), size: 84 }),
      axis({ scale: 'n', side: 1, grid: { show: false }, size: 44, values: (plot, splits) => splits.map((each) => (Number.isInteger(each) ? number(each) : '')) })],
    series: [
      { value: (plot, value) => (value === null ? '–' : clock(value * 1000)), label: t('chart.time') },
      { label: t('chart.in'), stroke: colour('in'), width: 1.6, points: { show: false }, value: (plot, value) => (value === null ? '–' : rate(value)) },
      { label: t('chart.out'), stroke: colour('out'), width: 1.6, points: { show: false }, value: (plot, value) => (value === null ? '–' : rate(value)) },
      { label: t('chart.connections'), scale: 'n', stroke: colour('soft'), width: 1.2, dash: [4, 3], points: { show: false }, value: (plot, value) => (value === null ? '–' : number(value)) },
    ],
  }));
}

/** Bytes by slot, stacked: `[starts, in + out, in]`. */
export function usage(place, data, grain) {
  const bars = uPlot.paths.bars({ size: [0.7, 40], align: 1 });
  const label = (value) => (grain === 'day' ? day(value * 1000) : clock(value * 1000).replace(/:\d\d(?!.*:\d\d)/, ''));
  return new Chart(place, data, () => ({
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (plot, min, max) => [0, Math.max(1_000, max * 1.1)] } },
    axes: [axis({ values: (plot, splits) => splits.map(label), space: 70 }), axis({ values: (plot, splits) => splits.map(bytes), size: 84 })],
    series: [
      { label: t('chart.time'), value: (plot, value) => (value === null ? '–' : label(value)) },
      { label: t('chart.both'), fill: colour('out'), stroke: colour('out'), width: 0, paths: bars, points: { show: false }, value: (plot, value) => (value === null ? '–' : bytes(value)) },
      { label: t('chart.in'), fill: colour('in'), stroke: colour('in'), width: 0, paths: bars, points: { show: false }, value: (plot, value) => (value === null ? '–' : bytes(value)) },
    ],
  }));
}
