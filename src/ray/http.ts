import http from 'node:http';
import https from 'node:https';
import { GpuParserError } from '../errors.js';
import { packageVersion } from '../package.js';
import type { Token } from './token.js';

export interface RayResponse {
  readonly status: number;
  readonly body: Buffer;
}

const TIMEOUT_MS = 30_000;

/**
 * Requests to the dashboard's REST interface. It refuses what looks like a browser, and Node's fetch does (it sends
 * Sec-Fetch-Mode), so this is node:http and nothing but the headers named here.
 */
export class RayHttp {
  readonly url: URL;
  readonly #token: Token | undefined;
  readonly #agent: http.Agent;

  constructor(url: URL, token: Token | undefined) {
    this.url = url;
    this.#token = token;
    this.#agent = url.protocol === 'https:' ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  }

  /** @throws GpuParserError CONNECT when there is no answer, AUTH when the token is missing or wrong. Other statuses are returned. */
  async request(method: string, path: string, body?: Buffer | object, timeoutMs: number = TIMEOUT_MS): Promise<RayResponse> {
    const response = await this.#send(method, path, body, timeoutMs);
    this.#check(method, response);
    return response;
  }

  /** The JSON that a 200 answer holds. @throws GpuParserError also for any other status. */
  async json<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await this.request(method, path, body);
    if (response.status !== 200) throw this.unexpected(method, path, response);
    try {
      return JSON.parse(response.body.toString()) as Answer;
    } catch (cause) {
      throw new GpuParserError('CONNECT', `${this.url.origin} answered ${method} ${path} with something that is not JSON.`, {
        hint: "Check that --ray-address is that of Ray's dashboard, usually http://HEAD:8265.",
        cause,
      });
    }
  }

  unexpected(method: string, path: string, { status, body }: RayResponse): GpuParserError {
    const text = body.toString().trim().split('\n').at(-1) ?? '';
    return new GpuParserError('SERVER', `Ray at ${this.url.origin} answered ${method} ${path} with ${status}: ${text.slice(0, 500)}`, {
      retry: status >= 500,
      hint: "Ray's dashboard and its log dashboard_JobHead.log say more.",
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  get #transport(): typeof http | typeof https {
    return this.url.protocol === 'https:' ? https : http;
  }

  get #headers(): Record<string, string> {
    // Ray 2.40 answers a request without a User-Agent with 500.
    const agent = { 'user-agent': `gpuparser/${packageVersion}` };
    return this.#token === undefined ? agent : { ...agent, authorization: `Bearer ${this.#token.text}` };
  }

  /** The address may have a path of its own, of a proxy. */
  #target(path: string): URL {
    return new URL(this.url.pathname.replace(/\/$/, '') + path, this.url);
  }

  #send(method: string, path: string, body: Buffer | object | undefined, timeoutMs: number): Promise<RayResponse> {
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const headers: Record<string, string | number> = { ...this.#headers };
    if (bytes !== undefined) {
      headers['content-type'] = Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
      headers['content-length'] = bytes.length;
    }
    return new Promise((resolve, reject) => {
      const request = this.#transport.request(this.#target(path), { method, headers, agent: this.#agent }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', (error) => reject(this.#unreachable(error)));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      request.on('error', (error) => reject(this.#unreachable(error)));
      request.end(bytes);
    });
  }

  #unreachable(error: Error): GpuParserError {
    const reason = error.message || (error as NodeJS.ErrnoException).code || 'no answer';
    return new GpuParserError('CONNECT', `Ray's dashboard at ${this.url.origin} cannot be reached: ${reason}.`, {
      hint: 'Check --ray-address and that the head was started with its dashboard: pip install "ray[default]", ray start --head. Through a firewall, tunnel port 8265.',
      retry: true,
      cause: error,
    });
  }

  #check(method: string, { status, body }: RayResponse): void {
    const where = `Ray at ${this.url.origin}`;
    if (status === 401) {
      throw new GpuParserError('AUTH', `${where} asks for a token${this.#token === undefined ? ', and none was found' : ''}.`, {
        hint: 'Give it with --ray-token-file or RAY_AUTH_TOKEN, or put it into ~/.ray/auth_token; "ray get-auth-token" on the head shows it.',
      });
    }
    if (status === 403) {
      throw new GpuParserError('AUTH', `${where} refuses the token from ${this.#token?.source ?? 'nowhere'}.`, {
        hint: 'Compare it with what "ray get-auth-token" shows on the head.',
      });
    }
    if (status === 405 && body.includes('browser')) {
      throw new GpuParserError('CONNECT', `${where} takes this ${method} for a browser's and refuses it.`, {
        hint: 'A proxy in between adds headers such as Origin, Referer or Sec-Fetch-Mode: connect to the dashboard itself, or tunnel to it.',
      });
    }
  }
}
