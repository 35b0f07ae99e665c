import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import type { RayHttp } from './http.js';

export type JobStatus = 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED';

export interface JobInfo {
  readonly status: JobStatus;
  readonly message: string;
}

export interface JobRequest {
  readonly submissionId: string;
  readonly entrypoint: string;
  /** URI of the package it runs in. */
  readonly workingDir: string;
}

const SUBMIT_TRIES = 3;
const STOP_TRIES = 3;
const STOP_WAIT_MS = 5000;

/**
 * Starts a job. An answer may be lost on its way while the job runs, so the request is repeated under the same id, and
 * "already exists" then means that it worked.
 */
export async function submitJob(http: RayHttp, { submissionId, entrypoint, workingDir }: JobRequest): Promise<void> {
  const body = { entrypoint, submission_id: submissionId, runtime_env: { working_dir: workingDir } };
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await http.request('POST', '/api/jobs/', body);
      if (response.status === 200 || response.body.includes(`${submissionId} already exists`)) return;
      throw http.unexpected('POST', '/api/jobs/', response);
    } catch (error) {
      if (attempt === SUBMIT_TRIES || !(error instanceof GpuParserError) || !error.retry) throw error;
      await sleep(500 * attempt);
    }
  }
}

export async function jobInfo(http: RayHttp, submissionId: string): Promise<JobInfo> {
  const { status, message } = await http.json<{ status: JobStatus; message: string | null }>('GET', `/api/jobs/${submissionId}`);
  return { status, message: message ?? '' };
}

export function isOver(status: JobStatus): boolean {
  return status === 'STOPPED' || status === 'SUCCEEDED' || status === 'FAILED';
}

/**
 * Stops a job and waits until it has ended; Ray kills its processes. A stop that comes before the job runs is answered with
 * success but changes nothing, so it is repeated.
 * @returns false when it did not end in time.
 */
export async function stopJob(http: RayHttp, submissionId: string): Promise<boolean> {
  for (let attempt = 0; attempt < STOP_TRIES; attempt++) {
    const response = await http.request('POST', `/api/jobs/${submissionId}/stop`, {});
    if (response.status === 404) return true;
    const deadline = performance.now() + STOP_WAIT_MS;
    let { status } = await jobInfo(http, submissionId);
    while (!isOver(status) && performance.now() < deadline) {
      await sleep(200);
      ({ status } = await jobInfo(http, submissionId));
      if (status === 'PENDING') break;
    }
    if (isOver(status)) return true;
  }
  return false;
}
