import { type HeapProfiler, type Profiler, Session } from 'node:inspector/promises';
import type { Frame, StackSample } from './pprof.ts';

const HEAP_SAMPLING_INTERVAL_BYTES = 64 << 10;
const NANOSECONDS_PER_MICROSECOND = 1000;

/** V8's profile of what the processor does until `until` has passed. */
export async function profileCpu(until: () => Promise<void>): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await until();
    return (await session.post('Profiler.stop')).profile;
  } finally {
    session.disconnect();
  }
}

/** The time spent in each stack, in nanoseconds. */
export function samplesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): StackSample[] {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0) * NANOSECONDS_PER_MICROSECOND);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const found: StackSample[] = [];
  for (const [id, value] of times) {
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName, url, lineNumber } = byId.get(at)!.callFrame;
      if (functionName !== '(root)')
        stack.push({ name: functionName || '(anonymous)', file: url, line: lineNumber + 1 });
    }
    if (stack.length > 0) found.push({ stack, value });
  }
  return found;
}

/** The bytes that were allocated in each stack until `until` had passed, and are still in use. */
export async function sampleHeap(until: () => Promise<void>): Promise<StackSample[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.startSampling', { samplingInterval: HEAP_SAMPLING_INTERVAL_BYTES });
    await until();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    return heapSamples(profile.head, []);
  } finally {
    session.disconnect();
  }
}

function heapSamples(node: HeapProfiler.SamplingHeapProfileNode, above: readonly Frame[]): StackSample[] {
  const { functionName, url, lineNumber } = node.callFrame;
  const stack = [{ name: functionName || '(anonymous)', file: url, line: lineNumber + 1 }, ...above];
  const own = node.selfSize > 0 ? [{ stack, value: node.selfSize }] : [];
  return [...own, ...node.children.flatMap((child) => heapSamples(child, stack))];
}
