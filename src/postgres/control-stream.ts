import { Duplex } from 'node:stream';
import { GpuParserError } from '../errors.js';

/** What carries the bytes of a ControlStream; it pushes what is read. */
interface Line {
  write(data: Uint8Array, done: (error?: Error | null) => void): void;
  end(): void;
  destroy(): void;
  ref(): void;
  unref(): void;
}

/** The connection as module pg sees it: already connected and, where asked for, already encrypted. */
export class ControlStream extends Duplex {
  /** SCRAM-SHA-256-PLUS binds to the certificate; present on TLS only, as pg tests for it. */
  getPeerCertificate: (() => unknown) | undefined;
  readonly #line: Line;

  constructor(line: Line) {
    super({ allowHalfOpen: false });
    this.#line = line;
  }

  connect(): this {
    // The negotiation of TLS may have left the stream paused.
    this.resume();
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#line.ref();
    return this;
  }

  unref(): this {
    this.#line.unref();
    return this;
  }

  /** Module pg throws at a message that it does not know. Nobody would catch that here, so it ends the connection, not the process. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...values);
    try {
      return super.emit(event, ...values);
    } catch (error) {
      this.destroy(GpuParserError.from(error));
      return true;
    }
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#line.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#line.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#line.destroy();
    done(error);
  }
}
