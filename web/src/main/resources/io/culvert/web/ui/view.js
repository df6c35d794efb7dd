// What every view of the page is made from: a Lit element that draws into the document itself, so that one style sheet, one focus order
// and one set of ids are enough.
import { LitElement } from '/ui/lib/lit/index.js';
import { languages, maybe, sentence, t } from '/ui/words.js';

export { html, nothing, svg } from '/ui/lib/lit/index.js';

export class View extends LitElement {
  #undo = [];

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.listen(languages, 'change', () => this.requestUpdate());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#undo.splice(0).forEach((undo) => undo());
  }

  /** Listens until this view is taken away. */
  listen(target, kind, handler) {
    target.addEventListener(kind, handler);
    this.#undo.push(() => target.removeEventListener(kind, handler));
  }

  /** Does something again and again while this view and the whole page are to be seen. */
  every(ms, work) {
    const timer = setInterval(() => document.hidden || work(), ms);
    this.#undo.push(() => clearInterval(timer));
  }

  /** What is to be done when this view is taken away. */
  finally(work) {
    this.#undo.push(work);
  }
}

/** Says something to screen readers and, for a while, at the foot of the page. */
export function say(text, kind = 'done') {
  document.dispatchEvent(new CustomEvent('culvert-say', { detail: { text, kind } }));
}

/** Goes to another place of the page. */
export function go(path, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  document.dispatchEvent(new Event('culvert-go'));
}

/** What went wrong, and what to do about it. */
export function explain(problem) {
  if (problem?.kind === undefined) {
    console.error(problem);
    return t('problem.page');
  }
  if (problem.kind === 'offline') {
    return t('problem.offline');
  }
  if (problem.kind === 'odd') {
    return t('problem.odd', problem.status);
  }
  return [maybe(`problem.${problem.kind}`, ''), sentence(problem.detail)].filter(Boolean).join(' ');
}

/** Copies, or marks the text where the browser gives no clipboard, as it does without HTTPS. */
export async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    say(t('copied'));
  } catch {
    getSelection().selectAllChildren(element);
    say(t('copy.marked'));
  }
}
