import { counted } from '../../counted.js';
import type { Session } from '../../postgres/session.js';

/** Each distinct warning is worth a line; a function that warns of every row is not worth thousands. */
const MOST = 3;
const SEVERITY = 'WARNING: ';

/**
 * What the server warned of while it sent rows, as notes: under zero_damaged_pages or ignore_checksum_failure it says only by a warning
 * that it gave up a page and its rows.
 */
export function serverWarnings(sessions: readonly Session[]): string[] {
  const received = sessions.flatMap((session) => session.takeNotices());
  const texts = [...new Set(received.filter((text) => text.startsWith(SEVERITY)))];
  const notes = texts.slice(0, MOST).map((text) => `the server warned: ${text.slice(SEVERITY.length).replace(/\.$/, '')}`);
  return texts.length > MOST ? [...notes, `the server gave ${counted(texts.length - MOST, 'other warning')} or more`] : notes;
}
