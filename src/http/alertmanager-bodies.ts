import type { PostedAlert } from '../alertmanager/alerts.ts';
import type { PostedSilence, SilenceMatcher } from '../alertmanager/silences.ts';
import { quoteGo } from '../model/go-quote.ts';

export type BodyValue<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly status: number; readonly code: number; readonly message: string };

/** JSON, or what Go says of a text that is none. */
export function readJson(
  text: string,
): { readonly ok: true; readonly value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    const isCutOff = /end of JSON/i.test((error as Error).message) || (at !== undefined && Number(at) >= text.length);
    if (isCutOff) return { ok: false, message: text.trim() === '' ? 'EOF' : 'unexpected EOF' };
    const character = at === undefined ? undefined : text[Number(at)];
    const shown =
      character === undefined ? 'in the text' : `${quoteCharacter(character)} looking for beginning of value`;
    return { ok: false, message: `invalid character ${shown}` };
  }
}

function quoteCharacter(character: string): string {
  return character === "'" ? `'\\''` : `'${character}'`;
}

/** A fault found while a body is read. */
class BodyFault extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Alerts as clients post them. */
export function readAlerts(value: unknown): BodyValue<readonly PostedAlert[]> {
  return guarded(() => {
    if (!Array.isArray(value)) throw wrongType('alerts', value, 'models.PostableAlerts');
    return value.map((item, index) => {
      const fields = objectOf(item, 'alerts', 'models.PostableAlert');
      if (fields['labels'] === undefined || fields['labels'] === null) throw missing(`${index}.labels`);
      const generatorUrl = textOf(fields['generatorURL'] ?? '', 'alerts');
      if (generatorUrl !== '' && !/^[a-z][a-z0-9+.-]*:|^\//i.test(generatorUrl)) {
        const message = `${index}.generatorURL in body must be of type uri: ${quoteGo(generatorUrl)}`;
        throw new BodyFault(422, 601, message);
      }
      return {
        labels: textMapOf(fields['labels'], 'alerts'),
        annotations: textMapOf(fields['annotations'] ?? {}, 'alerts'),
        startsAtMs: timeOf(fields['startsAt'], 'alerts'),
        endsAtMs: timeOf(fields['endsAt'], 'alerts'),
        generatorUrl,
      };
    });
  });
}

/** A silence as clients post it. */
export function readSilence(value: unknown): BodyValue<PostedSilence> {
  return guarded(() => {
    const fields = objectOf(value, 'silence', 'models.PostableSilence');
    const comment = required(fields, 'comment');
    const createdBy = required(fields, 'createdBy');
    const endsAtMs = timeOf(required(fields, 'endsAt'), 'silence') ?? 0;
    const listed = required(fields, 'matchers');
    if (!Array.isArray(listed)) throw wrongType('silence', listed, 'models.Matchers');
    if (listed.length === 0) throw new BodyFault(422, 612, 'matchers in body should have at least 1 items');
    const matchers = listed.map((item, index): SilenceMatcher => {
      const matcher = objectOf(item, 'silence', 'models.Matcher');
      const at = `matchers.${index}.`;
      return {
        isRegex: required(matcher, 'isRegex', at) === true,
        name: nonEmptyOf(required(matcher, 'name', at), `${at}name`),
        value: textOf(required(matcher, 'value', at), 'silence'),
        isEqual: matcher['isEqual'] !== false,
      };
    });
    const startsAtMs = timeOf(required(fields, 'startsAt'), 'silence') ?? 0;
    const annotations = fields['annotations'];
    return {
      id: textOf(fields['id'] ?? '', 'silence'),
      matchers,
      startsAtMs,
      endsAtMs,
      createdBy: textOf(createdBy, 'silence'),
      comment: textOf(comment, 'silence'),
      annotations: annotations === undefined || annotations === null ? undefined : textMapOf(annotations, 'silence'),
    };
  });
}

function guarded<Value>(read: () => Value): BodyValue<Value> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof BodyFault) {
      return { ok: false, status: error.status, code: error.code, message: error.message };
    }
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function required(fields: Fields, name: string, at = ''): unknown {
  const value = fields[name];
  if (value === undefined || value === null) throw missing(at + name);
  return value;
}

function missing(name: string): BodyFault {
  return new BodyFault(422, 602, `${name} in body is required`);
}

function objectOf(value: unknown, body: string, type: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(body, value, type);
  return value as Fields;
}

function textOf(value: unknown, body: string): string {
  if (typeof value !== 'string') throw wrongType(body, value, 'string');
  return value;
}

function nonEmptyOf(value: unknown, name: string): string {
  const text = textOf(value, 'silence');
  if (text === '') throw new BodyFault(422, 602, `${name} in body is required`);
  return text;
}

function textMapOf(value: unknown, body: string): Record<string, string> {
  const entries = Object.entries(objectOf(value, body, 'models.LabelSet'));
  return Object.fromEntries(entries.map(([name, item]) => [name, item === null ? '' : textOf(item, body)]));
}

/** Undefined for what is left out, and for Go's zero time. */
function timeOf(value: unknown, body: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = textOf(value, body);
  const ms = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?$/.test(text)
    ? Date.parse(withZone(text))
    : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new BodyFault(
      400,
      400,
      `parsing ${body} body from "" failed, because parsing time ${quoteGo(text)} as "2006-01-02": cannot parse`,
    );
  }
  return text.startsWith('0001-01-01') ? undefined : ms;
}

/** Times without a zone are UTC. */
function withZone(text: string): string {
  if (text.length === 10 || /([Zz]|[+-]\d\d:?\d\d)$/.test(text)) return text.replace(' ', 'T');
  return `${text.replace(' ', 'T')}Z`;
}

function wrongType(body: string, value: unknown, type: string): BodyFault {
  const kind =
    value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const message = `parsing ${body} body from "" failed, because json: cannot unmarshal ${kind} into Go value of type ${type}`;
  return new BodyFault(400, 400, message);
}
