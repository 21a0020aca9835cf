import { createMatcher, type Matcher } from '../model/matcher.ts';
import type { Fields } from './go-yaml-reader.ts';
import { type LabelMap, parseMatchers, passesAll } from './matchers.ts';
import { listAt, structAt, textAt } from './shapes.ts';

/** A node of the routing tree, with what it inherits filled in. */
export interface Route {
  readonly receiver: string;
  /** The labels that alerts of a group have in common; undefined means all of them. */
  readonly groupBy: readonly string[] | undefined;
  readonly matchers: readonly Matcher[];
  /** Whether alerts of this route are shown to its next siblings too. */
  readonly isContinued: boolean;
  readonly routes: readonly Route[];
}

/** The tree below a route that was checked. */
export function buildRoute(fields: Fields, parent?: Route): Route {
  const names = fields['group_by'] === undefined ? undefined : listAt<string>(fields, 'group_by');
  const matchers = [
    ...Object.entries((structAt(fields, 'match') ?? {}) as LabelMap).map(([name, value]) =>
      createMatcher(name, '=', value ?? ''),
    ),
    ...Object.entries((structAt(fields, 'match_re') ?? {}) as LabelMap).map(([name, value]) =>
      createMatcher(name, '=~', value),
    ),
    ...listAt<string>(fields, 'matchers').flatMap((text) => parseMatchers(text ?? '')),
  ];
  const route = {
    receiver: textAt(fields, 'receiver') || (parent?.receiver ?? ''),
    groupBy: groupBy(names, parent),
    matchers,
    isContinued: fields['continue'] === true,
    routes: [] as readonly Route[],
  };
  route.routes = listAt<Fields | undefined>(fields, 'routes').map((child) => buildRoute(child ?? {}, route));
  return route;
}

function groupBy(names: readonly string[] | undefined, parent: Route | undefined): readonly string[] | undefined {
  if (names === undefined) return parent === undefined ? [] : parent.groupBy;
  return names.includes('...') ? undefined : names;
}

/** The routes that an alert takes: the deepest that match, left to right. At least the root. */
export function matchingRoutes(route: Route, labels: LabelMap): Route[] {
  if (!passesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const matches = matchingRoutes(child, labels);
    found.push(...matches);
    if (matches.length > 0 && !child.isContinued) break;
  }
  return found.length > 0 ? found : [route];
}
