// A list of any length of which only what is to be seen exists. Rows are keyed: one that moves keeps its element, and so the focus.

const NOTHING = new Set();
const SETTLED_MS = 100;

export class Rows {
  #scroller;
  #body;
  #draw;
  #items = [];
  #places = new Map(); // id -> index
  #shown = new Map(); // id -> element
  #spare = [];
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
    this.draw();
  }

  /** Where the active row was, so that its neighbour takes over when it goes. */
  #lost = 0;

  /** Draws what has come into sight, and again what was there: all of it, or only those ids, where they are given. */
  draw(only = null) {
    const first = Math.max(0, Math.floor(this.#top() / this.#height) - 3);
    const last = Math.min(this.#items.length, Math.ceil((this.#top() + this.#scroller.clientHeight) / this.#height) + 3);
    const wanted = new Map();
    for (let i = first; i < last; i++) {
      wanted.set(this.#items[i].id, i);
    }
    const place = this.#places.get(this.active);
    if (place !== undefined) {
      wanted.set(this.active, place); // the focus never vanishes, however far one scrolls
      this.#lost = place;
    }
    for (const [id, row] of this.#shown) {
      if (!wanted.has(id)) {
        this.#shown.delete(id);
        this.#spare.push(row);
      }
    }
    for (const [id, i] of wanted) {
      let row = this.#shown.get(id);
      const fresh = !row;
      if (fresh) {
        row = this.#spare.pop() ?? this.#body.appendChild(this.make());
        if (row.hidden) {
          row.hidden = false;
        }
        this.#shown.set(id, row);
      }
      if (fresh || row.dataset.place !== String(i)) {
        row.dataset.place = String(i);
        row.style.transform = `translateY(${i * this.#height}px)`;
        row.setAttribute('aria-rowindex', String(i + 2));
      } else if (only && !only.has(id)) {
        continue;
      }
      row.tabIndex = id === this.active ? 0 : -1;
      this.#draw(row, this.#items[i], i);
    }
    for (const row of this.#spare) {
      row.hidden = true;
    }
    // Nobody reads or tabs while it moves, and moving elements costs a layout.
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#settle(), SETTLED_MS);
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
    this.draw();
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
        this.draw(NOTHING);
      });
    }
  }
}
