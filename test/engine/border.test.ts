import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ABI_VERSION, FILLED, FUNCTIONS, layoutOf, PASSED, sizeOf } from '../../src/engine/abi.js';
import {
  ANSWERS,
  CODECS,
  CODES,
  DISK_FORMS,
  ENCODINGS,
  EVENTS,
  KINDS,
  LOGICALS,
  PAGE_STATES,
  POLICIES,
  REASONS,
} from '../../src/engine/enums.js';
import { CUDA_LIBRARY, libraryPath } from '../../src/engine/library-file.js';
import { packageFolder } from '../../src/package.js';

const include = join(packageFolder, 'native', 'include');
const header = readFileSync(join(include, 'gpuparser.h'), 'utf8').replaceAll(/\/\/.*/g, '');

type Fields = Parameters<typeof layoutOf>[0];

interface Declared {
  readonly name: string;
  /** The return type, then the parameters'. */
  readonly types: readonly string[];
  readonly parameters: readonly string[];
}

/** A C function declaration, of the header or of the binding. */
function declared(text: string): Declared {
  const [, result, name, list] = /^(.*?)\b(gp_\w+)\(([^)]*)\)$/.exec(text.replaceAll(/\s+/g, ' ').trim()) as unknown as string[];
  const all = (list as string).split(',').filter((part) => part.trim() !== '' && part.trim() !== 'void');
  const split = all.map((part) => /^\s*(.*?)\s*\b(\w+)\s*$/.exec(part) as unknown as string[]);
  return {
    name: name as string,
    types: [result as string, ...split.map(([, type]) => type as string)].map((type) => type.replace(/\bconst\b/, '').replaceAll(' ', '')),
    parameters: split.map(([, , parameter]) => parameter as string),
  };
}

const inHeader = [...header.matchAll(/^GP_API ([^;]*);/gm)].map((match) => declared(match[1] as string));
const inBinding = Object.values(FUNCTIONS).map(declared);

/** Those that the CUDA engine alone calls, of the CPU engine. */
const NATIVE_ONLY = ['gp_batch_append_rows'];

/** Name -> enumerators, in the header's order. */
const enums = new Map(
  [...header.matchAll(/typedef enum (gp_\w+) \{([^}]*)\}/g)].map(([, name, body]) => [
    name as string,
    [...(body as string).matchAll(/\b(GP_\w+)\s*=/g)].map(([, enumerator]) => enumerator as string),
  ]),
);

/** Name -> fields with their types. */
const structs = new Map(
  [...header.matchAll(/typedef struct (gp_\w+) \{([^}]*)\}/g)].map(([, name, body]) => [
    name as string,
    [...(body as string).matchAll(/^\s*(.*?)(\w+)(\[\d+\])?;/gm)].map(([, type, field, length = '']) => [
      field as string,
      `${(type as string).trim()}${length}`,
    ]) as [string, string][],
  ]),
);

/** What a C compiler makes of the header: values of enumerators, sizes and places of structs and fields. */
function compiled(): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'gpuparser-border-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const values = [...enums.values()].flat().map((name) => [name, name]);
  for (const [struct, fields] of structs) {
    values.push([struct, `sizeof(${struct})`]);
    for (const [field] of fields) {
      values.push([`${struct}.${field}`, `offsetof(${struct}, ${field})`]);
      values.push([`${struct}.${field}.size`, `sizeof(((${struct}*)0)->${field})`]);
    }
  }
  values.push(['GP_ABI_VERSION', 'GP_ABI_VERSION']);
  const source = join(folder, 'border.c');
  const prints = values.map(([name, value]) => `  printf("%s\\n\\"${name}\\": %lld", before, (long long)(${value})); before = ",";`);
  writeFileSync(
    source,
    `#include <stddef.h>\n#include <stdio.h>\n#include "gpuparser.h"\nint main(void) {\n  const char* before = "{";\n${prints.join('\n')}\n  puts("}");\n  return 0;\n}\n`,
  );
  execFileSync('cc', ['-std=c99', '-Wall', '-Werror', '-I', include, '-o', join(folder, 'border'), source]);
  return JSON.parse(execFileSync(join(folder, 'border'), { encoding: 'utf8' })) as Record<string, number>;
}

