import type { FastifyReply } from 'fastify';
import { sleep } from '../model/clock.ts';
import type { AppDependencies } from './dependencies.ts';
import { page } from './pages.ts';
import type { AddRoutes } from './routes.ts';

const DEFAULT_SECONDS = 30;
/** A profile is held in memory until it is sent. */
const SECONDS_LIMIT = 300;

interface Seconds {
  readonly Querystring: { readonly seconds?: string };
}

const kinds: readonly (readonly [name: string, about: string])[] = [
  ['allocs', 'What was allocated in the next seconds and is still there'],
  ['block', 'Waiting for locks: empty, nobody waits for any here'],
  ['cmdline', 'The command line'],
  ['goroutine', 'Stacks of all goroutines: there is the event loop'],
  ['heap', 'As allocs'],
  ['mutex', 'Holders of contended locks: empty'],
  ['profile', 'Where the processor spends its time in the next seconds'],
  ['threadcreate', 'Empty'],
  ['trace', 'The same seconds as V8 has them, for the developer tools of Chrome (.cpuprofile)'],
];

/**
 * Profiles of this process, where and in the form in which Go's programs have theirs: `go tool pprof URL` reads them.
 */
export function profileRoutes({ clock }: AppDependencies): AddRoutes {
  /** The profile that was asked for last. */
  let last: Promise<unknown> = Promise.resolve();
  return (routes) => {
    routes.get('/debug/pprof/', async (_request, reply) => {
      const items = kinds.map(([name, about]) => `<li><a href="${name}">${name}</a>: ${about}</li>`);
      return reply.type('text/html; charset=utf-8').send(page('/debug/pprof/', `<ul>\n${items.join('\n')}\n</ul>`));
    });

    routes.get('/debug/pprof/cmdline', async (_request, reply) =>
      reply.header('content-type', 'text/plain; charset=utf-8').send(process.argv.join('\0')),
    );

    for (const name of ['block', 'mutex', 'threadcreate']) {
      routes.get(`/debug/pprof/${name}`, async (_request, reply) => {
        const { encodePprof } = await import('./pprof.ts');
        return sendBytes(reply, encodePprof([], { type: 'contentions', unit: 'count', timeMs: clock.nowMs() }));
      });
    }

    routes.get('/debug/pprof/goroutine', async (_request, reply) => {
      const { encodePprof } = await import('./pprof.ts');
      const eventLoop = { stack: [{ name: 'event loop', file: 'node', line: 0 }], value: 1 };
      return sendBytes(reply, encodePprof([eventLoop], { type: 'goroutine', unit: 'count', timeMs: clock.nowMs() }));
    });

    for (const name of ['heap', 'allocs']) {
      routes.get<Seconds>(`/debug/pprof/${name}`, async ({ query }, reply) =>
        alone(reply, async () => {
          const { sampleHeap } = await import('./profiler.ts');
          const { encodePprof } = await import('./pprof.ts');
          const samples = await sampleHeap(() => sleep(clock, secondsOf(query.seconds, 1) * 1000));
          return encodePprof(samples, { type: 'inuse_space', unit: 'bytes', timeMs: clock.nowMs() });
        }),
      );
    }

    routes.get<Seconds>('/debug/pprof/profile', async ({ query }, reply) =>
      alone(reply, () => cpuPprof(secondsOf(query.seconds, DEFAULT_SECONDS))),
    );

    routes.get<Seconds>('/debug/pprof/trace', async ({ query }, reply) =>
      alone(reply, async () => {
        const { profileCpu } = await import('./profiler.ts');
        const profile = await profileCpu(() => sleep(clock, secondsOf(query.seconds, 1) * 1000));
        return Buffer.from(JSON.stringify(profile));
      }),
    );

    routes.get<Seconds>('/debug/fgprof', async ({ query }, reply) =>
      alone(reply, () => cpuPprof(secondsOf(query.seconds, DEFAULT_SECONDS)), 'application/x-gzip'),
    );
  };

  async function cpuPprof(seconds: number): Promise<Uint8Array> {
    const { profileCpu, samplesOf } = await import('./profiler.ts');
    const { encodePprof } = await import('./pprof.ts');
    const profile = await profileCpu(() => sleep(clock, seconds * 1000));
    const durationMs = seconds * 1000;
    return encodePprof(samplesOf(profile), { type: 'cpu', unit: 'nanoseconds', timeMs: clock.nowMs(), durationMs });
  }

  /** One after the other: each would see what taking the other costs. */
  async function alone(
    reply: FastifyReply,
    take: () => Promise<Uint8Array>,
    type = 'application/octet-stream',
  ): Promise<FastifyReply> {
    const own = last.then(take);
    last = own.catch(() => {});
    return sendBytes(reply, await own, type);
  }
}

function secondsOf(text: string | undefined, otherwise: number): number {
  const seconds = Number(text);
  return seconds > 0 ? Math.min(seconds, SECONDS_LIMIT) : otherwise;
}

function sendBytes(reply: FastifyReply, bytes: Uint8Array, type = 'application/octet-stream'): FastifyReply {
  return reply
    .header('content-type', type)
    .header('x-content-type-options', 'nosniff')
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
