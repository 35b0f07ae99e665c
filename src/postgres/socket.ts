import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ControlStream } from './control-stream.js';

/** Who gets the bytes of a connection while it is not module pg's turn. */
export interface ByteReceiver {
  /** Memory for the next read; never empty, and not asked for while full. */
  window(): Uint8Array;
  /** `bytes` more lie in the last window. */
  received(bytes: number): void;
  /** True while no more should be read; resume() goes on. */
  readonly full: boolean;
  /** The connection has ended, and nothing writes into a window any more. */
  closed(error: Error | undefined): void;
}

/** Room for answers to control statements, and for the first read after a pause: its memory is asked for while the receiver is full. */
const controlBytes = 64 * 1024;

/**
 * The server sends 8 KiB at a time, and a client that wakes for each spends more on waking than on bytes. So after a read this
 * short the socket rests a moment, in which the kernel's buffer takes what one backend sends (some 200 KB in 1 ms), unless the
 * server is so fast that the buffer would be full long before. Measured with 210-byte rows on 2 cores, Unix socket and TCP, 1 to
 * 4 connections: 12-22 -> 90-130 KiB a read, 0.7-1.0 -> 0.4-0.6 CPU s a GB, and 10-40 % more MB/s as backends get the time.
 */
const shortReadBytes = 32 * 1024;
const fastBytesPerMs = 400_000;
const restMs = 1;

/**
 * One connection's bytes, plain or TLS. They go to `control`, the stream that module pg speaks through, until
 * `receiver` is set. On a plain socket the kernel then writes into the receiver's windows; TLS is copied once.
 */
export class Transport {
  readonly control: ControlStream;
  readonly #socket: net.Socket;
  readonly #controlBuffer = Buffer.allocUnsafeSlow(controlBytes);
  #tls: TLSSocket | undefined;
  #receiver: ByteReceiver | undefined;
  /** Bytes of the receiver's that arrived elsewhere and do not fit its windows before it has drained. */
  #rest: Buffer | undefined;
  /** When the last read had been dealt with, in milliseconds. */
  #lastRead = 0;
  #lent = false;
  #closed = false;
  #error: Error | undefined;

  /** Starts to connect; 'connect' and 'error' are the socket's. */
  constructor(target: net.NetConnectOpts) {
    this.#socket = net.connect({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      ...target,
      onread: {
        buffer: () => this.#nextBuffer(),
        callback: (bytes: number, buffer: Uint8Array) => {
          this.#onRead(bytes, buffer);
          return true;
        },
      },
    } as net.NetConnectOpts);
    this.control = new ControlStream(this);
    // Before module pg listens, whoever waits for the socket reports its errors.
    this.control.on('error', () => undefined);
    this.#socket.on('error', (error) => (this.#error ??= error));
    this.#socket.on('close', () => this.#onClose());
  }

  /** For the phase before module pg takes over: 'connect', 'error', 'close'. */
  get socket(): net.Socket {
    return this.#socket;
  }

  get tls(): TLSSocket | undefined {
    return this.#tls;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** From now on everything is written to and read from `tls`, which wraps the socket. */
  upgrade(tls: TLSSocket): void {
    this.#tls = tls;
    tls.on('error', (error) => (this.#error ??= error));
    tls.on('data', (chunk: Buffer) => this.#onChunk(chunk));
    tls.on('close', () => this.#socket.destroy());
  }

  /**
   * The descriptor of a plain socket, for somebody else to read, until `reclaim`; undefined over TLS. What is read by others is
   * not seen here, an end of the connection neither.
   */
  lend(): number | undefined {
    const descriptor = (this.#socket as unknown as { _handle?: { fd?: number } })._handle?.fd;
    if (this.#tls || descriptor === undefined || descriptor < 0) return undefined;
    this.#socket.pause();
    this.#lent = true;
    return descriptor;
  }

  reclaim(): void {
    if (!this.#lent) return;
    this.#lent = false;
    this.#socket.resume();
  }

  set receiver(receiver: ByteReceiver | undefined) {
    this.#receiver = receiver;
    if (!receiver && this.#rest) {
      const rest = this.#rest;
      this.#rest = undefined;
      this.control.push(rest);
    }
  }

  write(data: Uint8Array, done?: (error?: Error | null) => void): void {
    (this.#tls ?? this.#socket).write(data, done);
  }

  resume(): void {
    if (this.#lent) return;
    this.#pourRest();
    if (!this.#receiver?.full) (this.#tls ?? this.#socket).resume();
  }

  end(): void {
    (this.#tls ?? this.#socket).end();
  }

  destroy(): void {
    this.#tls?.destroy();
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  /** Asked for right after a read for the next one, also when the socket has just been paused. */
  #nextBuffer(): Uint8Array {
    const receiver = this.#receiver;
    return receiver && !this.#tls && !receiver.full && !this.#socket.destroyed ? receiver.window() : this.#controlBuffer;
  }

  #onRead(bytes: number, buffer: Uint8Array): void {
    const receiver = this.#receiver;
    if (!receiver || buffer === this.#controlBuffer) return this.#onChunk(Buffer.from(buffer.subarray(0, bytes)));
    const dry = bytes < shortReadBytes && bytes < buffer.length && bytes < fastBytesPerMs * (performance.now() - this.#lastRead);
    receiver.received(bytes);
    this.#lastRead = performance.now();
    if (dry && this.#receiver) this.#gather();
    this.#pauseWhenFull();
  }

  #gather(): void {
    this.#socket.pause();
    setTimeout(() => this.resume(), restMs);
  }

  #onChunk(chunk: Buffer): void {
    if (!this.#receiver) {
      this.control.push(chunk);
      return;
    }
    this.#rest = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#pourRest();
    this.#pauseWhenFull();
  }

  #pourRest(): void {
    while (this.#rest && this.#receiver && !this.#receiver.full) {
      const rest = this.#rest;
      const window = this.#receiver.window();
      const bytes = Math.min(window.length, rest.length);
      window.set(rest.subarray(0, bytes));
      this.#rest = bytes < rest.length ? rest.subarray(bytes) : undefined;
      this.#receiver.received(bytes);
    }
  }

  #pauseWhenFull(): void {
    if (this.#receiver?.full) (this.#tls ?? this.#socket).pause();
  }

  #onClose(): void {
    this.#closed = true;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(this.#error);
    this.control.destroy(this.#error);
  }
}
