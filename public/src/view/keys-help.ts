import { html, render } from 'lit';

const KEYS: readonly [keys: string[], what: string][] = [
  [['/'], 'Filter lines; words must be there, !word must not, name==value is a field'],
  [['Tab', 'Enter'], 'To the next line that opens, open it or close it'],
  [['Ctrl K'], 'Find a feed'],
  [['Space'], 'In the list of feeds: show the feed together with those that are open'],
  [['{', '}'], 'Feed before, feed after'],
  [['End', 'G', 'f'], 'Follow the newest line'],
  [['p', 'Space'], 'Pause, or follow again'],
  [['j', 'k'], 'The line below, the line above'],
  [['e', 'E'], 'Next error, previous error, in all of the feed'],
  [['n', 'N'], 'Next find, previous find, in all of the feed'],
  [['m'], 'Mark the line, or mark it no longer'],
  [['[', ']'], 'Previous mark, next mark'],
  [['Enter'], 'Show the line among those that the filter hides; again: back'],
  [['PgUp', 'PgDn'], 'A page up, a page down'],
  [['Home', 'g'], 'The oldest line'],
  [['o'], 'Only errors, or all lines'],
  [['w'], 'Wrap long lines'],
  [['c'], 'Copy all lines'],
  [['t'], 'Go to a time'],
  [['s'], 'Share: links, copies, download'],
  [['Esc'], 'Stop a search, clear the filter, close what is open'],
];

export function showKeysHelp(dialog: HTMLDialogElement): void {
  render(
    html`<h2>Keys</h2>
      <dl>
        ${KEYS.map(([keys, what]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${what}</dd>`)}
      </dl>
      <button type="button" class="button main" @click=${() => dialog.close()}>Close</button>`,
    dialog,
  );
  if (!dialog.open) dialog.showModal();
}
