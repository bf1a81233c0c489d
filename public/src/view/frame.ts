import { nothing, render } from 'lit';
import type { FeedList } from '../feeds/feed-list.ts';
import type { FeedMemory } from '../feeds/feed-memory.ts';
import { groupFeeds } from '../feeds/groups.ts';
import { isTogether, namesIn, titleOf } from '../feeds/together.ts';
import type { FollowedFeed } from '../followed-feed.ts';
import type { Highlights } from '../log/highlights.ts';
import type { Reader } from '../places/reader.ts';
import type { Preferences } from '../preferences.ts';
import type { Sharing } from '../share/sharing.ts';
import type { ServiceAge } from '../status/page-version.ts';
import { type StateWords, stateWords } from '../status/state-words.ts';
import { formatCount } from '../units.ts';
import type { Actions } from './actions.ts';
import { type BannerFacts, banner } from './banner.ts';
import { bottomBar } from './bottom-bar.ts';
import { element } from './element.ts';
import type { FeedRowFacts } from './feed-rows.ts';
import { foot } from './foot.ts';
import { header } from './header.ts';
import type { LogView } from './log-view.ts';
import { notice } from './notice.ts';
import { shareMenu } from './share-menu.ts';
import { sidebar } from './sidebar.ts';
import { viewMenu } from './view-menu.ts';

/** What the frame shows: the page's own state, which changes under it. */
export interface FrameState {
  readonly feed: FollowedFeed | undefined;
  readonly feeds: FeedList;
  readonly memory: FeedMemory;
  readonly view: LogView;
  readonly preferences: Preferences;
  readonly reader: Reader;
  readonly sharing: Sharing;
  readonly highlights: Highlights;
  readonly copied: string | undefined;
  readonly said: string | undefined;
  readonly serviceAge: ServiceAge;
  /** Lines of the history are on their way. */
  readonly isLoading: boolean;
}

/** What the rows of feeds show, in the list at the side and in the finder. */
export function feedRowFacts({ feed, feeds, memory }: Pick<FrameState, 'feed' | 'feeds' | 'memory'>): FeedRowFacts {
  return {
    chosen: new Set(feed === undefined ? [] : namesIn(feed.name)),
    errors: feed?.store.levels.error ?? 0,
    favourites: memory.favourites.names,
    folded: memory.folded.names,
    history: (name) => feeds.history(name),
    grown: (name) => memory.grown(name),
    seenMs: (name) => memory.seen(name)?.atMs,
    nowMs: Date.now(),
  };
}

const NO_LEVELS = { error: 0, warn: 0, debug: 0 };

/** Everything around the rows, drawn anew from the state each time; Lit changes only what differs. */
export class Frame {
  readonly #state: FrameState;
  readonly #actions: Actions;

