import { GpuParserError } from '../errors.js';
import { describedColumn } from '../plan/column-words.js';
import { flatNodes, sourceName } from '../plan/nodes.js';
import type { WorkerPlan } from '../plan/plan.js';
import type { LocatedRow, Source } from '../source/source.js';
import type { BatchError, RowOrigin } from './batch-feeder.js';
import { hintFor, whatIsWrong } from './value-hints.js';

/** The error of a batch as the reader wants it: which table, column and row, which value, which flag. */
export async function rowError(error: BatchError, plan: WorkerPlan, source: Source): Promise<GpuParserError> {
  const { cause, origin } = error;
  const at = flatNodes(plan.columns)[cause.column];
  const column = at?.column;
  const inside = at !== undefined && at.node !== column;
  const row = origin && (await locate(origin, source, column?.children && sourceName(column)));
  const where = [
    origin?.piece.scan.relation ?? plan.table,
    column && describedColumn(column),
    inside && `value ${at.path} (${at.node.postgresType})`,
    row?.place,
    row?.value !== undefined && `in ${row.value}`,
  ];
  const what = whatIsWrong(cause, at);
  return new GpuParserError(cause.code, `${where.filter(Boolean).join(', ')}: ${what}.`, { hint: hintFor(cause, at), cause });
}

/** The row's ctid and key, and what it holds in a column; its place in the stream where it cannot be looked up again. */
async function locate({ piece, row }: RowOrigin, source: Source, column: string | undefined): Promise<LocatedRow> {
  try {
    return await source.locate(piece, row, column);
  } catch {
    return { place: `row ${row + 1} of what was read` };
  }
}
