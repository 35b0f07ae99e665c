import { nounOf } from '../counted.js';
import type { ExportSummary } from '../index.js';
import { duration, printable } from './format.js';

/** Shorter waits are nobody's trouble. */
const SHORT_MS = 1000;
/** Of the run, for a phase before reading to be what it waited for. */
const MOST = 0.5;

/** Runs that read for less are mostly start-up: what held them back says nothing about the next one. */
const SHORT_READ_MS = 2000;
const FEW_BYTES = 64e6;
/** Of the whole time, for reading to be what took it. */
const READING_SHARE = 0.8;

export interface Circumstances {
  /** The plan's reason to read by one connection. */
  readonly unsplittable?: string | undefined;
  readonly codec?: string | undefined;
  /** On a Ray cluster. */
  readonly ray?: boolean | undefined;
}

/** One sentence on what most of the run was spent on, with advice only where that says what to do; or nothing. */
export function whatHeldItBack(summary: ExportSummary, circumstances: Circumstances = {}): string | undefined {
  const { start, connect, lock, plan, read, finish } = summary.milliseconds;
  const all = start + connect + lock + plan + read + finish;
  const took = (ms: number): string | undefined =>
    ms >= SHORT_MS && ms >= all * MOST ? `${duration(ms / 1000)} of ${duration(all / 1000)}` : undefined;

  const waited = took(lock);
  if (waited !== undefined) return `Another session held what was exported locked for ${waited}.`;
  const started = took(start);
  if (started !== undefined) {
    if (circumstances.ray !== true) return `Starting workers and their connections took ${started}.`;
    const small = summary.receivedBytes < FEW_BYTES ? ': so little data is exported sooner without --cluster ray' : '';
    return `Ray took ${started} to start the ${nounOf(summary.files.length, 'worker')}${small}.`;
  }
  const connected = took(connect);
  if (connected !== undefined) return `Connecting to the server took ${connected}.`;
  const planned = took(plan);
  if (planned !== undefined) return `Planning took ${planned}, before the first row was read.`;
  if (read < SHORT_READ_MS || summary.receivedBytes < FEW_BYTES || read < all * READING_SHARE) return undefined;
  return whatHeldReadingBack(summary, circumstances);
}

/** The largest stage of reading, where one stands out. */
function whatHeldReadingBack({ stages, files }: ExportSummary, { unsplittable, codec }: Circumstances): string | undefined {
  const { server, decode, encode, write } = stages;
  if (server >= 0.5) {
    if (unsplittable !== undefined) return `The server's COPY was the limit, by one connection: ${printable(unsplittable)}.`;
    return "The server's COPY, or the network, was the limit: more --jobs helps while the server has idle cores.";
  }
  if (write >= 0.5) {
    const smaller = codec === 'zstd' ? '' : ', or --compression zstd for smaller files,';
    return `Writing was the limit: a faster disk for --output${smaller} helps.`;
  }
  if (decode + encode >= 0.5 && !files.some(({ device }) => device.startsWith('cuda'))) {
    const lighter = codec === 'none' ? '' : codec === 'zstd' ? ', --compression snappy or none,' : ', --compression none';
    return `The cores of this export's workers were the limit: more cores${lighter} or a GPU helps.`;
  }
  return undefined;
}
