// The image's HEALTHCHECK: exits 0 when the server in this container is ready. It finds the port by looking at what the
// container's processes listen on, so it holds for every flag, file or variable that may have set the port.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const TCP_LISTEN = '0A';

const sockets = ownSockets();
for (const { address, port } of listeners()) {
  const answer = await fetch(`http://${address}:${port}/ready`).catch(() => undefined);
  if (answer?.ok) process.exit(0);
  console.error(`${address}:${port}/ready: ${answer ? `${answer.status} ${await answer.text()}` : 'no answer'}`);
}
process.exit(1);

/** Inodes of the sockets that processes of this container hold (others may share the network: the host, a resolver). */
function ownSockets() {
  const inodes = new Set();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const target of openFiles(pid)) {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode) inodes.add(inode);
    }
  }
  return inodes;
}

function openFiles(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return [];
  }
}

function listeners() {
  const found = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of tableLines(table)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== TCP_LISTEN || !sockets.has(inode)) continue;
      const [address, port] = local.split(':');
      found.push({ address: hostOf(address), port: Number.parseInt(port, 16) });
    }
  }
  return found;
}

function tableLines(path) {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(1);
  } catch {
    // No IPv6 in this kernel.
    return [];
  }
}

/** The kernel writes an address as 32-bit words of the machine, here little-endian. All zeros listens everywhere. */
function hostOf(hex) {
  if (/^0+$/.test(hex)) return '127.0.0.1';
  const bytes = Buffer.from(hex, 'hex').swap32();
  if (bytes.length === 4) return bytes.join('.');
  return `[${bytes.toString('hex').match(/.{4}/g).join(':')}]`;
}
