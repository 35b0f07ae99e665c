import { POLICIES } from './policies.js';
import { FORMS } from './requested-form.js';
import { TYPE_RULES } from './types.js';

/** docs/types.md: the type table in Markdown, with what it leaves to options. */
export function typesReference(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');
  const types = TYPE_RULES.map((rule) => line([rule.postgres, rule.parquet, rule.refused ?? '', code(rule.options ?? []), rule.notes]));
  const options = Object.values(POLICIES).map(({ flag, rules, words }) => {
    const meanings = words.map(
      ([word, does], i) =>
        `\`${word}\`${[i === 0 && 'default', does]
          .filter(Boolean)
          .map((text) => ` (${text})`)
          .join('')}`,
    );
    return line([`\`${flag}\``, rules, meanings.join('; ')]);
  });
  const forms = Object.values(FORMS).map(({ word, parquet, types }) => line([`\`${word}\``, parquet, types]));
  return [HEAD, ...types, OPTIONS, ...options, FORMS_HEAD, ...forms, FOOT].join('\n');
}

const HEAD = `<!-- Made from src/plan/types.ts by scripts/docs-types.mjs; do not edit. -->
# Types

Every value arrives exact, or the export ends with an error that names the column, the row and the option that changes the
rule. The first line that fits a column decides. A domain counts as its base type, at any depth. What is refused ends the export
unless one of the options beside it, or another form by \`--type\`, says otherwise.

| PostgreSQL | Parquet | Refused | Options | Notes |
|---|---|---|---|---|`;

const OPTIONS = `
Columns that are exported as text for want of a Parquet type are named in a warning. \`--query\` with casts of your own gives
any other form: \`--query 'SELECT id, tags[1] AS tag FROM t'\`.

## Options
Each is given for all columns, \`--nan null\`, or for one, \`--nan price=null\`, and as often as needed; what is given for a column
wins over what is given for all. A name with spaces around it or with quotes stands in double quotes, as in SQL. A policy for a
column that it cannot rule is an error. The plan (\`--dry-run --json\`) and the manifest say for every column what ruled it.

| Option | What it rules | Values |
|---|---|---|`;

const FORMS_HEAD = `
\`--type COLUMN=FORM\` gives a column another form, and may be given for any number of columns:

| Form | Parquet | Types that it holds |
|---|---|---|`;

const FOOT = `
Text that is not UTF-8: a SQL_ASCII database takes any bytes as text, and its server refuses to send what is not UTF-8. Under
\`--invalid-utf8 replace\` or \`binary\` text travels as the bytes that are stored. \`replace\` puts one U+FFFD in place of each maximal
part that no valid sequence begins with, as browsers do. In databases of other encodings, \`binary\` gives the bytes of that encoding.

## NULL
A column is REQUIRED when PostgreSQL guarantees that it holds no NULL: it is NOT NULL, with a validated constraint, in every
table that is read. Columns of views and queries, columns of foreign tables, and domains that are NOT NULL are OPTIONAL.

## In the file
The footer's key-value metadata holds the table, every column's PostgreSQL type, the snapshot and the server's version, under
\`gpuparser.table\`, \`gpuparser.columns\`, \`gpuparser.snapshot\` and \`gpuparser.server\`.
`;
