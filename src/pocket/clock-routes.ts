import type { PocketAnswer, PocketRoute, RouteParameter } from './api/route.ts';
import { boolean, object, text, timeMs } from './api/schema.ts';
import type { ClockControl } from './fixture/clock-control.ts';

const by: RouteParameter = { name: 'by', in: 'query', about: 'As 6h or 1m30s.', isRequired: true };
const to: RouteParameter = {
  name: 'to',
  in: 'query',
  about: 'As 2026-01-01T00:00:00Z, or milliseconds since 1970.',
  isRequired: true,
};
const responses = {
  200: {
    about: 'The time as it is then, and whether it stands still.',
    schema: object({ now: text, nowMs: timeMs, frozen: boolean }),
  },
};

/** The clock over HTTP. */
export function clockRoutes(clock: ClockControl): readonly PocketRoute[] {
  const state = (): PocketAnswer => {
    const { nowMs, isFrozen } = clock;
    return { json: { now: isoTime(nowMs), nowMs, frozen: isFrozen } };
  };
  return [
    { method: 'GET', path: '/clock', summary: 'What time it is.', responses, handle: state },
    {
      method: 'POST',
      path: '/clock/freeze',
      summary: 'Stops time.',
      responses,
      handle: async () => {
        await clock.freeze();
        return state();
      },
    },
    {
      method: 'POST',
      path: '/clock/resume',
      summary: 'Lets time run on from where it is.',
      responses,
      handle: async () => {
        await clock.resume();
        return state();
      },
    },
    {
      method: 'POST',
      path: '/clock/advance',
      summary: 'Moves time forward; answers when every evaluation that was due on the way has run.',
      parameters: [by],
      responses,
      handle: async (call) => {
        await clock.advance(call.get('by'));
        return state();
      },
    },
    {
      method: 'POST',
      path: '/clock/set',
      summary: 'Makes it another time, without what would be due in between.',
      parameters: [to],
      responses,
      handle: async (call) => {
        const text = call.get('to');
        await clock.set(/^-?\d+$/.test(text) ? Number(text) : text);
        return state();
      },
    },
  ];
}

/** A clock may stand at fractions of a millisecond, or beyond what a date can hold. */
function isoTime(timeMs: number): string {
  return new Date(Math.trunc(timeMs)).toISOString();
}
