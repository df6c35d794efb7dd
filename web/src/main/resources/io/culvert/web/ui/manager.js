import { call, download, key, Refused } from '/ui/server.js';
import { speak, t } from '/ui/words.js';

const POLL_MS = 2000;
const $ = (id) => document.getElementById(id);
const rows = new Map(); // tunnel id -> its row in the table
let seen = { data: [], at: 0 };
let timer = 0;
let polling = false;

const host = () => location.hostname;
const address = (name, port) => (name.includes(':') && !name.startsWith('[') ? `[${name}]:${port}` : `${name}:${port}`);

function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return `${count.toFixed(unit === 0 || count >= 100 ? 0 : 1)} ${units[unit]}`;
}

function span(seconds) {
  const s = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
  const two = (n) => String(n).padStart(2, '0');
  if (parts[0] > 0) {
    return `${parts[0]} d ${two(parts[1])} h`;
  }
  return parts[1] > 0 ? `${parts[1]}:${two(parts[2])}:${two(parts[3])}` : `${parts[2]}:${two(parts[3])}`;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className ?? '';
  made.textContent = text ?? '';
  return made;
}

function set(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** A row keeps its nodes while the tunnel lives, so that neither focus nor selection is lost on each poll. */
function addRow(id) {
  const tr = document.createElement('tr');
  const cell = {};
  for (const name of ['id', 'route', 'comment', 'agents', 'visitors', 'bytes', 'lease', 'actions']) {
    cell[name] = tr.appendChild(element('td', name));
  }
  cell.id.textContent = id;
  cell.state = cell.agents.appendChild(element('span', 'state'));
  cell.left = cell.lease.appendChild(element('span'));
  cell.bar = cell.lease.appendChild(document.createElement('progress'));
  cell.remove = cell.actions.appendChild(element('button', 'quiet danger'));
  cell.remove.type = 'button';
  cell.remove.addEventListener('click', () => remove(id));
  $('list').tBodies[0].append(tr);
  const row = { tr, cell };
  rows.set(id, row);
  return row;
}

function showRoutes(cell, exposes) {
  const text = exposes.map((e) => `${address(host(), e.expose_port)} → ${address(e.innet_host ?? '127.0.0.1', e.innet_port)}`);
  if (cell.dataset.shown !== text.join()) {
    cell.dataset.shown = text.join();
    cell.replaceChildren(...text.map((line) => element('div', '', line)));
  }
}

function show() {
  const living = new Set(seen.data.map((entry) => entry.id));
  for (const [id, row] of rows) {
    if (!living.has(id)) {
      row.tr.remove();
      rows.delete(id);
    }
  }
  for (const { id, tunnel } of seen.data) {
    const { cell } = rows.get(id) ?? addRow(id);
    showRoutes(cell.route, tunnel.exposes);
    set(cell.comment, tunnel.comment);
    const up = tunnel.sessions > 0;
    cell.state.classList.toggle('up', up);
    set(cell.state, up ? `${t('up')} · ${tunnel.sessions}` : t('waiting'));
    set(cell.visitors, String(tunnel.visitors));
    set(cell.bytes, `${bytes(tunnel.bytes_in)} / ${bytes(tunnel.bytes_out)}`);
    set(cell.remove, t('remove'));
    cell.remove.setAttribute('aria-label', t('remove.one', id));
  }
  $('list').hidden = seen.data.length === 0;
  $('empty').hidden = seen.data.length > 0 || seen.at === 0;
  if (seen.at > 0) {
    set($('summary'), t('summary', seen.data.length, seen.data.filter((entry) => entry.tunnel.sessions > 0).length));
  }
  countDown();
}

/** Between two polls the leases are counted down by this page's own clock. */
function countDown() {
  const since = (performance.now() - seen.at) / 1000;
  for (const { id, tunnel } of seen.data) {
    const { cell } = rows.get(id);
    const expires = tunnel.expire_time > 0;
    const left = tunnel.expire_time - tunnel.from_last_check - since;
    cell.bar.hidden = !expires;
    if (expires) {
      cell.bar.max = tunnel.expire_time;
      cell.bar.value = Math.max(0, left);
    }
    set(cell.left, expires ? (left > 0 ? span(left) : t('ending')) : t('forever'));
  }
}

function trouble(text) {
  set($('trouble'), text);
  $('trouble').hidden = !text;
}

/** Says in words what went wrong; a key that is refused leads to the login page. */
function explain(e) {
  if (e instanceof Refused && e.status === 401) {
    key.drop();
    location.replace('/ui/login');
    return '';
  }
  return e instanceof Refused ? e.message || t('odd', e.status) : t('offline');
}

async function poll() {
  clearTimeout(timer);
  if (polling || document.hidden) {
    return;
  }
  polling = true;
  try {
    const answer = await call('/api/list');
    seen = { data: answer.data, at: performance.now() };
    trouble('');
    show();
  } catch (e) {
    trouble(explain(e));
  } finally {
    polling = false;
    timer = setTimeout(poll, POLL_MS);
  }
}

async function remove(id) {
  const dialog = $('sure');
  $('sure-title').textContent = t('sure.title', id);
  dialog.returnValue = 'keep';
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener('close', closed, { once: true }));
  if (dialog.returnValue !== 'remove') {
    return;
  }
  try {
    await call('/api/remove', { id });
  } catch (e) {
    trouble(explain(e));
    return;
  }
  if ($('joined').dataset.id === String(id)) {
    hideToken();
  }
  poll();
}

