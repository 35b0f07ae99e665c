import { median, type Results, ratios, type Summary, summarize } from './results.js';

/** The printed outcome, also for the README: one line per contender, medians, and our ratios to DuckDB and to the drain. Markdown, as the README shows it. */
export function report(results: Results): string {
  const { machine, rows, heapBytes, smallSeconds, sameRows } = results;
  const all = summarize(results);
  const drain = all.find(({ name }) => name === 'drain');
  const header = [
    'tool',
    'codec',
    'wall s',
    'rows/s',
    'client CPU s',
    'server CPU s',
    'peak memory MiB',
    'output MiB',
    'wall / DuckDB',
    'CPU / DuckDB',
    'output / DuckDB',
    'wall / drain',
  ];
  const lines = all.map((one) => line(all, one, rows, drain));
  const rounds = Math.max(...results.runs.map(({ round }) => round)) + 1;
  return [
    '',
    `${rows.toLocaleString('en')} rows of ${results.table ?? 'lineitem'}, ${(heapBytes / 2 ** 20).toFixed(0)} MiB heap; ${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel}`,
    `PostgreSQL ${machine.postgres}, DuckDB ${machine.duckdb}, Node ${machine.node}, commit ${machine.commit}; medians of ${rounds} rounds; memory (PSS) in a run of its own`,
    ...(machine.loadBefore > 0.5 ? [`the machine was busy before: load ${machine.loadBefore.toFixed(1)}`] : []),
    '',
    ...table([header, ...lines]),
    '',
    `10,000 rows, from process start: ${median(smallSeconds).toFixed(3)} s`,
    `same rows in gpuparser's and DuckDB's output: ${sameRows ? 'yes' : 'NO'}`,
  ].join('\n');
}

function line(all: readonly Summary[], one: Summary, rows: number, drain: Summary | undefined): string[] {
  const ratio = one.name === 'gpuparser' ? ratios(all, one) : undefined;
  const fixed = (value: number | undefined, digits = 2) => (value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits));
  return [
    one.name,
    one.codec ?? '',
    fixed(one.wallSeconds),
    `${fixed(rows / one.wallSeconds / 1e6)} M`,
    fixed(one.cpuSeconds),
    fixed(one.serverSeconds),
    one.codec ? fixed(one.peakBytes / 2 ** 20, 0) : '',
    one.codec ? fixed(one.outputBytes / 2 ** 20, 1) : '',
    fixed(ratio?.wall),
    fixed(ratio?.cpu),
    fixed(ratio?.output, 3),
    drain && one !== drain ? fixed(one.wallSeconds / drain.wallSeconds) : '',
  ];
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [format(rows[0] ?? []), rule, ...rows.slice(1).map(format)];
}
