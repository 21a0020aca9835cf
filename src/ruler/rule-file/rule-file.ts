import { type ParseOptions, parseExpr } from '../../../grammar/promql.ts';
import { PocketCortexError } from '../../model/errors.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { TenantId } from '../../model/tenant.ts';
import { checkRuleGroup } from '../check-rule-group.ts';
import { groupOfTenant, markTenant } from '../provisioning/tenant-text.ts';
import type { UncheckedGroup, UncheckedRule } from '../read-rule-group.ts';
import type { RuleGroup, TextMap } from '../rule-group.ts';
import { readString } from '../template/literals.ts';
import { type Finding, isNothing, YamlFile, type YamlNode } from './yaml-file.ts';

/** A rule group of a file, and where it stands. */
export interface PlacedGroup {
  /** Empty in files of Prometheus's form. */
  readonly namespace: string;
  readonly group: RuleGroup;
  readonly rulePlaces: readonly Pick<Finding, 'line' | 'column'>[];
}

export interface RuleFile {
  /** Those without faults. */
  readonly groups: readonly PlacedGroup[];
  /** In the order of the file. */
  readonly errors: readonly Finding[];
}

export interface RuleFileOptions {
  readonly parse?: ParseOptions | undefined;
  readonly ignoresUnknownFields: boolean;
  /**
   * Whose rules they are: Cortex wants names of the old kind and refuses groups without rules, Prometheus takes any
   * names.
   */
  readonly dialect: 'cortex' | 'prometheus';
  /** Of provisioned rules: what `{{tenant}}` in labels and annotations stands for. */
  readonly tenant?: TenantId | undefined;
  /** Without `tenant`: leaves `{{tenant}}` marked, for `groupOfTenant` to fill in. */
  readonly marksTenant?: boolean;
}

const GROUP_KEYS = ['name', 'interval', 'query_offset', 'limit', 'rules', 'labels'];
const RULE_KEYS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/**
 * Reads rules in any of the forms that people keep them in:
 *
 *     groups: …                     Prometheus's rule files
 *     namespace: …, groups: …       cortextool's
 *     namespace: [group, …]         as Cortex's API lists them
 *     name: …, rules: …             one group, as its API takes it
 */
export function readRuleFile(text: string, options: RuleFileOptions): RuleFile {
  return new RuleFileReader(new YamlFile(text), options).read();
}

/** The groups of a list of them, inside of another file; their faults are among the findings of that. */
export function readRuleGroups(yaml: YamlFile, list: YamlNode, options: RuleFileOptions): readonly PlacedGroup[] {
  return new RuleFileReader(yaml, options).readList(list);
}

class RuleFileReader {
  readonly #yaml: YamlFile;
  readonly #options: RuleFileOptions;
  readonly #groups: PlacedGroup[] = [];

  constructor(yaml: YamlFile, options: RuleFileOptions) {
    this.#yaml = yaml;
    this.#options = options;
  }

  readList(list: YamlNode): readonly PlacedGroup[] {
    this.#list('', this.#yaml.list(list));
    return this.#groups;
  }

  read(): RuleFile {
    const yaml = this.#yaml;
    if (!isNothing(yaml.root)) {
      const { values } = yaml.fields(yaml.root);
      const isListed = values.size > 0 && !values.has('groups') && !values.has('name') && !values.has('namespace');
      if (values.has('name') && values.has('rules')) this.#list('', [yaml.root]);
      else if (isListed) for (const [namespace, node] of values) this.#list(namespace, yaml.list(node));
      else {
        yaml.fields(yaml.root, this.#known(['groups', 'namespace']));
        this.#list(yaml.text(values.get('namespace')), yaml.list(values.get('groups')));
      }
    }
    const errors = [...yaml.findings].sort((a, b) => a.line - b.line || a.column - b.column);
    return { groups: this.#groups, errors };
  }

  #known(keys: readonly string[]): readonly string[] | undefined {
    return this.#options.ignoresUnknownFields ? undefined : keys;
  }

  #list(namespace: string, nodes: readonly YamlNode[]): void {
    const names = new Set<string>();
    for (const node of nodes) {
      const name = this.#group(namespace, node);
      if (names.has(name)) this.#yaml.fail(node, `groupname: "${name}" is repeated in the same file`);
      names.add(name);
    }
  }

  #group(namespace: string, node: YamlNode): string {
    const yaml = this.#yaml;
    const countBefore = yaml.findings.length;
    const { values } = yaml.fields(node, this.#known(GROUP_KEYS));
    const ruleNodes = yaml.list(values.get('rules'));
    const group: UncheckedGroup = {
      name: yaml.text(values.get('name')),
      intervalMs: yaml.durationMs(values.get('interval')) ?? 0,
      queryOffsetMs: yaml.durationMs(values.get('query_offset')),
      limit: yaml.integer(values.get('limit')) ?? 0,
      labels: this.#texts(values.get('labels')),
      rules: ruleNodes.map((rule) => this.#rule(rule)),
    };
    this.#checkGroup(group, node);
    group.rules.forEach((rule, index) => {
      this.#checkRule(group, { rule, index }, ruleNodes[index]);
    });
    if (yaml.findings.length === countBefore) {
      const rulePlaces = ruleNodes.map((rule) => yaml.placeOf(rule));
      this.#groups.push({ namespace, group: this.#asGroup(group), rulePlaces });
    }
    return group.name;
  }

  /** Only for groups without faults: a fault of a name that Prometheus takes is none. */
  #asGroup(group: UncheckedGroup): RuleGroup {
    const rules = group.rules.map((rule) => {
      const { expr, labels, annotations, forMs, keepFiringForMs } = rule;
      return rule.record === ''
        ? ({ kind: 'alerting', name: rule.alert, expr, forMs, keepFiringForMs, labels, annotations } as const)
        : ({ kind: 'recording', name: rule.record, expr, labels } as const);
    });
    const { tenant } = this.#options;
    return tenant === undefined ? { ...group, rules } : groupOfTenant({ ...group, rules }, tenant);
  }

