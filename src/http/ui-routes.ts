import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppDependencies } from './dependencies.ts';
import { sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';

const files: readonly (readonly [path: string, file: string, contentType: string])[] = [
  // Where the generatorURL of every alert points.
  ['/graph', 'graph.html', 'text/html; charset=utf-8'],
  ['/pocket/ui/graph.js', 'graph.js', 'text/javascript; charset=utf-8'],
  ['/pocket/ui/graph.css', 'graph.css', 'text/css; charset=utf-8'],
];

/** The page for people. It asks the public API, as whoever looks at it: the files themselves belong to no tenant. */
export function uiRoutes({ settings }: AppDependencies): AddRoutes {
  return (routes) => {
    for (const [path, file, contentType] of files) {
      routes.get(path, async (_request, reply) => {
        const text = await readUiFile(file);
        if (text === undefined) return sendText(reply, 404, 'the page has not been built: npm run build');
        const prefixed = text.replace('{{prometheusHttpPrefix}}', settings.prometheusHttpPrefix);
        return reply.header('content-type', contentType).header('cache-control', 'no-cache').send(prefixed);
      });
    }
  };
}

async function readUiFile(file: string): Promise<string | undefined> {
  const folder = uiFolder();
  return folder && readFile(join(folder, file), 'utf8').catch(() => undefined);
}

/** Where the page's files are: this one is bundled, so how far up that is differs. */
function uiFolder(): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'dist/ui'))) {
    if (folder === dirname(folder)) return undefined;
    folder = dirname(folder);
  }
  return join(folder, 'dist/ui');
}
