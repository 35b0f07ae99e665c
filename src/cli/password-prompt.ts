import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { AskPassword } from '../options.js';
import { printable } from './format.js';
import type { Values } from './options.js';

/**
 * Asks for a password as psql does: at the terminal, wherever standard input and output go, and once in a run.
 * The answer is undefined where there is no terminal.
 */
export function passwordPrompt(values: Values, signal?: AbortSignal): AskPassword | undefined {
  if (values['no-password']) return undefined;
  let answer: Promise<string | undefined> | undefined;
  return ({ user }) => (answer ??= askHidden(`Password for user ${printable(user)}: `, signal));
}

const TERMINAL = '/dev/tty';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ERASE = ['\b', '\u007f'];

function askHidden(question: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  let input: ReadStream;
  let output: number;
  try {
    input = new ReadStream(openSync(TERMINAL, 'r'));
    output = openSync(TERMINAL, 'w');
  } catch {
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const typed: string[] = [];
    const restore = () => {
      signal?.removeEventListener('abort', giveUp);
      if (input.destroyed) return;
      input.setRawMode(false);
      input.destroy();
      writeSync(output, '\n');
      closeSync(output);
    };
    const end = (text: string | undefined) => {
      restore();
      resolve(text);
    };
    const giveUp = () => end(undefined);
    const take = (character: string) => {
      if (character === '\r' || character === '\n') end(typed.join(''));
      else if (character === CTRL_D && typed.length === 0) giveUp();
      else if (character === CTRL_U) typed.length = 0;
      else if (ERASE.includes(character)) typed.pop();
      else if (character >= ' ') typed.push(character);
    };
    signal?.addEventListener('abort', giveUp);
    input.on('error', giveUp).on('end', giveUp);
    input.setEncoding('utf8').on('data', (text: string) => {
      for (const character of text) {
        if (input.destroyed) return;
        if (character !== CTRL_C) take(character);
        else {
          restore();
          // As the terminal does when it is not raw: to all that run in its foreground. The signal's handler ends the run.
          process.kill(0, 'SIGINT');
          signal?.addEventListener('abort', giveUp);
        }
      }
    });
    input.setRawMode(true);
    writeSync(output, question);
  });
}
