import { AddressBar } from './address-bar.ts';
import { copyToClipboard } from './clipboard.ts';
import type { ConnectionState } from './connection/feed-connection.ts';
import { FeedList } from './feeds/feed-list.ts';
import { FeedMemory } from './feeds/feed-memory.ts';
import { firstChoice, groupFeeds } from './feeds/groups.ts';
import type { Seen } from './feeds/last-seen.ts';
import { FollowedFeed } from './followed-feed.ts';
import { type Drawn, History } from './history.ts';
import { Journey } from './journey.ts';
import { type KeyActions, listenForKeys } from './keys.ts';
import { formatHash, type Place } from './location-hash.ts';
import type { Added, Place as RowPlace } from './log/chunk-store.ts';
import { copyText } from './log/copy-text.ts';
import { withTerm } from './log/field-term.ts';
import { matches, parseFilter } from './log/filter.ts';
import { Highlights } from './log/highlights.ts';
import type { Level } from './log/level.ts';
import { plainTerm } from './log/plain-term.ts';
import type { Row } from './log/row.ts';
import { anchorOf } from './places/anchor.ts';
import type { FeedLines } from './places/find-line.ts';
import { loadPreferences, type Preferences, savePreferences } from './preferences.ts';
import { Reader } from './reader.ts';
import { ReadingRoom } from './reading/reading-room.ts';
import { Sharing } from './share/sharing.ts';
import { News } from './status/news.ts';
import { compareVersions, fetchPageVersion, parsePageVersion, type ServiceAge } from './status/page-version.ts';
import { countOf } from './units.ts';
import type { Actions } from './view/actions.ts';
import { element } from './view/element.ts';
import { Finder } from './view/finder.ts';
import { Frame, type FrameState, feedRowFacts } from './view/frame.ts';
import { watchGestures } from './view/gestures.ts';
import { HighlightPaint } from './view/highlight-paint.ts';
import { showKeysHelp } from './view/keys-help.ts';
import { listenForListKeys } from './view/list-keys.ts';
import { LogMap } from './view/log-map.ts';
import { LogView } from './view/log-view.ts';
import { listenToRows, type RowActions } from './view/row-opening.ts';
import { keepAgo } from './view/row-time.ts';
import { offerForSelection } from './view/selection-menu.ts';
import { TimeDialog } from './view/time-dialog.ts';

const DRAW_EVERY_MS = 250;
const COPIED_IS_TOLD_MS = 2_000;
const SAID_MS = 4_000;
const REMEMBER_EVERY_MS = 5_000;
const NARROW = '(max-width: 720px)';

