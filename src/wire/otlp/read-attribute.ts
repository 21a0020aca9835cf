import { type FieldReader, fixed64, message, pushed, varint } from './field-reader.ts';
import { type AnyValue, type Attribute, EMPTY_VALUE } from './metrics.ts';

/** The KeyValue that comes next. @throws {PocketCortexError} `malformed-body` */
export function readAttribute(fields: FieldReader): Attribute {
  let key = '';
  let value = EMPTY_VALUE;
  fields.message('KeyValue', (tag) => {
    if (tag === message(1)) key = fields.text();
    else if (tag === message(2)) value = readValue(fields);
    else return false;
    return true;
  });
  return { key, value };
}

function readValue(fields: FieldReader): AnyValue {
  let value = EMPTY_VALUE;
  fields.message('AnyValue', (tag) => {
    switch (tag) {
      case message(1):
        value = { kind: 'string', text: fields.text() };
        return true;
      case varint(2):
        value = { kind: 'bool', isTrue: fields.int32() !== 0 };
        return true;
      case varint(3):
        value = { kind: 'int', integer: fields.varint64() };
        return true;
      case fixed64(4):
        value = { kind: 'double', number: fields.double() };
        return true;
      case message(5): {
        const values: AnyValue[] = [];
        fields.message('ArrayValue', (inner) => inner === message(1) && pushed(values, readValue(fields)));
        value = { kind: 'array', values };
        return true;
      }
      case message(6): {
        const entries: Attribute[] = [];
        fields.message('KeyValueList', (inner) => inner === message(1) && pushed(entries, readAttribute(fields)));
        value = { kind: 'map', entries };
        return true;
      }
      case message(7):
        value = { kind: 'bytes', bytes: fields.bytes() };
        return true;
      default:
        return false;
    }
  });
  return value;
}
