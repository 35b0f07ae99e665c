import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFooter } from '../../src/parquet/footer.js';
import { type JoinOptions, ParquetJoin } from '../../src/parquet/join.js';
import { MemorySource } from '../../src/parquet/source.js';
import { boolField, intField, listField, longField } from '../../src/parquet/thrift/access.js';
import { CompactReader } from '../../src/parquet/thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from '../../src/parquet/thrift/types.js';
import { bool, type Cell, i32, image, list, struct } from '../support/image.js';

const columns = [
  { name: 'id', type: 'INT64', optional: true },
  { name: 'name', type: 'STRING' },
  { name: 'level', type: 'DOUBLE' },
] as const;

type Rows = readonly (readonly [bigint | null, string, number])[];

/** An image of one row group that says it is sorted by `by`: "0+" ascending, "0-" descending. */
function part(rows: Rows, by: readonly string[]): Uint8Array {
  const cells: Cell[][] = [rows.map(([id]) => id), rows.map(([, name]) => name), rows.map(([, , level]) => level)];
  const sorting = by.map((each) => struct(i32(1, Number(each[0])), bool(2, each[1] === '-'), bool(3, false)));
  return image({ columns, rowGroups: [cells], extra: { rowGroup: by.length > 0 ? [list(4, T.STRUCT, sorting)] : [] } });
}

/** What each row group of the joined file says, and its row count, read behind what was taken out or put in. */
async function sortingOf(parts: readonly Uint8Array[], options: JoinOptions = {}): Promise<string[]> {
  const written: Uint8Array[] = [];
  const join = new ParquetJoin({ write: async (bytes) => void written.push(Buffer.from(bytes)) }, options);
  for (const [i, bytes] of parts.entries()) await join.append(new MemorySource(bytes, `image ${i}`), [i]);
  await join.finish();
  const footer = await readFooter(new MemorySource(Buffer.concat(written), 'joined'));
  return footer.rowGroups.map((range, ordinal) => {
    const group = new CompactReader(footer.bytes, 'joined', range.offset).struct();
    assert.equal(longField(group, 7), ordinal, 'the ordinal stays readable');
    assert.notEqual(longField(group, 3), undefined, 'the row count stays readable');
    const ids = group.fields.map((field) => field.id);
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => a - b),
      'fields stay in order',
    );
    const named = listField<ThriftStruct>(group, 4, T.STRUCT) ?? [];
    // All three fields are required.
    for (const each of named) assert.equal(boolField(each, 3), false);
    return named.map((each) => `${intField(each, 1)}${boolField(each, 2) ? '-' : '+'}`).join(' ');
  });
}

const ab: Rows = [
  [1n, 'a', 1],
  [2n, 'b', 2],
];
const cd: Rows = [
  [3n, 'c', 3],
  [4n, 'd', 4],
];
const bd: Rows = [
  [2n, 'b', 3],
  [4n, 'd', 4],
];

describe('sorting columns of a joined file', () => {
  it('stay as they are where the file has one row group', async () => {
    assert.deepEqual(await sortingOf([part(ab, ['0+', '2+'])]), ['0+ 2+']);
  });

  it('stay where each row group goes on behind the one before', async () => {
    assert.deepEqual(await sortingOf([part(ab, ['0+', '1+']), part(cd, ['0+', '1+'])]), ['0+ 1+', '0+ 1+']);
    assert.deepEqual(await sortingOf([part([...cd].reverse(), ['1-']), part([...ab].reverse(), ['1-'])]), ['1-', '1-']);
  });

  it('go where row groups overlap, come in another order, or one has none', async () => {
    assert.deepEqual(await sortingOf([part(cd, ['0+']), part(ab, ['0+'])]), ['', '']);
    assert.deepEqual(await sortingOf([part(ab, ['0+']), part(ab, ['0+'])]), ['', '']);
    assert.deepEqual(await sortingOf([part(ab, ['0+']), part(cd, [])]), ['', '']);
    assert.deepEqual(await sortingOf([part(ab, ['0+']), part(cd, ['0-'])]), ['', '']);
    // Behind one another as the other direction has it.
    assert.deepEqual(await sortingOf([part(cd, ['0+']), part(ab, ['0-'])]), ['', '']);
    assert.deepEqual(await sortingOf([part([...bd].reverse(), ['1-']), part([...cd].reverse(), ['1-'])]), ['', '']);
  });

  it('go where NULLs or floats leave the order open', async () => {
    const withNull: Rows = [...cd, [null, 'e', 5]];
    assert.deepEqual(await sortingOf([part(ab, ['0+']), part(withNull, ['0+'])]), ['', '']);
    assert.deepEqual(await sortingOf([part(ab, ['2+']), part(cd, ['2+'])]), ['', '']);
  });

  it('end at the first column where row groups meet in one value of it', async () => {
    assert.deepEqual(await sortingOf([part(ab, ['0+', '1+']), part(bd, ['0+', '1+'])]), ['0+', '0+']);
    assert.deepEqual(await sortingOf([part(ab, ['0+', '1+']), part(cd, ['0+'])]), ['0+', '0+']);
  });

  it('that are in order by themselves are kept one by one', async () => {
    const alone = { sortedAlone: true };
    assert.deepEqual(await sortingOf([part(ab, ['1+', '0+']), part(bd, ['0+', '1+'])], alone), ['1+ 0+', '1+ 0+']);
    assert.deepEqual(await sortingOf([part(ab, ['1+', '0+']), part(cd, ['0+'])], alone), ['0+', '0+']);
  });

  it('do not depend on row groups without rows', async () => {
    assert.deepEqual(await sortingOf([part(ab, ['0+']), part([], []), part(cd, ['0+'])]), ['0+', '0+', '0+']);
  });
});
