// node dist/test/gpu/hold.js DEVICE MIB: holds a GPU's memory until its standard input ends, all but that much; says "held" when it does.
import { Hog } from './hog.js';

const [device, left] = process.argv.slice(2).map(Number) as [number, number];
const hog = new Hog(left * 2 ** 20, device);
console.log('held');
process.stdin.resume().on('end', () => hog.free());
