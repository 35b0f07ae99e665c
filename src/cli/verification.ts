import { count, counted } from '../counted.js';
import type { ColumnComparison, Problem, TableVerification, Verification } from '../index.js';
import { bytes, duration, printable } from './format.js';
import { table } from './table.js';
import type { Paint } from './terminal.js';

/** Files and columns without problems beyond these are counted, not listed, unless --verbose. */
const MOST_LINES = 12;

/** What `verify` found, for people: table by table what was checked, then what is wrong and what to do. */
export function verificationText(verification: Verification, verbose: boolean, paint: Paint): string {
  const { folder, ok, tables, problems, seconds } = verification;
  const parts = tables.map((each) => tableText(each, verbose, paint));
  if (problems.length > 0) parts.push(problemLines(problems, paint));
  if (tables.length === 0) parts.push('The manifest has no tables.\n');
  const wrong = problems.length + tables.reduce((sum, each) => sum + problemsOf(each).length, 0);
  const verdict = ok ? paint('green', 'ok') : paint('red', wrong === 0 ? 'not all could be compared' : counted(wrong, 'problem'));
  parts.push(`${printable(folder)}: ${verdict} (${counted(tables.length, 'table')}, ${duration(seconds)})\n`);
  return parts.join('\n');
}

function tableText(each: TableVerification, verbose: boolean, paint: Paint): string {
  const lines = [
    `${paint('bold', printable(each.table))}: ${counted(each.rows, 'row')}, ${counted(each.files.length, 'file')}, ${bytes(each.bytes)}\n`,
  ];
  const files = verbose ? each.files : shortened(each.files, ({ ok }) => !ok);
  lines.push(
    table(
      [{ title: 'file' }, { title: 'checked' }, { title: 'result' }],
      files.map(({ file, checked, ok, problems }) => [file, checked.join(' '), ok ? 'ok' : counted(problems.length, 'problem')]),
      '  ',
    ),
  );
  if (files.length < each.files.length) lines.push(`  ${counted(each.files.length - files.length, 'more file')}, all ok\n`);
  if (each.columns.length > 0) lines.push(columnsText(each.columns, verbose));
  lines.push(problemLines(problemsOf(each), paint));
  for (const note of each.notes) lines.push(`  note: ${printable(note)}\n`);
  return lines.join('');
}

function columnsText(columns: readonly ColumnComparison[], verbose: boolean): string {
  const shown = verbose ? columns : shortened(columns, ({ status }) => status !== 'same');
  const right = { align: 'right' } as const;
  const lines = [
    table(
      [
        { title: 'column', max: 40 },
        { title: 'type', max: 30 },
        { title: 'values', ...right },
        { title: 'in the files' },
        { title: 'values', ...right },
        { title: 'on the server' },
        { title: 'result' },
      ],
      shown.map(({ column, postgresType, files, server, status, reason }) => [
        column ?? '(whole rows)',
        postgresType ?? '',
        ...(files === null ? ['', ''] : [count(files.values), files.checksum]),
        ...(server === null ? ['', ''] : [count(server.values), server.checksum]),
        (status === 'different' ? 'DIFFERENT' : status) + (reason === null ? '' : `: ${reason}`),
      ]),
      '  ',
    ),
  ];
  if (shown.length < columns.length) lines.push(`  ${counted(columns.length - shown.length, 'more column')}, all the same\n`);
  return lines.join('');
}

/** All, where they are few; else those that matter and the first others. */
function shortened<Item>(items: readonly Item[], matters: (item: Item) => boolean): readonly Item[] {
  if (items.length <= MOST_LINES) return items;
  let room = Math.max(0, MOST_LINES - items.filter(matters).length);
  return items.filter((item) => matters(item) || room-- > 0);
}

const problemsOf = ({ files, problems }: TableVerification): readonly Problem[] => [...files.flatMap((file) => file.problems), ...problems];

function problemLines(problems: readonly Problem[], paint: Paint): string {
  return problems
    .map(({ file, check, message, hint }) => {
      const where = file === undefined || message.startsWith(file) ? '' : `${printable(file)}: `;
      return `  ${paint('red', check)}  ${where}${printable(message)}\n${hint === undefined ? '' : `      hint: ${printable(hint)}\n`}`;
    })
    .join('');
}
