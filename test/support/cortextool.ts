import { parse, stringify } from 'yaml';
import { parseDuration } from '../../src/model/duration.ts';

export interface ToolRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ToolGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly ToolRule[];
}

/** Namespaces with their groups: what the tool reads from files, and what it gets from the server. */
export type ToolRules = Readonly<Record<string, readonly ToolGroup[]>>;

/** What `diff` prints and `sync` does: `+ namespace/group`, `~ …` and `- …`. */
export type Change = string;

/**
 * Asks a server what `cortextool rules load|sync|diff|print|get|delete` asks it, in the same order and form, and decides as
 * it does whether two groups are the same.
 */
export class Cortextool {
  readonly #baseUrl: string;
  readonly #tenant: string;
  /** Method and path of every request so far. */
  readonly requests: string[] = [];

  /** `apiPath` is `/api/v1/rules`, or the legacy one. */
  constructor({
    baseUrl,
    tenant,
    apiPath,
  }: { readonly baseUrl: string; readonly tenant: string; readonly apiPath: string }) {
    this.#baseUrl = baseUrl + apiPath;
    this.#tenant = tenant;
  }

  /** Sets every group that the server has not, or has otherwise. */
  async load(rules: ToolRules): Promise<void> {
    for (const [namespace, groups] of Object.entries(rules)) {
      for (const group of groups) {
        const current = await this.get(namespace, group.name);
        if (current === undefined || !isSameGroup(current, group)) await this.#set(namespace, group);
      }
    }
  }

  /** Undefined when there are none. */
  async print(): Promise<ToolRules | undefined> {
    const text = await this.#request('GET', '');
    return text === undefined ? undefined : (parse(text) as ToolRules);
  }

  async diff(rules: ToolRules): Promise<Change[]> {
    return changesBetween((await this.print()) ?? {}, rules).map(({ sign, namespace, group }) => {
      return `${sign} ${namespace}/${group.name}`;
    });
  }

  /** Makes the server have these rules and no others. */
  async sync(rules: ToolRules): Promise<void> {
    for (const { sign, namespace, group } of changesBetween((await this.print()) ?? {}, rules)) {
      if (sign === '-') await this.delete(namespace, group.name);
      else await this.#set(namespace, group);
    }
  }

  async get(namespace: string, name: string): Promise<ToolGroup | undefined> {
    const text = await this.#request('GET', `/${escapePath(namespace)}/${escapePath(name)}`);
    return text === undefined ? undefined : (parse(text) as ToolGroup);
  }

  async delete(namespace: string, name: string): Promise<void> {
    await this.#request('DELETE', `/${escapePath(namespace)}/${escapePath(name)}`);
  }

  async #set(namespace: string, group: ToolGroup): Promise<void> {
    await this.#request('POST', `/${escapePath(namespace)}`, stringify(group, { indent: 4, lineWidth: 0 }));
  }

  /** The text of the answer; undefined for a 404. @throws for any other error, as the tool gives up then */
  async #request(method: string, path: string, body?: string): Promise<string | undefined> {
    this.requests.push(`${method} ${path}`);
    const response = await fetch(this.#baseUrl + path, {
      method,
      headers: { 'X-Scope-OrgID': this.#tenant },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (response.ok) return text;
    if (response.status === 404) return undefined;
    throw new Error(`server returned HTTP status ${response.status}: ${text}`);
  }
}

interface GroupChange {
  readonly sign: '+' | '~' | '-';
  readonly namespace: string;
  readonly group: ToolGroup;
}

function changesBetween(current: ToolRules, wanted: ToolRules): GroupChange[] {
  const changes: GroupChange[] = [];
  for (const [namespace, groups] of Object.entries(wanted)) {
    const before = new Map((current[namespace] ?? []).map((group) => [group.name, group]));
    for (const group of groups) {
      const old = before.get(group.name);
      if (!old) changes.push({ sign: '+', namespace, group });
      else if (!isSameGroup(old, group)) changes.push({ sign: '~', namespace, group });
      before.delete(group.name);
    }
    for (const group of before.values()) changes.push({ sign: '-', namespace, group });
  }
  for (const [namespace, groups] of Object.entries(current)) {
    if (!(namespace in wanted)) for (const group of groups) changes.push({ sign: '-', namespace, group });
  }
  return changes;
}

function isSameGroup(a: ToolGroup, b: ToolGroup): boolean {
  const form = ({ name, interval, rules }: ToolGroup) => [
    name,
    durationOf(interval),
    rules.map((rule) => [
      rule.record ?? '',
      rule.alert ?? '',
      rule.expr,
      durationOf(rule.for),
      mapOf(rule.labels),
      mapOf(rule.annotations),
    ]),
  ];
  return JSON.stringify(form(a)) === JSON.stringify(form(b));
}

function durationOf(text: string | undefined): number {
  const result = parseDuration(text ?? '0s');
  if (!result.ok) throw new Error(result.reason);
  return result.ms;
}

function mapOf(map: Readonly<Record<string, string>> | undefined): unknown {
  return map === undefined ? null : Object.entries(map).sort();
}

/** As Go escapes a segment of a path: `&`, `=`, `+`, `$`, `:` and `@` stay. */
function escapePath(segment: string): string {
  return encodeURIComponent(segment)
    .replace(/%(26|3D|2B|24|3A|40)/g, decodeURIComponent)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
