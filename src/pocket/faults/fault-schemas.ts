import { boolean, integer, list, mapOf, number, object, oneOf, orNull, text, timeMs } from '../api/schema.ts';

const steps = list(object({ step: text, used: integer }));

export const overviewSchema = object({
  tenant: orNull(text),
  path: text,
  attempts: integer,
  isOver: boolean,
  steps,
});

const end = { anyOf: [integer, oneOf('reset', 'gone', 'pending')] };

const sampleCounts = {
  sent: integer,
  stored: integer,
  lost: integer,
  doubled: integer,
  changed: integer,
  sentAgain: integer,
};

/** `FaultReport` */
export const reportSchema = object({
  tenant: orNull(text),
  path: text,
  isOver: boolean,
  steps,
  attempts: object({ count: integer, byEnd: mapOf(integer) }),
  deliveries: object({
    count: integer,
    acceptedCount: integer,
    retriedCount: integer,
    shortestGapMs: orNull(number),
    longestGapMs: orNull(number),
  }),
  retryAfter: object({ asked: integer, honoured: integer, tooEarly: integer, notRetried: integer }),
  samples: orNull(
    object({
      ...sampleCounts,
      untracked: integer,
      tenants: list(object({ tenant: text, ...sampleCounts })),
      examples: list(
        object({
          what: oneOf('lost', 'doubled', 'changed'),
          tenant: text,
          series: text,
          timestampMs: timeMs,
          attempts: list(integer),
        }),
      ),
    }),
  ),
  log: list(
    object({
      attempt: integer,
      tenant: orNull(text),
      delivery: integer,
      atMs: timeMs,
      gapMs: orNull(number),
      step: orNull(text),
      end,
      serverStatus: orNull(integer),
      samples: integer,
    }),
  ),
});
