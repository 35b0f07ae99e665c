import module from 'node:module';

// Where Node keeps compiled code between runs (22.1 on), a worker starts sooner.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
await import('./worker-process.js');
