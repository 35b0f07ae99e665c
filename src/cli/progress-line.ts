import { nounOf } from '../counted.js';
import { bytes, percent, roughly, short, wholeSeconds } from './format.js';
import type { Reading } from './meter.js';
import { width } from './terminal.js';

/** One line of progress: what it is about, and how far that has come. */
export interface Row {
  readonly label: string;
  readonly done: Reading;
  /** Shown where nobody can tell how long it still takes. */
  readonly elapsedSeconds?: number | undefined;
}

type Part = 'label' | 'bar' | 'percent' | 'rows' | 'rowsPerSecond' | 'bytesPerSecond' | 'time';

/** What goes, in this order, when a terminal is too narrow for all. The time left stays to the last. */
const EXPENDABLE: readonly Part[] = ['bytesPerSecond', 'rowsPerSecond', 'rows'];
/** With room for `59 min left`. */
const WIDTHS = { percent: 4, rows: 11, rowsPerSecond: 13, bytesPerSecond: 10, time: 11 };
const GAP = 2;
const LABEL_WIDTH = 20;
const [LEAST_BAR, MOST_BAR] = [8, 30];

/** Lines with the same parts in the same places, none wider than `columns` where the time left fits at all. */
export function progressLines(rows: readonly Row[], columns: number): string[] {
  const longest = Math.max(...rows.map(({ label }) => width(label)));
  const timeWidth = Math.max(WIDTHS.time, ...rows.map((row) => time(row).length));
  const parts = new Set<Part>(['label', 'percent', 'rows', 'rowsPerSecond', 'bytesPerSecond', 'time']);
  const needs = (labelWidth: number): number =>
    [...parts].reduce(
      (sum, part) => sum + GAP + (part === 'label' ? labelWidth : part === 'time' ? timeWidth : WIDTHS[part as never]),
      -GAP,
    );
  const aligned = rows.length > 1 ? Math.max(longest, LABEL_WIDTH) : longest;
  const labelWidth = needs(aligned) <= columns ? aligned : longest;
  const last: readonly Part[] = rows.length > 1 ? ['percent', 'label'] : ['label', 'percent'];
  for (const part of [...EXPENDABLE, ...last]) if (needs(labelWidth) > columns) parts.delete(part);
  const cells = Math.min(MOST_BAR, columns - needs(labelWidth) - '[] '.length);
  if (cells >= LEAST_BAR && parts.has('label') && parts.has('percent')) parts.add('bar');
  return rows.map((row) => line(row, parts, labelWidth, cells));
}

function line({ label, done, elapsedSeconds }: Row, parts: ReadonlySet<Part>, labelWidth: number, cells: number): string {
  const texts: string[] = [];
  if (parts.has('label')) texts.push(label + ' '.repeat(labelWidth - width(label)));
  if (parts.has('percent') && done.share !== undefined)
    texts.push(`${parts.has('bar') ? `${bar(done.share, cells)} ` : ''}${percent(done.share).padStart(WIDTHS.percent)}`);
  if (parts.has('rows')) texts.push(`${short(done.rows)} ${nounOf(done.rows, 'row')}`.padStart(WIDTHS.rows));
  if (parts.has('rowsPerSecond')) texts.push(`${short(done.rowsPerSecond)} rows/s`.padStart(WIDTHS.rowsPerSecond));
  if (parts.has('bytesPerSecond')) texts.push(`${bytes(done.bytesPerSecond)}/s`.padStart(WIDTHS.bytesPerSecond));
  texts.push(time({ label, done, elapsedSeconds }));
  return texts.join(' '.repeat(GAP)).trimEnd();
}

function time({ done, elapsedSeconds }: Row): string {
  if (done.secondsLeft !== undefined) return `${roughly(done.secondsLeft)} left`;
  return elapsedSeconds === undefined ? '' : `${wholeSeconds(elapsedSeconds)} so far`;
}

function bar(share: number, cells: number): string {
  const full = Math.floor(share * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}]`;
}
