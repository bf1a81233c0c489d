import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/** What of a socket Node does not promise; where it is missing, nothing is lost but time. */
interface WithHandle {
  readonly encrypted?: boolean;
  readonly _handle?: { readonly fd?: number } | null;
}

/** Negative where there is none (Windows, a socket that is closed), or where bytes must not go past the socket: it ends, or encrypts them. */
export function descriptorOf(socket: Socket): number {
  const { encrypted, _handle: handle } = socket as WithHandle;
  return encrypted === true || !socket.writable ? -1 : (handle?.fd ?? -1);
}

/** Calls `act` just before the system's descriptor of `socket` is closed: nothing closes it but what `destroy` calls. */
export function beforeClosed(socket: Socket, act: () => void): void {
  const { _destroy: destroy } = socket;
  socket._destroy = (error, callback) => {
    act();
    destroy.call(socket, error, callback);
  };
}

/**
 * Gives bytes to the system on the socket's own descriptor; answers how many it has taken. None where the socket has been closed, or takes
 * nothing: its own `write` is the way for the rest, and finds out why. The caller knows that the socket holds nothing back.
 *
 * What `net.Socket` and its stream do around a write costs a fifth of a delivery, and there is nothing for them to do where the system takes
 * all. It never waits, since Node makes its sockets non-blocking, and never writes elsewhere: a socket lets go of its handle in
 * the same call that closes the descriptor, so none is written to whose number may be another's by now.
 */
export function writeDirectly(socket: Socket, descriptor: number, bytes: Buffer): number {
  if (descriptor < 0 || (socket as WithHandle)._handle == null) return 0;
  return writeTo(descriptor, bytes);
}

/** The same to a descriptor that the caller knows to be open still. */
export function writeTo(descriptor: number, bytes: Buffer): number {
  try {
    return writeSync(descriptor, bytes);
  } catch {
    return 0;
  }
}
