import { GpuParserError } from '../../errors.js';
import type { ExportOptions } from '../../options.js';
import { findRelation, type Relation } from '../../postgres/catalog.js';
import { nameCandidates, quoteIdentifier } from '../../postgres/identifier.js';
import type { Session } from '../../postgres/session.js';
import { missingTable } from './missing.js';

/** Relations that have no rows of their own to export, by pg_class.relkind. */
const NOT_TABLES: Readonly<Record<string, string>> = {
  S: 'a sequence',
  i: 'an index',
  I: 'a partitioned index',
  c: 'a composite type',
  t: 'a TOAST table',
};

/** Finds the table an export is about and refuses what cannot be exported. */
export async function findSource(session: Session, options: ExportOptions): Promise<Relation> {
  const text = options.table as string;
  const relation = await findRelation(session, nameCandidates(text), false);
  if (relation === undefined) throw await missingTable(session, text);
  await requireExportable(session, relation, options.allowRowSecurity ?? false);
  return relation;
}

async function requireExportable(session: Session, relation: Relation, allowRowSecurity: boolean): Promise<void> {
  const { display, kind, persistence } = relation;
  const other = NOT_TABLES[kind];
  if (other !== undefined) {
    throw new GpuParserError('NOT_FOUND', `${display} is ${other}, not a table.`, { hint: 'Name a table, view or materialized view.' });
  }
  if (persistence === 't') {
    throw new GpuParserError('NOT_FOUND', `${display} is a temporary table of another session, and only that session can read it.`, {
      hint: 'Copy it into an ordinary table first.',
    });
  }
  if (!relation.schemaUsable) {
    throw new GpuParserError('PERMISSION', `The role may not use schema "${relation.schema}", so it cannot read ${display}.`, {
      hint: `Its owner can run: GRANT USAGE ON SCHEMA ${quoteIdentifier(relation.schema)} TO ...`,
    });
  }
  if (relation.rowSecurityActive && !allowRowSecurity) {
    throw new GpuParserError(
      'PERMISSION',
      `Row-level security hides rows of ${display} from this role, so the export would not be whole.`,
      {
        hint: 'Use --allow-row-security to export only the rows the role may see, or connect as a role with BYPASSRLS.',
      },
    );
  }
  if (persistence === 'u') {
    const [row] = await session.query<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
    if (row?.standby) {
      throw new GpuParserError('NOT_FOUND', `${display} is unlogged, and a standby has no rows of unlogged tables.`, {
        hint: 'Export it from the primary.',
      });
    }
  }
}
