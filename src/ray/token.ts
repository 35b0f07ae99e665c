import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GpuParserError } from '../errors.js';

export interface Token {
  readonly text: string;
  /** Where it was found, for messages. */
  readonly source: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The cluster's token: the given file, else RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH, ~/.ray/auth_token, as Ray itself looks for it.
 * @throws GpuParserError USAGE when a file that was named cannot be read or is empty.
 */
export async function findToken(file: string | undefined, environment: Environment): Promise<Token | undefined> {
  if (file !== undefined) return named(file, '--ray-token-file');
  const given = environment.RAY_AUTH_TOKEN?.trim();
  if (given) return checked(given, 'RAY_AUTH_TOKEN');
  const path = environment.RAY_AUTH_TOKEN_PATH;
  if (path) return named(path, 'RAY_AUTH_TOKEN_PATH');
  const usual = join(environment.HOME ?? homedir(), '.ray', 'auth_token');
  const text = await readFile(usual, 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : checked(text.trim(), usual);
}

async function named(file: string, by: string): Promise<Token> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new GpuParserError('USAGE', `The token file ${file} cannot be read: ${(cause as Error).message}.`, {
      hint: `Check ${by}.`,
      cause,
    });
  }
  if (text === '') throw new GpuParserError('USAGE', `The token file ${file} is empty.`, { hint: `Check ${by}.` });
  return checked(text, file);
}

/** A header cannot carry other characters, and Node's message about it would show the token. */
function checked(text: string, source: string): Token {
  if (/^[\x21-\x7e]+$/.test(text)) return { text, source };
  throw new GpuParserError('USAGE', `The token from ${source} holds spaces or characters that no token has.`, {
    hint: 'A token is one line, usually of 64 hexadecimal digits.',
  });
}
