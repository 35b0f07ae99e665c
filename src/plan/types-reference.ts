import { TYPE_RULES } from './types.js';

/** docs/types.md: the type table in Markdown, with what it leaves to options. */
export function typesReference(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = TYPE_RULES.map(({ postgres, parquet, notes }) => `| ${cell(postgres)} | ${cell(parquet)} | ${cell(notes)} |`);
  return `${HEAD}\n| PostgreSQL | Parquet | Notes |\n|---|---|---|\n${rows.join('\n')}\n${FOOT}`;
}

const HEAD = `<!-- Made from src/plan/types.ts by scripts/docs-types.mjs; do not edit. -->
# Types

Every value arrives exact, or the export ends with an error that names the column, the row and the option that changes the
rule. The first line that fits a column decides. A domain counts as its base type, at any depth.
`;

const FOOT = `
Columns that are exported as text for want of a Parquet type are named in a warning. \`--query\` with casts of your own gives
any other form: \`--query 'SELECT id, tags[1] AS tag FROM t'\`.

## NULL
A column is REQUIRED when PostgreSQL guarantees that it holds no NULL: it is NOT NULL, with a validated constraint, in every
table that is read. Columns of views and queries, columns of foreign tables, and domains that are NOT NULL are OPTIONAL.

## Options
| Option | What it rules | Values |
|---|---|---|
| \`--numeric\` | numeric without digits, or with more than 38 | \`string\` (default), \`double\` (nearest), \`decimal(P,S)\` (what does not fit is an error) |
| \`--nan\` | NaN in a DECIMAL | \`error\` (default), \`null\` |
| \`--infinity\` | infinite or out-of-range decimals, dates, times and intervals | \`error\` (default), \`null\`, \`saturate\` (the last value that both types hold) |
| \`--arrays\` | arrays | \`text\` (default, named in the warning unless given), \`error\` |

## In the file
The footer's key-value metadata holds the table, every column's PostgreSQL type, the snapshot and the server's version, under
\`gpuparser.table\`, \`gpuparser.columns\`, \`gpuparser.snapshot\` and \`gpuparser.server\`.
`;
