import { copyText } from '../log/copy-text.ts';
import type { Page } from '../page.ts';
import { countOf } from '../units.ts';
import type { Actions } from '../view/actions.ts';
import { element } from '../view/element.ts';
import { showKeysHelp } from '../view/keys-help.ts';

/** What the controls of the page do. */
export function pageActions(page: Page): Actions {
  const { feeds, memory, filtering, view, sharing, ageWatch } = page;
  const copyAll = async () => {
    const text = copyText(page.feed?.store.rows() ?? []);
    await page.saying.copy(text, `Copied ${countOf(text.split('\n').length - 1, 'line')}`);
  };
  return {
    find: () => page.finder.open(),
    toggleFavourite: (name) => page.do(() => memory.favourites.toggle(name)),
    toggleTogether: (name) => page.do(() => page.toggleTogether(name)),
    toggleGroup: (title) => page.do(() => memory.folded.toggle(title)),
    setFilter: (text) => filtering.set(text),
    focusFilter: () => element('filter').focus(),
    clearFilter: () => filtering.clear(),
    toggleLevel: (level) => filtering.toggleLevel(level),
    toggleFollow: () => page.do(() => (view.mode === 'following' ? view.pause() : page.toEnd())),
    copyAll: () => void copyAll(),
    shareLink: () => sharing.copyLink(),
    shareText: () => sharing.copyText(),
    shareJson: () => sharing.copyJson(),
    shareCurl: () => void sharing.copyCurl(),
    download: () => sharing.download(),
    toggleContext: () => page.reader.toggleContext(),
    showOldest: () => page.showOldest(),
    askTime: () => page.timeDialog.open(),
    toggleHighlight: (text) => page.do(() => page.toggleHighlight(text)),
    follow: () => page.do(() => page.toEnd()),
    prefer: (change) => page.prefer(change),
    showKeys: () => showKeysHelp(element('keys')),
    tryNow: () => (page.feed === undefined ? feeds.tryNow() : page.feed.connection.tryNow()),
    reload: () => location.reload(),
    dismissAge: () => page.do(() => (ageWatch.age = 'same')),
  };
}
