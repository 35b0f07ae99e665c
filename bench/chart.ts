// `npm run bench:chart -- bench/results/FILE.json`: docs/bench.svg, our share of DuckDB's time, CPU, memory and bytes as bars, and the
// README's table.
import { readFileSync, writeFileSync } from 'node:fs';
import { report } from './report.js';
import { type Results, ratios, type Summary, summarize } from './results.js';

const width = 760;
const left = 210;
const scale = 380; // pixels of 1.0
const barHeight = 18;
const colors = { snappy: '#2563eb', zstd: '#0d9488' } as const;

/** Bars of gpuparser / DuckDB, grouped by measure; the line at 1 is DuckDB. */
export function chart(results: Results): string {
  const all = summarize(results);
  const ours = all.filter(({ name, codec }) => name === 'gpuparser' && codec !== null);
  const measures = [
    { key: 'wall', label: 'wall time' },
    { key: 'cpu', label: 'client CPU time' },
    { key: 'memory', label: 'peak memory' },
    { key: 'output', label: 'file size' },
  ] as const;
  const groupHeight = ours.length * (barHeight + 4) + 16;
  const bottom = 64 + measures.length * groupHeight;
  const { machine, rows } = results;
  const text = (x: number, y: number, content: string, extra = '') => `<text x="${x}" y="${y}"${extra}>${xml(content)}</text>`;
  const groups = measures.flatMap(({ key, label }, group) => {
    const top = 64 + group * groupHeight;
    const bars = ours.map((one, i) => bar(all, one, key, top + i * (barHeight + 4), text));
    return [text(left - 12, top + (ours.length * (barHeight + 4)) / 2 + 3, label, ' text-anchor="end" font-weight="600"'), ...bars];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 42}" width="${width}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2937">
<rect width="100%" height="100%" rx="8" fill="#ffffff"/>
${text(20, 28, `gpuparser relative to DuckDB (${machine.duckdb}), less is better`, ' font-size="16" font-weight="600"')}
${groups.join('\n')}
<line x1="${left + scale}" x2="${left + scale}" y1="46" y2="${bottom}" stroke="#dc2626" stroke-dasharray="4 3"/>
${text(left + scale, 44, 'DuckDB = 1', ' text-anchor="middle" fill="#dc2626" font-size="12"')}
${text(20, bottom + 24, `${rows.toLocaleString('en')} ${results.table ?? 'lineitem'} rows, PostgreSQL ${machine.postgres} on the same ${machine.cores} cores (${machine.cpu}), ${results.date.slice(0, 10)}`, ' font-size="12" fill="#6b7280"')}
</svg>
`;
}

type Text = (x: number, y: number, content: string, extra?: string) => string;

function bar(all: readonly Summary[], one: Summary, key: 'wall' | 'cpu' | 'memory' | 'output', y: number, text: Text): string {
  const ratio = ratios(all, one)?.[key];
  if (ratio === undefined) throw new Error(`The results have no DuckDB run with ${one.codec}.`);
  const codec = one.codec === 'zstd' ? 'zstd' : 'snappy';
  const length = Math.min(ratio, 1.35) * scale;
  const shape = `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3" fill="${colors[codec]}"/>`;
  return shape + text(left + length - 8, y + 13, `${codec}  ${ratio.toFixed(2)}`, ' text-anchor="end" fill="#ffffff"');
}

function xml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const begin = '<!-- bench: made by npm run bench:chart -->';
const end = '<!-- bench: end -->';

function readme(text: string, results: Results, picture: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no lines ${begin} and ${end}.`);
  return `${text.slice(0, from + begin.length)}\n\n![gpuparser relative to DuckDB](${picture})\n${report(results)}\n\n${text.slice(to)}`;
}

const [input] = process.argv.slice(2);
if (!input) throw new Error('Which results? npm run bench:chart -- bench/results/FILE.json');
const results = JSON.parse(readFileSync(input, 'utf8')) as Results;
writeFileSync('docs/bench.svg', chart(results));
writeFileSync('README.md', readme(readFileSync('README.md', 'utf8'), results, 'docs/bench.svg'));
