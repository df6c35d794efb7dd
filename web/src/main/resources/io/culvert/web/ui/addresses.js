// Where things are, as seen from this browser.

/** A host name as it stands in front of a port. */
export const bracketed = (host) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** The server's host: the one that this page came from. */
export const serverHost = () => bracketed(location.hostname);

const SCHEMES = { 22: 'ssh', 443: 'https', 8443: 'https', 5900: 'vnc', 21: 'ftp' };

/** `host:port` of an expose; `bind` beats the page's host where it is one address. */
export function address(expose) {
  const wide = expose.bind === null || expose.bind === '0.0.0.0' || expose.bind === '::';
  return `${wide ? serverHost() : bracketed(expose.bind)}:${expose.port}`;
}

/** What a click on an expose opens, told by its target's port; null for datagrams. */
export function link(expose) {
  if (expose.protocol !== 'tcp') {
    return null;
  }
  const scheme = SCHEMES[expose.target.replace(/^.*:/, '')] ?? 'http';
  return `${scheme}://${address(expose)}${scheme.startsWith('http') ? '/' : ''}`;
}
