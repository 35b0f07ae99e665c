#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import process from 'node:process';

const [major, minor] = process.versions.node.split('.').map(Number);
const entry = new URL('../dist/program/main.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  fail(`It needs Node.js 20.19 or newer; this is ${process.versions.node}.`, 'Install a current Node.js from https://nodejs.org/.');
} else if (!existsSync(entry)) {
  fail('This clone has not been built yet.', 'Run "npm run setup" in it.');
} else {
  module.enableCompileCache?.();
  const { main } = await import(entry.href);
  await main(process.argv.slice(2));
}

function fail(message, hint) {
  process.stderr.write(`gpuparser: ${message}\nhint: ${hint}\n`);
  process.exitCode = 1;
}
