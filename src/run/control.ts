// What the coordinating process needs to talk to the server. A module of its own because loading it takes as long as
// starting a process: workers start while it loads.
export { resolveConnection } from '../config/resolve.js';
export { planExport as makePlan } from '../planning/plan-export.js';
export { cancelBackend } from '../postgres/cancel.js';
export { connect } from '../postgres/connect.js';
export { connectAsking } from '../postgres/connect-asking.js';
export { keepAlive } from '../postgres/snapshot.js';
export { changedType } from '../source/copy/changed-types.js';
