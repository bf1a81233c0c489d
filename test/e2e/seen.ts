/** A control event as a client gave it. */
export interface Control {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The last id that the client has with this event: its own, where it has one. */
  readonly id: string;
  /** The last id that the client had before this event. */
  readonly idBefore: string;
  /** How many lines had come before it. */
  readonly after: number;
  readonly at: number;
}

/** The control events that a client must be told to listen for: EventSource has no way to ask for all. */
export const CONTROL_TYPES = [
  'feed.open',
  'feed.gap',
  'feed.hidden',
  'feed.closing',
  'feed.rotated',
  'feed.truncated',
  'feed.gone',
  'feed.back',
  'feed.partial',
  'feed.cut',
  'feed.added',
  'feed.removed',
  'feed.skipped',
] as const;

/** What one client was given, in order. */
export class Seen {
  readonly who: string;
  readonly lines: string[] = [];
  readonly controls: Control[] = [];
  /** The id that the client would come back with. */
  lastId = '';
  onLine: ((line: string) => void) | undefined;

  constructor(who: string) {
    this.who = who;
  }

  /** `id`: empty or undefined where the event had none and the client has none from before. */
  message(data: string, id: string | undefined): void {
    if (id) this.lastId = id;
    this.lines.push(data);
    this.onLine?.(data);
  }

  control(type: string, data: string, id: string | undefined): void {
    const idBefore = this.lastId;
    if (id) this.lastId = id;
    const after = this.lines.length;
    this.controls.push({ type, data: JSON.parse(data), id: this.lastId, idBefore, after, at: performance.now() });
  }

  of(type: (typeof CONTROL_TYPES)[number]): Control[] {
    return this.controls.filter((control) => control.type === type);
  }
}
