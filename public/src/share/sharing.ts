import { copyToClipboard } from '../clipboard.ts';
import { requestPage } from '../connection/page-request.ts';
import { isTogether } from '../feeds/together.ts';
import { formatHash } from '../location-hash.ts';
import type { Place } from '../log/chunk-store.ts';
import { copyText } from '../log/copy-text.ts';
import { toldMs } from '../log/line-reading.ts';
import type { Row } from '../log/row.ts';
import { type Anchor, anchorOf, LINE_BEFORE } from '../places/anchor.ts';
import type { FeedLines } from '../places/find-line.ts';
import { countOf } from '../units.ts';
import type { LogView } from '../view/log-view.ts';
import { curlOf } from './curl.ts';
import { download, fileName } from './download.ts';
import { jsonLines } from './json-lines.ts';

export interface SharingOptions {
  readonly view: LogView;
  readonly scroller: HTMLElement;
  lines(): FeedLines | undefined;
  current(): Place | undefined;
  tell(words: string): void;
}

/** What is meant: the lines of the selected text, else the current line; `undefined`: all that is shown. */
export interface Meant {
  readonly first: Place;
  /** Lines of the feed from the first to the last, with those between them that the filter hides: what a link and a command give. */
  readonly span: number;
  /** Those that are shown, with the frames that are folded under them. */
  readonly rows: readonly Row[];
}

/** Selected text cannot reach beyond the rows that are drawn. */
const MAX_ROWS = 1_000;

/** Gives what is on the screen to others: as a link, as text, as JSON, as a command, as a file. */
export class Sharing {
  readonly #options: SharingOptions;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  meant(): Meant | undefined {
    const [first, last] = this.#selected() ?? [this.#options.current(), this.#options.current()];
    if (first === undefined || last === undefined) return undefined;
    const places = this.#between(first, last);
    if (places[0] === undefined) return undefined;
    // How many lines lie between those that were sifted is not known: a link is to the first.
    const span = places.some(({ chunk }) => chunk.sifted !== undefined) ? 1 : places.length;
    return { first: places[0], span, rows: this.#shown(places).map(({ chunk, index }) => chunk.row(index)) };
  }

  copyLink(): void {
    const [feed, meant] = [this.#options.lines()?.name, this.meant()];
    const line = meant && anchorOf(meant.first);
    const time = meant && isTogether(feed) ? timeOf(meant.first) : undefined;
    const { filterText: filter, onlyLevels } = this.#options.view;
    const place = line === undefined ? { time } : { line, count: meant?.span ?? 1 };
    const hash = formatHash({ feed, filter, levels: [...onlyLevels], ...place });
    const lines = line === undefined ? 'this view' : countOf(place.count ?? 1, 'line');
    void this.#copy(
      `${location.origin}${location.pathname}${hash}`,
      `Copied a link to ${time === undefined ? lines : 'the time of the line'}`,
    );
  }

  copyText(): void {
    const rows = [...this.#rows()];
    void this.#copy(copyText(rows), `Copied ${linesIn(rows)}`);
  }

  copyJson(): void {
    const rows = [...this.#rows()];
    void this.#copy(jsonLines(this.#options.lines()?.name ?? '', rows), `Copied ${linesIn(rows)} as JSON`);
  }

  async copyCurl(): Promise<void> {
    const { view, lines, tell } = this.#options;
    const [feed, meant] = [lines()?.name, this.meant()];
    const anchor = meant && anchorOf(meant.first);
    if (feed === undefined) return;
    try {
      const since = anchor && (await cursorBefore(feed, anchor));
      const command = curlOf({
        origin: location.origin,
        feed,
        filter: view.filterText,
        levels: [...view.onlyLevels],
        ...(since !== undefined && meant !== undefined && { lines: { since, count: meant.span } }),
      });
      await this.#copy(`${command}\n`, 'Copied the command');
    } catch {
      tell('The place could not be asked for just now');
    }
  }

  download(): void {
    const feed = this.#options.lines()?.name;
    if (feed === undefined) return;
    const rows = [...this.#options.view.shownRows()];
    download(fileName(isTogether(feed) ? 'together.log' : feed, new Date()), copyText(rows));
    this.#options.tell(`Saving ${linesIn(rows)}`);
  }

  #rows(): Iterable<Row> {
    return this.meant()?.rows ?? this.#options.view.shownRows();
  }

  async #copy(text: string, done: string): Promise<void> {
    this.#options.tell((await copyToClipboard(text)) ? done : 'The browser did not allow it');
  }

  /** The first and the last line that selected text touches. */
  #selected(): [Place | undefined, Place | undefined] | undefined {
    const { scroller, view } = this.#options;
    const selection = getSelection();
    if (selection === null || selection.isCollapsed || !scroller.contains(selection.anchorNode)) return undefined;
    const range = selection.getRangeAt(0);
    return [placeIn(range.startContainer, view), placeIn(range.endContainer, view)];
  }

  #between(first: Place, last: Place): Place[] {
    const chunks = this.#options.lines()?.store.chunks ?? [];
    const places: Place[] = [];
    for (const chunk of chunks.slice(chunks.indexOf(first.chunk), chunks.indexOf(last.chunk) + 1)) {
      const end = chunk === last.chunk ? last.index + 1 : chunk.count;
      for (let index = chunk === first.chunk ? first.index : 0; index < end && places.length < MAX_ROWS; index += 1)
        if (!chunk.isNote(index)) places.push({ chunk, index });
    }
    return places;
  }

  #shown(places: readonly Place[]): Place[] {
    let isWith = false;
    return places.filter((place) => {
      isWith = this.#options.view.isShown(place) || (isWith && place.chunk.isContinued(place.index));
      return isWith;
    });
  }
}

function placeIn(node: Node, view: LogView): Place | undefined {
  const element = node instanceof Element ? node : node.parentElement;
  return element === null ? undefined : view.list.placeOf(element);
}

function timeOf({ chunk, index }: Place): number | undefined {
  const row = chunk.row(index);
  return row.kind === 'line' ? toldMs(row, Date.now()) : undefined;
}

function linesIn(rows: readonly Row[]): string {
  return countOf(rows.filter((row) => row.kind === 'line' && !row.cut).length, 'line');
}

/** The cursor right before the line: the page knows those of some lines only. */
async function cursorBefore(feed: string, { cursor, skip }: Anchor): Promise<string> {
  if (skip === 0) return cursor;
  if (skip === LINE_BEFORE) return (await requestPage(feed, { before: cursor }, AbortSignal.timeout(5_000), 1)).lines.since;
  const { lines } = await requestPage(feed, { since: cursor, until: 'head' }, AbortSignal.timeout(5_000), skip);
  return lines.until;
}
