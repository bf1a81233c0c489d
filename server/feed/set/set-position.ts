import type { Cursor } from '../cursor.ts';
import { comparePositions, type Places, type Position } from '../position.ts';
import type { Feed } from '../registry.ts';
import { entryText, hashesOf, MAX_FEEDS, Vector, vectorOf } from './vector.ts';

/** A place in one feed, and the newest cursor up to it. */
export interface Place {
  readonly position: Position;
  readonly cursor: Cursor;
}

/** Who knows which feeds are read now. */
export interface Members {
  has(feed: Feed): boolean;
}

/** With how it stands in the text, which is made once: a text is made for each event of each feed. */
interface Placed extends Place {
  readonly hash: string;
  readonly text: string;
}

/** A place in several feeds at once. Feeds that are not here now are remembered, so that one that comes back goes on where it was. */
export class SetPosition implements Position, Places {
  readonly generation = 0;
  readonly offset = 0;
  readonly of: ReadonlyMap<Feed, Placed>;
  /** Where feeds were that have left, or have not come yet. */
  readonly left: Vector;
  /** Of the cursor. */
  readonly textLength: number;
  readonly #members: Members;
  #cursor: Cursor | undefined;

  static empty(members: Members, left = Vector.empty): SetPosition {
    return new SetPosition(members, new Map(), left);
  }

  private constructor(members: Members, of: ReadonlyMap<Feed, Placed>, left: Vector, textLength?: number) {
    this.#members = members;
    this.of = of;
    this.left = left;
    this.textLength = textLength ?? this.cursor.length;
  }

  get each(): Places {
    return this;
  }

  /** The text that a client keeps. */
  get cursor(): Cursor {
    this.#cursor ??= vectorOf([...this.#texts(), ...this.left.entries.map(entryText)]);
    return this.#cursor;
  }

  /** The same, cut where `feed` has its cursor: only that is another after each of its events. */
  cursorAround(feed: Feed): { readonly before: string; readonly after: string } {
    const texts = this.#texts();
    const at = [...this.of.keys()].indexOf(feed);
    return {
      before: vectorOf([...texts.slice(0, at), this.of.get(feed)?.hash ?? '']),
      after: [...texts.slice(at + 1), ...this.left.entries.map(entryText)].join(''),
    };
  }

  /** The place after more of `feed`, or with `feed` where it is new. */
  with(feed: Feed, { position, cursor }: Place): SetPosition {
    const was = this.of.get(feed);
    if (was === undefined)
      return this.#of(new Map<Feed, Place>(this.of).set(feed, { position, cursor }), this.left.without([feed.name]));
    const { hash } = was;
    const placed = { position, cursor, hash, text: entryText({ hash, cursor }) };
    const of = new Map(this.of).set(feed, placed);
    return new SetPosition(this.#members, of, this.left, this.textLength - was.text.length + placed.text.length);
  }

  without(feed: Feed): SetPosition {
    const place = this.of.get(feed);
    if (place === undefined) return this;
    const of = new Map<Feed, Place>(this.of);
    of.delete(feed);
    return this.#of(of, new Vector([...this.left.entries, place]));
  }

  /** With hashes that tell these feeds apart. */
  #of(places: ReadonlyMap<Feed, Place>, left: Vector): SetPosition {
    const kept = left.newest(MAX_FEEDS - places.size);
    const names = [...places.keys()].map(({ name }) => name);
    const hashes = hashesOf(names, kept.entries);
    const of = [...places].map(([feed, { position, cursor }]): [Feed, Placed] => {
      const hash = hashes.get(feed.name) as string;
      return [feed, { position, cursor, hash, text: entryText({ hash, cursor }) }];
    });
    return new SetPosition(this.#members, new Map(of), kept);
  }

  /** 0: the same feeds at the same places. 1: nothing that is before `other` is behind this. -1: something is. */
  compare(other: SetPosition): number {
    if (this === other) return 0;
    let isSame = this.of.size === other.of.size;
    for (const [feed, { position }] of other.of) {
      const own = this.of.get(feed);
      if (own?.position === position) continue;
      // A feed that this does not have and that is still read is yet to come here.
      const order = own === undefined ? (this.#members.has(feed) ? -1 : 1) : comparePositions(own.position, position);
      if (order < 0) return -1;
      if (order > 0) isSame = false;
    }
    return isSame ? 0 : 1;
  }

  #texts(): string[] {
    return [...this.of.values()].map(({ text }) => text);
  }
}
