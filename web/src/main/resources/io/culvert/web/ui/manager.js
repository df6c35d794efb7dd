// All tunnels in one list.
import { end, pause, renew, resume, title } from '/ui/actions.js';
import { address, link } from '/ui/addresses.js';
import { ask, menu } from '/ui/dialogs.js';
import { render } from '/ui/lib/lit/index.js';
import { Rows } from '/ui/rows.js';
import { spark } from '/ui/spark.js';
import { store } from '/ui/store.js';
import { copy, explain, go, html, nothing, View } from '/ui/view.js';
import { bytes, counted, languages, memory, number, rate, sentence, span, t } from '/ui/words.js';

const STATES = ['up', 'waiting', 'degraded', 'paused', 'draining'];
const SORTS = ['-id', 'id', 'name', '-name', 'state', '-state', 'deadline', '-deadline', '-bytes', 'bytes'];
// Events may come by the thousand; the list is put in order again that often at most.
const ORDER_MS = 250;
const LABELS_OFFERED = 200;
const RANK = { degraded: 0, draining: 1, waiting: 2, paused: 3, up: 4 };

const orders = {
  id: (a, b) => a.id - b.id,
  name: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id),
  state: (a, b) => RANK[a.state] - RANK[b.state] || a.id - b.id,
  deadline: (a, b) => (a.deadline ?? Infinity) - (b.deadline ?? Infinity) || a.id - b.id,
  bytes: (a, b) => a.total - b.total || a.id - b.id,
};

export class Manager extends View {
  #rows = null;
  #selected = new Set();
  #ordering = 0;
  #must = false;
  #moved = new Set();
  #shownAt = 0;
  #labels = [];
  filter = { q: '', states: new Set(), label: '', sort: '-id' };

  connectedCallback() {
    super.connectedCallback();
    this.#readAddress();
    this.listen(languages, 'change', () => this.#rows?.draw());
    this.listen(store, 'change', (event) => this.#changed(event.detail));
    this.listen(document, 'keydown', (event) => this.#shortcut(event));
    this.every(1_000, () => this.#rows?.draw(this.#rows.visible().filter((id) => hasClock(store.tunnels.get(id)))));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#ordering);
    this.#rows?.close();
  }

  firstUpdated() {
    const scroller = this.querySelector('.list');
    this.#rows = new Rows(
      scroller,
      this.querySelector('.list-body'),
      () => {
        const row = document.createElement('div');
        row.setAttribute('role', 'row');
        row.className = 'row';
        return row;
      },
      (row, { id }) => store.tunnels.has(id) && this.#drawRow(row, store.tunnels.get(id)),
    );
    this.#order();
  }

  // ---- what is shown

  #readAddress() {
    const query = new URLSearchParams(location.search);
    const sort = query.get('sort') ?? memory.get('sort') ?? '-id';
    this.filter = {
      q: query.get('q') ?? '',
      states: new Set(query.getAll('state').filter((state) => STATES.includes(state))),
      label: query.get('label') ?? '',
      sort: SORTS.includes(sort) ? sort : '-id',
    };
  }

  #setFilter(change) {
    Object.assign(this.filter, change);
    const { q, states, label, sort } = this.filter;
    const query = new URLSearchParams([
      ...(q ? [['q', q]] : []),
      ...[...states].map((state) => ['state', state]),
      ...(label ? [['label', label]] : []),
      ...(sort !== '-id' ? [['sort', sort]] : []),
    ]).toString();
    history.replaceState(null, '', query ? `?${query}` : location.pathname);
    // Another list: its beginning is what one wants to see.
    this.#rows.active = null;
    this.querySelector('.list').scrollTop = 0;
    this.#order();
  }

  #sortBy(name) {
    const sort = this.filter.sort === name ? `-${name}` : name;
    memory.set('sort', sort);
    this.#setFilter({ sort });
  }

  get filtered() {
    return this.filter.q !== '' || this.filter.states.size > 0 || this.filter.label !== '';
  }

