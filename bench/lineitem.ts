/**
 * SQL that makes a table like TPC-H's lineitem: its 16 columns with their types, value ranges and dependencies, and comments
 * of words and names cut at random places. The same `rows` and `seed` give the same rows on every server: all randomness is
 * hashint8extended, which PostgreSQL keeps stable.
 *
 * Source of the distributions: TPC-H specification 3.0.1, clauses 4.2.2 and 4.2.3. Simplified: order keys are sparse and orders
 * have 1 to 7 lines as there; comments mix that vocabulary with names, so that they shrink as little as real free text does.
 */
export function lineitemSql(rows: number, { table = 'lineitem', seed = 1 } = {}): string[] {
  const scale = rows / 6_000_000;
  const parts = Math.max(1, Math.round(200_000 * scale));
  const suppliers = Math.max(1, Math.round(10_000 * scale));
  // A number in [0, n) that depends on the line (or the order) and on what it is for.
  const line = (use: number, n: number | string) => `((hashint8extended(o * 8 + l, ${seed * 100 + use}) & 2147483647) % ${n})::int`;
  const order = (use: number, n: number) => `((hashint8extended(o, ${seed * 100 + use}) & 2147483647) % ${n})::int`;
  const pick = (index: string, words: readonly string[]) => `('{${words.join(',')}}'::text[])[1 + ${index}]`;
  // Letters as names and references have them, which a compressor does not find again.
  const name = (use: number, from: number, length: number) =>
    `substr(translate(md5((o * 8 + l + ${(seed * 100 + use) * 1_000_000_007})::text), '0123456789', 'glmnoprstu'), ${from}, ${length})`;
  const word = (use: number) => pick(line(use, words.length), words);
  return [
    `DROP TABLE IF EXISTS ${table}`,
    `CREATE TABLE ${table} (
  l_orderkey bigint NOT NULL, l_partkey integer NOT NULL, l_suppkey integer NOT NULL, l_linenumber integer NOT NULL,
  l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL,
  l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL,
  l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
  l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL)`,
    `INSERT INTO ${table}
SELECT (o / 8) * 32 + o % 8, partkey, 1 + (partkey + copy * (${suppliers} / 4 + (partkey - 1) / ${suppliers})) % ${suppliers}, l,
  quantity, (quantity * (90000 + (partkey / 10) % 20001 + 100 * (partkey % 1000)))::numeric / 100, discount::numeric / 100, tax::numeric / 100,
  CASE WHEN receiptdate > date '1995-06-17' THEN 'N' WHEN returned = 0 THEN 'R' ELSE 'A' END,
  CASE WHEN shipdate > date '1995-06-17' THEN 'O' ELSE 'F' END, shipdate, commitdate, receiptdate,
  ${pick(
    'instruct',
    ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'].map((text) => `"${text}"`),
  )},
  ${pick(
    'mode',
    ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'].map((text) => `"${text}"`),
  )}, substr(text, 1 + start, 10 + length)
FROM (SELECT o, l, 1 + ${line(1, parts)} AS partkey, ${line(2, 4)} AS copy, 1 + ${line(3, 50)} AS quantity, ${line(4, 11)} AS discount, ${line(5, 9)} AS tax,
    ${line(6, 2)} AS returned, orderdate + 1 + ${line(7, 121)} AS shipdate, orderdate + 30 + ${line(8, 61)} AS commitdate,
    orderdate + 1 + ${line(7, 121)} + 1 + ${line(9, 30)} AS receiptdate, ${line(10, 4)} AS instruct, ${line(11, 7)} AS mode,
    concat_ws(' ', ${word(12)}, ${name(13, 1, 9)}, ${name(13, 10, 7)}, ${word(14)}, ${name(13, 17, 11)}, ${name(13, 28, 5)}, ${name(15, 1, 10)}) AS text, ${line(20, 8)} AS start, ${line(21, 34)} AS length
  FROM (SELECT o, date '1992-01-01' + ${order(22, 2406)} AS orderdate, 1 + ${order(23, 7)} AS lines FROM generate_series(1, ${rows}::bigint) AS o) AS orders,
    generate_series(1, lines) AS l
  LIMIT ${rows}) AS lineitem`,
  ];
}

/** Clause 4.2.2.14's vocabulary of nouns, verbs, adjectives, adverbs, prepositions and auxiliaries, most frequent ones. */
export const words = [
  'foxes',
  'ideas',
  'theodolites',
  'pinto beans',
  'instructions',
  'dependencies',
  'excuses',
  'platelets',
  'asymptotes',
  'courts',
  'dolphins',
  'multipliers',
  'sauternes',
  'warthogs',
  'frets',
  'dinos',
  'attainments',
  'somas',
  'braids',
  'hockey players',
  'sheaves',
  'sentiments',
  'sleep',
  'wake',
  'are',
  'cajole',
  'haggle',
  'nag',
  'use',
  'boost',
  'affix',
  'detect',
  'integrate',
  'maintain',
  'nod',
  'was',
  'lose',
  'sublate',
  'furious',
  'sly',
  'careful',
  'blithe',
  'quick',
  'fluffy',
  'slow',
  'quiet',
  'ruthless',
  'thin',
  'close',
  'dogged',
  'daring',
  'brave',
  'stealthy',
  'permanent',
  'enticing',
  'idle',
  'busy',
  'regular',
  'final',
  'ironic',
  'even',
  'bold',
  'silent',
  'special',
  'pending',
  'express',
  'unusual',
  'sometimes',
  'always',
  'never',
  'furiously',
  'slyly',
  'carefully',
  'blithely',
  'quickly',
  'fluffily',
  'about',
  'above',
  'according to',
  'across',
  'after',
  'against',
  'along',
  'among',
  'around',
  'at',
  'atop',
  'before',
  'behind',
  'beneath',
  'beside',
  'besides',
  'between',
  'beyond',
  'by',
  'despite',
  'during',
  'except',
  'for',
  'from',
  'in place of',
  'inside',
  'the',
  'do',
  'may',
  'might',
  'shall',
  'will',
  'would',
  'can',
  'could',
];
