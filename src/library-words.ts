import { GpuParserError } from './errors.js';
import { inLibraryWords } from './option-names.js';

/** Where results and events hold sentences of ours. Others, a server's or a user's, stay as they are. */
const SENTENCES = new Set(['message', 'hint', 'advice', 'reason', 'warnings', 'notes', 'error']);

/** Calls one of the public functions; what it throws or returns names options as the library does. */
export async function saidForLibrary<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return reworded(await call);
  } catch (error) {
    throw error instanceof GpuParserError ? rewordedError(error) : error;
  }
}

/** The same value where nothing in it names an option. */
export function reworded<Value>(value: Value, key = ''): Value {
  if (typeof value === 'string') return (SENTENCES.has(key) && value.includes('--') ? inLibraryWords(value) : value) as Value;
  if (Array.isArray(value))
    return keepSame(
      value,
      value.map((each) => reworded(each, key)),
    ) as Value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, reworded(each, name)] as const);
  return entries.every(([name, each]) => each === value[name as keyof Value]) ? value : (Object.fromEntries(entries) as Value);
}

function keepSame<Item>(before: readonly Item[], after: readonly Item[]): readonly Item[] {
  return after.every((each, i) => each === before[i]) ? before : after;
}

function rewordedError(error: GpuParserError): GpuParserError {
  const { code, message, hint } = error;
  const said = { message: inLibraryWords(message), hint: hint && inLibraryWords(hint) };
  if (said.message === message && said.hint === hint) return error;
  const { reason, detail, sqlState, retry, cause, stack } = error;
  const details = {
    ...(reason && { reason }),
    ...(said.hint && { hint: said.hint }),
    ...(detail !== undefined && { detail }),
    ...(sqlState !== undefined && { sqlState }),
    retry,
    cause,
  };
  const copy = new GpuParserError(code, said.message, details);
  if (stack !== undefined) copy.stack = stack.replace(message, () => said.message);
  return copy;
}
