/** A column of the demo's table. */
export interface DemoColumn {
  readonly name: string;
  readonly type: string;
}

export const customerColumns: readonly DemoColumn[] = [
  { name: 'id', type: 'bigint PRIMARY KEY' },
  { name: 'name', type: 'text NOT NULL' },
  { name: 'segment', type: 'char(12) NOT NULL' },
  { name: 'balance', type: 'numeric(12,2)' },
  { name: 'birthday', type: 'date' },
  { name: 'signed_up', type: 'timestamptz NOT NULL' },
  { name: 'active', type: 'boolean NOT NULL' },
  { name: 'external_id', type: 'uuid NOT NULL' },
  { name: 'profile', type: 'jsonb' },
];

const givenNames = [
  'Anna',
  'Björn',
  'Chloé',
  'Đorđe',
  'Elif',
  'Fatoumata',
  'Giorgos',
  'Hanako',
  'Iñaki',
  'Jürgen',
  'Karolína',
  'Łukasz',
  'María',
  'Noël',
  'Øyvind',
  'Priya',
  'Quỳnh',
  'Renée',
  'Siobhán',
  'Tomáš',
  'Ümit',
  'Vera',
  'William',
  'Xin',
  'Yusuf',
  'Zoë',
  'さくら',
  '小明',
  'Дмитрий',
  'ليلى',
];
const familyNames = [
  'Andersson',
  'Brânză',
  'Çelik',
  'Dvořák',
  'Eriksen',
  'Fernández',
  'García',
  'Håkansson',
  'Ito',
  'Janković',
  'Kowalski',
  'Lefèvre',
  'Müller',
  'Nguyễn',
  'Ōta',
  'Peña',
  'Quintana',
  'Rossi',
  'Şahin',
  'Tremblay',
  'Úlfarsson',
  'Vogel',
  'Weiß',
  'Yılmaz',
  'Żak',
  '田中',
  '王',
  'Иванова',
  'حداد',
  "O'Brien",
];
const towns = ['Zürich', 'København', 'São Paulo', 'Kraków', 'Malmö', '東京', 'Łódź', 'Montréal', 'Αθήνα', 'İstanbul', 'Reykjavík', 'Köln'];

/** Statements that make the table `customer`: the same rows whenever and wherever they run. */
export function customerSql(rows: number): string[] {
  // A number in [0, n) that depends on the row and on what it is for.
  const random = (use: number, n: number) => `((hashint8extended(i, ${use}) & 2147483647) % ${n})::int`;
  const pick = (use: number, words: readonly string[]) =>
    `('{${words.map((word) => `"${word.replaceAll("'", "''")}"`).join(',')}}'::text[])[1 + ${random(use, words.length)}]`;
  return [
    `CREATE TABLE customer (${customerColumns.map(({ name, type }) => `${name} ${type}`).join(', ')})`,
    `INSERT INTO customer
SELECT i, ${pick(1, givenNames)} || ' ' || ${pick(2, familyNames)},
  ${pick(3, ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'])},
  CASE WHEN ${random(4, 20)} > 0 THEN (${random(5, 1_099_999)} - 99999)::numeric / 100 END,
  CASE WHEN ${random(6, 10)} > 0 THEN date '1935-01-01' + ${random(7, 26_000)} END,
  timestamptz '2015-01-01 00:00:00Z' + make_interval(secs => ${random(8, 340_000_000)}) + make_interval(secs => ${random(9, 1_000_000)} / 1000000.0),
  ${random(10, 10)} > 1, md5('customer ' || i)::uuid,
  CASE WHEN ${random(11, 8)} > 0 THEN jsonb_build_object('town', ${pick(12, towns)}, 'orders', ${random(13, 90)}, 'newsletter', ${random(14, 2)} = 1,
    'tags', to_jsonb((ARRAY['vip', 'b2b', 'wholesale', 'new "2026"'])[1:${random(15, 5)}])) END
FROM generate_series(1::bigint, ${rows}) AS i`,
    'VACUUM (FREEZE, ANALYZE) customer',
  ];
}
