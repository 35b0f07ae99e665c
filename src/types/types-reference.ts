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

const HEAD = `<!-- Made from src/types/types.ts by scripts/docs.mjs; do not edit. -->
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
The server's exact text is the same for every role and every setting. Dates and times are in ISO 8601's order and UTC. Intervals
inside a text (an array or a range as text, a composite that becomes text) are ISO 8601: \`P1DT2H\`. inet always has its mask,
\`10.0.0.1/32\`, in a column and in a LIST; inside a text a whole address has none. Names (regclass, regtype, regproc and the like,
inside other values too) are qualified as under an empty search_path: \`public.orders\`, but \`pg_class\`. A cast to text in the SQL of
a view or of \`--query\` is the server's own, under the role's own search_path.

Text that is not UTF-8: a SQL_ASCII database takes any bytes as text, and its server refuses to send what is not UTF-8. Under
\`--invalid-utf8 replace\` or \`binary\` text travels as the bytes that are stored. \`replace\` puts one U+FFFD in place of each maximal
part that no valid sequence begins with, as the Encoding Standard's decoder does, hence browsers. In databases of other encodings, \`binary\` gives the bytes of that
encoding.

Geometries: values of PostGIS's types become ISO WKB, with 1000 added to the type for Z and 2000 for M, and the footer's \`geo\` key
holds GeoParquet 1.1 metadata for their columns. An SRID has no place in ISO WKB: a column's is its type modifier's or, where that
leaves it open, that of the first value, and another one is an error; \`--type COLUMN=text\` and \`binary\` keep the EWKB of each value.
SRID 4326 is GeoParquet's default CRS. Others have the CRS null, because PostGIS knows no PROJJSON; \`gpuparser.origin\` has the
SRID, and its name and WKT from spatial_ref_sys. Columns declared with M, curves, surfaces or triangles hold WKB too, but GeoParquet's
metadata knows none of these and leaves them out. What a GPU leaves to the CPU, [gpu.md](gpu.md) says.

## NULL
A column is REQUIRED when PostgreSQL guarantees that it holds no NULL: it is NOT NULL, with a validated constraint, in every
table that is read. Columns of views and queries, columns of foreign tables, and domains that are NOT NULL are OPTIONAL.

## In the file
The footer's key-value metadata tells where the rows came from. \`gpuparser.origin\` is one JSON object, \`"version": 1\`:

| Key | What it holds |
|---|---|
| \`tool\`, \`server\`, \`database\`, \`encoding\` | the program and its version, \`PostgreSQL 17.6\`, the database's name and its encoding |
| \`snapshot\` | \`lsn\`, \`takenAt\` (UTC), \`standby\`; not there in files merged from several snapshots |
| \`relation\` | \`schema\`, \`name\`, \`kind\`, \`comment\`, \`primaryKey\` (\`name\`, \`columns\`), \`constraints\` (\`name\`, \`type\`, \`sql\`, the \`columns\` that it needs, \`portable\`: whether it needs nothing but PostgreSQL itself and those, \`holds\`: whether the file's rows are sure to obey it, \`comment\`); not there for a query |
| \`columns\` | \`name\`, \`type\` with its modifier, \`collation\`, \`notNull\`, \`default\` and \`generated\` (\`sql\`, and whether it needs nothing but PostgreSQL itself), \`identity\`, \`comment\`, \`policies\`, \`spatial\` (\`srid\`, \`crs\`, \`wkt\`) |
| \`types\` | enums, domains, composite and range types and extensions that the columns need, each behind what it is made of |
| \`incomplete\` | why something of this is missing |

Names in its SQL are qualified. Keys may be added; none changes its meaning within version 1. \`gpuparser inspect --ddl FILE\` prints the
SQL that makes the table again and takes the rows back: CREATE TABLE with its types, its primary key, UNIQUE, CHECK, EXCLUDE and
NOT NULL constraints, and comments. What could not be made elsewhere, or would refuse the rows, stands there as comments: defaults
that call the user's own functions or sequences, the user's own collations, the expressions of generated columns, and, as ALTER
TABLE statements behind the table, foreign keys, constraints that need the user's functions or columns that the file lacks, and those
that rows of the file may break (NOT VALID and NOT ENFORCED, keys that know nothing of the rows of child tables, constraints of
columns whose values \`--nan\`, \`--infinity\`, \`--invalid-utf8 replace\` or a form of DOUBLE may have changed). The manifest holds
the same object.
\`gpuparser.version\`, \`gpuparser.table\`, \`gpuparser.columns\`, \`gpuparser.snapshot\` and \`gpuparser.server\` hold parts of it in the form of
earlier files. No host, no user name and no SQL of a query is in the file.
`;
