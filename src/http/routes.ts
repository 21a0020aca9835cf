import type { FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * Runs before a handler, which waits for what it returns, unless that is nothing. When it answers it returns the reply, and what
 * stands behind it does not run.
 */
export type RouteHook = (request: FastifyRequest, reply: FastifyReply) => PromiseLike<unknown> | undefined;

/** What the routes of an area have in common; of areas within each other all applies, the outer one's first. */
export interface RouteHooks {
  readonly before?: RouteHook | readonly RouteHook[];
  /** Gives what is sent in place of `payload`, after all hooks of the server have seen it. */
  readonly onSend?: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>;
  /** Answers what a handler threw; undefined leaves it to the server. The innermost area's is asked. */
  readonly onError?: (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;
}

type Handler<Generic extends RouteGenericInterface> = (
  request: FastifyRequest<Generic>,
  reply: FastifyReply,
) => unknown;

export interface Route {
  /** As it was given: `/api/v1/rules/:namespace`. */
  readonly url: string;
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
  readonly before: readonly RouteHook[];
  readonly onSend: RouteHooks['onSend'];
  readonly onError: RouteHooks['onError'];
}

/** Enters the routes of an area. */
export type AddRoutes = (routes: Routes) => void;

/** Where areas enter their routes, below a prefix and with the hooks of all that they are within. */
export class Routes {
  readonly #table: RouteTable;
  readonly #prefix: string;
  readonly #hooks: Required<Pick<Route, 'before' | 'onSend' | 'onError'>>;

  constructor(table: RouteTable, prefix = '', hooks: Pick<Route, 'before' | 'onSend' | 'onError'> = NO_HOOKS) {
    this.#table = table;
    this.#prefix = prefix;
    this.#hooks = hooks;
  }

  /** For routes with hooks, or a prefix, of their own. */
  within(hooks: RouteHooks, prefix = ''): Routes {
    return new Routes(this.#table, this.#prefix + prefix, this.#with(hooks));
  }

  get<Generic extends RouteGenericInterface>(url: string, ...rest: Handling<Generic>): void {
    this.#add(['GET'], url, rest);
  }

  post<Generic extends RouteGenericInterface>(url: string, ...rest: Handling<Generic>): void {
    this.#add(['POST'], url, rest);
  }

  put<Generic extends RouteGenericInterface>(url: string, ...rest: Handling<Generic>): void {
    this.#add(['PUT'], url, rest);
  }

  delete<Generic extends RouteGenericInterface>(url: string, ...rest: Handling<Generic>): void {
    this.#add(['DELETE'], url, rest);
  }

  /** Any method. */
  all<Generic extends RouteGenericInterface>(url: string, ...rest: Handling<Generic>): void {
    this.#add([ANY_METHOD], url, rest);
  }

  /** One handler for several methods. */
  route({ method, url, handler }: { method: readonly Method[]; url: string; handler: Route['handler'] }): void {
    this.#add(method, url, [handler]);
  }

  has(method: Method, path: string): boolean {
    return this.#table.find(method, path) !== undefined;
  }

  #add<Generic extends RouteGenericInterface>(methods: readonly string[], url: string, rest: Handling<Generic>): void {
    const [hooks, handler] = rest.length === 2 ? rest : [{}, rest[0]];
    // Whoever names the parameters of its path has named them in `url`.
    const route = { url: this.#prefix + url, handler: handler as Route['handler'], ...this.#with(hooks) };
    for (const method of methods) this.#table.add(method, route);
  }

  #with({ before = [], onSend, onError }: RouteHooks): Pick<Route, 'before' | 'onSend' | 'onError'> {
    const outer = this.#hooks;
    return {
      before: outer.before.concat(before),
      onSend: onSend ?? outer.onSend,
      onError: onError ?? outer.onError,
    };
  }
}

type Handling<Generic extends RouteGenericInterface> =
  | [handler: Handler<Generic>]
  | [hooks: RouteHooks, handler: Handler<Generic>];

const NO_HOOKS = { before: [], onSend: undefined, onError: undefined };
const ANY_METHOD = '*';

/** What a request has found. */
export interface RouteMatch {
  readonly route: Route;
  /** What stands in its path where the route's has names; decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * All routes of a server by path and method. A path is a text as it is, or has segments with names (`:namespace`, which takes
 * one segment that is not empty), or ends in `*` (which takes any rest). The first of those that match wins, texts before others.
 */
export class RouteTable {
  readonly #exact = new Map<string, Map<string, RouteMatch>>();
  readonly #patterns: Pattern[] = [];

  /** @throws when there is one for that method and path */
  add(method: string, route: Route): void {
    const { url } = route;
    if (url.includes(':') || url.endsWith('*')) {
      this.#patterns.push({
        method,
        route,
        segments: url.split('/'),
        prefix: url.endsWith('*') ? url.slice(0, -1) : undefined,
      });
      return;
    }
    const methods = this.#exact.get(url) ?? new Map<string, RouteMatch>();
    this.#exact.set(url, methods);
    if (methods.has(method)) throw new Error(`two routes for ${method} ${url}`);
    methods.set(method, { route, params: NO_PARAMS });
  }

  /** Who answers; `url` is as it came, with its query. */
  find(method: string, url: string): RouteMatch | undefined {
    const path = pathOf(url);
    return pick(this.#exact.get(path), method) ?? this.#search(method, path);
  }

  /** Whether the path of `url` is one of a route, whatever its method. */
  knows(url: string): boolean {
    return this.find(EVERY_METHOD, url) !== undefined;
  }

  /** `GET /ready`, of all routes. */
  list(): string[] {
    const exact = [...this.#exact].flatMap(([url, methods]) => [...methods.keys()].map((method) => `${method} ${url}`));
    return [...exact, ...this.#patterns.map(({ method, route }) => `${method} ${route.url}`)];
  }

  #search(method: string, path: string): RouteMatch | undefined {
    const given = decodedSegments(path);
    if (given === undefined) return undefined;
    if (path.includes('%')) {
      const plain = pick(this.#exact.get(given.join('/')), method);
      // An escaped slash parts nothing.
      if (plain !== undefined && given.every((segment) => !segment.includes('/'))) return plain;
    }
    for (const pattern of this.#patterns) {
      if (pattern.method !== method && pattern.method !== ANY_METHOD && method !== EVERY_METHOD) continue;
      const params = paramsOf(pattern, given, path);
      if (params !== undefined) return { route: pattern.route, params };
    }
    return undefined;
  }
}

interface Pattern {
  readonly method: string;
  readonly route: Route;
  readonly segments: readonly string[];
  /** What stands before a `*`. */
  readonly prefix: string | undefined;
}

/** Asks for a route of any method. */
const EVERY_METHOD = '';
const NO_PARAMS: RouteMatch['params'] = Object.freeze({});

function pick(methods: ReadonlyMap<string, RouteMatch> | undefined, method: string): RouteMatch | undefined {
  if (methods === undefined) return undefined;
  if (method === EVERY_METHOD) return methods.values().next().value;
  return methods.get(method) ?? methods.get(ANY_METHOD);
}

function paramsOf(
  { segments, prefix }: Pattern,
  given: readonly string[],
  path: string,
): RouteMatch['params'] | undefined {
  if (prefix !== undefined) return path.startsWith(prefix) ? NO_PARAMS : undefined;
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index]!;
    if (!segment.startsWith(':')) {
      if (segment !== value) return undefined;
    } else if (value === '') return undefined;
    else params[segment.slice(1)] = value;
  }
  return params;
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  // A proxy is asked for a whole address, and may pass it on.
  return path.startsWith('/') ? path : path.replace(/^https?:\/\/[^/]*/, '');
}

/** Undefined where an escape is broken. */
function decodedSegments(path: string): readonly string[] | undefined {
  const segments = path.split('/');
  if (!path.includes('%')) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
