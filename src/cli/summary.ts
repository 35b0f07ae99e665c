import { dirname } from 'node:path';
import { count, counted } from '../counted.js';
import type { ExportSummary, Plan } from '../index.js';
import { type Circumstances, whatHeldItBack } from './advice.js';
import { bytes, duration, percent, printable, short } from './format.js';
import { table } from './table.js';

/** Files listed by name in a summary that is not verbose. */
const LISTED_FILES = 4;

/** The summary for people. */
export function summaryText(summary: ExportSummary, verbose: boolean, circumstances: Circumstances = {}): string {
  const { files, failed } = summary;
  const place = files[0] === undefined ? '' : ` ${placeOf(files[0].path)}`;
  const lines = [
    `${printable(summary.table)}: ${counted(summary.rows, 'row')}, ${counted(files.length, 'file')}, ${bytes(summary.bytes)}${place}`,
    `${duration(summary.seconds)}, ${short(summary.rowsPerSecond)} rows/s, ${bytes(perSecond(summary.receivedBytes, summary.seconds))}/s from the server`,
    timeLine(summary, circumstances.ray ?? false),
  ];
  const limit = whatHeldItBack(summary, circumstances);
  if (limit !== undefined) lines.push(limit);
  let text = lines.map((line) => `${line}\n`).join('');
  if (files.length > 0 && (verbose || files.length <= LISTED_FILES)) text += fileTable(summary);
  if (failed.length > 0)
    text += `${counted(failed.length, 'chunk')} failed; ${files.length === 0 ? 'no file was written' : 'the files above are whole'}\n`;
  return text;
}

/** Standard output has no folder. */
function placeOf(path: string): string {
  return path.includes('/') ? `in ${printable(dirname(path))}` : `to ${printable(path)}`;
}

function fileTable({ files }: ExportSummary): string {
  return table(
    [
      { title: 'file' },
      { title: 'rows', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'time', align: 'right' },
      { title: 'device' },
    ],
    files.map((file) => [file.path, count(file.rows), bytes(file.bytes), duration(file.seconds), file.device]),
    '  ',
  );
}

/** Phases before reading that are too short to be worth a word. */
const SHORT_MS = 100;

/** Each phase by the clock, and what reading consisted of. */
function timeLine({ milliseconds, stages, snapshotSeconds }: ExportSummary, ray: boolean): string {
  const { start, connect, lock, plan, read, finish } = milliseconds;
  const phases: [string, number][] = [
    [ray ? "Ray's start" : 'start of workers', start],
    ['connecting', connect],
    ['waiting for a lock', lock],
    ['planning', plan],
    ['finishing', finish],
  ];
  const named = phases.filter(([, ms]) => ms >= SHORT_MS).map(([name, ms]) => `${name} ${duration(ms / 1000)}`);
  const shares = `server ${percent(stages.server)}, decode ${percent(stages.decode)}, encode ${percent(stages.encode)}, write ${percent(stages.write)}`;
  return `time: ${[...named, `reading ${duration(read / 1000)} (${shares})`].join(', ')}; snapshot held ${duration(snapshotSeconds)}`;
}

/** What --json prints. These keys never change. */
export function summaryJson(summary: ExportSummary): object {
  const { table, rows, bytes, seconds, rowsPerSecond, files, failed, warnings, milliseconds } = summary;
  return { table, rows, bytes, seconds, rowsPerSecond, files, failed, warnings, milliseconds };
}

/** Two lines on what is about to be done. */
export function planText(plan: Plan, output: string): string {
  const rows =
    plan.estimatedRows === undefined ? 'rows not known' : `${plan.exactRows ? '' : 'about '}${counted(plan.estimatedRows, 'row')}`;
  const size = plan.heapBytes > 0 ? `, ${bytes(plan.heapBytes)} in the server` : '';
  const codec =
    plan.writer.codec === 'none' ? 'not compressed' : plan.writer.codec + (plan.writer.level > 0 ? ` level ${plan.writer.level}` : '');
  const standby = plan.snapshot.standby ? ' (standby)' : '';
  return [
    `${printable(plan.table)}: ${plan.source}, ${rows}, ${counted(plan.columns.length, 'column')}${size}`,
    `to ${output === '-' ? 'standard output' : `${counted(plan.chunks.length, 'file')} in ${printable(output)}`}, ${codec}; ${counted(plan.jobs, 'connection')} to PostgreSQL ${printable(plan.snapshot.serverVersion)}${standby}`,
    ...(plan.unsplittable === undefined ? [] : [`read as one stream: ${printable(plan.unsplittable)}`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** The whole plan, for --dry-run. */
export function planDetails(plan: Plan, output: string): string {
  const columns = table(
    [{ title: 'column', max: 40 }, { title: 'PostgreSQL' }, { title: 'Parquet' }, { title: 'null' }, { title: 'note' }],
    plan.columns.map((column) => [
      column.name,
      column.postgresType,
      column.parquetType,
      column.required ? 'no' : 'yes',
      [column.source === undefined ? '' : `from ${column.source}`, column.asText ? 'as text' : ''].filter(Boolean).join(', '),
    ]),
    '  ',
  );
  const chunks = table(
    [{ title: 'file' }, { title: 'rows', align: 'right' }, { title: 'reads' }],
    plan.chunks.map((chunk) => [chunk.file, chunk.rows === undefined ? '' : count(chunk.rows), chunk.scans.map(scanText).join('; ')]),
    '  ',
  );
  return `${planText(plan, output)}\n${columns}\n${chunks}`;
}

function scanText(scan: Plan['chunks'][number]['scans'][number]): string {
  const limit = scan.limit === undefined ? '' : `, at most ${counted(scan.limit, 'row')}`;
  if (!scan.range) return `${scan.relation}${limit}`;
  const { from, to } = scan.range;
  const end = to === undefined ? 'end' : to.line === 0 ? `page ${to.page}` : `(${to.page},${to.line})`;
  const start = from.line === 0 ? `page ${from.page}` : `(${from.page},${from.line})`;
  return `${scan.relation} ${start} to ${end}${limit}`;
}

function perSecond(amount: number, seconds: number): number {
  return seconds > 0 ? amount / seconds : 0;
}
