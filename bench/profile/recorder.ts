import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CpuProfile, type PartProfile, type PartStart, summariseProfiles } from './cpu-profile.ts';

/** How often V8 looks what is running. */
const INTERVAL_US = 250;

/** The profiles that servers write, each when it ends, while one scenario runs. */
export class ProfileRecorder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  readonly #starts: PartStart[];

  /** `part` names what comes before the first call of `begin`. */
  constructor(part: string) {
    this.#starts = [{ part, startedUs: 0 }];
  }

  /** What a process of Node is started with. */
  get nodeArguments(): readonly string[] {
    return ['--cpu-prof', `--cpu-prof-dir=${this.#folder}`, `--cpu-prof-interval=${INTERVAL_US}`];
  }

  begin(part: string): void {
    this.#starts.push({ part, startedUs: Number(process.hrtime.bigint() / 1000n) });
  }

  /** Counts what happens during `work` as a part of its own, within that which has begun. */
  async during<Result>(part: string, work: () => Promise<Result>): Promise<Result> {
    const outer = this.#starts.at(-1)!.part;
    this.begin(part);
    try {
      return await work();
    } finally {
      this.begin(outer);
    }
  }

  /** Once all servers have ended. */
  finish(): PartProfile[] {
    const profiles = readdirSync(this.#folder).map(
      (name) => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as CpuProfile,
    );
    rmSync(this.#folder, { recursive: true });
    return summariseProfiles(profiles, this.#starts);
  }
}
