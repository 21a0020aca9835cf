import { finished } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpSettings } from '../../http/dependencies.ts';
import { readTenant } from '../../http/tenant.ts';
import { type SeenWrite, takesWrites } from '../../http/write-observer.ts';
import { type Clock, sleep } from '../../model/clock.ts';
import type { Attempt, FaultRule, Moment } from './fault-rule.ts';
import type { Faults } from './faults.ts';
import type { FaultOutcome } from './script.ts';

/** Says which step of a script an answer comes from. */
export const FAULT_HEADER = 'x-pocket-cortex-fault';

interface FaultyRequest {
  readonly rule: FaultRule;
  readonly attempt: Attempt;
}

export interface FaultHooksOptions {
  readonly faults: Faults;
  /** What delays go by. */
  readonly clock: Clock;
  /** What whoever sends requests waits by. */
  readonly machine: Clock;
  readonly settings: Pick<HttpSettings, 'authEnabled' | 'federation'>;
}

/** Acts on requests as `faults` says. Requests under `/pocket/` are left alone: that is the way out. */
export class FaultHooks {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #machine: Clock;
  readonly #settings: Pick<HttpSettings, 'authEnabled' | 'federation'>;
  readonly #requests = new WeakMap<FastifyRequest, FaultyRequest>();
  readonly #hanging = new Set<() => void>();
  /** Stays true: a request is answered by its script even if that was removed meanwhile. */
  #hasActed = false;

  constructor({ faults, clock, machine, settings }: FaultHooksOptions) {
    this.#faults = faults;
    this.#clock = clock;
    this.#machine = machine;
    this.#settings = settings;
    faults.onClear(() => this.#cutHanging());
  }

  install(app: FastifyInstance): void {
    app.addHook('onRequest', (request, reply, done) => {
      if (!this.#faults.areSet) {
        done();
        return;
      }
      this.#begin(request, reply).then((goesOn) => goesOn && done(), done);
    });
    app.addHook('onSend', (request, reply, payload, done) => {
      const faulty = this.#hasActed ? this.#requests.get(request) : undefined;
      if (faulty === undefined) done(null, payload);
      else this.#answer(faulty, reply, payload, done);
    });
    // Otherwise the server would wait for them.
    app.addHook('preClose', (done) => {
      this.#cutHanging();
      done();
    });
  }

  /** Whether a write that belongs to a script goes on to be stored. */
  saw(request: FastifyRequest, write: SeenWrite): boolean {
    const faulty = this.#requests.get(request);
    if (faulty === undefined) return true;
    const { rule, attempt } = faulty;
    rule.note(attempt, write);
    const { step } = attempt;
    attempt.wasHandled = step === undefined || step.isHandled || step.outcome.kind === 'ok';
    return attempt.wasHandled;
  }

  async #begin(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const path = (request.raw.url ?? '/').split('?', 1)[0]!;
    if (path.startsWith('/pocket/')) return true;
    const reading = readTenant(request, this.#settings);
    const tenant = reading.kind === 'tenant' ? reading.tenant : undefined;
    const rule = this.#faults.match(tenant, path);
    if (rule === undefined) return true;
    const attempt = rule.begin({
      arrivedMs: this.#clock.nowMs(),
      arrived: this.#moment(),
      tenant,
      text: `${request.method} ${request.raw.url}`,
    });
    this.#requests.set(request, { rule, attempt });
    this.#hasActed = true;
    finished(reply.raw, (error) => {
      attempt.ended = this.#moment();
      if (attempt.end === 'pending') attempt.end = error ? 'gone' : reply.statusCode;
    });
    const { step } = attempt;
    if (step === undefined) return true;
    if (step.delayMs > 0) {
      const abort = new AbortController();
      reply.raw.once('close', () => abort.abort());
      await sleep(this.#clock, step.delayMs, abort.signal);
      if (abort.signal.aborted) return false;
    }
    // Writes are read all the same, so that the report can tell what was in them.
    if (step.outcome.kind === 'ok' || step.isHandled || takesWrites(request.route?.url)) return true;
    reply.send('');
    return false;
  }

  #moment(): Moment {
    return { serverMs: this.#clock.elapsedMs(), machineMs: this.#machine.elapsedMs() };
  }

  #answer(
    { rule, attempt }: FaultyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: Error | null, payload: unknown) => void,
  ): void {
    const { step } = attempt;
    if (attempt.wasHandled || step === undefined || step.isHandled) attempt.serverStatus = reply.statusCode;
    const outcome: FaultOutcome = step?.outcome ?? { kind: 'ok' };
    // Said of cut connections too: the journal reads it.
    if (step !== undefined && (outcome.kind !== 'ok' || step.delayMs > 0)) reply.header(FAULT_HEADER, step.text);
    switch (outcome.kind) {
      case 'ok':
        done(null, payload);
        return;
      case 'hang':
        this.#hang(attempt, reply);
        return;
      case 'reset':
        attempt.end = 'reset';
        cut(reply);
        return;
      case 'status': {
        reply.removeHeader('content-length').removeHeader('content-encoding');
        reply.code(outcome.status);
        reply.header('content-type', 'text/plain; charset=utf-8');
        if (outcome.retryAfterSeconds !== undefined) reply.header('retry-after', `${outcome.retryAfterSeconds}`);
        done(null, bodyOf(outcome, rule));
      }
    }
  }

  #hang(attempt: Attempt, reply: FastifyReply): void {
    const end = (): void => {
      attempt.end = 'reset';
      cut(reply);
    };
    this.#hanging.add(end);
    reply.raw.once('close', () => this.#hanging.delete(end));
  }

  #cutHanging(): void {
    for (const end of this.#hanging) end();
    this.#hanging.clear();
  }
}

function bodyOf({ status, message }: FaultOutcome & { kind: 'status' }, { target }: FaultRule): string {
  if (status === 204 || status === 304) return '';
  return message === undefined ? `fault script of ${target.path}: ${status}\n` : `${message}\n`;
}

/** As abruptly as it can be done: a client sees a reset connection. */
function cut({ raw, request }: FastifyReply): void {
  const { socket } = request.raw;
  // A request that was injected has no connection.
  if (typeof socket.resetAndDestroy === 'function') socket.resetAndDestroy();
  else raw.destroy(new Error('socket hang up'));
}