  #fits(tunnel, words) {
    const { states, label } = this.filter;
    if (states.size > 0 && !states.has(tunnel.state)) {
      return false;
    }
    if (label) {
      const colon = label.indexOf(':');
      if (colon < 0 ? !(label in tunnel.labels) : tunnel.labels[label.slice(0, colon)] !== label.slice(colon + 1)) {
        return false;
      }
    }
    return words.every((word) => tunnel.text.includes(word));
  }

  /** How the list is ordered, and the words that are looked for. */
  get #rule() {
    const { sort, q } = this.filter;
    const order = orders[sort.replace('-', '')];
    return { order: sort.startsWith('-') ? (a, b) => order(b, a) : order, words: q.toLowerCase().split(/\s+/).filter(Boolean) };
  }

  /** Only the numbers above the list are other ones. */
  #count() {
    this.#ordering = 0;
    this.#shownAt = performance.now();
    this.requestUpdate();
  }

  /** Makes the list anew. */
  #order() {
    if (!this.#rows) {
      return;
    }
    const { order, words } = this.#rule;
    const list = [];
    for (const tunnel of store.tunnels.values()) {
      if (this.#fits(tunnel, words)) {
        list.push(tunnel);
      }
    }
    this.#show(list.sort(order));
  }

  /** Puts those that have changed to their new places in a list whose rest is in order: at ten thousand, a tenth of what sorting takes. */
  #merge() {
    const { order, words } = this.#rule;
    const fresh = [...this.#moved].map((id) => store.tunnels.get(id)).filter((tunnel) => tunnel && this.#fits(tunnel, words)).sort(order);
    const list = [];
    let next = 0;
    for (const tunnel of this.#rows.items) {
      if (!this.#moved.has(tunnel.id)) {
        while (next < fresh.length && order(fresh[next], tunnel) < 0) {
          list.push(fresh[next++]);
        }
        list.push(tunnel);
      }
    }
    this.#show(list.concat(fresh.slice(next)));
  }

  #show(list) {
    clearTimeout(this.#ordering);
    this.#ordering = 0;
    this.#must = false;
    this.#moved.clear();
    for (const id of this.#selected) {
      if (!store.tunnels.has(id)) {
        this.#selected.delete(id);
      }
    }
    this.#rows.items = list;
    this.#shownAt = performance.now();
    this.requestUpdate();
  }

  #changed({ ids, moved, stated }) {
    if (ids === null) {
      this.#order();
      return;
    }
    if (!this.#rows) {
      return; // what is there then is shown as soon as there is a list
    }
    ids.forEach((id) => this.#moved.add(id));
    const { q, states, sort } = this.filter;
    const concerned = moved || (stated && (q !== '' || states.size > 0 || !/id|deadline|bytes/.test(sort)));
    if (concerned || stated) {
      this.#must ||= concerned;
      // The first ones at once, or somebody looks at nothing.
      const wait = this.#rows.items.length > 0 ? (store.complete ? 1 : 2) * ORDER_MS - (performance.now() - this.#shownAt) : 0;
      this.#ordering ||= setTimeout(() => (this.#must ? this.#merge() : this.#count()), Math.max(0, wait));
    }
    this.#rows.draw(ids);
  }

  // ---- what is chosen

  get chosen() {
    return this.#rows.items.filter((tunnel) => this.#selected.has(tunnel.id)).map(({ id }) => store.tunnels.get(id)).filter(Boolean);
  }

  #select(id, on) {
    if (on) {
      this.#selected.add(id);
    } else {
      this.#selected.delete(id);
    }
    this.#rows.draw();
    this.requestUpdate();
  }

  #selectAll(on) {
    this.#selected = new Set(on ? this.#rows.items.map((tunnel) => tunnel.id) : []);
    this.#rows.draw();
    this.requestUpdate();
  }

  async #forChosen(act) {
    if (await act(this.chosen)) {
      this.#selectAll(false);
    }
  }

  // ---- keys

  #shortcut(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || memory.get('keys') === 'off') {
      return;
    }
    if (event.target.closest('input, textarea, select, dialog, [role=menu]') || document.querySelector('dialog[open]')) {
      return;
    }
    const act = { '/': () => this.querySelector('#search').focus(), n: () => this.#create(), '?': () => this.#keys() }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  #key(event) {
    const row = event.target.closest('.row');
    if (!row || event.target.closest('input[type=text]') || event.altKey || event.metaKey) {
      return;
    }
    const rows = this.#rows;
    const tunnel = store.tunnels.get(rows.active);
    if (!tunnel) {
      return;
    }
    const on = event.target === row;
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: rows.page(), PageUp: -rows.page(), Home: -Infinity, End: Infinity };
    if (event.key in moves && !event.ctrlKey) {
      event.preventDefault();
      if (event.shiftKey) {
        this.#select(rows.active, true);
      }
      rows.move(moves[event.key]);
      if (event.shiftKey) {
        this.#select(rows.active, true);
      }
      return;
    }
    if (event.ctrlKey) {
      if (event.key === 'a') {
        event.preventDefault();
        this.#selectAll(true);
      }
      return;
    }
    const act = on && {
      ' ': () => this.#select(tunnel.id, !this.#selected.has(tunnel.id)),
      Enter: () => go(`/ui/tunnel/${tunnel.id}`),
      Delete: () => end(this.#selected.size > 0 ? this.chosen : [tunnel]),
      r: () => renew([tunnel]),
      p: () => (tunnel.state === 'paused' ? resume([tunnel]) : pause([tunnel])),
      c: () => this.#connect(tunnel),
      m: () => this.#menu(row.querySelector('.more'), tunnel),
      ContextMenu: () => this.#menu(row.querySelector('.more'), tunnel),
      Escape: () => this.#selectAll(false),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  #keys() {
    const keys = [['↑ ↓ PgUp PgDn Home End', 'move'], ['Space', 'select'], ['Shift ↑ ↓', 'range'], ['Ctrl A', 'all'], ['Enter', 'open'], ['c', 'connect'], ['r', 'renew'],
      ['p', 'pause'], ['Delete', 'end'], ['m', 'menu'], ['/', 'search'], ['n', 'create'], ['?', 'this']];
    ask(t('keys.title'), (again, close) => html`<h2>${t('keys.title')}</h2>
      <p class="help">${t('keys.help')}</p>
      <dl class="keys">${keys.map(([key, what]) => html`<dt>${key.split(' ').map((each) => html`<kbd>${each}</kbd> `)}</dt><dd>${t(`keys.${what}`)}</dd>`)}</dl>
      <label class="check"><input type="checkbox" ?checked=${memory.get('keys') !== 'off'}
        @change=${(event) => memory.set('keys', event.target.checked ? 'on' : 'off')}> ${t('keys.on')}</label>
      <p class="buttons"><button autofocus @click=${() => close()}>${t('close')}</button></p>`);
  }

  // ---- what is done

  async #create() {
    const { create } = await import('/ui/create.js');
    await create();
  }

  async #connect(tunnel) {
    const { connectDialog } = await import('/ui/connect.js');
    await connectDialog(tunnel.id);
  }

  #menu(button, tunnel) {
    menu(button, t('row.menu', title(tunnel)), [
      { text: t('open'), href: `/ui/tunnel/${tunnel.id}` },
      { text: t('connect'), act: () => this.#connect(tunnel) },
      ...(tunnel.ttl === null ? [] : [{ text: t('renew'), act: () => renew([tunnel]) }]),
      tunnel.state === 'paused' ? { text: t('resume'), act: () => resume([tunnel]) } : { text: t('pause…'), act: () => pause([tunnel]) },
      { text: t('drain…'), act: () => end([tunnel], 'drain') },
      { text: t('end…'), danger: true, act: () => end([tunnel]) },
    ]);
  }

  // ---- drawing

  #drawRow(row, tunnel) {
    const chosen = this.#selected.has(tunnel.id);
    row.className = `row${chosen ? ' chosen' : ''}`;
    row.dataset.id = String(tunnel.id);
    row.setAttribute('aria-selected', String(chosen));
    row.setAttribute('aria-label', `${title(tunnel)}, ${t(`state.${tunnel.state}`)}`);
    const labels = Object.entries(tunnel.labels);
    const { traffic } = tunnel;
    const tab = tunnel.id === this.#rows?.active ? 0 : -1; // Tab leads through one row, arrows from row to row
    render(html`
      <div role="gridcell" class="c-check"><input type="checkbox" tabindex=${tab} aria-label=${t('row.select', title(tunnel))} .checked=${chosen}
        @change=${(event) => this.#select(tunnel.id, event.target.checked)}></div>
      <div role="gridcell" class="c-state"><span class="state ${tunnel.state}">${t(`state.${tunnel.state}`)}</span>
        <span class="sub" title=${sentence(tunnel.reason)}>${sentence(tunnel.reason)}</span></div>
      <div role="gridcell" class="c-name"><a class="name" tabindex=${tab} href="/ui/tunnel/${tunnel.id}" title=${title(tunnel)}>${tunnel.name ?? `#${tunnel.id}`}</a>${
        tunnel.name ? html`<span class="number">#${tunnel.id}</span>` : nothing}
        <span class="sub" title=${tunnel.comment}>${labels.map(([key, value]) => html`<span class="label">${key}:${value}</span>`)}${tunnel.comment}</span></div>
      <div role="gridcell" class="c-exposes">${tunnel.exposes.slice(0, tunnel.exposes.length > 2 ? 1 : 2).map((expose) => exposeLine(expose, tab))}${
        tunnel.exposes.length > 2 ? html`<span class="sub">${t('row.more', number(tunnel.exposes.length - 1))}</span>` : nothing}</div>
      <div role="gridcell" class="c-agent">${agents(tunnel)}<span class="sub">${traffic.visitors > 0 ? counted('visitors', traffic.visitors) : nothing}</span></div>
      <div role="gridcell" class="c-lease">${lease(tunnel)}</div>
      <div role="gridcell" class="c-rate">${spark(tunnel.samples)}<span class="rates">${
        tunnel.rate && traffic.sessions > 0 ? html`<span class="in">${rate(tunnel.rate.in)}</span><span class="out">${rate(tunnel.rate.out)}</span>` : nothing}</span></div>
      <div role="gridcell" class="c-total"><span class="in" title=${t('bytes.in')}>${bytes(traffic.bytes_in)}</span>
        <span class="out" title=${t('bytes.out')}>${bytes(traffic.bytes_out)}</span></div>
      <div role="gridcell" class="c-more"><button class="more quiet" type="button" tabindex=${tab} aria-haspopup="menu" aria-expanded="false"
        aria-label=${t('row.menu', title(tunnel))} @click=${(event) => this.#menu(event.currentTarget, tunnel)}>⋯</button></div>`, row);
  }

  #head(name, text, className) {
    const { sort } = this.filter;
    const direction = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : 'none';
    return html`<div role="columnheader" class=${className} aria-sort=${direction}><button type="button" class="sort" @click=${() => this.#sortBy(name)}>${text}<span
      aria-hidden="true">${{ ascending: ' ↑', descending: ' ↓', none: '' }[direction]}</span></button></div>`;
  }

  /** Told when somebody goes to that field, not each time that something happens. */
  #offerLabels() {
    const known = new Set();
    for (const tunnel of store.tunnels.values()) {
      for (const [key, value] of Object.entries(tunnel.labels)) {
        known.add(`${key}:${value}`);
      }
      if (known.size >= LABELS_OFFERED) {
        break;
      }
    }
    this.#labels = [...known].sort();
    this.requestUpdate();
  }

  #toolbar(shown) {
    const { q, states, label, sort } = this.filter;
    const toggle = (state) => {
      const next = new Set(states);
      if (!next.delete(state)) {
        next.add(state);
      }
      this.#setFilter({ states: next });
    };
    return html`<div class="tools">
      <h1>${t('tunnels')}</h1>
      <input id="search" type="search" autocomplete="off" placeholder=${t('search')} aria-label=${t('search')} .value=${q}
        @input=${(event) => this.#setFilter({ q: event.target.value })}>
      <div class="states" role="group" aria-label=${t('filter.state')}>${STATES.map((state) => html`<button type="button" class="chip ${state}"
        aria-pressed=${String(states.has(state))} @click=${() => toggle(state)}><span class="state ${state}">${t(`state.${state}`)}</span> <b>${number(store.counts[state] ?? 0)}</b></button>`)}</div>
      <input id="label" class="label-filter" list="labels" autocomplete="off" placeholder=${t('filter.label')} aria-label=${t('filter.label')} .value=${label}
        @focus=${() => this.#offerLabels()} @input=${(event) => this.#setFilter({ label: event.target.value.trim() })}>
      <datalist id="labels">${this.#labels.map((each) => html`<option value=${each}></option>`)}</datalist>
      <label class="sort-select"><span class="unseen">${t('sort')}</span><select @change=${(event) => this.#setFilter({ sort: event.target.value })}>${SORTS.map(
        (each) => html`<option value=${each} ?selected=${each === sort}>${t(`sort.${each}`)}</option>`)}</select></label>
      <span class="count" aria-live="polite">${shown === store.tunnels.size ? '' : t('shown', number(shown), number(store.tunnels.size))}${
        store.complete || store.problem ? '' : ` ${t('loading')}`}</span>
      <button type="button" class="quiet help-keys" aria-label=${t('keys.title')} title=${t('keys.title')} @click=${() => this.#keys()}>?</button>
      <button type="button" id="create" @click=${() => this.#create()}>${t('create')}</button>
    </div>`;
  }

  #bulk() {
    const count = this.#selected.size;
    return html`<div class="bulk" role="region" aria-label=${t('bulk')} ?hidden=${count === 0}>
      <b>${t('chosen', number(count))}</b>
      <button type="button" class="quiet" @click=${() => this.#forChosen(renew)}>${t('renew')}</button>
      <button type="button" class="quiet" @click=${() => this.#forChosen(pause)}>${t('pause…')}</button>
      <button type="button" class="quiet" @click=${() => this.#forChosen(resume)}>${t('resume')}</button>
      <button type="button" class="quiet danger" @click=${() => this.#forChosen(end)}>${t('end…')}</button>
      <button type="button" class="quiet" @click=${() => this.#copyAddresses()}>${t('copy.addresses')}</button>
      <button type="button" class="quiet" @click=${() => this.#selectAll(false)}>${t('unselect')}</button>
    </div>`;
  }

  #copyAddresses() {
    const text = this.chosen.flatMap((tunnel) => tunnel.exposes.map(address)).join('\n');
    copy(text, this.querySelector('.bulk b'));
  }

  #empty() {
    if (store.problem && store.tunnels.size === 0) {
      return html`<div class="empty" role="alert"><h2>${t('load.failed')}</h2><p>${explain(store.problem)}</p>
        <p><button type="button" @click=${() => store.load()}>${t('again')}</button></p></div>`;
    }
    if (!store.complete) {
      return html`<div class="empty"><p>${t('loading')}</p></div>`;
    }
    return this.filtered
      ? html`<div class="empty"><h2>${t('empty.filter')}</h2><p>${t('empty.filter.help')}</p>
          <p><button type="button" class="quiet" @click=${() => this.#setFilter({ q: '', states: new Set(), label: '' })}>${t('empty.filter.clear')}</button></p></div>`
      : html`<div class="empty"><h2>${t('empty.title')}</h2><p>${t('empty.what')}</p>
          <ol><li>${t('empty.1')}</li><li>${t('empty.2')}</li><li>${t('empty.3')}</li></ol>
          <p><button type="button" @click=${() => this.#create()}>${t('empty.create')}</button></p>
          <p class="help">${t('empty.cli')} <code>culvert expose 8080 --server ${location.origin} --key-file admin.key</code></p></div>`;
  }

  render() {
    document.title = `${t('tunnels')} · Culvert`;
    const shown = this.#rows?.items.length ?? 0;
    const all = shown > 0 && this.#selected.size >= shown;
    return html`${this.#toolbar(shown)}${this.#bulk()}
      <div class="list" role="grid" aria-label=${t('tunnels')} aria-multiselectable="true" aria-rowcount=${shown + 1} ?hidden=${shown === 0}
          @keydown=${(event) => this.#key(event)} @focusin=${(event) => this.#focused(event)}>
        <div role="rowgroup" class="list-head"><div role="row" class="row head" aria-rowindex="1">
          <div role="columnheader" class="c-check"><input type="checkbox" aria-label=${t('select.all')} .checked=${all}
            .indeterminate=${!all && this.#selected.size > 0} @change=${(event) => this.#selectAll(event.target.checked)}></div>
          ${this.#head('state', t('col.state'), 'c-state')}${this.#head('name', t('col.name'), 'c-name')}
          <div role="columnheader" class="c-exposes">${t('col.exposes')}</div>
          <div role="columnheader" class="c-agent">${t('col.agent')}</div>
          ${this.#head('deadline', t('col.lease'), 'c-lease')}
          <div role="columnheader" class="c-rate">${t('col.rate')}</div>
          ${this.#head('bytes', t('col.total'), 'c-total')}
          <div role="columnheader" class="c-more"><span class="unseen">${t('col.actions')}</span></div>
        </div></div>
        <div role="rowgroup" class="list-body"></div>
      </div>
      ${shown === 0 ? this.#empty() : nothing}`;
  }

  #focused(event) {
    const row = event.target.closest('.list-body .row');
    if (row && this.#rows.active !== Number(row.dataset.id)) {
      this.#rows.active = Number(row.dataset.id);
      this.#rows.draw();
    }
  }
}

