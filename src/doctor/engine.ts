import { describeLibrary } from '../engine/library.js';
import { GpuParserError } from '../errors.js';
import type { Check } from './check.js';

/** Whether the native library loads, and what it says of itself. */
export function engineCheck(): Check {
  try {
    return { area: 'engine', name: 'native library', status: 'ok', message: describe(describeLibrary()) };
  } catch (thrown) {
    const { message, hint } = GpuParserError.from(thrown);
    return { area: 'engine', name: 'native library', status: 'fail', message, advice: hint ?? 'Reinstall the package.' };
  }
}

/** `0.1.0 (interface 1); cpu avx2, bmi2; codecs snappy 1.2.2, zstd 1.5.7; /path/libgpuparser.so`. */
export function describe(description: Readonly<Record<string, unknown>>): string {
  const { version, abi, codecs, cpu, path } = description;
  const parts = [`${version ?? 'version not known'} (interface ${abi})`];
  if (cpu !== undefined) parts.push(`cpu ${flat(cpu)}`);
  if (codecs !== undefined) parts.push(`codecs ${flat(codecs)}`);
  if (typeof path === 'string') parts.push(path);
  return parts.join('; ');
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return value.map(flat).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .flatMap(([key, inner]) => (inner === false ? [] : inner === true ? [key] : [`${key} ${flat(inner)}`]))
    .join(', ');
}
