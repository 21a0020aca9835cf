import type { PromqlFunction } from './types.ts';

/** Every function that is evaluated by a record, by name. */
export const functionTable: Readonly<Record<string, PromqlFunction>> = {};
