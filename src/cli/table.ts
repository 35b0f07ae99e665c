import { printable } from './format.js';
import { fit, width } from './terminal.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells are cut. */
  readonly max?: number;
}

/** Aligned columns under their titles, two spaces apart; no trailing spaces. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): string {
  const cells = [columns.map((column) => column.title), ...rows].map((row) =>
    row.map((cell, i) => fit(printable(cell), columns[i]?.max ?? Infinity)),
  );
  const widths = columns.map((_, i) => cells.reduce((widest, row) => Math.max(widest, width(row[i] ?? '')), 0));
  const lines = cells.map((row) => indent + row.map((cell, i) => padded(cell, widths[i]!, columns[i]!.align)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function padded(cell: string, columns: number, align: 'left' | 'right' | undefined): string {
  const space = ' '.repeat(columns - width(cell));
  return align === 'right' ? space + cell : cell + space;
}