  #texts(node: YamlNode): TextMap {
    const texts = this.#yaml.texts(node);
    const { tenant, marksTenant } = this.#options;
    return tenant !== undefined || marksTenant ? markTenant(texts) : texts;
  }

  #rule(node: YamlNode): UncheckedRule {
    const yaml = this.#yaml;
    const { values } = yaml.fields(node, this.#known(RULE_KEYS));
    return {
      record: yaml.text(values.get('record')),
      alert: yaml.text(values.get('alert')),
      expr: yaml.text(values.get('expr')),
      forMs: yaml.durationMs(values.get('for')) ?? 0,
      keepFiringForMs: yaml.durationMs(values.get('keep_firing_for')) ?? 0,
      labels: this.#texts(values.get('labels')),
      annotations: this.#texts(values.get('annotations')),
    };
  }

  #checkGroup(group: UncheckedGroup, node: YamlNode): void {
    const yaml = this.#yaml;
    if (group.name === '') yaml.fail(node, 'Groupname must not be empty');
    else if (group.rules.length === 0 && this.#options.dialect === 'cortex') {
      yaml.fail(node, `rule group '${group.name}' has no rules`);
    }
    const labels = yaml.fields(yaml.fields(node).values.get('labels'));
    // The labels of a group are held to the same rules as those of a rule.
    for (const name of Object.keys(group.labels)) {
      const probe = { ...NO_RULE, record: 'r', expr: '1', labels: { [name]: '' } };
      for (const fault of faultsOf(group, probe)) {
        if (!this.#isAllowed(fault)) yaml.fail(labels.keys.get(name), fault);
      }
    }
  }

  #checkRule(group: UncheckedGroup, { rule, index }: { rule: UncheckedRule; index: number }, node: YamlNode): void {
    const yaml = this.#yaml;
    const place = `group ${quoteGo(group.name)}, rule ${index + 1}, ${quoteGo(rule.alert || rule.record)}: `;
    const fields = yaml.fields(node);
    for (const fault of faultsOf(group, rule)) {
      if (!this.#isAllowed(fault)) yaml.fail(this.#nodeOfFault(fault, fields), place + fault);
    }
    if (rule.expr === '') return;
    try {
      parseExpr(rule.expr, this.#options.parse);
    } catch (error) {
      if (!(error instanceof PocketCortexError)) throw error;
      const { message } = error;
      const [, line = 1, column = 1] = /^(\d+):(\d+): /.exec(message) ?? [];
      const inner = { line: Number(line), column: Number(column) };
      const at = yaml.placeInside(fields.values.get('expr'), inner);
      yaml.findings.push({ ...at, message: `${place}could not parse expression: ${message}` });
    }
  }

  /** Whether Prometheus takes what Cortex does not: names of any characters. */
  #isAllowed(fault: string): boolean {
    if (this.#options.dialect === 'cortex') return false;
    const name = /^invalid (?:label name|annotation name|recording rule name): (.*)$/s.exec(fault)?.[1];
    return name !== undefined && name !== '' && name !== '__name__';
  }

  /** The key or value that a complaint is about. */
  #nodeOfFault(fault: string, { node, values, keys }: ReturnType<YamlFile['fields']>): YamlNode {
    const inner = (field: 'labels' | 'annotations', name: string, of: 'keys' | 'values'): YamlNode =>
      this.#yaml.fields(values.get(field))[of].get(name) ?? values.get(field) ?? node;
    const [, what, name] =
      /^(?:invalid )?(label|annotation)(?: name:)? (.*)$/s.exec(fault) ?? /^invalid field '(.*)'()/.exec(fault) ?? [];
    if (what === 'label' || what === 'annotation') {
      const quoted = /^("(?:\\.|[^"\\])*"): /.exec(name!)?.[1];
      const field = what === 'label' ? 'labels' : 'annotations';
      return quoted === undefined ? inner(field, name!, 'keys') : inner(field, readString(quoted), 'values');
    }
    if (what !== undefined) return keys.get(what) ?? node;
    if (/recording rule name/.test(fault)) return values.get('record') ?? node;
    return node;
  }
}

const NO_RULE: UncheckedRule = {
  record: '',
  alert: '',
  expr: '',
  forMs: 0,
  keepFiringForMs: 0,
  labels: {},
  annotations: {},
};

/** What the ruler finds wrong with a rule, without the places that its texts begin with. */
function faultsOf(group: UncheckedGroup, rule: UncheckedRule): string[] {
  const checked = checkRuleGroup({ ...group, name: 'group', labels: {}, rules: [rule] }, () => true);
  if (checked.ok) return [];
  return checked.errors.map((error) => error.replace(OWN_PLACE, ''));
}

const OWN_PLACE = /^(0:0: )*group "group", rule 0, "(\\.|[^"\\])*": /;
