import { Labels } from '../../model/labels.ts';
import type { PlacedGroup } from '../../ruler/rule-file/rule-file.ts';
import type { Finding } from '../../ruler/rule-file/yaml-file.ts';
import { labelsOfRule } from '../../ruler/rule-group.ts';

/**
 * Rules that have the name and labels of one before them: what they record or raise would get in each other's way. Cortex
 * takes them all the same.
 */
export function duplicateRules(groups: readonly PlacedGroup[]): Finding[] {
  const first = new Map<string, Finding['line']>();
  const duplicates: Finding[] = [];
  for (const { namespace, group, rulePlaces } of groups) {
    group.rules.forEach((rule, index) => {
      const labels = Labels.fromRecord(labelsOfRule(group, rule));
      const key = JSON.stringify([namespace, rule.name, labels.key]);
      const place = rulePlaces[index]!;
      const firstLine = first.get(key);
      if (firstLine === undefined) first.set(key, place.line);
      else {
        const message = `duplicate rule: ${rule.name} with labels ${labels} is in line ${firstLine} already; might cause inconsistency while recording expressions`;
        duplicates.push({ ...place, message });
      }
    });
  }
  return duplicates;
}
