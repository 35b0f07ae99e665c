import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { GpuParserError } from '../errors.js';
import type { RayHttp } from './http.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const MAX_MESSAGE_BYTES = 64 << 20;

export interface WebSocketListener {
  text(message: string): void;
  /** Once, however the connection ended; `code` is 1000 for an orderly end, 1006 when the socket broke. */
  closed(code: number): void;
}

/**
 * A reading WebSocket client, RFC 6455, without extensions: Ray's proxy passes an offer of permessage-deflate on to its
 * backend and then delivers nothing. Resolves once the connection is open.
 */
export function openWebSocket(http: RayHttp, path: string, listener: WebSocketListener): Promise<{ close(): void }> {
  const key = randomBytes(16).toString('base64');
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  const request = http.upgrade(path, {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
  });
  return new Promise((resolve, reject) => {
    request.on('upgrade', (response, socket, head) => {
      if (response.headers['sec-websocket-accept'] !== accept) {
        socket.destroy();
        reject(new GpuParserError('PROTOCOL', 'The WebSocket handshake was answered wrongly.'));
        return;
      }
      resolve({ close: () => socket.destroy() });
      receive(socket, head, listener);
    });
    request.on('response', (response) => {
      response.resume();
      reject(new GpuParserError('PROTOCOL', `The WebSocket was refused with status ${response.statusCode}.`));
    });
    request.on('error', reject);
    request.end();
  });
}

function receive(socket: Duplex, head: Buffer, listener: WebSocketListener): void {
  let code = 1006;
  const reader = new FrameReader((opcode, payload) => {
    if (opcode === OPCODE.text) listener.text(payload.toString());
    else if (opcode === OPCODE.ping) socket.write(clientFrame(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) {
      code = payload.length >= 2 ? payload.readUInt16BE() : 1005;
      // Whatever the server does next, there is nothing more to read.
      socket.end(clientFrame(OPCODE.close, payload.subarray(0, 2)), () => socket.destroy());
    }
  });
  const data = (bytes: Buffer) => {
    try {
      reader.push(bytes);
    } catch {
      socket.destroy();
    }
  };
  socket.on('data', data);
  socket.on('error', () => undefined);
  socket.on('close', () => listener.closed(code));
  if (head.length > 0) data(head);
}

/** Cuts a server's byte stream into messages; fragments are put together. Throws on what RFC 6455 forbids a server. */
export class FrameReader {
  readonly #message: (opcode: number, payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] = [];
  #opcode = 0;

  constructor(message: (opcode: number, payload: Buffer) => void) {
    this.#message = message;
  }

  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#frame());
  }

  #frame(): boolean {
    const rest = this.#rest;
    if (rest.length < 2) return false;
    const [first, second] = rest as unknown as [number, number];
    const short = second & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (rest.length < head) return false;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
      throw new GpuParserError('PROTOCOL', 'A WebSocket frame is masked or uses an extension.');
    if (length > MAX_MESSAGE_BYTES) throw new GpuParserError('PROTOCOL', `A WebSocket frame of ${length} bytes is too long.`);
    if (rest.length < head + length) return false;
    this.#rest = rest.subarray(head + length);
    this.#take(first & 0x0f, (first & 0x80) !== 0, rest.subarray(head, head + length));
    return true;
  }

  #take(opcode: number, final: boolean, payload: Buffer): void {
    if (opcode >= OPCODE.close) return this.#message(opcode, payload);
    if (opcode !== OPCODE.continuation) this.#opcode = opcode;
    this.#fragments.push(payload);
    if (!final) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#message(this.#opcode, whole);
  }
}

/** A client's control frame: masked, as the RFC demands of clients. */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] as number)));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}