/** The page: what is chosen, and who is told what. It is the only file of the client that knows all others. */
export class Page implements FrameState {
  readonly feeds = new FeedList(() => this.#listChanged());
  readonly memory = new FeedMemory();
  readonly view: LogView;
  feed: FollowedFeed | undefined;
  history: History | undefined;
  preferences: Preferences = loadPreferences(matchMedia(NARROW).matches);
  copied: string | undefined;
  serviceAge: ServiceAge = 'same';
  /** What a key or a copy did, for a moment. */
  said: string | undefined;
  readonly reader: Reader;
  readonly sharing: Sharing;
  readonly highlights = new Highlights();
  readonly #paint = new HighlightPaint();
  readonly #timeDialog: TimeDialog;
  /** Where the open feed had been left when it was last open. */
  #left: Seen | undefined;
  readonly #address: AddressBar;
  #saidTimer: ReturnType<typeof setTimeout> | undefined;
  /** The place of the address, until lines have come to find it among. */
  #wanted: Place | undefined;
  readonly #news = new News((words) => {
    element('news').textContent = words;
  });
  #wasLive = false;
  readonly #scroller = element('log');
  readonly #map: LogMap;
  readonly #actions = this.#makeActions();
  readonly #frame: Frame;
  readonly #finder: Finder;
  readonly #room = new ReadingRoom();
  #drawIsDue = false;
  #journey: Journey | undefined;

  constructor() {
    this.view = new LogView(this.#scroller, (drawn) => this.#drew(drawn));
    this.#map = new LogMap({
      canvas: element('map'),
      label: element('place'),
      store: () => this.feed?.store,
      seen: () => this.view.list.seen(),
      isAtEnd: () => this.view.mode === 'following',
      goTo: (byte) => this.#goTo(byte),
      hits: (apart) => this.view.hits(apart),
      marks: () => this.reader.marks?.inOrder().map(({ byte }) => byte) ?? [],
    });
    this.#frame = new Frame(this, this.#actions);
    this.reader = this.#makeReader();
    this.sharing = new Sharing({
      view: this.view,
      scroller: this.#scroller,
      lines: () => this.#lines(),
      current: () => this.reader.current,
      tell: (words) => this.#tell(words),
    });
    this.#timeDialog = new TimeDialog({
      dialog: element('time-dialog'),
      seenMs: () => this.#left?.atMs,
      goToTime: (ms) => void this.reader.goToTime(ms),
      goToSeen: () => this.#left && void this.reader.jumpToAnchor({ cursor: this.#left.cursor, skip: 0 }),
    });
    this.#address = new AddressBar({ place: () => this.#place(), open: (place) => this.#openAgain(place) });
    const facts = () => ({ entries: this.feeds.entries, rows: feedRowFacts(this) });
    this.#finder = new Finder(element('finder'), facts, (name) => this.#choose(name), this.#actions);
  }

  start(): void {
    this.#applyPreferences();
    watchGestures(this.#scroller, () => this.#leaveEnd());
    listenForKeys(this.#keyActions());
    listenForListKeys(element('sidebar'));
    addEventListener('pagehide', () => this.#remember());
    setInterval(() => this.#remember(), REMEMBER_EVERY_MS);
    listenToRows(this.#scroller, this.#rowActions());
    keepAgo(this.#scroller);
    offerForSelection(this.#scroller, element('selection-menu'), {
      only: (text) => this.#setFilter(withTerm(this.view.filterText, plainTerm(text), false)),
      hide: (text) => this.#setFilter(withTerm(this.view.filterText, plainTerm(text), true)),
      highlight: (text) => this.#actions.toggleHighlight(text),
    });
    element('jump').addEventListener('click', this.#actions.follow);
    document.fonts.addEventListener('loadingdone', () => this.view.list.schedule());
    setInterval(() => this.#draw(), DRAW_EVERY_MS);
    this.#open(this.#address.place);
    this.feeds.start();
  }

  #open(place: Place): void {
    this.#filterBy(place.filter, place.levels ?? []);
    const name = place.feed ?? firstChoice(this.feeds.entries.values(), this.memory.favourites.names);
    if (name !== this.feed?.name) this.#follow(name);
    this.#wanted = place;
    if ((this.feed?.store.lines ?? 0) > 0) this.#comeToWanted();
    this.#draw();
  }

  /** By a link, or Back: without a place, the newest line is meant. */
  #openAgain(place: Place): void {
    this.reader.context = undefined;
    this.#open(place);
    if (place.at === undefined && place.line === undefined && this.view.mode === 'reading') this.view.follow();
  }

  #comeToWanted(): void {
    const { at, line, count } = this.#wanted ?? {};
    this.#wanted = undefined;
    if (line !== undefined) void this.reader.goToAnchor(line, { count: count ?? 1 });
    else if (at !== undefined) void this.reader.goToAnchor(at, { top: 0 });
  }

  /** Where the page is, as the address tells it. */
  #place(): Place {
    const { view, reader } = this;
    const isAtEnd = view.mode === 'following';
    const top = isAtEnd ? undefined : view.list.seen()?.first;
    const wanted = this.#wanted?.at === undefined && this.#wanted?.line === undefined ? {} : this.#wanted;
    return {
      feed: this.feed?.name,
      filter: view.filterText,
      levels: [...view.onlyLevels],
      at: top === undefined || reader.linked !== undefined ? undefined : anchorOf(top),
      ...(isAtEnd ? {} : reader.linked),
      ...wanted,
    };
  }

  #lines(): FeedLines | undefined {
    const { feed, history } = this;
    return feed === undefined || history === undefined ? undefined : { name: feed.name, store: feed.store, history };
  }

  #makeReader(): Reader {
    return new Reader({
      view: this.view,
      scroller: this.#scroller,
      lines: () => this.#lines(),
      leaveEnd: () => this.#leaveEnd(),
      leavePlace: () => this.#address.leave(),
      setFilter: (text, levels) => this.#do(() => this.#filterBy(text, levels)),
      tell: (words) => this.#tell(words),
      speak: (words) => {
        element('news').textContent = words;
      },
      redraw: () => this.#draw(),
    });
  }

  #tell(words: string): void {
    clearTimeout(this.#saidTimer);
    this.#saidTimer = setTimeout(() => this.#do(() => (this.said = undefined)), SAID_MS);
    this.#do(() => (this.said = words));
  }

  #filterBy(text: string, levels: readonly Level[]): void {
    const { view } = this;
    if (levels.join() !== [...view.onlyLevels].join()) {
      view.onlyLevels.clear();
      for (const level of levels) view.onlyLevels.add(level);
      view.setFilter(text);
    } else if (text !== view.filterText) view.setFilter(text);
  }

  #follow(name: string | undefined): void {
    this.#remember();
    this.feed?.connection.close();
    this.history?.close();
    this.feed = name === undefined ? undefined : this.#feedOf(name);
    this.history = this.feed && new History(this.feed, this.#room, () => this.#loaded());
    this.#journey = this.history && new Journey(this.history, (place) => this.#comeTo(place));
    document.title = name === undefined ? 'livefeed' : `${name} · livefeed`;
    this.view.show(this.feed?.store);
    this.reader.restart();
    this.#news.restart();
    this.feed?.connection.open();
  }

  /** Up to where the open feed has been seen. Nobody sees what comes to a page in the background. */
  #remember(): void {
    if (this.feed === undefined || document.visibilityState === 'hidden') return;
    const { name, connection } = this.feed;
    this.memory.read(name, connection.lastEventId, this.feeds.entries.get(name)?.bytes ?? 0);
  }

  #feedOf(name: string): FollowedFeed {
    const view = {
      rows: (added: readonly Added[]) => this.#arrived(added),
      unfinished: (text: string | null) => this.view.showUnfinished(text),
      state: (state: ConnectionState) => this.#stateChanged(state),
    };
    const maxBytes = memoryBytes(this.preferences);
    this.#left = this.memory.seen(name);
    return new FollowedFeed(name, { maxBytes, room: this.#room, view, seen: this.#left });
  }

  #stateChanged(state: ConnectionState): void {
    if (state.is === 'live') {
      this.feeds.tryNow();
      if (this.#wasLive) void this.#compareVersions();
      this.#wasLive = true;
    }
    this.#drawSoon();
  }

  /** Back at a service that may have been replaced by another version meanwhile. */
  async #compareVersions(): Promise<void> {
    const [own, its] = [
      parsePageVersion(document.querySelector('meta[name=livefeed]')?.outerHTML ?? ''),
      await fetchPageVersion(),
    ];
    if (own !== undefined && its !== undefined) this.#do(() => (this.serviceAge = compareVersions(own, its)));
  }

  /** The list came or changed: perhaps with the first feed there is, or with the one that was refused. */
  #listChanged(): void {
    this.memory.look(this.feeds.entries, document.visibilityState === 'visible' ? this.feed?.name : undefined);
    if (this.feed === undefined) this.#open(this.#address.place);
    else if (this.feed.isUnknown && this.feeds.entries.has(this.feed.name)) this.feed.connection.tryNow();
    if (this.#finder.isOpen) this.#finder.draw();
    this.#drawSoon();
  }

  #choose(name: string): void {
    location.hash = formatHash({ feed: name, filter: this.view.filterText });
  }

  #arrived(added: readonly Added[]): void {
    this.view.add(added);
    this.#news.add(added);
    this.history?.measure();
    this.#makeRoom();
    if (this.#wanted !== undefined) this.#comeToWanted();
  }

  #comeTo(place: RowPlace): void {
    if (this.view.mode !== 'following') this.view.list.goTo(place);
  }

  #loaded(): void {
    this.view.changed();
    this.#makeRoom();
    this.#map.schedule();
  }

  #drew(drawn: Drawn): void {
    if (this.view.mode !== 'following') this.history?.want(drawn);
    const { mode, burst } = this.view;
    this.view.list.tellEdges(mode === 'following' ? { below: burst.words } : (this.history?.edges ?? {}));
    this.#map.schedule();
    this.reader.drew();
    this.#paintHighlights();
    this.#address.settle();
  }

  /** What is farthest from what is read goes first. */
  #makeRoom(): void {
    const view = this.view.mode === 'following' ? undefined : this.view.list.seen()?.first.chunk;
    this.feed?.store.makeRoom(view);
  }

  #leaveEnd(): void {
    this.history?.moved();
    this.#do(() => this.view.read());
  }

  #goTo(byte: number | undefined): void {
    this.#leaveEnd();
    void this.#journey?.goTo(byte);
  }

  #applyPreferences(): void {
    const { theme, size, density, wrap, numbers, times } = this.preferences;
    const shown = { theme, size, density, times, wrap: String(wrap), numbers: String(numbers) };
    Object.assign(document.documentElement.dataset, shown);
    if (this.feed !== undefined) this.feed.store.maxBytes = memoryBytes(this.preferences);
    this.view.setPreferences(this.preferences);
  }

  #makeActions(): Actions {
    return {
      find: () => this.#finder.open(),
      toggleFavourite: (name) => this.#do(() => this.memory.favourites.toggle(name)),
      toggleGroup: (title) => this.#do(() => this.memory.folded.toggle(title)),
      setFilter: (text) => this.#setFilter(text),
      focusFilter: () => element('filter').focus(),
      clearFilter: () => this.#clearFilter(),
      toggleLevel: (level) => this.#do(() => this.#toggleLevel(level)),
      toggleFollow: () => this.#do(() => (this.view.mode === 'following' ? this.view.pause() : this.#toEnd())),
      copyAll: () => void this.#copy(this.feed?.store.rows() ?? []),
      shareLink: () => this.sharing.copyLink(),
      shareText: () => this.sharing.copyText(),
      shareJson: () => this.sharing.copyJson(),
      shareCurl: () => void this.sharing.copyCurl(),
      download: () => this.sharing.download(),
      toggleContext: () => this.reader.toggleContext(),
      showOldest: () => this.#showOldest(),
      askTime: () => this.#timeDialog.open(),
      toggleHighlight: (text) => this.#do(() => this.#toggleHighlight(text)),
      follow: () => this.#do(() => this.#toEnd()),
      prefer: (change) => this.#prefer(change),
      showKeys: () => showKeysHelp(element('keys')),
      tryNow: () => (this.feed === undefined ? this.feeds.tryNow() : this.feed.connection.tryNow()),
      reload: () => location.reload(),
      dismissAge: () => this.#do(() => (this.serviceAge = 'same')),
    };
  }

  #keyActions(): KeyActions {
    const { focusFilter, find, follow, toggleFollow, toggleLevel, copyAll, showKeys } = this.#actions;
    const { reader } = this;
    return {
      filter: focusFilter,
      find,
      follow,
      togglePause: toggleFollow,
      scroll: (how) => this.#scroll(how),
      neighbour: (step) => this.#chooseNeighbour(step),
      line: (step) => reader.move(step),
      nextError: (step) => reader.nextError(step),
      nextHit: (step) => this.#nextHit(step),
      mark: () => this.#mark(),
      nextMark: (step) => reader.nextMark(step),
      context: () => reader.toggleContext(),
      share: () => element('share-menu').showPopover(),
      time: () => this.#timeDialog.open(),
      toggleErrors: () => toggleLevel('error'),
      toggleWrap: () => this.#prefer({ wrap: !this.preferences.wrap }),
      copyAll,
      help: showKeys,
      escape: () => this.#escape(),
    };
  }

  #rowActions(): RowActions {
    return {
      read: () => this.#do(() => this.view.read()),
      toggle: (seq) => this.#do(() => this.#toggleRow(seq)),
      filterBy: (term, not) => this.#setFilter(withTerm(this.view.filterText, term, not)),
      copy: (text) => void this.#copyText(text, 'Copied'),
      copyLine: (seq) => void this.#copyLine(seq),
    };
  }

  async #copyLine(seq: number): Promise<void> {
    const texts = this.view.textsOf(seq);
    await this.#copyText(texts.join('\n'), `Copied ${countOf(texts.length, 'line')}`);
  }

  /** What is opened is read, so it must not be carried away by what comes. */
  #toggleRow(seq: number): void {
    this.view.read();
    this.view.toggle(seq);
  }

  #setFilter(text: string): void {
    this.reader.context = undefined;
    this.view.setFilter(text);
    this.#address.tell();
    this.#draw();
  }

  #toggleLevel(level: Level): void {
    this.reader.context = undefined;
    this.view.toggleLevel(level);
    this.#address.tell();
  }

  #mark(): void {
    this.reader.toggleMark();
    this.#map.schedule();
  }

  #paintHighlights(): void {
    const { rules } = this.highlights;
    if (rules.length > 0) this.#paint.paint(this.#scroller.querySelectorAll('.row .message'), rules);
  }

  #toggleHighlight(text: string): void {
    this.highlights.toggle(text);
    this.#paint.clear();
    this.#paintHighlights();
  }

  /** The next line that the filter finds, also while it is shown among others; without a filter one is asked for. */
  #nextHit(step: -1 | 1): void {
    const filter = parseFilter(this.reader.context?.filter ?? this.view.filterText);
    if (filter.wanted.length === 0) this.#actions.focusFilter();
    else this.reader.nextHit(step, (text) => matches(filter, text));
  }

  #showOldest(): void {
    this.reader.gone = undefined;
    this.#goTo(0);
  }

  #toEnd(): void {
    this.reader.gone = undefined;
    this.view.follow();
  }

  #clearFilter(): void {
    this.view.onlyLevels.clear();
    this.#setFilter('');
  }

  #prefer(change: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...change };
    savePreferences(this.preferences);
    this.#do(() => this.#applyPreferences());
  }

  async #copy(rows: Iterable<Row>): Promise<void> {
    const text = copyText(rows);
    await this.#copyText(text, `Copied ${countOf(text.split('\n').length - 1, 'line')}`);
  }

  async #copyText(text: string, done: string): Promise<void> {
    this.copied = (await copyToClipboard(text)) ? done : 'The browser did not allow it';
    setTimeout(() => {
      this.copied = undefined;
      this.#draw();
    }, COPIED_IS_TOLD_MS);
    this.#draw();
  }

  #escape(): void {
    if (this.reader.context !== undefined) this.reader.toggleContext();
    else if (this.view.filterText !== '' || this.view.onlyLevels.size > 0) this.reader.hold(() => this.#clearFilter());
    else if (this.reader.leaveLine()) this.#address.tell();
    else this.#scroller.focus();
  }

  #scroll(how: Parameters<KeyActions['scroll']>[0]): void {
    const { clientHeight } = this.#scroller;
    const line = Number.parseFloat(getComputedStyle(this.#scroller).lineHeight);
    const by = { 'line-up': -line, 'line-down': line, 'page-up': line - clientHeight, 'page-down': clientHeight - line };
    this.history?.moved();
    if (how !== 'line-down' && how !== 'page-down') this.#do(() => this.view.read());
    if (this.view.mode === 'following') return;
    if (how === 'oldest') this.#goTo(0);
    else this.view.list.scrollBy(by[how]);
  }

  #chooseNeighbour(step: -1 | 1): void {
    const names = groupFeeds(this.feeds.entries.values(), this.memory.favourites.names).flatMap(({ feeds }) =>
      feeds.map(({ name }) => name),
    );
    const at = names.indexOf(this.feed?.name ?? '');
    const name = names[(at + step + names.length) % names.length];
    if (name !== undefined) this.#choose(name);
  }

  /** Does it, and shows at once what it did. */
  #do(action: () => void): void {
    action();
    this.#draw();
  }

  #drawSoon(): void {
    if (this.#drawIsDue) return;
    this.#drawIsDue = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#drawIsDue = false;
    this.#frame.draw();
  }
}

function memoryBytes({ memory }: Preferences): number {
  return Number(memory) * 1_000_000;
}
