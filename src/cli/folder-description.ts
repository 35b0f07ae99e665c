import { count, counted } from '../counted.js';
import type { FolderDescription } from '../index.js';
import { bytes, printable } from './format.js';
import { table } from './table.js';
import type { Paint } from './terminal.js';

/** A folder for people: what the manifest says of each table, then every file. */
export function folderText({ path, tables, files }: FolderDescription, paint: Paint): string {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const head = `${paint('bold', printable(path))}: ${counted(files.length, 'file')}, ${counted(rows, 'row')}, ${bytes(size)}`;
  const entries = tables.map((entry) => {
    const { table: name, files: chunks, missing, failures, warnings, takenAt, tool } = entry;
    const lines = [
      `${paint('bold', printable(name))}: ${counted(entry.rows, 'row')}, ${counted(chunks.length, 'file')}, ${bytes(entry.bytes)}, as of ${printable(takenAt)}`,
      `  by ${printable(tool)}`,
      ...warnings.map((warning) => `  warning: ${printable(warning)}`),
    ];
    if (failures > 0) lines.push(`  ${paint('red', `${counted(failures, 'chunk')} failed`)}: the table is not whole`);
    if (missing.length > 0) lines.push(`  ${paint('red', 'missing')}: ${printable(missing.join(', '))}`);
    return lines.join('\n');
  });
  if (tables.length === 0) entries.push('no manifest: nothing says what should be here');
  const list = table(
    [
      { title: 'file' },
      { title: 'table' },
      { title: 'rows', align: 'right' },
      { title: 'row groups', align: 'right' },
      { title: 'columns', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    files.map((file) => [file.file, file.table ?? '', count(file.rows), count(file.rowGroups), count(file.columns), bytes(file.bytes)]),
    '  ',
  );
  return `${[head, ...entries, ...(files.length > 0 ? [list.trimEnd()] : [])].join('\n\n')}\n`;
}
