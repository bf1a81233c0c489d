import type { Socket } from 'node:net';
import { beforeClosed, descriptorOf, writeDirectly } from './direct-write.ts';

/** Somebody who writes to a descriptor that has been lent. */
export interface Borrower {
  /** It may not be written to any more. */
  takeBack(): void;
}

/**
 * The way past a socket's stream: its descriptor, as long as the socket holds nothing back that has to go first. It can be lent to one who
 * writes to thousands; it is taken back before anything is written to the socket itself, and before it is closed.
 */
export class DirectWay {
  readonly #socket: Socket;
  /** Negative once it is closed. */
  #descriptor: number;
  /** Whether the socket may hold bytes that the system has not taken. */
  #mayHold = true;
  #borrower: Borrower | undefined;

  /** Undefined where there is none. */
  static past(socket: Socket): DirectWay | undefined {
    const descriptor = descriptorOf(socket);
    return descriptor < 0 ? undefined : new DirectWay(socket, descriptor);
  }

  private constructor(socket: Socket, descriptor: number) {
    this.#socket = socket;
    this.#descriptor = descriptor;
    beforeClosed(socket, () => {
      this.#descriptor = -1;
      this.takeBack();
    });
  }

  get #isFree(): boolean {
    if (this.#mayHold) this.#mayHold = this.#socket.writableLength > 0;
    return !this.#mayHold;
  }

  /** Answers how many bytes the system has taken. */
  write(bytes: Buffer): number {
    return this.#isFree ? writeDirectly(this.#socket, this.#descriptor, bytes) : 0;
  }

  /** Answers the descriptor; negative where it cannot be lent now. */
  lend(borrower: Borrower): number {
    if (this.#descriptor < 0 || !this.#isFree) return -1;
    this.#borrower = borrower;
    return this.#descriptor;
  }

  /** Something is about to be written to the socket. */
  stepAside(): void {
    this.takeBack();
    this.#mayHold = true;
  }

  takeBack(): void {
    this.#borrower?.takeBack();
    this.#borrower = undefined;
  }
}
