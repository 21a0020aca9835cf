import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What the processor did during one part of a scenario, in the server under test. */
export interface PartProfile {
  readonly part: string;
  /** Time in which there was something to do, of the thread that runs JavaScript. */
  readonly busyMs: number;
  /** Time in each function itself, without those it calls; the largest first. */
  readonly functions: readonly FunctionTime[];
}

export interface FunctionTime {
  readonly name: string;
  /** `src/storage/store.ts:12`, `node:net`, a package's name, or '' for what is no JavaScript. */
  readonly place: string;
  readonly selfMs: number;
}

/** When a part began, on the monotonic clock that profiles are taken by. */
export interface PartStart {
  readonly part: string;
  readonly startedUs: number;
}

/** A profile as V8 writes it: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Adds up the samples of several processes by part, in the order in which the parts first began. */
export function summariseProfiles(profiles: readonly CpuProfile[], starts: readonly PartStart[]): PartProfile[] {
  const places = new Places();
  const timesUs = new Map<string, Map<string, number>>(starts.map(({ part }) => [part, new Map()]));
  for (const { nodes, startTime, samples, timeDeltas } of profiles) {
    const keys = new Map(nodes.map(({ id, callFrame }) => [id, places.keyOf(callFrame)]));
    let nowUs = startTime;
    let next = 0;
    for (const [i, id] of samples.entries()) {
      nowUs += timeDeltas[i]!;
      while (next < starts.length && starts[next]!.startedUs <= nowUs) next += 1;
      const times = timesUs.get(starts[Math.max(0, next - 1)]!.part)!;
      // A sample stands for the time until the next one.
      const key = keys.get(id)!;
      times.set(key, (times.get(key) ?? 0) + (timeDeltas[i + 1] ?? 0));
    }
  }
  return [...timesUs].map(([part, times]) => summarisePart(part, times)).filter(({ busyMs }) => busyMs > 0);
}

function summarisePart(part: string, timesUs: ReadonlyMap<string, number>): PartProfile {
  const functions = [...timesUs]
    .map(([key, us]): FunctionTime => {
      const [name, place] = key.split('\n') as [string, string];
      return { name, place, selfMs: us / 1000 };
    })
    .filter(({ name }) => name !== '(idle)')
    .sort((a, b) => b.selfMs - a.selfMs);
  return { part, busyMs: functions.reduce((sum, { selfMs }) => sum + selfMs, 0), functions };
}

/** Where functions stand in the sources that a bundle was made of. */
class Places {
  readonly #maps = new Map<string, SourceMap | undefined>();

  /** The function's name and place, a line each. */
  keyOf({ functionName, url, lineNumber, columnNumber }: CallFrame): string {
    return `${functionName === '' ? '(anonymous)' : functionName}\n${this.#placeOf(url, lineNumber, columnNumber)}`;
  }

  #placeOf(url: string, line: number, column: number): string {
    if (url === '' || url.startsWith('node:')) return url;
    const path = url.startsWith('file:') ? fileURLToPath(url) : url;
    const entry = this.#mapOf(path)?.findEntry(line, column);
    if (!entry || !('originalSource' in entry)) return shortPath(path);
    const place = shortPath(entry.originalSource);
    return place.includes('/') ? `${place}:${entry.originalLine + 1}` : place;
  }

  #mapOf(path: string): SourceMap | undefined {
    if (!this.#maps.has(path)) {
      const mapPath = `${path}.map`;
      const map = existsSync(mapPath) ? new SourceMap(JSON.parse(readFileSync(mapPath, 'utf8'))) : undefined;
      this.#maps.set(path, map);
    }
    return this.#maps.get(path);
  }
}

/** The path below the project's folder; of a package its name alone. */
function shortPath(path: string): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1];
  return inPackage ?? /(?:src|grammar)\/.*$/.exec(path)?.[0] ?? path;
}