/** The functions that a library offers under our prefix. */
function exported(library: string): string[] {
  const text = execFileSync('nm', ['-D', '--defined-only', library], { encoding: 'utf8' });
  return [...text.matchAll(/ T (gp_\w+)$/gm)].map((match) => match[1] as string).sort();
}

const names = (functions: readonly Declared[]) => functions.map(({ name }) => name).sort();

describe('the border between TypeScript and native code', () => {
  const truth = compiled();

  it('has the same functions on both sides', () => {
    assert.ok(inHeader.length > 20);
    assert.deepEqual(
      names(inBinding),
      names(inHeader).filter((name) => !NATIVE_ONLY.includes(name)),
    );
  });

  it('has them with the same parameters and types', () => {
    for (const binding of inBinding) {
      const { types, parameters } = inHeader.find(({ name }) => name === binding.name) as Declared;
      assert.deepEqual(binding.parameters, parameters, binding.name);
      for (const [i, type] of binding.types.entries()) {
        // What native code alone looks into, or fills, is an address here.
        if (type === 'void*') assert.match(types[i] as string, /\*$/, binding.name);
        else assert.equal(type, types[i], binding.name);
      }
    }
  });

  for (const [file, library] of [
    ['CPU', libraryPath('cpu')],
    ['CUDA', join(packageFolder, CUDA_LIBRARY)],
  ] as const) {
    const skip = existsSync(library) ? false : `the ${file} engine is not built: npm run setup${file === 'CUDA' ? ':gpu' : ''}`;
    it(`is what the ${file} engine's library exports, and nothing else`, { skip }, () =>
      assert.deepEqual(exported(library), names(inHeader)),
    );
  }

  it('has the same structs on both sides, field by field', () => {
    const binding: Record<string, Fields> = { ...PASSED, ...FILLED };
    assert.deepEqual(Object.keys(binding).sort(), [...structs.keys()].sort());
    for (const [struct, fields] of structs) {
      const own = binding[struct] as Fields;
      assert.deepEqual(
        Object.entries(own),
        fields.map(([field, type]) => [field, type]),
        struct,
      );
      const { bytes, at } = layoutOf(own);
      assert.equal(bytes, truth[struct], `sizeof(${struct})`);
      for (const [field, type] of Object.entries(own)) {
        assert.equal(at[field], truth[`${struct}.${field}`], `offsetof(${struct}, ${field})`);
        assert.equal(sizeOf(type), truth[`${struct}.${field}.size`], `size of ${struct}.${field}`);
      }
    }
  });

  it('has the same enums on both sides, name by name', () => {
    const binding: Record<string, readonly [prefix: string, values: Readonly<Record<string, number>>]> = {
      gp_code: ['GP_', CODES],
      gp_reason: ['GP_REASON_', REASONS],
      gp_kind: ['GP_', KINDS],
      gp_logical: ['GP_LOGICAL_', LOGICALS],
      gp_policy: ['GP_POLICY_', POLICIES],
      gp_codec: ['GP_', { ...CODECS, lz4: undefined as unknown as number, lz4_raw: CODECS.lz4 }],
      gp_encodings: ['GP_ENCODINGS_', ENCODINGS],
      gp_event_type: ['GP_EVENT_', EVENTS],
      gp_disk_form: ['GP_DISK_', DISK_FORMS],
      gp_answer_kind: ['GP_ANSWER_', ANSWERS],
      gp_page_state: ['GP_PAGE_', PAGE_STATES],
    };
    assert.deepEqual(Object.keys(binding).sort(), [...enums.keys()].sort());
    for (const [name, enumerators] of enums) {
      const [prefix, values] = binding[name] as (typeof binding)[string];
      const own = Object.entries(values).filter(([, value]) => value !== undefined);
      assert.deepEqual(
        Object.fromEntries(own.map(([key, value]) => [prefix + key.toUpperCase(), value])),
        Object.fromEntries(enumerators.map((enumerator) => [enumerator, truth[enumerator]])),
        name,
      );
    }
  });

  it('has one version', () => assert.equal(ABI_VERSION, truth.GP_ABI_VERSION));
});
