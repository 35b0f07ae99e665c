/** A table shaped like real ones of its kind. Randomness is hashint8extended's, which PostgreSQL keeps stable. */
export interface ShapedTable {
  readonly name: string;
  readonly about: string;
  /** SELECT list over `i`, which counts rows from 1. */
  readonly select: string;
}

/** A number in [0, n) that depends on the row and on what it is for. */
const number = (use: number, n: number, of = 'i') => `((hashint8extended(${of}, ${use}) & 9007199254740991) % ${n})`;
/** Small numbers often, large ones rarely, below n. */
const skewed = (use: number, n: number) => `(${n} * power(${number(use, 1_000_000)} / 1e6, 4))::int`;
const pick = (use: number, ...words: string[]) =>
  `('{${words.map((word) => `"${word}"`).join(',')}}'::text[])[1 + ${number(use, words.length)}]`;
const letters = (use: number, length: number, of = 'i') =>
  `substr(translate(md5((${of})::text || '${use}'), '0123456789', 'glmnoprstu'), 1, ${length})`;
/** NULL but for one row in n. */
const rarely = (use: number, n: number, value: string) => `CASE WHEN ${number(use, n)} = 0 THEN ${value} END`;
const words = [
  'order',
  'customer',
  'late',
  'delivery',
  'the',
  'was',
  'returned',
  'and',
  'paid',
  'by',
  'card',
  'account',
  'closed',
  'again',
];
const sentence = (use: number, count: number) => Array.from({ length: count }, (_, k) => pick(use + k, ...words)).join(` || ' ' || `);

export const shapedTables: readonly ShapedTable[] = [
  {
    name: 'narrow_ints',
    about: 'keys, quantities and flags of order lines',
    select: `i::bigint AS id, (i / 3)::int AS order_id, (1 + ${number(1, 50_000)})::int AS customer, ${skewed(2, 20_000)} AS item,
      (1 + ${number(3, 100)})::smallint AS quantity, ${number(4, 300)}::smallint AS store, ${number(5, 16)}::int AS flags,
      ${number(6, 1_000_000_007)}::bigint AS reference`,
  },
  {
    name: 'wide_strings',
    about: 'people, addresses, URLs and free text',
    select: `${letters(10, 8)} || ' ' || ${letters(11, 11)} AS name, ${letters(10, 8)} || '.' || ${number(12, 1000)} || '@' || ${pick(13, 'example.org', 'mail.test', 'post.invalid')} AS email,
      ${number(14, 999)} || ' ' || ${letters(15, 9, '(i % 4000)')} || ' Street' AS address, 'https://shop.example.org/' || ${pick(16, 'books', 'garden', 'toys', 'music')} || '/item-' || (100000 + i) AS url,
      'Mozilla/5.0 (' || ${pick(17, 'X11; Linux x86_64', 'Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7')} || ') Version/' || ${skewed(18, 120)} AS agent,
      ${sentence(20, 9)} || ' ' || ${letters(31, 6)} AS remark, md5(i::text)::uuid::text AS session, ${pick(32, 'open', 'paid', 'sent', 'returned')} AS state`,
  },
  {
    name: 'decimals',
    about: 'prices, rates and balances',
    select: `(${number(40, 5_000_00)} / 100.0)::numeric(12,2) AS price, (${skewed(41, 100_000)} / 100.0)::numeric(9,2) AS discount,
      (1 + ${number(42, 100_000)} / 1e6)::numeric(15,6) AS rate, (${number(43, 9_000_000_000)} / 100.0 - 45000000)::numeric(18,2) AS balance,
      (i * 1000000007::numeric + ${number(44, 1_000_000)} / 1000.0)::numeric(30,4) AS ledger, (${pick(45, '0', '7', '19')})::numeric(4,2) AS tax, (${number(46, 100_000)} / 100.0)::numeric::money AS fee`,
  },
  {
    name: 'json',
    about: 'events as jsonb, settings as json',
    select: `jsonb_build_object('id', i, 'type', ${pick(50, 'click', 'view', 'purchase', 'scroll')}, 'user', jsonb_build_object('id', ${number(51, 40_000)}, 'plan', ${pick(52, 'free', 'pro')}),
        'at', 1700000000 + i * 3, 'items', jsonb_build_array(${number(53, 500)}, ${number(54, 500)}), 'score', ${number(55, 10_000)} / 100.0) AS event,
      json_build_object('theme', ${pick(56, 'dark', 'light')}, 'volume', ${number(57, 11)}, 'tags', json_build_array(${pick(58, 'a', 'b', 'c')}, ${pick(59, 'x', 'y')}))::json AS settings`,
  },
  {
    name: 'time_series',
    about: 'measurements of devices, in the order of time',
    select: `timestamptz '2024-01-01Z' + i * interval '0.25 s' + ${number(60, 9000)} * interval '1 us' AS at, ${number(61, 64)}::int AS device,
      20 + 5 * sin(i / 20000.0) + ${number(62, 1000)} / 5000.0 AS temperature, (50 + 10 * cos(i / 9000.0) + ${number(63, 100)} / 100.0)::real AS humidity,
      round((230 + ${number(64, 400)} / 100.0)::numeric, 2)::float8 AS voltage, i * 17::bigint + ${number(65, 17)} AS counter, ${pick(66, 'ok', 'ok', 'ok', 'ok', 'low', 'fault')} AS status`,
  },
  {
    name: 'sparse_nulls',
    about: 'twenty columns, most of them NULL',
    select: `i::bigint AS id, ${Array.from({ length: 19 }, (_, k) => {
      const value = [
        `${number(71 + k, 1000)}::int`,
        letters(71 + k, 10),
        `${number(71 + k, 100_000)} / 100.0::float8`,
        `date '2020-01-01' + ${number(71 + k, 1500)}::int`,
      ][k % 4] as string;
      return `${rarely(100 + k, [3, 10, 50, 400, 100_000][k % 5] as number, value)} AS c${k}`;
    }).join(', ')}`,
  },
];
