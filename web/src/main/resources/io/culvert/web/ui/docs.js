// Lays out the contract that this server serves: nothing here is written down a second time.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** An element with attributes and children; text is never read as HTML. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** The little of Markdown that the contract uses: paragraphs, `code`, **bold** and *emphasis*. */
function prose(text = '') {
  return text.trim().split(/\n\s*\n/).filter(Boolean).map((part) => el('p', {}, ...spans(part)));
}

function spans(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/).filter(Boolean).map((part) => {
    if (part.startsWith('`')) {
      return el('code', {}, part.slice(1, -1));
    }
    if (part.startsWith('**')) {
      return el('strong', {}, part.slice(2, -2));
    }
    return part.startsWith('*') && part.length > 2 ? el('em', {}, part.slice(1, -1)) : part;
  });
}

class Contract {
  constructor(document) {
    this.document = document;
  }

  /** What a reference leads to, with what stands beside it laid over. */
  at(node) {
    if (!node || !node.$ref) {
      return node;
    }
    const target = node.$ref.slice(2).split('/').reduce((place, step) => place[step], this.document);
    const { $ref, ...beside } = node;
    return { ...this.at(target), ...beside };
  }

  /** All fields of an object schema, those it is composed of included. */
  fields(schema) {
    const own = this.at(schema);
    const parts = [...(own.allOf ?? []), ...(own.oneOf ?? [])].map((part) => this.fields(part));
    return {
      properties: Object.assign({}, own.properties, ...parts.map((part) => part.properties)),
      required: [...(own.required ?? []), ...parts.flatMap((part) => part.required)],
    };
  }

  operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({
        path,
        method,
        ...item[method],
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((each) => this.at(each)),
      })));
  }
}

/** What kind of value it is, in a few words. */
function kind(contract, schema) {
  const own = contract.at(schema);
  if (own.enum) {
    return own.enum.join(' | ');
  }
  if (own.oneOf) {
    return own.oneOf.map((each) => kind(contract, each)).join(' or ');
  }
  const types = [own.type ?? 'object'].flat().map((type) => {
    if (type === 'array') {
      return `list of ${kind(contract, own.items)}`;
    }
    return own.format === 'date-time' && type === 'string' ? 'time' : type;
  });
  return types.join(' or ') + bounds(own);
}

function bounds(schema) {
  const range = (least, most) => least !== undefined && most !== undefined ? ` ${least} to ${most}` : '';
  return range(schema.minimum, schema.maximum)
    + (schema.maxLength ? `, at most ${schema.maxLength} characters` : '')
    + (schema.maxItems ? `, at most ${schema.maxItems}` : '');
}

function fieldRows(contract, schema, depth = 0) {
  const { properties, required } = contract.fields(schema);
  return Object.entries(properties).flatMap(([name, value]) => {
    const own = contract.at(value);
    const inner = own.type === 'array' ? own.items : value;
    const row = el('tr', {},
      el('td', { class: `field depth${Math.min(depth, 4)}` }, el('code', {}, name),
        required.includes(name) ? el('span', { class: 'required', title: 'required' }, ' *') : null),
      el('td', { class: 'kind' }, kind(contract, value), own.default === undefined ? '' : `; ${own.default} by default`),
      el('td', {}, ...spans(own.description ?? '')));
    return [row, ...(depth < 4 ? fieldRows(contract, inner, depth + 1) : [])];
  });
}

function table(heads, rows) {
  return el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...rows));
}

function sample(value) {
  return el('pre', {}, el('code', {}, typeof value === 'string' ? value : JSON.stringify(value, null, 2)));
}

function curl(operation, body) {
  const path = `$CULVERT/api/v1${operation.path}`;
  const lines = [`curl ${operation.method === 'get' ? '' : `-X ${operation.method.toUpperCase()} `}-H "Authorization: Bearer $KEY"`];
  if (body) {
    lines.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(body)}'`);
  }
  return [...lines, `"${path}"`].join(' \\\n  ');
}

