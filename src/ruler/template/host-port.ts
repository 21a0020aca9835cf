import { isIP } from 'node:net';

/** `host:port`, `[::1]:port`; undefined when it has not that form. */
function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const parts = /^(?:\[([^[\]]*)\]|([^[\]:]*)):([^[\]:]*)$/.exec(text);
  return parts ? { host: parts[1] ?? parts[2]!, port: parts[3]! } : undefined;
}

/** The host alone; what has no port stays as it is. */
export function stripPort(hostPort: string): string {
  return splitHostPort(hostPort)?.host ?? hostPort;
}

/** The first part of the host's name, with the port if there is one; addresses stay as they are. */
export function stripDomain(hostPort: string): string {
  const { host, port } = splitHostPort(hostPort) ?? { host: hostPort, port: '' };
  if (isIP(host) !== 0 && !host.includes('%')) return hostPort;
  const name = host.split('.')[0]!;
  if (port === '') return name;
  return /[:%]/.test(name) ? `[${name}]:${port}` : `${name}:${port}`;
}
