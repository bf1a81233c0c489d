import { AddressBar } from './address-bar.ts';
import { keyActions } from './commands/key-actions.ts';
import { listenForKeys } from './commands/keys.ts';
import { pageActions } from './commands/page-actions.ts';
import { rowActions } from './commands/row-actions.ts';
import type { ConnectionState } from './connection/feed-connection.ts';
import { FeedList } from './feeds/feed-list.ts';
import { FeedMemory } from './feeds/feed-memory.ts';
import { firstChoice } from './feeds/groups.ts';
import { MAX_TOGETHER, namesIn, titleOf, toggled } from './feeds/together.ts';
import { Filtering } from './filtering.ts';
import type { FollowedFeed } from './followed-feed.ts';
import { formatHash, type Place } from './location-hash.ts';
import { Highlights } from './log/highlights.ts';
import { OpenFeed } from './open-feed.ts';
import { finderOf, offerSelected, readerOf, sharingOf, timeDialogOf } from './page-parts.ts';
import { WantedPlace } from './places/wanted-place.ts';
import { loadPreferences, memoryBytes, type Preferences, savePreferences } from './preferences.ts';
import { RowFlow } from './row-flow.ts';
import { AgeWatch } from './status/age-watch.ts';
import type { ServiceAge } from './status/page-version.ts';
import { Saying } from './status/saying.ts';
import type { Actions } from './view/actions.ts';
import { element } from './view/element.ts';
import { Frame, type FrameState } from './view/frame.ts';
import { watchGestures } from './view/gestures.ts';
import { listenForListKeys } from './view/list-keys.ts';
import { LogView } from './view/log-view.ts';
import { listenToRows } from './view/row-opening.ts';
import { sourcesOf, widenFor } from './view/row-source.ts';
import { keepAgo } from './view/row-time.ts';

const DRAW_EVERY_MS = 250;
const REMEMBER_EVERY_MS = 5_000;
const NARROW = '(max-width: 720px)';

/** The page: what is chosen, and who is told what. It is the only file of the client that knows all others. */
export class Page implements FrameState {
  readonly scroller = element('log');
  readonly feeds = new FeedList(() => this.#listChanged());
  readonly memory = new FeedMemory();
  preferences: Preferences = loadPreferences(matchMedia(NARROW).matches);
  readonly saying = new Saying(() => this.draw());
  readonly ageWatch = new AgeWatch(() => this.draw());
  readonly highlights = new Highlights();
  readonly view = new LogView(this.scroller, (drawn) => this.#rows.drew(drawn));
  readonly open = this.#openFeed();
  readonly reader = readerOf(this);
  readonly filtering = new Filtering({
    view: this.view,
    reader: this.reader,
    change: (choose) => this.#refilter(choose),
    chosen: () => this.#filterChosen(),
  });
  readonly sharing = sharingOf(this);
  readonly timeDialog = timeDialogOf(this);
  readonly actions: Actions = pageActions(this);
  readonly address = new AddressBar({
    place: () => this.#wanted.current(this.feed?.name),
    open: (place) => this.#openAgain(place),
  });
  readonly finder = finderOf(this);
  readonly #wanted = new WantedPlace(this.view, this.reader);
  readonly #rows = new RowFlow(this, this.#wanted);
  readonly #frame = new Frame(this, this.actions);
  #drawIsDue = false;

  get feed(): FollowedFeed | undefined {
    return this.open.feed;
  }

  get said(): string | undefined {
    return this.saying.said;
  }

  get copied(): string | undefined {
    return this.saying.copied;
  }

  get isLoading(): boolean {
    return this.open.history?.isLoading === true;
  }

  get serviceAge(): ServiceAge {
    return this.ageWatch.age;
  }

  start(): void {
    this.#applyPreferences();
    watchGestures(
      this.scroller,
      () => this.leaveEnd(),
      () => this.view.burst.rows !== undefined,
    );
    listenForKeys(keyActions(this));
    listenForListKeys(element('sidebar'));
    addEventListener('pagehide', () => this.open.remember());
    setInterval(() => this.open.remember(), REMEMBER_EVERY_MS);
    listenToRows(this.scroller, rowActions(this));
    keepAgo(this.scroller);
    offerSelected(this);
    element('jump').addEventListener('click', this.actions.follow);
    document.fonts.addEventListener('loadingdone', () => this.view.list.schedule());
    setInterval(() => this.draw(), DRAW_EVERY_MS);
    this.#open(this.address.place);
    this.feeds.start();
  }

  /** The feeds that are open: several, where they are shown together. */
  get names(): readonly string[] {
    return this.feed === undefined ? [] : namesIn(this.feed.name);
  }

  choose(name: string): void {
    location.hash = formatHash({ feed: name, filter: this.view.filterText });
  }

  /** Shows the feed together with those that are open, or without it. */
  toggleTogether(name: string): void {
    const together = toggled(this.feed?.name, name);
    if (together === undefined) this.saying.tell(`At most ${MAX_TOGETHER} feeds can be shown together: leave one out first`);
    else if (together === name && this.feed?.name === name) this.saying.tell('It is the only one: choose another one with it');
    else this.choose(together);
  }

  goTo(byte: number | undefined): void {
    this.leaveEnd();
    this.open.goTo(byte);
  }

  showOldest(): void {
    this.reader.gone = undefined;
    this.goTo(0);
  }

  toEnd(): void {
    this.reader.gone = undefined;
    this.view.follow();
  }

  prefer(change: Partial<Preferences>): void {
    this.preferences = { ...this.preferences, ...change };
    savePreferences(this.preferences);
    this.do(() => this.#applyPreferences());
  }

  mark(): void {
    this.reader.toggleMark();
    this.#rows.map.schedule();
  }

  toggleHighlight(text: string): void {
    this.highlights.toggle(text);
    this.#rows.highlight();
  }

  /** Does it, and shows at once what it did. */
  do(action: () => void): void {
    action();
    this.draw();
  }

  #open(place: Place): void {
    this.filtering.by(place.filter, place.levels ?? []);
    const name = place.feed ?? firstChoice(this.feeds.entries.values(), this.memory.favourites.names);
    if (name !== this.feed?.name) this.#follow(name);
    this.#wanted.want(place);
    if ((this.feed?.store.lines ?? 0) > 0) this.#wanted.come();
    this.draw();
  }

  /** By a link, or Back: without a place, the newest line is meant. */
  #openAgain(place: Place): void {
    this.reader.context = undefined;
    this.#open(place);
    const isAnywhere = place.at !== undefined || place.time !== undefined || place.line !== undefined;
    if (!isAnywhere && this.view.mode === 'reading') this.view.follow();
  }

  #follow(name: string | undefined): void {
    this.open.change(name);
    document.title = name === undefined ? 'livefeed' : `${titleOf(name)} · livefeed`;
    this.view.show(this.feed?.store, sourcesOf(name));
    widenFor(this.scroller, sourcesOf(name));
    this.reader.restart();
    this.#rows.restart();
    this.feed?.connection.open();
  }

