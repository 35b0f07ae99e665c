import { type PhysicalType, SchemaElementField as S } from './format.js';
import { boolField, intField, structField, textField } from './thrift/access.js';
import type { ThriftStruct } from './thrift/types.js';

const units = ['', 'ms', 'us', 'ns'];

/** ConvertedType, the older annotation, by its code. DECIMAL (5) takes its precision and scale from the element. */
const converted: readonly (string | undefined)[] = [
  'STRING', // UTF8
  'MAP',
  undefined, // MAP_KEY_VALUE, on a map's inner group, means nothing
  'LIST',
  'ENUM',
  undefined, // DECIMAL
  'DATE',
  'TIME(ms, UTC)',
  'TIME(us, UTC)',
  'TIMESTAMP(ms, UTC)',
  'TIMESTAMP(us, UTC)',
  'UINT 8',
  'UINT 16',
  'UINT 32',
  'UINT 64',
  'INT 8',
  'INT 16',
  'INT 32',
  'INT 64',
  'JSON',
  'BSON',
  'INTERVAL',
];

/** LogicalType's union members without parameters, by field number. */
const plain = new Map([
  [1, 'STRING'],
  [2, 'MAP'],
  [3, 'LIST'],
  [4, 'ENUM'],
  [6, 'DATE'],
  [11, 'NULL'],
  [12, 'JSON'],
  [13, 'BSON'],
  [14, 'UUID'],
  [15, 'FLOAT16'],
  [16, 'VARIANT'],
]);

/**
 * What a SchemaElement's annotation says, as text, the same for both ways of writing it: `STRING`, `DECIMAL(12,2)`, `INT 16`,
 * `UINT 32`, `TIME(us, local)`, `TIMESTAMP(us, UTC)`, `LIST`. Undefined where there is none or it repeats the type.
 */
export function annotationOf(element: ThriftStruct, type: PhysicalType | undefined): string | undefined {
  const text = logical(element) ?? fromConverted(element);
  return (text === 'INT 32' && type === 'INT32') || (text === 'INT 64' && type === 'INT64') ? undefined : text;
}

function logical(element: ThriftStruct): string | undefined {
  const union = structField(element, S.logicalType);
  const member = union?.fields[0];
  if (union === undefined || member === undefined) return undefined;
  const parameters = structField(union, member.id) ?? { fields: [] };
  switch (member.id) {
    case 5:
      return `DECIMAL(${intField(parameters, 2) ?? 0},${intField(parameters, 1) ?? 0})`;
    case 7:
    case 8: {
      const unit = units[structField(parameters, 2)?.fields[0]?.id ?? 0] ?? '?';
      return `${member.id === 7 ? 'TIME' : 'TIMESTAMP'}(${unit}, ${boolField(parameters, 1) === true ? 'UTC' : 'local'})`;
    }
    case 10:
      return `${boolField(parameters, 2) === false ? 'UINT' : 'INT'} ${intField(parameters, 1) ?? 0}`;
    case 17:
    case 18: {
      const crs = textField(parameters, 1);
      return `${member.id === 17 ? 'GEOMETRY' : 'GEOGRAPHY'}${crs === undefined ? '' : `(${crs})`}`;
    }
    default:
      return plain.get(member.id) ?? `logical type ${member.id}`;
  }
}

function fromConverted(element: ThriftStruct): string | undefined {
  const code = intField(element, S.convertedType);
  if (code === undefined) return undefined;
  if (code === 5) return `DECIMAL(${intField(element, S.precision) ?? 0},${intField(element, S.scale) ?? 0})`;
  return code in converted ? converted[code] : `converted type ${code}`;
}
