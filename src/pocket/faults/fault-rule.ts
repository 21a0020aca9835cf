import { createHash } from 'node:crypto';
import type { TenantId } from '../../model/tenant.ts';
import type { WriteBatch } from '../../model/write-batch.ts';
import { SampleLog } from './sample-log.ts';
import { type FaultStep, parseFaultScript } from './script.ts';

/** Which requests a script is for. */
export interface FaultTarget {
  /** Undefined for every tenant, and for requests without one. */
  readonly tenant: TenantId | undefined;
  /** A path, or the begin of paths with `*` behind it. */
  readonly path: string;
}

/** How a request ended: a status, or without one. `gone` is a client that did not wait. */
export type AttemptEnd = number | 'reset' | 'gone' | 'pending';

/** When something happened, by clocks that only grow. */
export interface Moment {
  /** The server's, which a test may hold or move. */
  readonly serverMs: number;
  /** The machine's, by which a program that writes waits. */
  readonly machineMs: number;
}

/** What is known of a request when it arrives. */
export interface Arrival {
  /** The time of day by the server's clock. */
  readonly arrivedMs: number;
  readonly arrived: Moment;
  /** Undefined when the request named none, or no id. */
  readonly tenant: TenantId | undefined;
  /** Its method and URL. */
  readonly text: string;
}

/** One request that a script was for. */
export interface Attempt extends Arrival {
  readonly index: number;
  ended: Moment | undefined;
  /** The step that it used up; undefined when the script was over. */
  readonly step: FaultStep | undefined;
  end: AttemptEnd;
  /** Whether it was given to the server, whatever was answered. */
  wasHandled: boolean;
  /** What the server itself answered; undefined when it was not asked. */
  serverStatus: number | undefined;
  /** The same for requests that carry the same. */
  deliveryKey: string;
  sampleCount: number;
}

/** So many attempts are remembered; later ones are counted only. */
const ATTEMPTS_LIMIT = 10_000;

/** A script, how far it has got, and what came. */
export class FaultRule {
  readonly target: FaultTarget;
  readonly steps: readonly FaultStep[];
  readonly attempts: Attempt[] = [];
  readonly samples = new SampleLog();
  attemptCount = 0;
  #usedOfStep = 0;
  #stepIndex = 0;

  /** @throws {PocketCortexError} `bad-data` */
  constructor(target: FaultTarget, script: string) {
    this.target = target;
    this.steps = parseFaultScript(script);
  }

  /** How often each step was used, and whether all are used up. */
  progress(): {
    readonly isOver: boolean;
    readonly steps: readonly { readonly step: string; readonly used: number }[];
  } {
    return {
      isOver: this.#stepIndex === this.steps.length,
      steps: this.steps.map(({ text, count }, index) => ({
        step: text,
        used: index < this.#stepIndex ? count : index === this.#stepIndex ? this.#usedOfStep : 0,
      })),
    };
  }

  appliesTo(tenant: TenantId | undefined, path: string): boolean {
    if (this.target.tenant !== undefined && this.target.tenant !== tenant) return false;
    const pattern = this.target.path;
    return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
  }

  /** A request arrives and uses up a step. */
  begin(arrival: Arrival): Attempt {
    const text = shortened(arrival.text);
    const attempt: Attempt = {
      ...arrival,
      text,
      index: this.attemptCount++,
      ended: undefined,
      step: this.#nextStep(),
      end: 'pending',
      wasHandled: false,
      serverStatus: undefined,
      deliveryKey: deliveryKey({ ...arrival, text }, ''),
      sampleCount: 0,
    };
    if (this.attempts.length < ATTEMPTS_LIMIT) this.attempts.push(attempt);
    return attempt;
  }

  /** What a write holds. `batch` is borrowed for the call. */
  note(attempt: Attempt, { tenant, batch }: { readonly tenant: TenantId; readonly batch: WriteBatch }): void {
    attempt.deliveryKey = deliveryKey(attempt, contentKey(batch));
    attempt.sampleCount = batch.timestampsMs.length + batch.histograms.length;
    if (attempt.index < ATTEMPTS_LIMIT) this.samples.add({ attempt: attempt.index, tenant }, batch);
    else this.samples.untrackedCount += attempt.sampleCount;
  }

  #nextStep(): FaultStep | undefined {
    const step = this.steps[this.#stepIndex];
    if (step === undefined) return undefined;
    this.#usedOfStep += 1;
    if (this.#usedOfStep === step.count) {
      this.#stepIndex += 1;
      this.#usedOfStep = 0;
    }
    return step;
  }
}

/** As telling as the text; thousands are kept. */
function shortened(text: string): string {
  return text.length <= 100 ? text : createHash('sha1').update(text).digest('base64');
}

/** A request that is sent again is of the same tenant, goes to the same place and carries the same. */
function deliveryKey({ tenant, text }: Arrival, content: string): string {
  return `${tenant ?? ''}\n${text}\n${content}`;
}

/** The same for the same content, however it was compressed. */
function contentKey({ body, timestampsMs, values, histograms }: WriteBatch): string {
  const hash = createHash('sha1').update(body).update(bytesOf(timestampsMs)).update(bytesOf(values));
  for (const { timestampMs, count, sum } of histograms) hash.update(`${timestampMs} ${count} ${sum};`);
  return hash.digest('base64');
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
