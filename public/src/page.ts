import { copyToClipboard } from './clipboard.ts';
import type { ConnectionState } from './connection/feed-connection.ts';
import { FeedList } from './feeds/feed-list.ts';
import { FeedMemory } from './feeds/feed-memory.ts';
import { firstChoice, groupFeeds } from './feeds/groups.ts';
import { FollowedFeed } from './followed-feed.ts';
import { type Drawn, History } from './history.ts';
import { Journey } from './journey.ts';
import { type KeyActions, listenForKeys } from './keys.ts';
import { formatHash, type Place, parseHash } from './location-hash.ts';
import type { Added, Place as RowPlace } from './log/chunk-store.ts';
import { copyText } from './log/copy-text.ts';
import { withTerm } from './log/field-term.ts';
import type { Row } from './log/row.ts';
import { loadPreferences, type Preferences, savePreferences } from './preferences.ts';
import { ReadingRoom } from './reading/reading-room.ts';
import { News } from './status/news.ts';
import { compareVersions, fetchPageVersion, parsePageVersion, type ServiceAge } from './status/page-version.ts';
import { countOf } from './units.ts';
import type { Actions } from './view/actions.ts';
import { element } from './view/element.ts';
import { Finder } from './view/finder.ts';
import { Frame, type FrameState, feedRowFacts } from './view/frame.ts';
import { watchGestures } from './view/gestures.ts';
import { showKeysHelp } from './view/keys-help.ts';
import { listenForListKeys } from './view/list-keys.ts';
import { LogMap } from './view/log-map.ts';
import { LogView } from './view/log-view.ts';
import { listenToRows, type RowActions } from './view/row-opening.ts';
import { keepAgo } from './view/row-time.ts';

const DRAW_EVERY_MS = 250;
const COPIED_IS_TOLD_MS = 2_000;
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
    });
    this.#frame = new Frame(this, this.#actions);
    const facts = () => ({ entries: this.feeds.entries, rows: feedRowFacts(this) });
    this.#finder = new Finder(element('finder'), facts, (name) => this.#choose(name), this.#actions);
  }

  start(): void {
    this.#applyPreferences();
    addEventListener('hashchange', () => this.#open(parseHash(location.hash)));
    watchGestures(this.#scroller, () => this.#leaveEnd());
    listenForKeys(this.#keyActions());
    listenForListKeys(element('sidebar'));
    addEventListener('pagehide', () => this.#remember());
    setInterval(() => this.#remember(), REMEMBER_EVERY_MS);
    listenToRows(this.#scroller, this.#rowActions());
    keepAgo(this.#scroller);
    element('jump').addEventListener('click', () => this.#do(() => this.view.follow()));
    document.fonts.addEventListener('loadingdone', () => this.view.list.schedule());
    setInterval(() => this.#draw(), DRAW_EVERY_MS);
    this.#open(parseHash(location.hash));
    this.feeds.start();
  }

  #open({ feed, filter }: Place): void {
    if (filter !== this.view.filterText) this.view.setFilter(filter);
    const name = feed ?? firstChoice(this.feeds.entries.values(), this.memory.favourites.names);
    if (name !== this.feed?.name) this.#follow(name);
    this.#draw();
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
    return new FollowedFeed(name, { maxBytes, room: this.#room, view, seen: this.memory.seen(name) });
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
    if (this.feed === undefined) this.#open(parseHash(location.hash));
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
      toggleLevel: (level) => this.#do(() => this.view.toggleLevel(level)),
      toggleFollow: () => this.#do(() => (this.view.mode === 'following' ? this.view.pause() : this.view.follow())),
      copyAll: () => void this.#copy(this.feed?.store.rows() ?? []),
      copyShown: () => void this.#copy(this.view.shownRows()),
      copyLink: () => void copyToClipboard(location.href),
      prefer: (change) => this.#prefer(change),
      showKeys: () => showKeysHelp(element('keys')),
      tryNow: () => (this.feed === undefined ? this.feeds.tryNow() : this.feed.connection.tryNow()),
      reload: () => location.reload(),
      dismissAge: () => this.#do(() => (this.serviceAge = 'same')),
    };
  }

  #keyActions(): KeyActions {
    const { focusFilter, find, toggleFollow, toggleLevel, copyAll, showKeys } = this.#actions;
    return {
      filter: focusFilter,
      find,
      follow: () => this.#do(() => this.view.follow()),
      togglePause: toggleFollow,
      scroll: (how) => this.#scroll(how),
      neighbour: (step) => this.#chooseNeighbour(step),
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
    this.view.setFilter(text);
    history.replaceState(null, '', formatHash({ feed: this.feed?.name, filter: text }) || location.pathname);
    this.#draw();
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
    if (this.view.filterText !== '' || this.view.onlyLevels.size > 0) this.#clearFilter();
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
    else this.#scroller.scrollTop += by[how];
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
