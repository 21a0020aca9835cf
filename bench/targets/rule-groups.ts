import { parseDocument, stringify } from 'yaml';
import { askOk } from '../http.ts';
import type { RunningServer } from './start-target.ts';

/** Sets the groups of a rule file through Cortex's API, one by one, as it takes them. */
export async function postRuleGroups({ baseUrl }: RunningServer, yaml: string): Promise<void> {
  const { groups } = parseDocument(yaml).toJS() as { groups: unknown[] };
  for (const group of groups) {
    await askOk(`${baseUrl}/api/v1/rules/bench`, {
      method: 'POST',
      headers: { 'x-scope-orgid': 'bench', 'content-type': 'application/yaml' },
      body: stringify(group),
    });
  }
}
