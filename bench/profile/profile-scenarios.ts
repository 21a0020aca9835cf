import { RowCollector } from '../report/rows.ts';
import type { Scenario } from '../scenario.ts';
import { pocketCortexAt } from '../targets/pocket-cortex.ts';
import type { Target, TargetKind } from '../targets/target.ts';
import { profileSections, writeProfiles } from './profile-report.ts';
import { ProfileRecorder } from './recorder.ts';

export interface ProfileOptions {
  readonly dist: string;
  readonly isSmoke: boolean;
  readonly only?: string;
  readonly commit: string;
  readonly folder: string;
  readonly fileName: string;
}

/** Runs `scenarios` with a server that notes what it does; the figures, which that changes, are dropped. Returns the file. */
export async function profileScenarios(scenarios: readonly Scenario[], options: ProfileOptions): Promise<string> {
  const { dist, isSmoke, only, commit, folder, fileName } = options;
  const sections = new Map<string, string>();
  for (const { name, run } of scenarios) {
    const recorder = new ProfileRecorder(name);
    const log = (text: string): void => console.log(`  ${text}`);
    const begin = (part: string): void => {
      recorder.begin(part);
      log(part);
    };
    console.log(`\n${name}`);
    const targets = [profiledKind(dist, recorder)];
    const rows = new RowCollector(name);
    await run({ rows, targets, isSmoke, begin, log, ...(only !== undefined && { only }) });
    for (const [title, text] of profileSections(name, recorder.finish(), commit)) {
      sections.set(title, text);
      console.log(`\n## ${title}\n\n${text}`);
    }
  }
  return writeProfiles(folder, fileName, sections);
}

/** Its start and its end are parts by themselves, whatever it is started for. */
function profiledKind(dist: string, recorder: ProfileRecorder): TargetKind {
  const kind = pocketCortexAt(dist, { nodeArguments: recorder.nodeArguments });
  const profiled = (target: Target): Target => ({
    ...target,
    restart: async () => profiled(await recorder.during('restart', target.restart)),
    end: () => recorder.during('end', target.end),
    stop: () => recorder.during('end', target.stop),
  });
  return { ...kind, start: async () => profiled(await recorder.during('start', kind.start)) };
}