function exposeLine(expose, tab) {
  const href = link(expose);
  const text = address(expose);
  return html`<span class="expose">${
    href ? html`<a tabindex=${tab} href=${href} target="_blank" rel="noopener noreferrer">${text}</a>` : html`<span class="plain">${text}</span><span class="label">udp</span>`}<span
    class="target" title=${expose.target}>→ ${expose.target}</span></span>`;
}

/** Whether what is shown of a tunnel changes as time goes by. */
const hasClock = (tunnel) => tunnel && (tunnel.deadline !== null || tunnel.ends !== null || tunnel.samples.length > 0);

function agents(tunnel) {
  const { sessions } = tunnel.traffic;
  if (sessions === 0) {
    return html`<span class="none">${t('agent.none')}</span>`;
  }
  const name = /^agent (.*) is connected$/.exec(tunnel.reason)?.[1];
  return html`<span class="agent" title=${name ?? nothing}>${sessions === 1 && name ? name : counted('agents', sessions)}</span>`;
}

function lease(tunnel) {
  const ends = tunnel.deadline ?? tunnel.ends;
  if (ends === null) {
    const held = tunnel.renewBy === 'session' && tunnel.ttl !== null && tunnel.traffic.sessions > 0;
    return html`<span class="none">${t(held ? 'lease.held' : 'lease.none')}</span>`;
  }
  const left = (ends - store.now()) / 1000;
  if (left <= 0 && tunnel.deadline !== null && tunnel.grace !== null) {
    return html`<span class="left soon">${t('lease.grace', span(left + tunnel.grace))}</span>`;
  }
  const whole = tunnel.ttl ?? (ends - tunnel.created) / 1000;
  return html`<span class="left${left < Math.min(20, whole / 4) ? ' soon' : ''}">${left > 0 ? span(left) : t('lease.over')}</span>
    <span class="bar" aria-hidden="true"><span .style=${`width: ${Math.round(100 * Math.max(0, Math.min(1, left / whole)))}%`}></span></span>`;
}

customElements.define('culvert-manager', Manager);
