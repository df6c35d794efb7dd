// What the page says, in each language it speaks. A missing word shows as its name: better ugly than silent.
const WORDS = {
  en: {
    other: '中文',
    'login.lead': 'Reverse tunnels, leased.',
    'login.key': 'Access key',
    'login.help': 'The server wrote one to admin.key in its data directory when it first started.',
    'login.go': 'Open',
    'login.wrong': 'The server does not know this key.',
    leave: 'Sign out',
    copy: 'Copy',
    copied: 'Copied',
    'joined.title': 'Tunnel {0} is waiting for its agent',
    'joined.once': 'Its join token is shown only now. Save it on the inner machine:',
    'joined.run': 'Then run there:',
    'joined.save': 'Save the token as a file',
    'joined.stock': 'Or, with a stock goproxy client and the files of this tunnel:',
    'joined.bundle': 'Download proxy.crt and proxy.key',
    'joined.close': 'I have it, hide it',
    'create.title': 'New tunnel',
    'create.innet': 'Inner port',
    'create.innet.help': 'Where it leads: a port, or host:port',
    'create.expose': 'Public port',
    'create.expose.help': 'Empty: any free one',
    'create.expire': 'Lease, seconds',
    'create.expire.help': '-1: until you remove it',
    'create.comment': 'Comment',
    'create.go': 'Create',
    'list.title': 'Tunnels',
    'list.empty': 'None yet.',
    'list.route': 'Public port → target',
    'list.comment': 'Comment',
    'list.agents': 'Agents',
    'list.visitors': 'Visitors',
    'list.bytes': 'In / out',
    'list.lease': 'Lease',
    'list.actions': 'Actions',
    waiting: 'waiting',
    up: 'up',
    forever: 'no end',
    ending: 'ending',
    remove: 'Remove',
    'remove.one': 'Remove tunnel {0}',
    'sure.title': 'Remove tunnel {0}?',
    'sure.text': 'Its ports close at once, and with them every connection through it.',
    'sure.keep': 'Keep it',
    summary: 'Tunnels: {0} · up: {1}',
    offline: 'The server does not answer; what you see may be old. Trying again…',
    odd: 'The server gave an answer that this page does not understand (status {0}).',
  },
  zh: {
    other: 'English',
    'login.lead': '有租期的反向隧道。',
    'login.key': '访问密钥',
    'login.help': '服务器首次启动时，已在数据目录写入 admin.key。',
    'login.go': '进入',
    'login.wrong': '服务器不认识这个密钥。',
    leave: '退出',
    copy: '复制',
    copied: '已复制',
    'joined.title': '隧道 {0} 正在等待代理程序连接',
    'joined.once': '接入令牌只在此刻显示。请保存到内网机器上：',
    'joined.run': '然后在那里运行：',
    'joined.save': '将令牌存为文件',
    'joined.stock': '或者，使用原版 goproxy 客户端和本隧道的证书文件：',
    'joined.bundle': '下载 proxy.crt 和 proxy.key',
    'joined.close': '已保存，隐藏',
    'create.title': '新建隧道',
    'create.innet': '内网端口',
    'create.innet.help': '通往何处：端口，或 主机:端口',
    'create.expose': '公网端口',
    'create.expose.help': '留空：任选一个空闲端口',
    'create.expire': '租期（秒）',
    'create.expire.help': '-1：直到手动删除',
    'create.comment': '备注',
    'create.go': '创建',
    'list.title': '隧道',
    'list.empty': '还没有隧道。',
    'list.route': '公网端口 → 目标',
    'list.comment': '备注',
    'list.agents': '代理',
    'list.visitors': '访客',
    'list.bytes': '流入 / 流出',
    'list.lease': '租期',
    'list.actions': '操作',
    waiting: '等待中',
    up: '已连接',
    forever: '不过期',
    ending: '即将结束',
    remove: '删除',
    'remove.one': '删除隧道 {0}',
    'sure.title': '删除隧道 {0}？',
    'sure.text': '端口会立即关闭，经过它的所有连接也随之断开。',
    'sure.keep': '保留',
    summary: '共 {0} 条隧道，{1} 条已连接',
    offline: '服务器没有应答，所见可能已过时。正在重试……',
    odd: '服务器的应答无法识别（状态 {0}）。',
  },
};

let language = localStorage.getItem('culvert.language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
if (!(language in WORDS)) {
  language = 'en';
}

/** The word in the current language; {0}, {1} … are replaced. */
export function t(name, ...values) {
  return (WORDS[language][name] ?? name).replace(/\{(\d)\}/g, (_, i) => values[i]);
}

/** Says everything marked with data-t, makes the toggle work, and calls back after each change of language. */
export function speak(changed = () => {}) {
  const toggle = document.getElementById('language');
  const say = () => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.querySelectorAll('[data-t]').forEach((element) => (element.textContent = t(element.dataset.t)));
    toggle.textContent = t('other');
    toggle.lang = language === 'zh' ? 'en' : 'zh-CN';
  };
  toggle.addEventListener('click', () => {
    language = language === 'zh' ? 'en' : 'zh';
    localStorage.setItem('culvert.language', language);
    say();
    changed();
  });
  say();
}
