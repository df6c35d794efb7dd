// Questions that stop the page until they are answered. Escape always means: no.
import { render } from '/ui/lib/lit/index.js';

/**
 * Shows a dialog and waits for its end. `draw(dialog, close)` gives the content; `close(value)` ends it.
 * Resolves to the value, or undefined where it was dismissed.
 */
export function ask(label, draw, { wide = false } = {}) {
  const back = document.activeElement;
  const dialog = document.createElement('dialog');
  dialog.className = wide ? 'wide' : '';
  dialog.setAttribute('aria-label', label);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let value;
    const close = (said) => {
      value = said;
      dialog.close();
    };
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (back?.isConnected) {
        back.focus();
      }
      resolve(value);
    });
    const again = () => render(draw(again, close), dialog);
    again();
    dialog.showModal();
  });
}

let open = null;

/** A menu at a button: `items` are `{text, act, danger}`. Arrow keys move in it, Escape and a click elsewhere close it. */
export function menu(button, label, items) {
  open?.remove();
  const list = document.createElement('div');
  list.className = 'menu';
  list.role = 'menu';
  list.setAttribute('aria-label', label);
  list.popover = 'auto';
  for (const item of items) {
    const entry = document.createElement(item.href ? 'a' : 'button');
    entry.role = 'menuitem';
    entry.tabIndex = -1;
    entry.textContent = item.text;
    entry.classList.toggle('danger', item.danger === true);
    if (item.href) {
      entry.href = item.href;
    } else {
      entry.type = 'button';
    }
    entry.addEventListener('click', () => {
      list.hidePopover();
      item.act?.();
    });
    list.append(entry);
  }
  document.querySelector('main').append(list);
  open = list;
  list.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') {
      button.setAttribute('aria-expanded', 'false');
      if (list.contains(document.activeElement) || document.activeElement === document.body) {
        button.focus();
      }
      list.remove();
    }
  });
  list.addEventListener('keydown', (event) => {
    const entries = [...list.children];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      entries[(to + entries.length) % entries.length].focus();
    } else if (event.key === 'Tab') {
      list.hidePopover();
    }
    event.stopPropagation();
  });
  list.showPopover();
  const at = button.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  list.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`;
  list.style.top = `${at.bottom + size.height > innerHeight ? Math.max(8, at.top - size.height) : at.bottom}px`;
  button.setAttribute('aria-expanded', 'true');
  list.firstElementChild.focus();
}
