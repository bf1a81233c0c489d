import { nothing, render } from 'lit';
import { copyToClipboard } from './clipboard.ts';
import type { ConnectionState } from './connection/feed-connection.ts';
import { FeedList } from './feeds/feed-list.ts';
import { firstChoice, groupFeeds } from './feeds/groups.ts';
import { FollowedFeed } from './followed-feed.ts';
import { type KeyActions, listenForKeys } from './keys.ts';
import type { Place } from './location-hash.ts';
import { formatHash, parseHash } from './location-hash.ts';
import { copyText } from './log/copy-text.ts';
import type { Level } from './log/level.ts';
import type { Row } from './log/row.ts';
import { loadPreferences, type Preferences, savePreferences } from './preferences.ts';
import { stateWords } from './status/state-words.ts';
import { countOf, formatCount } from './units.ts';
import { bottomBar } from './view/bottom-bar.ts';
import { Finder } from './view/finder.ts';
import { foot } from './view/foot.ts';
import { watchGestures } from './view/gestures.ts';
import { header } from './view/header.ts';
import { showKeysHelp } from './view/keys-help.ts';
import { LogMap } from './view/log-map.ts';
import { LogView } from './view/log-view.ts';
import { notice } from './view/notice.ts';
import { sidebar } from './view/sidebar.ts';
import { viewMenu } from './view/view-menu.ts';

const TICK_MS = 250;
const COPIED_IS_TOLD_MS = 2_000;
const CLOSED: ConnectionState = { is: 'closed' };

/** The page: what is chosen, and who is told what. Everything around the rows is drawn from here, a few times a second. */
export class Page {
  readonly #scroller = element('log');
  readonly #view = new LogView(this.#scroller, () => this.#map.schedule());
  readonly #map = new LogMap(element('map'), this.#view.list, (share) => this.#goTo(share));
  readonly #feeds = new FeedList(() => this.#listChanged());
  readonly #finder = new Finder(
    element('finder'),
    () => ({ entries: this.#feeds.entries, chosen: this.#feed?.name, history: (name) => this.#feeds.history(name) }),
    (name) => this.#choose(name),
  );
  #preferences = loadPreferences(matchMedia('(max-width: 720px)').matches);
  #feed: FollowedFeed | undefined;
  #copied: string | undefined;
  #drawIsDue = false;

  start(): void {
    this.#applyPreferences();
    addEventListener('hashchange', () => this.#open(parseHash(location.hash)));
    watchGestures(this.#scroller, () => this.#do(() => this.#view.read()));
    listenForKeys(this.#keys());
    element('jump').addEventListener('click', () => this.#do(() => this.#view.follow()));
    document.fonts.addEventListener('loadingdone', () => this.#view.list.measure(this.#preferences.wrap));
    setInterval(() => this.#draw(), TICK_MS);
    this.#open(parseHash(location.hash));
    this.#feeds.start();
  }

  #open({ feed, filter }: Place): void {
    if (filter !== this.#view.filterText) this.#view.setFilter(filter);
    const name = feed ?? firstChoice(this.#feeds.entries.values());
    if (name !== this.#feed?.name) this.#follow(name);
    this.#draw();
  }

  #follow(name: string | undefined): void {
    this.#feed?.connection.close();
    this.#feed = undefined;
    if (name !== undefined) {
      this.#feed = new FollowedFeed(name, {
        rows: (rows) => this.#rows(rows),
        unfinished: (text) => this.#view.showUnfinished(text),
        state: (state) => this.#stateChanged(state),
      });
    }
    document.title = name === undefined ? 'livefeed' : `${name} · livefeed`;
    this.#view.show(this.#feed?.store);
    this.#feed?.connection.open();
  }

  #rows(rows: readonly Row[]): void {
    this.#view.add(rows);
  }

  #stateChanged(state: ConnectionState): void {
    if (state.is === 'live') this.#feeds.tryNow();
    this.#drawSoon();
  }

  #listChanged(): void {
    const { connection, name } = this.#feed ?? {};
    if (this.#feed === undefined) this.#open(parseHash(location.hash));
    else if (connection?.state.is === 'refused' && connection.state.refusal.code === 'unknown-feed') {
      if (this.#feeds.entries.has(name ?? '')) connection.tryNow();
    }
    this.#drawSoon();
  }

  #choose(name: string): void {
    location.hash = formatHash({ feed: name, filter: this.#view.filterText });
  }

  #setFilter(text: string): void {
    this.#view.setFilter(text);
    history.replaceState(null, '', formatHash({ feed: this.#feed?.name, filter: text }) || location.pathname);
    this.#draw();
  }

  #toggleLevel(level: Level): void {
    this.#do(() => this.#view.toggleLevel(level));
  }

  #toggleFollow(): void {
    this.#do(() => (this.#view.mode === 'following' ? this.#view.pause() : this.#view.follow()));
  }

  #clearFilter(): void {
    this.#view.onlyLevels.clear();
    this.#setFilter('');
  }

  #goTo(share: number): void {
    this.#do(() => this.#view.read());
    this.#view.list.scrollToShare(share);
  }

  #prefer(change: Partial<Preferences>): void {
    this.#preferences = { ...this.#preferences, ...change };
    savePreferences(this.#preferences);
    this.#do(() => this.#applyPreferences());
  }

  #applyPreferences(): void {
    const { theme, size, wrap, times } = this.#preferences;
    Object.assign(document.documentElement.dataset, { theme, size, times, wrap: String(wrap) });
    this.#view.setPreferences(this.#preferences);
  }

  async #copy(rows: Iterable<Row>): Promise<void> {
    const text = copyText(rows);
    const copied = await copyToClipboard(text);
    this.#copied = copied ? `Copied ${countOf(text.split('\n').length - 1, 'line')}` : 'The browser did not allow it';
    setTimeout(() => this.#do(() => (this.#copied = undefined)), COPIED_IS_TOLD_MS);
    this.#draw();
  }

  #copyAll(): void {
    void this.#copy(this.#feed?.store.rows() ?? []);
  }

  #keys(): KeyActions {
    return {
      filter: () => this.#focusFilter(),
      find: () => this.#finder.open(),
      follow: () => this.#do(() => this.#view.follow()),
      togglePause: () => this.#toggleFollow(),
      scroll: (how) => this.#scroll(how),
      neighbour: (step) => this.#chooseNeighbour(step),
      toggleErrors: () => this.#toggleLevel('error'),
      toggleWrap: () => this.#prefer({ wrap: !this.#preferences.wrap }),
      copyAll: () => this.#copyAll(),
      help: () => showKeysHelp(element('keys')),
      escape: () => this.#escape(),
    };
  }

  #focusFilter(): void {
    element<HTMLInputElement>('filter').focus();
  }

