import { html, render } from 'lit';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import { findNames } from '../feeds/find.ts';
import { type FeedGroup, groupFeeds } from '../feeds/groups.ts';
import { type FeedRowActions, type FeedRowFacts, feedGroup } from './feed-rows.ts';

export interface FinderFacts {
  readonly entries: ReadonlyMap<string, FeedEntry>;
  readonly rows: FeedRowFacts;
}

const NONE: ReadonlySet<string> = new Set();

/** The dialog that finds a feed by some letters of its name; on a phone it is the list of feeds. */
export class Finder {
  readonly #dialog: HTMLDialogElement;
  readonly #facts: () => FinderFacts;
  readonly #choose: (name: string) => void;
  readonly #actions: FeedRowActions;
  #query = '';

  constructor(dialog: HTMLDialogElement, facts: () => FinderFacts, choose: (name: string) => void, actions: FeedRowActions) {
    this.#dialog = dialog;
    this.#facts = facts;
    this.#choose = choose;
    this.#actions = {
      ...actions,
      toggleFavourite: (name) => {
        actions.toggleFavourite(name);
        this.draw();
      },
      toggleTogether: (name) => {
        actions.toggleTogether(name);
        this.draw();
      },
      toggleGroup: (title) => {
        actions.toggleGroup(title);
        this.draw();
      },
    };
    dialog.addEventListener('keydown', (event) => this.#key(event));
    dialog.addEventListener('click', (event) => this.#click(event));
  }

  open(): void {
    this.#query = '';
    this.draw();
    if (!this.#dialog.open) this.#dialog.showModal();
    const input = this.#dialog.querySelector('input');
    if (input !== null && !matchMedia('(pointer: coarse)').matches) input.focus();
  }

  /** Rates move while it is open. */
  draw(): void {
    const { entries, rows } = this.#facts();
    const isSearch = this.#query.trim() !== '';
    const groups = this.#groups(entries, rows.favourites);
    const shown = isSearch ? { ...rows, folded: NONE } : rows;
    render(
      html`<input
          type="text"
          aria-label="Find a feed"
          placeholder="Find a feed"
          autocomplete="off"
          spellcheck="false"
          .value=${this.#query}
          @input=${(event: InputEvent) => this.#search((event.target as HTMLInputElement).value)}
        />
        <div class="found">
          ${groups.map((group, index) => feedGroup(group, shown, this.#actions, index === 0))}
          ${groups.length === 0 ? html`<p class="hint">No feed has “${this.#query}” in its name.</p>` : ''}
        </div>`,
      this.#dialog,
    );
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  #groups(entries: ReadonlyMap<string, FeedEntry>, favourites: ReadonlySet<string>): FeedGroup[] {
    if (this.#query.trim() === '') return groupFeeds(entries.values(), favourites);
    const names = findNames([...entries.keys()], this.#query);
    const feeds = names.flatMap((name) => entries.get(name) ?? []);
    return feeds.length === 0 ? [] : [{ title: 'found', prefix: '', feeds }];
  }

  #search(query: string): void {
    this.#query = query;
    this.draw();
  }

  #key(event: KeyboardEvent): void {
    const links = [...this.#dialog.querySelectorAll<HTMLAnchorElement>('a.feed')];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (event.key === 'ArrowDown') links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') (at <= 0 ? this.#dialog.querySelector('input') : links[at - 1])?.focus();
    else if (event.key === '*' && at >= 0) links[at]?.closest('.feed-row')?.querySelector<HTMLElement>('.star')?.click();
    else if (event.key === ' ' && at >= 0) links[at]?.closest('.feed-row')?.querySelector<HTMLElement>('.with')?.click();
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement && links[0]?.dataset.feed !== undefined)
      this.#chosen(links[0].dataset.feed);
    else return;
    event.preventDefault();
  }

  #click(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a.feed') : null;
    if (link !== null || event.target === this.#dialog) this.#dialog.close();
  }

  #chosen(name: string): void {
    this.#dialog.close();
    this.#choose(name);
  }
}
