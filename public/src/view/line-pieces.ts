import type { Span } from '../log/spans.ts';
import { create } from './element.ts';

/** So many characters are laid out at once; the rest of a long line follows, a piece a frame. */
const PIECE_CHARACTERS = 16_000;

export function createSpans(spans: readonly Span[]): (HTMLElement | string)[] {
  return spans.map(({ text, style, isHit }) =>
    isHit ? create('mark', style, text) : style === '' ? text : create('span', style, text),
  );
}

/** The whole line: at once where it is short, else in blocks that are laid out one by one, so that no frame takes long. */
export function fillPieces(message: HTMLElement, spans: readonly Span[]): void {
  const pieces = piecesOf(spans);
  if (pieces.length === 1) {
    message.append(...createSpans(pieces[0] ?? []));
    return;
  }
  let next = 0;
  const add = () => {
    const piece = create('span', 'piece');
    piece.append(...createSpans(pieces[next] ?? []));
    message.append(piece);
    next += 1;
    if (next < pieces.length) requestAnimationFrame(() => message.isConnected && add());
  };
  add();
}

/** Cuts after every 16,000 characters, and never between the two halves of one. */
export function piecesOf(spans: readonly Span[]): Span[][] {
  const pieces: Span[][] = [[]];
  let room = PIECE_CHARACTERS;
  for (const span of spans) {
    let { text } = span;
    while (text.length > room) {
      const last = text.charCodeAt(room - 1);
      const length = last >= 0xd800 && last < 0xdc00 ? room - 1 : room;
      pieces.at(-1)?.push({ ...span, text: text.slice(0, length) });
      text = text.slice(length);
      pieces.push([]);
      room = PIECE_CHARACTERS;
    }
    if (text !== '') pieces.at(-1)?.push({ ...span, text });
    room -= text.length;
  }
  return pieces.filter((piece, index) => index === 0 || piece.length > 0);
}
