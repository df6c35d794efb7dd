// Who may do what: oneself, keys, and for admins users, projects and the audit.
import { call, download, entered, whoami } from '/ui/api.js';
import { ask } from '/ui/dialogs.js';
import { check, choice, count, field, list, read, size, written } from '/ui/fields.js';
import { form, once, sure } from '/ui/forms.js';
import { explain, go, html, nothing, say, View } from '/ui/view.js';
import { ago, bytes, dateTime, maybe, number, t } from '/ui/words.js';

const ROLES = ['viewer', 'member', 'operator'];
const SCOPES = ['tunnels:read', 'tunnels:write', 'tunnels:renew', 'ports:read', 'ports:write', 'server:read', 'webhooks', 'keys', 'members', 'admin'];
const QUOTAS = [['tunnels', 'count'], ['ports', 'count'], ['sessions', 'count'], ['connections', 'count'], ['bytes_per_month', 'size']];
const AUDIT_PAGE = 100;

const password = (state, name, label, complete) => html`<div class="field"><label for="f-${name}">${label}</label><input id="f-${name}" type="password" autocomplete=${complete} .value=${state.draft[name] ?? ''}
  aria-invalid=${state.faults[name] ? 'true' : nothing} aria-describedby="fault-${name}" @input=${(event) => state.write(name, event.target.value)}><p class="fault" id="fault-${name}" role="alert">${state.faults[name] ?? ''}</p></div>`;

class Access extends View {
  #part = '';
  #data = {};
  #problem = null;
  #filter = { caller: '', operation: '', target: '' };
  #chain = null;

  connectedCallback() {
    super.connectedCallback();
    this.#begin();
    // Whoever had to choose a password first, and comes back before another view has taken this one's place.
    this.listen(document, 'culvert-go', () => this.#begin());
  }

  #begin() {
    if (!this.forced && this.#part === '' && location.pathname === '/ui/access') {
      this.#show(new URLSearchParams(location.search).get('part') ?? this.#parts()[0]);
    }
  }

