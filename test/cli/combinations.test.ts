import assert from 'node:assert/strict';
import { it } from 'node:test';
import { checkCombinations } from '../../src/cli/combinations.js';
import { parse } from '../../src/cli/parse.js';
import type { GpuParserError } from '../../src/errors.js';

function problem(line: readonly string[]): string | undefined {
  const request = parse(line, {});
  assert.equal(request.kind, 'run');
  if (request.kind !== 'run') return undefined;
  try {
    checkCombinations(request.command.name, request.values);
  } catch (error) {
    assert.equal((error as GpuParserError).code, 'USAGE');
    assert.ok((error as GpuParserError).hint);
    return (error as Error).message;
  }
  return undefined;
}

it('options that contradict each other are refused', () => {
  const cases: readonly [readonly string[], string][] = [
    [['export'], 'A table or a query is missing.'],
    [['export', '-t', 'a', '--query', 'SELECT 1'], '--table (-t) and --query exclude each other.'],
    [['export', '--query', 'SELECT 1', '--where', 'true'], '--where cannot be used with --query.'],
    [['export', '--query', 'SELECT 1', '--columns', 'a'], '--columns cannot be used with --query.'],
    [['export', '--query', 'SELECT 1', '--exclude-columns', 'a'], '--exclude-columns cannot be used with --query.'],
    [['export', '--query', 'SELECT 1', '--rename', 'a=b'], '--rename cannot be used with --query.'],
    [['export', '-t', 'a', '--rename', 'a=b', '--rename', 'a=c'], '--rename is given more than once for column "a".'],
    [['export', '--query-file', 'q.sql', '-t', 'a'], '--table (-t) and --query-file exclude each other.'],
    [['export', '--query-file', '-', '--query', 'SELECT 1'], '--query and --query-file exclude each other.'],
    [['export', '--query-file', 'q.sql', '--where', 'true'], '--where cannot be used with --query-file.'],
    [['export', '--query', '@q.sql'], '--query takes SQL, not the name of a file.'],
    [['export', '--query', 'reports/q.sql'], '--query takes SQL, not the name of a file.'],
    [['export', '-t', 'a', '-o', '-', '--json'], '--json cannot be used where the file goes to standard output (--output -).'],
    [['export', '-t', 'a', '--compression-level', '3'], '--compression-level is for zstd; snappy has no levels.'],
    [['export', '-t', 'a', '--compression', 'lz4', '--compression-level', '3'], '--compression-level is for zstd; lz4 has no levels.'],
    [['export', '-t', 'a', '--quiet', '--verbose'], '--quiet and --verbose exclude each other.'],
    [['export', '-t', 'a', '--columns', 'a,b,a'], '--columns names "a" more than once.'],
    [['export', '-t', 'a', '--nan', 'null', '--nan', 'error'], '--nan is given more than once for all columns.'],
    [['export', '-t', 'a', '--type', 'b=text', '--type', 'c=text', '--type', 'b=double'], '--type is given more than once for column "b".'],
    [['inspect', 'a.parquet', '--ddl', '--json'], '--ddl and --json exclude each other.'],
    [['merge', 'a.parquet', '-o', '-'], '"gpuparser merge" does not write to standard output.'],
    [['merge', 'a.parquet'], '"gpuparser merge" needs the file to write.'],
  ];
  for (const [line, message] of cases) assert.equal(problem(line), message, line.join(' '));
});

it('options that belong together are accepted', () => {
  const cases = [
    ['export', '-t', 'a', '--where', 'b > 1', '--columns', 'a,A'],
    ['export', '--query', 'SELECT 1', '-r', '5'],
    ['export', '--query-file', '-', '-r', '5'],
    ['export', '-t', 'a', '--compression', 'zstd', '--compression-level', '22'],
    ['export', '-t', 'a', '--json', '--quiet'],
    ['export', '-t', 'a', '--nan', 'null', '--nan', 'b=error', '--nan', 'c=error', '--numeric', 'b=double'],
    ['merge', 'a', 'b', '-o', 'c'],
    ['doctor'],
    ['inspect', '--ddl', 'a.parquet', '--verbose'],
  ];
  for (const line of cases) assert.equal(problem(line), undefined, line.join(' '));
});
