import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PageError } from '../../src/parquet/pages/hybrid.js';
import { ewkbOf } from '../../src/verify/ewkb.js';
import { GEOMETRIES } from '../support/geometries.js';

const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

describe('EWKB of ISO WKB', () => {
  it('is what PostGIS writes of the same geometry', () => {
    for (const [ewkt, ewkb, wkb] of GEOMETRIES) {
      const srid = Number(/^SRID=(\d+);/.exec(ewkt)?.[1] ?? 0);
      assert.equal(ewkbOf(bytesOf(wkb), srid).toString('hex'), ewkb, ewkt);
    }
  });

  it('keeps the byte order of each part', () => {
    // MULTIPOINT Z of a point in each order.
    const [x, y] = ['3ff0000000000000', '000000000000f03f'];
    const wkb = `00000003ec0000000200000003e9${x.repeat(3)}01e9030000${y.repeat(3)}`;
    const ewkb = `00a0000004000010e6000000020080000001${x.repeat(3)}0101000080${y.repeat(3)}`;
    assert.equal(ewkbOf(bytesOf(wkb), 4326).toString('hex'), ewkb);
  });

  it('is refused of anything else, however it is cut', () => {
    for (const [, , wkb] of GEOMETRIES) {
      const whole = bytesOf(wkb);
      for (let length = 0; length < whole.length; length++)
        assert.throws(() => ewkbOf(whole.subarray(0, length), 0), PageError, `${wkb}, ${length} bytes`);
      assert.throws(() => ewkbOf(Buffer.concat([whole, Buffer.alloc(1)]), 0), /goes on behind its end/);
    }
    const cases: [hex: string, message: RegExp][] = [
      ['0201000000', /no byte order/],
      ['010d000000', /type 13 is no geometry's/],
      ['01a10f0000', /type 4001 is no geometry's/],
      ['0101000020e6100000', /is no geometry's/],
      ['0107000000ffffffff', /ends too early/],
      [`${'010700000001000000'.repeat(300)}`, /deeper than 200 levels/],
    ];
    for (const [hex, message] of cases) assert.throws(() => ewkbOf(bytesOf(hex), 0), message);
  });
});
