import { readFile, stat } from 'node:fs/promises';

/** Whose password is sought; compared as text, field by field. */
export interface PasswordKey {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
}

/**
 * The password that the first matching line of a passfile's text gives: `host:port:database:user:password`, where a field
 * may be `*` and a backslash takes away the meaning of the character behind it (passwordFromFile() in fe-connect.c).
 */
export function findPassword(text: string, key: PasswordKey): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const match = /^((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):(.*)$/s.exec(line);
    if (match === null) continue;
    const [, host, port, database, user, password] = match as unknown as string[];
    if (matches(host, key.host) && matches(port, key.port) && matches(database, key.database) && matches(user, key.user)) {
      return withoutEscapes(password ?? '');
    }
  }
  return undefined;
}

function matches(field: string | undefined, value: string): boolean {
  return field === '*' || withoutEscapes(field ?? '') === value;
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

/** Reads a passfile, as libpq only when nobody else can. A missing one gives nothing. */
export async function readPassfile(path: string): Promise<{ text: string; warning?: string }> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return { text: '' };
  if (!info.isFile()) return { text: '', warning: `The password file ${path} is not a plain file and was not used.` };
  if (process.platform !== 'win32' && (info.mode & 0o077) !== 0) {
    return {
      text: '',
      warning: `The password file ${path} can be read by others and was not used; make it private with: chmod 600 ${path}`,
    };
  }
  return { text: await readFile(path, 'utf8') };
}