  #escape(): void {
    if (this.#view.filterText !== '' || this.#view.onlyLevels.size > 0) this.#clearFilter();
    else this.#scroller.focus();
  }

  #scroll(how: Parameters<KeyActions['scroll']>[0]): void {
    const { clientHeight } = this.#scroller;
    const line = Number.parseFloat(getComputedStyle(this.#scroller).lineHeight);
    const by = { 'line-up': -line, 'line-down': line, 'page-up': line - clientHeight, 'page-down': clientHeight - line };
    if (how !== 'line-down' && how !== 'page-down') this.#do(() => this.#view.read());
    if (this.#view.mode === 'following') return;
    if (how === 'oldest') this.#scroller.scrollTop = 0;
    else this.#scroller.scrollTop += by[how];
  }

  #chooseNeighbour(step: -1 | 1): void {
    const names = groupFeeds(this.#feeds.entries.values()).flatMap(({ feeds }) => feeds.map(({ name }) => name));
    const at = names.indexOf(this.#feed?.name ?? '');
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
    this.#drawSidebar();
    this.#drawHeader();
    this.#drawFoot();
    this.#drawNotice();
    this.#drawJump();
    this.#drawMenus();
  }

  #drawSidebar(): void {
    const { connection } = this.#feed ?? {};
    const facts = {
      groups: groupFeeds(this.#feeds.entries.values()),
      loaded: this.#feeds.loaded,
      chosen: this.#feed?.name,
      reachable: connection?.state.is !== 'waiting' || connection.state.loss === 'unknown-feed',
      history: (name: string) => this.#feeds.history(name),
      nowMs: Date.now(),
    };
    render(
      sidebar(facts, () => this.#finder.open()),
      element('sidebar'),
    );
    if (this.#finder.isOpen) this.#finder.draw();
  }

  #drawHeader(): void {
    const { filterText: filter, hidden, onlyLevels, mode } = this.#view;
    const feed = this.#feed?.name;
    const facts = {
      feed,
      entry: this.#feeds.entries.get(feed ?? ''),
      filter,
      hidden,
      levels: this.#feed?.store.levels ?? { error: 0, warn: 0, debug: 0 },
      onlyLevels,
      following: mode === 'following',
      copied: this.#copied,
    };
    const actions = {
      find: () => this.#finder.open(),
      filter: (text: string) => this.#setFilter(text),
      toggleLevel: (level: Level) => this.#toggleLevel(level),
      toggleFollow: () => this.#toggleFollow(),
      copyAll: () => this.#copyAll(),
    };
    render(header(facts, actions), element('header'));
  }

  #drawFoot(): void {
    const feed = this.#feed;
    const nowMs = Date.now();
    const { mode, newLines } = this.#view;
    if (feed === undefined) {
      render(nothing, element('foot'));
      return;
    }
    const connection = feed.connection.state;
    const state = stateWords({
      connection,
      view: { is: mode, newLines, topMs: this.#view.topMs() },
      back: feed.continuity.back,
      quietMs: feed.lastLineMs === undefined ? undefined : nowMs - feed.lastLineMs,
      nowMs,
    });
    const { store, continuity, lag, meter, behindBytes, heardMs } = feed;
    const facts = {
      state,
      live: connection.is === 'live',
      sinceMs: continuity.sinceMs,
      heardMs,
      lagMs: lag.ms,
      behindBytes,
      perSecond: meter.perSecond(nowMs),
      hidden: this.#view.hidden,
      missed: continuity.missed,
      lines: store.lines,
      dropped: store.droppedLines,
    };
    render(
      foot(facts, () => feed.connection.tryNow()),
      element('foot'),
    );
    const spoken = element('spoken');
    if (spoken.textContent !== state.spoken) spoken.textContent = state.spoken;
  }

  #drawNotice(): void {
    const feed = this.#feed;
    const content = notice(
      {
        feed: feed?.name,
        entry: this.#feeds.entries.get(feed?.name ?? ''),
        listLoaded: this.#feeds.loaded,
        connection: feed?.connection.state ?? CLOSED,
        lines: feed?.store.lines ?? 0,
        shown: this.#view.list.rows.lines,
        openedForMs: Date.now() - (feed?.openedMs ?? 0),
      },
      { tryNow: () => feed?.connection.tryNow(), clearFilter: () => this.#clearFilter() },
    );
    const box = element('notice');
    box.hidden = content === nothing;
    render(content, box);
  }

  #drawJump(): void {
    const { mode, newLines } = this.#view;
    const jump = element('jump');
    jump.hidden = mode === 'following';
    jump.textContent = newLines === 0 ? '↓ Newest' : `↓ ${formatCount(newLines)} new`;
  }

  #drawMenus(): void {
    const { store } = this.#feed ?? {};
    const { hidden, mode, onlyLevels } = this.#view;
    const lines = store?.lines ?? 0;
    const menu = viewMenu(
      { preferences: this.#preferences, lines, shown: lines - hidden },
      {
        prefer: (change) => this.#prefer(change),
        copyAll: () => this.#copyAll(),
        copyShown: () => void this.#copy(this.#view.shownRows()),
        copyLink: () => void copyToClipboard(location.href),
        showKeys: () => showKeysHelp(element('keys')),
      },
    );
    render(menu, element('view-menu'));
    const bar = { following: mode === 'following', errors: store?.levels.error ?? 0, onlyErrors: onlyLevels.has('error') };
    const actions = {
      toggleFollow: () => this.#toggleFollow(),
      filter: () => this.#focusFilter(),
      toggleErrors: () => this.#toggleLevel('error'),
    };
    render(bottomBar(bar, actions), element('bar'));
  }
}

function element<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found as Kind;
}
