import type { FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';
import createRouter, { type HTTPMethod, type HTTPVersion } from 'find-my-way';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'] as const;
type Method = (typeof METHODS)[number];

/**
 * Runs before a handler, which waits for what it returns, unless that is nothing. When it answers it returns the reply, and what
 * stands behind it does not run.
 */
export type RouteHook = (
  request: FastifyRequest,
  reply: FastifyReply,
) => PromiseLike<unknown> | FastifyReply | undefined;

/** What the routes of an area have in common; of areas within each other all applies, the outer one's first. */
export interface RouteHooks {
  readonly before?: RouteHook | readonly RouteHook[];
  /** Gives what is sent in place of `payload`, after all hooks of the server have seen it. */
  readonly onSend?: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => unknown;
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
    this.#add(METHODS, url, rest);
  }

  /** One handler for several methods. */
  route({ method, url, handler }: { method: readonly Method[]; url: string; handler: Route['handler'] }): void {
    this.#add(method, url, [handler]);
  }

  has(method: Method, path: string): boolean {
    return this.#table.find(method, path) !== undefined;
  }

  #add<Generic extends RouteGenericInterface>(methods: readonly Method[], url: string, rest: Handling<Generic>): void {
    const [hooks, handler] = rest.length === 2 ? rest : [{}, rest[0]];
    // Whoever names the parameters of its path has named them in `url`.
    const route = { url: this.#prefix + url, handler: handler as Route['handler'], ...this.#with(hooks) };
    this.#table.add(methods, route);
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

/** What a request has found. */
export interface RouteMatch {
  readonly route: Route;
  /** What stands in its path where the route's has names, and for `*`; decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * All routes of a server by path and method. A path is a text as it is, or has segments with names (`:namespace`, which takes
 * one segment that is not empty), or ends in `*` (which takes any rest). Texts win over names, these over `*`.
 */
export class RouteTable {
  readonly #router = createRouter<HTTPVersion.V1>({ maxParamLength: NAME_LIMIT_CHARACTERS });
  readonly #names: string[] = [];

  /** @throws when there is one for such a method and path */
  add(methods: readonly Method[], route: Route): void {
    this.#router.on([...methods], route.url, NO_HANDLER, route);
    for (const method of methods) this.#names.push(`${method} ${route.url}`);
  }

  /** Who answers; `url` is as it came, with its query. */
  find(method: string, url: string): RouteMatch | undefined {
    const found = this.#router.find(method as HTTPMethod, url);
    if (found === null) return undefined;
    const params = found.params as RouteMatch['params'];
    for (const name in params) if (params[name] === '' && name !== '*') return undefined;
    return { route: found.store as Route, params };
  }

  /** Whether the path of `url` is one of a route, whatever its method. */
  knows(url: string): boolean {
    return METHODS.some((method) => this.find(method, url) !== undefined);
  }

  /** `GET /ready`, of all routes. */
  list(): readonly string[] {
    return this.#names;
  }
}

/** Label names and rule groups stand in paths, as long as somebody likes. */
const NAME_LIMIT_CHARACTERS = 1 << 16;
/** Whoever finds a route calls its handler. */
const NO_HANDLER = (): void => {};
