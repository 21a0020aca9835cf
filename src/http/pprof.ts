import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';

/** A function on a stack; `line` from 1, 0 where it is not known. */
export interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export interface StackSample {
  /** The innermost first. */
  readonly stack: readonly Frame[];
  /** A whole number. */
  readonly value: number;
}

export interface PprofMeaning {
  /** What a value is, such as `cpu` in `nanoseconds`. */
  readonly type: string;
  readonly unit: string;
  readonly timeMs: number;
  readonly durationMs?: number;
}

/**
 * Stacks in the form that `go tool pprof` reads: a gzipped protobuf (perftools.profiles.Profile). Field numbers:
 *
 *     Profile   1 sample_type  2 sample  4 location  5 function  6 string_table  9 time_nanos  10 duration_nanos
 *     Sample    1 location ids (packed)  2 values (packed)
 *     Location  1 id  4 line { 1 function id, 2 line }
 *     Function  1 id  2 name  3 system name  4 file
 */
export function encodePprof(samples: readonly StackSample[], meaning: PprofMeaning): Uint8Array {
  const writer = new protobuf.Writer();
  const strings = new Map<string, number>([['', 0]]);
  const text = (value: string): number => {
    const known = strings.get(value);
    if (known !== undefined) return known;
    strings.set(value, strings.size);
    return strings.size - 1;
  };
  const locations = new Map<string, { readonly id: number; readonly frame: Frame }>();
  const location = (frame: Frame): number => {
    const key = `${frame.name}\n${frame.file}\n${frame.line}`;
    const known = locations.get(key);
    if (known) return known.id;
    const id = locations.size + 1;
    locations.set(key, { id, frame });
    return id;
  };
  writer.uint32(tag(1)).fork().uint32(8).int64(text(meaning.type)).uint32(16).int64(text(meaning.unit)).ldelim();
  for (const { stack, value } of samples) {
    writer.uint32(tag(2)).fork();
    writer.uint32(tag(1)).fork();
    for (const frame of stack) writer.uint64(location(frame));
    writer.ldelim();
    writer.uint32(tag(2)).fork().int64(value).ldelim();
    writer.ldelim();
  }
  for (const { id, frame } of locations.values()) {
    writer.uint32(tag(4)).fork().uint32(8).uint64(id);
    writer.uint32(tag(4)).fork().uint32(8).uint64(id).uint32(16).int64(frame.line).ldelim();
    writer.ldelim();
    const name = text(frame.name);
    writer.uint32(tag(5)).fork().uint32(8).uint64(id).uint32(16).int64(name).uint32(24).int64(name);
    writer.uint32(32).int64(text(frame.file)).ldelim();
  }
  for (const value of strings.keys()) writer.uint32(tag(6)).string(value);
  writer.uint32(9 << 3).int64(meaning.timeMs * 1e6);
  if (meaning.durationMs !== undefined) writer.uint32(10 << 3).int64(meaning.durationMs * 1e6);
  return gzipSync(writer.finish());
}

/** The tag of a field that has a length: text, message, packed numbers. */
function tag(field: number): number {
  return (field << 3) | 2;
}
