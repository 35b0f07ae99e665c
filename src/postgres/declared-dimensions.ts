import { GpuParserError } from '../errors.js';
import type { CatalogColumn } from './catalog-columns.js';
import type { Session, StatementDescription } from './session.js';

type Described = StatementDescription['columns'][number];

/**
 * Columns with the dimensions that arrays declare where they come from, which a statement's or a view's own columns do not say:
 * the server describes each as some relation's, and a view's by its definition. The transaction goes on whatever comes of it.
 * @param described the same columns, as the server describes a SELECT of them
 */
export async function withDeclaredDimensions(
  session: Session,
  columns: readonly CatalogColumn[],
  described: readonly Described[],
): Promise<CatalogColumn[]> {
  const found: CatalogColumn[] = [];
  for (const [i, column] of columns.entries()) {
    const { base } = column;
    const dimensions = base.isArray && base.dimensions === 0 ? await dimensionsOf(session, described[i]) : 0;
    found.push(dimensions === 0 ? column : { ...column, base: { ...base, dimensions } });
  }
  return found;
}

async function dimensionsOf(session: Session, column: Described | undefined): Promise<number> {
  if (column === undefined || column.relation === 0) return 0;
  const [row] = await session.query<{ dimensions: number; definition: string | null }>(
    `SELECT a.attndims AS dimensions, CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE c.oid = $1::oid AND a.attnum = $2`,
    [String(column.relation), column.attribute],
  );
  if (row?.definition == null) return Number(row?.dimensions ?? 0);
  const below = await describeDefinition(session, row.definition);
  return dimensionsOf(session, below[column.attribute - 1]);
}

/** A view may be read by who may not even name what is below it. */
async function describeDefinition(session: Session, definition: string): Promise<readonly Described[]> {
  await session.query('SAVEPOINT definition');
  try {
    const { columns } = await session.describe(definition);
    await session.query('RELEASE SAVEPOINT definition');
    return columns;
  } catch (error) {
    if (GpuParserError.from(error).sqlState === undefined) throw error;
    await session.query('ROLLBACK TO SAVEPOINT definition');
    return [];
  }
}
