// A list of any length of which only what is to be seen exists. Rows are keyed: one that moves keeps its element, and so the focus.

const SETTLED_MS = 100;
// What one frame draws; the rest is drawn in the next one. Style, layout and paint take 1 ms for each row, three times what drawing it does.
const BUDGET_MS = 8;
const BUDGET_ROWS = 10;

export class Rows {
  #scroller;
  #body;
  #draw;
  #items = [];
  #places = new Map(); // id -> index
  #shown = new Map(); // id -> element
  #spare = [];
  #stale = new Set(); // ids of rows that show what was
  #height;
  #frame = 0;
  #settling = 0;
  /** The row that holds the one tab stop of the list. */
  active = null;

  /**
   * @param scroller what scrolls
   * @param body the element inside it that rows go into
   * @param make makes an empty row
   * @param draw fills a row: (row, item, index)
   */
  constructor(scroller, body, make, draw) {
    this.#scroller = scroller;
    this.#body = body;
    this.make = make;
    this.#draw = draw;
    this.#height = this.#measure();
    scroller.addEventListener('scroll', () => this.#soon(), { passive: true });
    this.observer = new ResizeObserver(() => {
      this.#height = this.#measure();
      this.#size();
      this.#soon();
    });
    this.observer.observe(scroller);
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#settling);
  }

  get items() {
    return this.#items;
  }

  /** Items have an `id`. */
  set items(items) {
    this.#items = items;
    this.#places.clear();
    items.forEach((item, i) => this.#places.set(item.id, i));
    if (this.active === null || !this.#places.has(this.active)) {
      this.active = items[Math.min(this.#lost ?? 0, items.length - 1)]?.id ?? null;
    }
    this.#size();
    this.#soon();
  }

  /** Where the active row was, so that its neighbour takes over when it goes. */
  #lost = 0;

  /** Draws anew what is to be seen: all of it, or only those ids, where they are given. In the next frame. */
  draw(only = this.#shown.keys()) {
    for (const id of only) {
      if (this.#shown.has(id)) {
        this.#stale.add(id);
      }
    }
    if (this.#stale.size > 0) {
      this.#soon();
    }
  }

  /** Draws what has come into sight and what is stale, the active row first, for as long as the frame allows. */
  #paint() {
    const begun = performance.now();
    const wanted = this.#wanted();
    let orphan = false;
    for (const [id, row] of this.#shown) {
      if (!wanted.has(id)) {
        orphan ||= row.contains(document.activeElement);
        this.#shown.delete(id);
        this.#stale.delete(id);
        this.#spare.push(row);
      }
    }
    let all = true;
    let painted = 0;
    for (const [id, i] of wanted) {
      if (painted === BUDGET_ROWS || performance.now() - begun > BUDGET_MS) {
        all = false;
        break;
      }
      painted += this.#paintRow(id, i);
    }
    for (const row of this.#spare) {
      row.hidden = true;
    }
    if (orphan) {
      this.#shown.get(this.active)?.focus({ preventScroll: true }); // its neighbour's turn
    }
    if (!all) {
      this.#soon();
    }
    // Nobody reads or tabs while it moves, and moving elements costs a layout.
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#settle(), SETTLED_MS);
  }

  /** Ids and places of what is in sight, and of the row that has the focus, however far one scrolls. */
  #wanted() {
    const top = this.#top();
    const first = Math.max(0, Math.floor(top / this.#height) - 3);
    const last = Math.min(this.#items.length, Math.ceil((top + this.#scroller.clientHeight) / this.#height) + 3);
    const wanted = new Map();
    const place = this.#places.get(this.active);
    if (place !== undefined) {
      wanted.set(this.active, place);
      this.#lost = place;
    }
    for (let i = first; i < last; i++) {
      wanted.set(this.#items[i].id, i);
    }
    return wanted;
  }

  /** Gives back how many rows that were: one, or none where nothing was to be done. */
  #paintRow(id, i) {
    let row = this.#shown.get(id);
    const fresh = !row;
    if (fresh) {
      row = this.#spare.pop() ?? this.#body.appendChild(this.make());
      if (row.hidden) {
        row.hidden = false;
      }
      this.#shown.set(id, row);
    }
    const tab = id === this.active ? 0 : -1;
    if (row.dataset.place !== String(i)) {
      row.dataset.place = String(i);
      row.style.transform = `translateY(${i * this.#height}px)`;
      row.setAttribute('aria-rowindex', String(i + 2));
    } else if (!fresh && !this.#stale.has(id) && row.tabIndex === tab) {
      return 0;
    }
    this.#stale.delete(id);
    row.tabIndex = tab;
    this.#draw(row, this.#items[i], i);
    return 1;
  }

  /** Puts the rows where readers and the Tab key expect them. */
  #settle() {
    let next = this.#body.firstElementChild;
    for (const row of [...this.#shown.values()].sort((a, b) => a.dataset.place - b.dataset.place)) {
      next = this.#inOrder(row, next);
    }
  }

  /** The row with the focus stays, or it would lose it; others go round it. Gives back what is to follow. */
  #inOrder(row, next) {
    if (row === next) {
      return next.nextElementSibling;
    }
    if (row.contains(document.activeElement)) {
      for (let other = next; other && other !== row; other = next) {
        next = other.nextElementSibling;
        this.#body.append(other);
      }
      return row.nextElementSibling;
    }
    this.#body.insertBefore(row, next);
    return next;
  }

  /** Ids of the rows on the screen. */
  visible() {
    return [...this.#shown.keys()];
  }

  item(id) {
    return this.#items[this.#places.get(id)];
  }

  place(id) {
    return this.#places.get(id) ?? -1;
  }

  /** Moves the focus by so many rows, and scrolls where it must. */
  move(by) {
    this.focus(Math.max(0, Math.min(this.#items.length - 1, this.place(this.active) + by)));
  }

  /** Rows on a page. */
  page() {
    return Math.max(1, Math.floor(this.#room() / this.#height) - 1);
  }

  focus(index) {
    const item = this.#items[index];
    if (!item) {
      return;
    }
    this.active = item.id;
    this.reveal(index);
    this.#paint();
    this.#shown.get(item.id)?.focus({ preventScroll: true });
  }

  reveal(index) {
    const top = index * this.#height;
    if (top < this.#top()) {
      this.#scroller.scrollTop = top;
    } else if (top + this.#height > this.#top() + this.#room()) {
      this.#scroller.scrollTop = top + this.#height - this.#room();
    }
  }

  #top() {
    return this.#scroller.scrollTop;
  }

  /** The head of the list sticks to the top and covers that much. */
  #room() {
    return this.#scroller.clientHeight - this.#body.offsetTop;
  }

  #measure() {
    return parseFloat(getComputedStyle(this.#scroller).getPropertyValue('--row')) || 44;
  }

  #size() {
    this.#body.style.height = `${this.#items.length * this.#height}px`;
  }

  #soon() {
    if (!this.#frame) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#paint();
      });
    }
  }
}