function bodySection(contract, operation) {
  const content = contract.at(operation.requestBody)?.content?.['application/json'];
  if (!content) {
    return [el('h4', {}, 'Example'), sample(curl(operation))];
  }
  const examples = Object.entries(content.examples ?? {}).map(([name, each]) => {
    const example = contract.at(each);
    return el('details', {}, el('summary', {}, example.summary ?? name), sample(curl(operation, example.value)), sample(example.value));
  });
  examples[0]?.setAttribute('open', '');
  return [el('h4', {}, operation.requestBody.required ? 'Body' : 'Body, may be left out'),
    table(['Field', 'Kind', 'Meaning'], fieldRows(contract, content.schema)),
    el('h4', {}, 'Examples'), ...examples];
}

function answerSection(contract, operation) {
  return Object.entries(operation.responses).map(([status, reference]) => {
    const response = contract.at(reference);
    const [type, content] = Object.entries(response.content ?? {})[0] ?? [];
    const examples = Object.values(content?.examples ?? {}).map((each) => sample(contract.at(each).value));
    const headers = Object.keys(response.headers ?? {});
    const rows = content && status < '300' ? fieldRows(contract, content.schema) : [];
    return el('details', { class: 'answer' },
      el('summary', {}, el('span', { class: `status ${status < '300' ? 'fine' : 'refused'}` }, status), ' ', response.description),
      type ? el('p', { class: 'kind' }, type, headers.length ? `, with ${headers.join(', ')}` : '') : null,
      rows.length ? table(['Field', 'Kind', 'Meaning'], rows) : null, ...examples);
  });
}

function operationCard(contract, operation) {
  const parameters = operation.parameters.map((each) => el('tr', {},
    el('td', { class: 'field' }, el('code', {}, each.name), each.required ? el('span', { class: 'required', title: 'required' }, ' *') : null),
    el('td', { class: 'kind' }, `${each.in}, ${kind(contract, each.schema)}`,
      contract.at(each.schema).default === undefined ? '' : `; ${contract.at(each.schema).default} by default`),
    el('td', {}, ...spans(each.description ?? ''))));
  return el('section', { class: 'card operation', id: operation.operationId },
    el('h3', {}, el('span', { class: `method ${operation.method}` }, operation.method.toUpperCase()),
      el('span', { class: 'path' }, operation.path),
      el('a', { href: `#${operation.operationId}`, 'aria-label': `Link to ${operation.summary}` }, '#')),
    el('p', { class: 'summary' }, operation.summary),
    ...prose(operation.description),
    ...(parameters.length ? [el('h4', {}, 'Parameters'), table(['Name', 'Kind', 'Meaning'], parameters)] : []),
    ...bodySection(contract, operation),
    el('h4', {}, 'Answers'),
    ...answerSection(contract, operation));
}

function contents(groups) {
  return groups.map(({ tag, operations }) => el('section', {}, el('h2', {}, tag.name),
    el('ul', {}, ...operations.map((each) => el('li', { 'data-text': `${each.path} ${each.summary} ${each.operationId}`.toLowerCase() },
      el('a', { href: `#${each.operationId}` }, el('span', { class: `method ${each.method}` }, each.method.toUpperCase()), each.summary))))));
}

function filter(text) {
  for (const item of document.querySelectorAll('#contents li')) {
    item.hidden = !item.dataset.text.includes(text.trim().toLowerCase());
  }
  for (const section of document.querySelectorAll('#contents section')) {
    section.hidden = !section.querySelector('li:not([hidden])');
  }
}

async function show() {
  const answer = await fetch('/api/v1/openapi.json');
  if (!answer.ok) {
    throw new Error(`the server answered ${answer.status}`);
  }
  const contract = new Contract(await answer.json());
  const { info, tags } = contract.document;
  const all = contract.operations();
  const groups = tags.map((tag) => ({ tag, operations: all.filter((each) => each.tags.includes(tag.name)) }));
  document.getElementById('version').textContent = `version ${info.version}`;
  document.getElementById('contents').append(...contents(groups));
  const main = document.getElementById('reference');
  main.append(el('section', { class: 'card' }, el('h2', {}, info.summary), ...prose(info.description)));
  for (const { tag, operations } of groups) {
    main.append(el('h2', {}, tag.description), ...operations.map((each) => operationCard(contract, each)));
  }
  main.setAttribute('aria-busy', 'false');
  document.getElementById('filter').addEventListener('input', (event) => filter(event.target.value));
  if (location.hash) {
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }
}

show().catch((error) => {
  const trouble = document.getElementById('trouble');
  trouble.textContent = `The contract could not be shown: ${error.message}`;
  trouble.hidden = false;
});
