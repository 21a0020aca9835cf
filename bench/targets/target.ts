import type { WriteVersion } from '../data/push.ts';

/** A server under test that runs. */
export interface Target {
  readonly name: string;
  readonly pid: number;
  readonly readyUrl: string;
  readonly metricsUrl: string;
  readonly pushUrl: string;
  /** What `/api/v1/query` is appended to. */
  readonly queryUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Asks for an answer that is worked out, by a server that otherwise remembers answers. */
  readonly uncached: Readonly<Record<string, string>>;
  /** From the start of the process to its first ready answer. */
  readonly readyAfterMs: number;
  readonly folder: string;
  /** Makes what was pushed visible to queries, and waits until the server has put its data in order. */
  settle(): Promise<void>;
  /** Replaces the rule groups, a rule file's YAML. @throws when the server has no rules */
  setRules(yaml: string): Promise<void>;
  /** What the data take on disk once the server has brought them into the form in which they stay. */
  longTermBytes(): Promise<number>;
  /** Stops it as an operator would and starts it again with its data. */
  restart(): Promise<Target>;
  /** Stops it; its folder stays. */
  end(): Promise<void>;
  /** Stops it, when it runs still, and removes its folder. */
  stop(): Promise<void>;
}

/** A server that can be measured here. */
export interface TargetKind {
  readonly name: string;
  /** What else it is called. */
  readonly aliases: readonly string[];
  readonly writeVersions: readonly WriteVersion[];
  readonly hasNativeHistograms: boolean;
  readonly hasRules: boolean;
  /** Of a program that is not this project's. */
  readonly version?: () => string | undefined;
  /** Starts it in an empty folder. */
  start(): Promise<Target>;
}

export const SELF = 'pocket-cortex';