  /** What this caller may look at at all. */
  #parts() {
    const session = whoami();
    const own = session?.kind === 'session' ? ['self'] : [];
    const admin = session?.admin || session?.kind === 'open';
    const keys = admin || session?.scopes.includes('keys');
    return [...own, ...(keys ? ['keys'] : []), 'projects', ...(admin ? ['users', 'audit'] : [])];
  }

  get #admin() {
    return whoami()?.admin || whoami()?.kind === 'open';
  }

  #show(part) {
    this.#part = this.#parts().includes(part) ? part : this.#parts()[0];
    history.replaceState(null, '', `/ui/access?part=${this.#part}`);
    this.#data = {};
    this.#load();
  }

  async #load() {
    const part = this.#part;
    try {
      const data = await this.#read(part);
      if (part === this.#part) {
        this.#data = data;
        this.#problem = null;
      }
    } catch (e) {
      this.#problem = e;
    }
    this.requestUpdate();
  }

  async #read(part) {
    switch (part) {
      case 'self':
        return call('GET', '/logins');
      case 'keys':
        return call('GET', '/keys');
      case 'projects': {
        const { projects } = await call('GET', '/projects');
        return { projects, members: this.#data.members ?? {} };
      }
      case 'users':
        return call('GET', '/users');
      default:
        return call('GET', '/audit', { query: this.#auditQuery() });
    }
  }

  #auditQuery(more = {}) {
    const said = Object.entries(this.#filter).filter(([, value]) => value.trim() !== '').map(([name, value]) => [name, value.trim()]);
    return { limit: AUDIT_PAGE, ...Object.fromEntries(said), ...more };
  }

  /** Does something, tells of it, and reads anew. */
  async #do(work, done) {
    try {
      const result = await work();
      if (done) {
        say(done);
      }
      await this.#load();
      return result;
    } catch (e) {
      say(explain(e), 'bad');
      return undefined;
    }
  }

  // ---- oneself

  async #changePassword() {
    const { forced } = this;
    const done = await form(t('password.change'), {}, (state) => html`${password(state, 'old', t('password.old'), 'current-password')}${password(state, 'fresh', t('password.new'), 'new-password')}`,
      (state) => call('PUT', '/session/password', { body: { old: state.draft.old ?? '', new: state.draft.fresh ?? '' } }), { places: { '/old': 'old', '/new': 'fresh', '/password': 'fresh' }, proof: { field: 'old', wrong: t('password.wrong') } });
    if (done) {
      await entered();
      say(t('password.done'));
      if (forced) {
        go('/ui/manager', { replace: true });
      } else {
        this.#load();
      }
    }
  }

  async #factorOn() {
    try {
      const { secret, uri } = await call('POST', '/session/totp');
      const codes = await form(t('factor.on'), {}, (state) => html`<div class="field wide"><p>${t('factor.how')}</p><div class="copyable"><pre tabindex="0" role="group" aria-label=${t('factor.secret')}>${secret}</pre></div>
        <p class="help"><a href=${uri}>${t('factor.link')}</a></p></div>${field(state, 'code', { label: t('login.code'), inputmode: 'numeric', help: t('factor.on.help') })}`,
      (state) => call('PUT', '/session/totp', { body: { code: (state.draft.code ?? '').trim() } }), { places: { '/code': 'code' }, proof: { field: 'code', wrong: t('login.wrong.code') } });
      if (codes) {
        await once(t('recovery'), t('recovery.what'), codes.recovery_codes.join('\n'));
        await entered();
        this.#load();
      }
    } catch (e) {
      say(explain(e), 'bad');
    }
  }

  async #withCode(title, work) {
    const done = await form(title, {}, (state) => field(state, 'code', { label: t('login.code'), help: t('factor.code.help') }), (state) => work({ code: (state.draft.code ?? '').trim() }), { places: { '/code': 'code' }, proof: { field: 'code', wrong: t('login.wrong.code') } });
    if (done?.recovery_codes) {
      await once(t('recovery'), t('recovery.what'), done.recovery_codes.join('\n'));
    }
    if (done) {
      await entered();
      this.#load();
    }
  }

  #self() {
    const session = whoami();
    if (!session) {
      // Just left: the page of the login is on its way.
      return nothing;
    }
    const logins = this.#data.logins ?? [];
    return html`<section class="card" aria-labelledby="h-me"><h2 id="h-me">${session.user}</h2>
        <dl class="pairs"><div><dt>${t('roles')}</dt><dd>${session.admin ? t('role.admin') : session.projects.map((each) => `${each.name}: ${t(`role.${each.role}`)}`).join('\n') || t('none')}</dd></div>
          <div><dt>${t('factor')}</dt><dd>${t(session.second_factor ? 'factor.is.on' : 'factor.is.off')}</dd></div></dl>
        <p class="buttons"><button type="button" class="quiet" @click=${() => this.#changePassword()}>${t('password.change')}</button>
          ${session.second_factor ? html`<button type="button" class="quiet" @click=${() => this.#withCode(t('recovery.new'), (body) => call('POST', '/session/recovery-codes', { body }))}>${t('recovery.new')}</button>
            <button type="button" class="quiet danger" @click=${() => this.#withCode(t('factor.off'), (body) => call('DELETE', '/session/totp', { body }))}>${t('factor.off')}</button>`
            : html`<button type="button" class="quiet" @click=${() => this.#factorOn()}>${t('factor.on')}</button>`}</p></section>
      <section class="card" aria-labelledby="h-logins"><h2 id="h-logins">${t('logins')}</h2>${this.#table('h-logins', [t('login.agent'), t('from'), t('since'), t('seen'), t('ends')], logins.map((each) => [
        html`<span class="clip" title=${each.agent}>${each.agent}</span>${each.current ? html` <span class="label">${t('login.this')}</span>` : nothing}`, each.address, dateTime(each.created_at), ago(each.seen_at), dateTime(each.ends_at),
        html`<button type="button" class="quiet danger" aria-label=${t('login.end.one', each.address)} @click=${() => this.#do(() => call('DELETE', `/logins/${each.id}`), t('login.ended'))}>${t('login.end')}</button>`]), t('none'))}</section>`;
  }

  // ---- keys

  async #makeKey() {
    const session = whoami();
    const scopes = SCOPES.filter((scope) => this.#admin || session.scopes.includes(scope));
    const made = await form(t('key.new'), { 'scope-tunnels:read': 'yes' }, (state) => html`${field(state, 'title', { label: t('key.title'), placeholder: t('create.comment.placeholder') })}
      ${this.#admin ? field(state, 'user', { label: t('login.user'), placeholder: session.user ?? '', help: t('key.user.help') }) : nothing}
      ${field(state, 'project', { label: t('project'), help: t('key.project.help') })}${field(state, 'tunnel', { label: t('col.name'), inputmode: 'numeric', placeholder: t('key.any'), help: t('key.tunnel.help') })}
      ${field(state, 'days', { label: t('key.days'), inputmode: 'numeric', placeholder: t('key.never') })}
      <fieldset class="field wide"><legend>${t('key.scopes')}</legend>${scopes.map((scope) => check(state, `scope-${scope}`, { label: html`${t(`scope.${scope}`)} <code>${scope}</code>` }))}</fieldset>`,
    (state) => {
      const days = read(state, 'days', (text) => count(text, 1, 36_500));
      const tunnel = read(state, 'tunnel', (text) => count(text, 0, Number.MAX_SAFE_INTEGER));
      const wanted = scopes.filter((scope) => state.draft[`scope-${scope}`] === 'yes');
      if (wanted.length === 0) {
        state.fault = t('key.scopes.none');
        state.faults.scopes = state.fault;
      }
      const text = (name) => (state.draft[name] ?? '').trim();
      return Object.keys(state.faults).length > 0 ? null : call('POST', '/keys', { body: {
        title: text('title'), scopes: wanted, tunnel, expires_at: days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString(),
        ...(text('user') ? { user: text('user') } : {}), ...(text('project') ? { project: text('project') } : {}) } });
    }, { action: t('key.make'), places: { '/title': 'title', '/user': 'user', '/project': 'project', '/tunnel': 'tunnel', '/expires_at': 'days' } });
    if (made?.secret) {
      await once(t('key.made'), t('key.made.what'), made.secret);
      this.#load();
    }
  }

  async #revoke(key) {
    if (await sure(t('key.revoke.title', key.title || key.prefix), t('key.revoke.what'), t('key.revoke'))) {
      this.#do(() => call('DELETE', `/keys/${key.id}`), t('key.revoked'));
    }
  }

  #keys() {
    return html`<section class="card" aria-labelledby="h-keys"><h2 id="h-keys">${t('keys')} <button type="button" @click=${() => this.#makeKey()}>${t('key.new')}</button></h2>
      <p class="help">${t('keys.what')}</p>${this.#table('h-keys', [t('key.title'), t('login.user'), t('project'), t('key.scopes'), t('used.last'), t('ends')], (this.#data.keys ?? []).map((key) => [
        html`${key.title || t('none')}<span class="sub">${key.prefix}…</span>`, key.user, html`${key.project ?? '–'}${key.tunnel === null ? nothing : html` <a href="/ui/tunnel/${key.tunnel}">#${key.tunnel}</a>`}`,
        key.scopes.map((scope) => html`<span class="label">${scope}</span>`), key.last_used ? ago(key.last_used) : t('never'), key.revoked_at ? t('key.is.revoked') : key.expires_at ? dateTime(key.expires_at) : t('key.never'),
        key.revoked_at ? nothing : html`<button type="button" class="quiet danger" aria-label=${t('key.revoke.title', key.title || key.prefix)} @click=${() => this.#revoke(key)}>${t('key.revoke')}</button>`]), t('keys.none'))}</section>`;
  }

  // ---- users

  async #makeUser() {
    const made = await form(t('user.new'), {}, (state) => html`${field(state, 'name', { label: t('login.user'), required: true, help: t('user.name.help') })}${field(state, 'title', { label: t('user.title') })}
      ${check(state, 'admin', { label: t('role.admin'), help: t('user.admin.help') })}`, (state) => call('POST', '/users', { body: { name: (state.draft.name ?? '').trim(), title: (state.draft.title ?? '').trim(), admin: state.draft.admin === 'yes' } }),
    { action: t('create.go'), places: { '/name': 'name', '/title': 'title' } });
    if (made) {
      if (made.password) {
        await once(t('user.made', made.name), t('user.made.what'), made.password);
      }
      this.#load();
    }
  }

  async #changeUser(user, body, title, what) {
    if (await sure(title, what, title)) {
      this.#do(() => call('PATCH', `/users/${user.name}`, { body }), t('saved'));
    }
  }

  async #userPassword(user) {
    const done = await form(t('user.password', user.name), {}, (state) => password(state, 'fresh', t('password.new'), 'new-password'),
      (state) => call('PATCH', `/users/${user.name}`, { body: { password: state.draft.fresh ?? '' } }), { places: { '/password': 'fresh' } });
    if (done) {
      say(t('user.password.done'));
      this.#load();
    }
  }

  async #roles(user) {
    const { projects } = await call('GET', '/projects');
    const draft = Object.fromEntries(projects.map((project) => [`role-${project.name}`, user.roles[project.name] ?? '']));
    const done = await form(t('user.roles', user.name), { ...draft }, (state) => projects.map((project) => choice(state, `role-${project.name}`, { label: project.name, choices: [['', t('role.none')], ...ROLES.map((role) => [role, t(`role.${role}`)])] })), async (state) => {
      for (const project of projects) {
        const wanted = state.draft[`role-${project.name}`];
        if (wanted !== draft[`role-${project.name}`]) {
          await (wanted ? call('PUT', `/projects/${project.name}/members/${user.name}`, { body: { role: wanted } }) : call('DELETE', `/projects/${project.name}/members/${user.name}`));
        }
      }
    });
    if (done) {
      say(t('saved'));
      this.#load();
    }
  }

  async #removeUser(user) {
    if (await sure(t('user.remove.title', user.name), t('user.remove.what'), t('user.remove'))) {
      this.#do(() => call('DELETE', `/users/${user.name}`), t('user.removed', user.name));
    }
  }

  #users() {
    return html`<section class="card" aria-labelledby="h-users"><h2 id="h-users">${t('users')} <button type="button" @click=${() => this.#makeUser()}>${t('user.new')}</button></h2>${
      this.#table('h-users', [t('login.user'), t('roles'), t('factor'), t('login.last')], (this.#data.users ?? []).map((user) => [
        html`<b>${user.name}</b>${user.disabled ? html` <span class="label">${t('user.is.disabled')}</span>` : nothing}${user.external ? html` <span class="label">${t('user.external')}</span>` : nothing}<span class="sub">${user.title}</span>`,
        user.admin ? t('role.admin') : Object.entries(user.roles).map(([project, role]) => html`<span class="label">${project}: ${maybe(`role.${role}`, role)}</span>`), t(user.second_factor ? 'factor.is.on' : 'factor.is.off'),
        user.last_login ? ago(user.last_login) : t('never'), html`<span class="acts">
          <button type="button" class="quiet" aria-label=${t('user.roles', user.name)} @click=${() => this.#roles(user)}>${t('roles')}</button>
          ${user.external ? nothing : html`<button type="button" class="quiet" aria-label=${t('user.password', user.name)} @click=${() => this.#userPassword(user)}>${t('login.password')}</button>`}
          <button type="button" class="quiet" aria-label="${t(user.admin ? 'user.demote' : 'user.promote')}: ${user.name}" @click=${() => this.#changeUser(user, { admin: !user.admin }, t(user.admin ? 'user.demote' : 'user.promote'), t('user.admin.help'))}>${t(user.admin ? 'user.demote' : 'user.promote')}</button>
          ${user.second_factor ? html`<button type="button" class="quiet" aria-label="${t('user.factor.drop')}: ${user.name}" @click=${() => this.#changeUser(user, { drop_second_factor: true }, t('user.factor.drop'), t('user.factor.what'))}>${t('user.factor.drop')}</button>` : nothing}
          <button type="button" class="quiet" aria-label="${t(user.disabled ? 'user.enable' : 'user.disable')}: ${user.name}" @click=${() => this.#changeUser(user, { disabled: !user.disabled }, t(user.disabled ? 'user.enable' : 'user.disable'), t(user.disabled ? 'user.enable.what' : 'user.disable.what'))}>${t(user.disabled ? 'user.enable' : 'user.disable')}</button>
          <button type="button" class="quiet danger" aria-label=${t('user.remove.title', user.name)} @click=${() => this.#removeUser(user)}>${t('user.remove')}</button></span>`]), t('none'))}</section>`;
  }

  // ---- projects

  async #editProject(project) {
    const quotas = project?.quotas ?? {};
    const draft = { name: project?.name ?? '', title: project?.title ?? '', pools: (quotas.pools ?? []).join(' '), ...Object.fromEntries(QUOTAS.map(([name, kind]) => [name, written[kind](quotas[name] ?? null)])) };
    const done = await form(project ? t('project.change', project.name) : t('project.new'), draft, (state) => html`
      ${project ? nothing : field(state, 'name', { label: t('create.name'), required: true, help: t('project.name.help') })}${field(state, 'title', { label: t('user.title') })}
      ${QUOTAS.map(([name, kind]) => field(state, name, { label: t(`quota.${name}`), placeholder: t('none.placeholder'), inputmode: kind === 'count' ? 'numeric' : undefined }))}
      ${field(state, 'pools', { label: t('quota.pools'), placeholder: t('key.any'), help: t('quota.pools.help') })}`, (state) => {
      const bounds = Object.fromEntries(QUOTAS.map(([name, kind]) => [name, read(state, name, kind === 'count' ? (text) => count(text, 0) : size)]));
      const pools = list(state.draft.pools);
      const body = { title: state.draft.title.trim(), quotas: { ...bounds, pools: pools.length > 0 ? pools : null } };
      if (Object.keys(state.faults).length > 0) {
        return null;
      }
      return project ? call('PATCH', `/projects/${project.name}`, { body }) : call('POST', '/projects', { body: { name: state.draft.name.trim(), ...body } });
    }, { places: { '/name': 'name', '/title': 'title', '/quotas/pools': 'pools', ...Object.fromEntries(QUOTAS.map(([name]) => [`/quotas/${name}`, name])) } });
    if (done) {
      say(t('saved'));
      this.#load();
    }
  }

  async #removeProject(project) {
    if (await sure(t('project.remove.title', project.name), t('project.remove.what'), t('user.remove'))) {
      this.#do(() => call('DELETE', `/projects/${project.name}`), t('user.removed', project.name));
    }
  }

  async #members(project) {
    try {
      const { members } = await call('GET', `/projects/${project.name}/members`);
      await ask(t('members', project.name), (again, close) => html`<h2>${t('members', project.name)}</h2>${members.length === 0 ? html`<p class="help">${t('none')}</p>`
        : html`<ul>${members.map((each) => html`<li>${each.user}: ${t(`role.${each.role}`)}</li>`)}</ul>`}${this.#admin ? html`<p class="help">${t('members.help')}</p>` : nothing}
        <p class="buttons"><button @click=${() => close()}>${t('close')}</button></p>`);
    } catch (e) {
      say(explain(e), 'bad');
    }
  }

  #projects() {
    const use = (project, name) => `${number(project.used[name])} / ${project.quotas[name] === null ? '∞' : number(project.quotas[name])}`;
    return html`<section class="card" aria-labelledby="h-projects"><h2 id="h-projects">${t('projects')} ${this.#admin ? html`<button type="button" @click=${() => this.#editProject(null)}>${t('project.new')}</button>` : nothing}</h2>${
      this.#table('h-projects', [t('project'), t('tunnels'), t('ports'), t('sessions'), t('connections'), t('quota.bytes_per_month')], (this.#data.projects ?? []).map((project) => [
        html`<b>${project.name}</b><span class="sub">${project.title}</span>`, use(project, 'tunnels'), use(project, 'ports'), use(project, 'sessions'), use(project, 'connections'),
        `${bytes(project.used.bytes_this_month)} / ${project.quotas.bytes_per_month === null ? '∞' : bytes(project.quotas.bytes_per_month)}`, html`<span class="acts"><button type="button" class="quiet" aria-label=${t('members', project.name)} @click=${() => this.#members(project)}>${t('roles')}</button>
          ${this.#admin ? html`<button type="button" class="quiet" aria-label=${t('project.change', project.name)} @click=${() => this.#editProject(project)}>${t('edit')}</button>
            ${project.name === 'default' ? nothing : html`<button type="button" class="quiet danger" aria-label=${t('project.remove.title', project.name)} @click=${() => this.#removeProject(project)}>${t('user.remove')}</button>`}` : nothing}</span>`]), t('none'))}</section>`;
  }

  // ---- audit

  async #moreAudit() {
    try {
      const page = await call('GET', '/audit', { query: this.#auditQuery({ cursor: this.#data.next_cursor }) });
      this.#data = { entries: [...this.#data.entries, ...page.entries], next_cursor: page.next_cursor };
    } catch (e) {
      say(explain(e), 'bad');
    }
    this.requestUpdate();
  }

  async #verify() {
    try {
      this.#chain = await call('GET', '/audit/verify');
    } catch (e) {
      say(explain(e), 'bad');
    }
    this.requestUpdate();
  }

  async #export() {
    try {
      const { limit, ...filters } = this.#auditQuery();
      const blob = await download(`/api/v1/audit/export?${new URLSearchParams(filters)}`);
      const anchor = document.createElement('a');
      anchor.href = URL.createObjectURL(blob);
      anchor.download = 'culvert-audit.ndjson';
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
    } catch (e) {
      say(explain(e), 'bad');
    }
  }

  #entry(entry) {
    ask(t('audit.entry', entry.number), (again, close) => html`<h2>${t('audit.entry', entry.number)}</h2><dl class="pairs"><div><dt>${t('audit.operation')}</dt><dd>${entry.operation}</dd></div><div><dt>${t('audit.outcome')}</dt><dd>${entry.outcome}</dd></div></dl>
      ${['before', 'after'].map((when) => entry[when] === null ? nothing : html`<h3>${t(`audit.${when}`)}</h3><div class="copyable"><pre tabindex="0" role="group" aria-label=${t(`audit.${when}`)}>${JSON.stringify(entry[when], null, 2)}</pre></div>`)}
      <p class="help">SHA-256 <code>${entry.hash}</code></p><p class="buttons"><button @click=${() => close()}>${t('close')}</button></p>`, { wide: true });
  }

  #audit() {
    const filter = (name) => html`<div class="field"><label for="a-${name}">${t(`audit.${name}`)}</label><input id="a-${name}" type="search" placeholder=${{ operation: 'createTunnel', target: 'tunnel/7' }[name] ?? ''} .value=${this.#filter[name]} @change=${(event) => { this.#filter[name] = event.target.value; this.#load(); }}></div>`;
    return html`<section class="card" aria-labelledby="h-audit"><h2 id="h-audit">${t('audit')}</h2><p class="help">${t('audit.what')}</p><div class="fields three-even">${['caller', 'operation', 'target'].map(filter)}</div>
      <p class="buttons"><button type="button" class="quiet" @click=${() => this.#verify()}>${t('audit.verify')}</button><button type="button" class="quiet" @click=${() => this.#export()}>${t('audit.export')}</button></p>
      <div aria-live="polite">${this.#chain ? html`<p class="chain ${this.#chain.gap === null ? 'good' : 'fault'}">${this.#chain.gap === null ? html`${t('audit.sound', number(this.#chain.sound))} <code>${this.#chain.head}</code>` : t('audit.gap', JSON.stringify(this.#chain.gap))}</p>` : nothing}</div>
      ${this.#table('h-audit', ['#', t('when'), t('audit.caller'), t('from'), t('audit.operation'), t('audit.target'), t('audit.outcome')], (this.#data.entries ?? []).map((entry) => [number(entry.number), dateTime(entry.at), entry.caller || '–', entry.address, entry.operation, entry.target,
        html`<span class=${entry.outcome === 'done' ? '' : 'bad'}>${entry.outcome}</span>`, html`<button type="button" class="quiet" aria-label=${t('audit.entry', entry.number)} @click=${() => this.#entry(entry)}>${t('details')}</button>`]), t('audit.none'))}
      ${this.#data.next_cursor ? html`<p class="buttons"><button type="button" class="quiet" @click=${() => this.#moreAudit()}>${t('more')}</button></p>` : nothing}</section>`;
  }

  // ---- drawing

  #table(label, heads, rows, none) {
    return rows.length === 0 ? html`<p class="help">${none}</p>` : html`<div class="scroll tall" tabindex="0" role="group" aria-labelledby=${label}><table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}<th scope="col"><span class="unseen">${t('col.actions')}</span></th></tr></thead>
      <tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td class=${i === row.length - 1 ? 'act' : ''}>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
  }

  get forced() {
    return whoami()?.must_change_password === true;
  }

  render() {
    document.title = `${t('access')} · Culvert`;
    if (this.forced) {
      return html`<div class="empty"><h1>${t('password.change')}</h1><p>${t('password.must')}</p><p><button type="button" @click=${() => this.#changePassword()}>${t('password.change')}</button></p></div>`;
    }
    const parts = { self: () => this.#self(), keys: () => this.#keys(), users: () => this.#users(), projects: () => this.#projects(), audit: () => this.#audit() };
    return html`<div class="page"><h1>${t('access')}</h1><nav class="tabs" aria-label=${t('access')}>${this.#parts().map((part) => html`<a href="/ui/access?part=${part}" aria-current=${part === this.#part ? 'page' : nothing}
        @click=${(event) => { event.preventDefault(); this.#show(part); }}>${t(`part.${part}`)}</a>`)}</nav>
      ${this.#problem ? html`<p class="trouble" role="alert">${explain(this.#problem)} <button type="button" class="quiet" @click=${() => this.#load()}>${t('again')}</button></p>` : nothing}${parts[this.#part]?.()}</div>`;
  }
}

customElements.define('culvert-access', Access);
