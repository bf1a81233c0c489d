import { type Lines, LinesBuilder, type Sifted } from '../log/lines.ts';
import type { Asked } from '../log/service-filter.ts';
import { noteWords } from '../status/note-words.ts';
import { pageUrl } from './address.ts';
import { CONTROL_TYPES, type ControlData, type ControlType, parseJson, toEnvelope } from './protocol.ts';

/** Lines of the history, and what the service says of their place. */
export interface HistoryPage {
  readonly lines: Lines;
  /** Lines and not notes among them. */
  readonly count: number;
  readonly open: ControlData;
  /** It has as many lines as were asked for: there may be more. */
  readonly isFull: boolean;
  /** Where only some were asked for. */
  readonly sifted: Sifted | undefined;
}

/** Of lines of hundreds of kilobytes, fewer are asked for. */
const MAX_CHARACTERS = 4_000_000;

/** Asks for lines `before` a cursor, or `since` one or a byte, only for those that `asked` finds where that is given. Throws where the service does not answer so. */
export async function requestPage(
  name: string,
  place: Readonly<Record<string, string>>,
  signal: AbortSignal,
  limit: number,
  asked?: Asked,
): Promise<HistoryPage> {
  const { body, limit: given } = await requestBody(name, place, signal, limit, asked);
  return parsePage(body, name, given, asked !== undefined);
}

/** The answer as it was sent. Where it would be too long, `limit` is fewer lines. */
export async function requestBody(
  name: string,
  place: Readonly<Record<string, string>>,
  signal: AbortSignal,
  limit: number,
  asked?: Asked,
): Promise<{ readonly body: string; readonly limit: number }> {
  const abort = new AbortController();
  const response = await fetch(pageUrl(name, place, limit, asked), { signal: AbortSignal.any([signal, abort.signal]) });
  if (!response.ok) throw new Error(`the service answered ${response.status}`);
  const body = await readUpTo(response, limit === 1 ? Number.POSITIVE_INFINITY : MAX_CHARACTERS);
  if (body !== undefined) return { body, limit };
  abort.abort();
  return requestBody(name, place, signal, Math.max(1, Math.floor(limit / 10)), asked);
}

/** An answer that was cut must not be taken for a whole one: `fetch` throws then, since it is chunked. */
async function readUpTo({ body }: Response, maxCharacters: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let text = '';
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return text + decoder.decode();
    text += decoder.decode(part.value, { stream: true });
    if (text.length > maxCharacters) return undefined;
  }
}

export function parsePage(body: string, name: string, limit: number, isSifted = false): HistoryPage {
  const builder = new LinesBuilder('', isSifted);
  let open: ControlData = {};
  let [count, hidden] = [0, 0];
  for (const line of body.split('\n')) {
    const parsed = parseJson(line);
    const envelope = toEnvelope(parsed);
    if (envelope !== undefined) {
      builder.addLine({ ...envelope, text: envelope.data });
      count += 1;
      continue;
    }
    const control = parsed as { type?: ControlType; data?: ControlData; id?: string } | null | undefined;
    if (control?.type === undefined || !CONTROL_TYPES.includes(control.type)) continue;
    const { type, data = {}, id } = control;
    if (type === 'feed.open') open = data;
    if (type === 'feed.hidden') {
      hidden += data.count ?? 0;
      builder.endAt(id ?? '');
    } else if (id !== undefined) builder.moveTo(id);
    const note = type === 'feed.partial' ? undefined : noteWords(type, data, name, Date.now());
    if (note !== undefined) builder.addNote(note);
  }
  const sifted = builder.ids && { ids: builder.ids, hidden };
  return { lines: builder.take(), count, open, isFull: count >= limit, sifted };
}