const FIELDS = ['innet', 'expose', 'expire', 'comment'];

/** The API's faults begin with the name of the parameter: the words go to that field, others to the foot of the form. */
function fieldFault(text) {
  for (const name of FIELDS) {
    $(name).removeAttribute('aria-invalid');
    $(`${name}-fault`).textContent = '';
  }
  $('create-fault').textContent = '';
  if (!text) {
    return;
  }
  const name = FIELDS.find((field) => text.startsWith(`${field}: `));
  if (name) {
    $(`${name}-fault`).textContent = text.slice(name.length + 2);
    $(name).setAttribute('aria-invalid', 'true');
    $(name).focus();
  } else {
    $('create-fault').textContent = text;
  }
}

function stockCommand(tunnel) {
  const bridge = address(host(), tunnel.bridge_port);
  const files = tunnel.bridge_tls ? ' -C proxy.crt -K proxy.key' : '';
  return `proxy client${tunnel.bridge_tls ? '' : ' -t tcp'} -P ${bridge}${files}${tunnel.compress ? ' -c' : ''}`;
}

/** The file exists for the moment of the click only. */
async function saveBundle() {
  const id = $('joined').dataset.id;
  try {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await download(`/api/bundle?id=${id}&format=zip`));
    link.download = `culvert-tunnel-${id}.zip`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (e) {
    trouble(explain(e));
  }
}

function showToken(answer) {
  const file = `culvert-${answer.id}.token`;
  $('joined').dataset.id = answer.id;
  $('joined-token').textContent = answer.join;
  $('joined-command').textContent =
    `culvert agent --server ${address(host(), answer.tunnel.agent_port)} --token-file ${file}`;
  $('joined-stock').textContent = stockCommand(answer.tunnel);
  const save = $('joined-save');
  URL.revokeObjectURL(save.href);
  save.href = URL.createObjectURL(new Blob([answer.join, '\n'], { type: 'text/plain' }));
  save.download = file;
  titleToken();
  $('joined').hidden = false;
  $('joined').focus();
}

function titleToken() {
  $('joined-title').textContent = t('joined.title', $('joined').dataset.id);
}

function hideToken() {
  URL.revokeObjectURL($('joined-save').href);
  $('joined-save').removeAttribute('href');
  $('joined-token').textContent = '';
  $('joined-command').textContent = '';
  $('joined-stock').textContent = '';
  $('joined').hidden = true;
}

$('create').addEventListener('submit', async (event) => {
  event.preventDefault();
  fieldFault('');
  const form = Object.fromEntries(FIELDS.map((name) => [name, name === 'comment' ? $(name).value : $(name).value.trim()]));
  $('create-go').disabled = true;
  try {
    showToken(await call('/api/create', form));
    for (const name of ['innet', 'expose', 'comment']) {
      $(name).value = '';
    }
    poll();
  } catch (e) {
    fieldFault(explain(e));
  } finally {
    $('create-go').disabled = false;
  }
});

document.querySelectorAll('[data-copy]').forEach((button) =>
  button.addEventListener('click', async () => {
    const code = $(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = t('copied');
      setTimeout(() => (button.textContent = t('copy')), 1500);
    } catch {
      // Without HTTPS a browser gives no clipboard: mark the text, so that one key copies it.
      getSelection().selectAllChildren(code);
    }
  }),
);

$('joined-bundle').addEventListener('click', saveBundle);
$('joined-close').addEventListener('click', hideToken);
$('leave').hidden = !key.get();
$('leave').addEventListener('click', () => {
  key.drop();
  location.replace('/ui/login');
});
document.addEventListener('visibilitychange', poll);
setInterval(countDown, 1000);

speak(() => {
  show();
  titleToken();
});
poll();