  constructor(state: FrameState, actions: Actions) {
    this.#state = state;
    this.#actions = actions;
    element('share-menu').addEventListener('toggle', () => this.#drawShareMenu());
  }

  draw(): void {
    this.#drawSidebar();
    this.#drawHeader();
    this.#drawFoot();
    this.#drawNotice();
    this.#drawBanner();
    this.#drawJump();
    this.#drawViewMenu();
    this.#drawBottomBar();
    this.#drawShareMenu();
    this.#drawToast();
  }

  #drawSidebar(): void {
    const { feed, feeds, memory } = this.#state;
    const connection = feed?.connection.state;
    const facts = {
      groups: groupFeeds(feeds.entries.values(), memory.favourites.names),
      loaded: feeds.loaded,
      reachable: connection?.is !== 'waiting' || connection.loss === 'unknown-feed',
      rows: feedRowFacts(this.#state),
    };
    render(sidebar(facts, this.#actions), element('sidebar'));
  }

  #drawHeader(): void {
    const { feed, feeds, view, copied, reader } = this.#state;
    const facts = {
      feed: feed?.name,
      entry: feeds.entries.get(feed?.name ?? ''),
      filter: view.filterText,
      hidden: view.hidden,
      levels: feed?.store.levels ?? NO_LEVELS,
      onlyLevels: view.onlyLevels,
      following: view.mode === 'following',
      copied,
      context: reader.context,
    };
    render(header(facts, this.#actions), element('header'));
  }

  #drawFoot(): void {
    const { feed, view } = this.#state;
    const nowMs = Date.now();
    if (feed === undefined) {
      render(nothing, element('foot'));
      return;
    }
    const { store, continuity, lag, meter, behindBytes, heardMs } = feed;
    const state = this.#words(feed, nowMs);
    const facts = {
      state,
      live: feed.connection.state.is === 'live',
      sinceMs: continuity.sinceMs,
      heardMs,
      lagMs: lag.ms,
      behindBytes,
      perSecond: meter.perSecond(nowMs),
      hidden: view.hidden,
      notDrawn: view.burst.notDrawn,
      missed: continuity.missed,
      lines: store.lines,
      feedBytes: store.isMeasured ? this.#bytesOf(feed) : undefined,
    };
    render(foot(facts, this.#actions.tryNow), element('foot'));
    speak(state.spoken);
  }

  /** Of feeds that are shown together, as the list of feeds has them. */
  #bytesOf({ name, store }: FollowedFeed): number {
    if (!isTogether(name)) return store.feedBytes;
    return namesIn(name).reduce((sum, each) => sum + (this.#state.feeds.entries.get(each)?.bytes ?? 0), 0);
  }

  #words({ connection, continuity, lastLineMs }: FollowedFeed, nowMs: number): StateWords {
    const { view } = this.#state;
    return stateWords({
      connection: connection.state,
      view: { is: view.mode, newLines: view.newLines, topMs: view.mode === 'reading' ? view.topMs() : undefined },
      back: continuity.back,
      quietMs: lastLineMs === undefined ? undefined : nowMs - lastLineMs,
      nowMs,
    });
  }

  #drawNotice(): void {
    const { feed, feeds, view, isLoading } = this.#state;
    const facts = {
      feed: feed && titleOf(feed.name),
      feeds: namesIn(feed?.name ?? '').length,
      entry: feeds.entries.get(feed?.name ?? ''),
      listLoaded: feeds.loaded,
      listAgainMs: feeds.againAtMs,
      connection: feed?.connection.state ?? ({ is: 'closed' } as const),
      lines: feed?.store.lines ?? 0,
      shown: view.shown,
      hidden: view.hidden,
      isLooking: isLoading,
      openedForMs: Date.now() - (feed?.openedMs ?? 0),
    };
    const content = notice(facts, this.#actions);
    const box = element('notice');
    box.hidden = content === nothing;
    render(content, box);
  }

  #drawBanner(): void {
    const { feed, serviceAge: age, reader } = this.#state;
    const connection = feed?.connection.state ?? ({ is: 'closed' } as const);
    const facts: BannerFacts = {
      feed: feed && titleOf(feed.name),
      connection,
      lines: feed?.store.lines ?? 0,
      age,
      isGone: reader.gone !== undefined,
    };
    const content = banner(facts, this.#actions);
    const box = element('banner');
    box.hidden = content === nothing;
    render(content, box);
  }

  #drawJump(): void {
    const { mode, newLines } = this.#state.view;
    const jump = element('jump');
    jump.hidden = mode === 'following';
    jump.textContent = newLines === 0 ? '↓ Newest' : `↓ ${formatCount(newLines)} new`;
  }

  #drawViewMenu(): void {
    const { feed, preferences, highlights } = this.#state;
    const lines = feed?.store.lines ?? 0;
    render(viewMenu({ preferences, lines, highlights: highlights.rules }, this.#actions), element('view-menu'));
  }

  /** What is meant takes a look at every selected line, so that is asked only while the menu is open. */
  #drawShareMenu(): void {
    const { feed, sharing, view } = this.#state;
    const { shown } = view;
    const menu = element('share-menu');
    const meant = menu.matches(':popover-open') ? (sharing.meant()?.rows.length ?? 0) : 0;
    render(
      shareMenu(
        { feed: feed?.name, isTogether: isTogether(feed?.name), meant, lines: feed?.store.lines ?? 0, shown },
        this.#actions,
      ),
      menu,
    );
  }

  #drawToast(): void {
    const toast = element('toast');
    toast.hidden = this.#state.said === undefined;
    if (toast.textContent !== this.#state.said) toast.textContent = this.#state.said ?? '';
  }

  #drawBottomBar(): void {
    const { feed, view } = this.#state;
    const facts = {
      following: view.mode === 'following',
      errors: feed?.store.levels.error ?? 0,
      onlyErrors: view.onlyLevels.has('error'),
    };
    render(bottomBar(facts, this.#actions), element('bar'));
  }
}

/** Screen readers are told when the state changes, not at each second of a countdown. */
function speak(words: string): void {
  const spoken = element('spoken');
  if (spoken.textContent !== words) spoken.textContent = words;
}