  #stateChanged(state: ConnectionState): void {
    if (state.is === 'live') {
      this.feeds.tryNow();
      this.ageWatch.live();
    }
    this.#drawSoon();
  }

  /** The list came or changed: perhaps with the first feed there is, or with the one that was refused. */
  #listChanged(): void {
    this.memory.look(this.feeds.entries, document.visibilityState === 'visible' ? this.names : []);
    if (this.feed === undefined) this.#open(this.address.place);
    else if (this.feed.isUnknown && this.names.every((name) => this.feeds.entries.has(name))) this.feed.connection.tryNow();
    if (this.finder.isOpen) this.finder.draw();
    this.#drawSoon();
  }

  leaveEnd(): void {
    this.open.history?.moved();
    this.do(() => this.view.read());
  }

  /** What the service has sifted is of the filter before; who reads in it stays at the line. */
  #refilter(choose: () => void): void {
    const settle = this.open.history?.refilter();
    void this.reader.stay(choose).then(settle);
  }

  #filterChosen(): void {
    this.address.tell();
    this.draw();
  }

  #applyPreferences(): void {
    const { theme, size, density, wrap, numbers, times } = this.preferences;
    const shown = { theme, size, density, times, wrap: String(wrap), numbers: String(numbers) };
    Object.assign(document.documentElement.dataset, shown);
    if (this.feed !== undefined) this.feed.store.maxBytes = memoryBytes(this.preferences);
    this.view.setPreferences(this.preferences);
  }

  speak(words: string): void {
    element('news').textContent = words;
  }

  #drawSoon(): void {
    if (this.#drawIsDue) return;
    this.#drawIsDue = true;
    requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    this.#drawIsDue = false;
    this.#frame.draw();
  }

  #openFeed(): OpenFeed {
    return new OpenFeed({
      memory: this.memory,
      maxBytes: () => memoryBytes(this.preferences),
      bytesOf: (name) => this.feeds.entries.get(name)?.bytes ?? 0,
      arrived: (added) => this.#rows.arrived(added),
      unfinished: (line) => this.view.showUnfinished(line),
      stateChanged: (state) => this.#stateChanged(state),
      loaded: () => this.#rows.loaded(),
      asked: () => this.view.asked,
      cameTo: (place) => this.#rows.cameTo(place),
    });
  }
}
