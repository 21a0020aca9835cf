import type { TenantId } from '../../model/tenant.ts';
import type { Rule, RuleGroup, TextMap } from '../rule-group.ts';

/** `{{tenant}}`, with spaces and trimming as templates allow them. There is no template function of this name. */
const PLACEHOLDER = /\{\{-?\s*tenant\s*-?\}\}/g;

/** Stands for it between reading and use, so that what is a template can be checked meanwhile. For private use in Unicode. */
const MARK = '\u{f0000}';

/** The texts with every `{{tenant}}` marked. */
export function markTenant(map: TextMap): TextMap {
  return Object.fromEntries(Object.entries(map).map(([name, text]) => [name, text.replace(PLACEHOLDER, MARK)]));
}

/**
 * The group as `tenant` gets it: where `{{tenant}}` stood in labels and annotations is its id. Expressions have none, as
 * they see nobody else's series anyway.
 */
export function groupOfTenant(group: RuleGroup, tenant: TenantId): RuleGroup {
  const filled = (map: TextMap): TextMap =>
    Object.fromEntries(Object.entries(map).map(([name, text]) => [name, text.replaceAll(MARK, () => tenant)]));
  const rules = group.rules.map(
    (rule): Rule =>
      rule.kind === 'recording'
        ? { ...rule, labels: filled(rule.labels) }
        : { ...rule, labels: filled(rule.labels), annotations: filled(rule.annotations) },
  );
  return { ...group, labels: filled(group.labels), rules };
}
