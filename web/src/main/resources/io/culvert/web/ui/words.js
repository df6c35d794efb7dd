// Languages: words, numbers, times. Everything that the page says goes through here.

const LOCALES = { en: 'en', zh: 'zh-CN' };

/** What is remembered between visits; a browser that forbids it remembers nothing. */
export const memory = {
  get(name) {
    try {
      return localStorage.getItem(`culvert.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`culvert.${name}`, value);
    } catch {
      // Then it holds for this visit.
    }
  },
};

/** Tells `change` when the language has changed. */
export const languages = new EventTarget();

const loaded = {};
let language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
let words = {};
let formats = {};

async function load(wanted) {
  loaded[wanted] ??= (await import(`/ui/words-${wanted}.js`)).default;
  language = wanted;
  words = loaded[wanted];
  formats = {};
  document.documentElement.lang = LOCALES[wanted];
}

/** Must be awaited before anything is said. */
export const ready = load(language);

export const current = () => language;

export async function speak(wanted) {
  await load(wanted);
  memory.set('language', wanted);
  languages.dispatchEvent(new Event('change'));
}

/** The words of a name in the current language; {0}, {1} … are replaced. */
export function t(name, ...values) {
  const said = words[name];
  if (said === undefined) {
    console.error(`no words for '${name}' (${language})`);
    return name;
  }
  return values.length === 0 ? said : said.replace(/\{(\d)\}/g, (_, i) => values[i]);
}

/** The words for a number of things; one of them may have words of its own. */
export const counted = (name, count) => t(count === 1 && words[`${name}.one`] ? `${name}.one` : name, number(count));

/** As `t`, or the fallback where there are no such words: for what servers newer than this page may say. */
export const maybe = (name, fallback) => words[name] ?? fallback;

const MOMENT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** What the server says in English, in the current language where the sentence is known, and with its moments as people here read them. */
export function sentence(text) {
  return translated(text).replace(MOMENT, dateTime);
}

function translated(text) {
  for (const [pattern, said] of words.sentences ?? []) {
    const found = pattern.exec(text);
    if (found) {
      return said.replace(/\{(\d)\}/g, (_, i) => found[Number(i) + 1] ?? '');
    }
  }
  return text;
}

/** Making a formatter costs a thousand times what using it does. */
function format(kind, options) {
  const key = kind.name + JSON.stringify(options);
  return (formats[key] ??= new kind(LOCALES[language], options));
}

export const number = (value, options = {}) => format(Intl.NumberFormat, options).format(value);

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** 1,234,567 is 1.23 MB: three digits that count. */
export function bytes(count) {
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${number(value, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

export const rate = (perSecond) => `${bytes(perSecond)}/s`;

const SHORT = { dateStyle: 'medium', timeStyle: 'medium' };

export const dateTime = (iso) => format(Intl.DateTimeFormat, SHORT).format(new Date(iso));
export const day = (iso) => format(Intl.DateTimeFormat, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(iso));
export const clock = (iso) => format(Intl.DateTimeFormat, { timeStyle: 'medium' }).format(new Date(iso));

/** How long, in the two greatest units: 3 d 4 h; 12:05 below an hour. */
export function span(seconds) {
  const s = Math.max(0, Math.ceil(seconds));
  const two = (n) => String(n).padStart(2, '0');
  if (s >= 86_400) {
    return t('span.days', Math.floor(s / 86_400), Math.floor(s / 3600) % 24);
  }
  return s >= 3600
    ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
    : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** A bound as people say it: 90 s, 5 min, 2 h, 1 d; exact. */
export function duration(seconds) {
  for (const [unit, size] of [['d', 86_400], ['h', 3600], ['min', 60]]) {
    if (seconds >= size && seconds % size === 0) {
      return t(`duration.${unit}`, number(seconds / size));
    }
  }
  return t('duration.s', number(seconds, { maximumFractionDigits: 3 }));
}

const AGO = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** How long since, in words. */
export function ago(iso, now = Date.now()) {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  const [unit, size] = AGO.find(([, length]) => seconds >= length) ?? AGO[3];
  return format(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(-Math.floor(seconds / size), unit);
}
