import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { shorten, usage } from './usage.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  EACCES: 'permission was denied',
};

/** The SQL in a file, or on standard input for `-`. Throws USAGE. */
export async function readQueryFile(path: string, stdin: NodeJS.ReadableStream = process.stdin): Promise<string> {
  const name = path === '-' ? 'standard input' : shorten(path);
  const bytes = await (path === '-' ? readAll(stdin) : readFile(path)).catch((error: NodeJS.ErrnoException) => {
    const reason = REASONS[error.code ?? ''] ?? error.message;
    throw usage(`--query-file cannot read ${name}: ${reason}.`, 'Name a file that holds one SQL query, or - for standard input.');
  });
  if (!isUtf8(bytes)) throw usage(`--query-file: ${name} is not UTF-8.`, 'Save it as UTF-8.');
  const query = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (query.trim() === '') throw usage(`--query-file: ${name} is empty.`, 'It must hold one SQL query.');
  return query;
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
