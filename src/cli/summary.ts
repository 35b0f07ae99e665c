import { dirname } from 'node:path';
import { count, counted } from '../counted.js';
import type { ExportSummary, Plan } from '../index.js';
import { bytes, duration, percent, printable, short } from './format.js';
import { table } from './table.js';

/** Files listed by name in a summary that is not verbose. */
const LISTED_FILES = 4;

/** Runs that read for less are mostly start-up: what held them back says nothing about the next one. */
const SHORT_RUN_SECONDS = 2;
const FEW_BYTES = 64e6;
/** Of the whole time; where less of it was spent on reading, something else took it: a lock, the start of a cluster, counting. */
const READING_SHARE = 0.8;

/**
 * The summary for people.
 * @param unsplittable the plan's reason to read by one connection
 */
export function summaryText(summary: ExportSummary, verbose: boolean, unsplittable?: string): string {
  const { files, failed, stages } = summary;
  const place = files[0] === undefined ? '' : ` ${placeOf(files[0].path)}`;
  const lines = [
    `${printable(summary.table)}: ${counted(summary.rows, 'row')}, ${counted(files.length, 'file')}, ${bytes(summary.bytes)}${place}`,
    `${duration(summary.seconds)}, ${short(summary.rowsPerSecond)} rows/s, ${bytes(perSecond(summary.receivedBytes, summary.seconds))}/s from the server`,
    `time: server ${percent(stages.server)}, decode ${percent(stages.decode)}, encode ${percent(stages.encode)}, write ${percent(stages.write)}; snapshot held ${duration(summary.snapshotSeconds)}`,
  ];
  const limit = whatHeldItBack(summary, unsplittable);
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

/** One sentence on the largest stage, when one stands out and was most of the run. */
export function whatHeldItBack(summary: ExportSummary, unsplittable?: string): string | undefined {
  const { stages, seconds, snapshotSeconds, receivedBytes } = summary;
  if (Math.min(seconds, snapshotSeconds) < SHORT_RUN_SECONDS || receivedBytes < FEW_BYTES || snapshotSeconds < seconds * READING_SHARE)
    return undefined;
  const { server, decode, encode, write } = stages;
  if (server >= 0.5) {
    if (unsplittable !== undefined) return `The server's COPY was the limit, by one connection: ${printable(unsplittable)}.`;
    return "The server's COPY was the limit: more --jobs helps while the server has idle cores.";
  }
  if (write >= 0.5) return 'Writing was the limit: a faster disk for --output, or --compression zstd for smaller files, helps.';
  if (decode + encode >= 0.5) return "This machine's cores were the limit: more cores, --compression snappy or none, or a GPU helps.";
  return undefined;
}

/** What --json prints. These keys never change. */
export function summaryJson(summary: ExportSummary): object {
  const { table, rows, bytes, seconds, rowsPerSecond, files, failed, warnings } = summary;
  return { table, rows, bytes, seconds, rowsPerSecond, files, failed, warnings };
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
