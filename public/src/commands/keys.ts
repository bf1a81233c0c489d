/** What keys do. Each is an action of the page; what the browser does with a key it keeps where the action says so. */
export interface KeyActions {
  filter(): void;
  find(): void;
  follow(): void;
  togglePause(): void;
  /** Leaves the end and scrolls. */
  scroll(how: 'line-up' | 'line-down' | 'page-up' | 'page-down' | 'oldest'): void;
  neighbour(step: -1 | 1): void;
  /** The line below or above becomes the current one. */
  line(step: -1 | 1): void;
  nextError(step: -1 | 1): void;
  nextHit(step: -1 | 1): void;
  mark(): void;
  nextMark(step: -1 | 1): void;
  context(): void;
  share(): void;
  time(): void;
  toggleErrors(): void;
  toggleWrap(): void;
  copyAll(): void;
  help(): void;
  escape(): void;
}

type Action = (actions: KeyActions) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  '/': (page) => page.filter(),
  End: (page) => page.follow(),
  G: (page) => page.follow(),
  f: (page) => page.follow(),
  p: (page) => page.togglePause(),
  ' ': (page) => page.togglePause(),
  k: (page) => page.line(-1),
  ArrowUp: (page) => page.scroll('line-up'),
  j: (page) => page.line(1),
  ArrowDown: (page) => page.scroll('line-down'),
  PageUp: (page) => page.scroll('page-up'),
  PageDown: (page) => page.scroll('page-down'),
  Home: (page) => page.scroll('oldest'),
  g: (page) => page.scroll('oldest'),
  '{': (page) => page.neighbour(-1),
  '}': (page) => page.neighbour(1),
  e: (page) => page.nextError(1),
  E: (page) => page.nextError(-1),
  n: (page) => page.nextHit(1),
  N: (page) => page.nextHit(-1),
  m: (page) => page.mark(),
  '[': (page) => page.nextMark(-1),
  ']': (page) => page.nextMark(1),
  Enter: (page) => page.context(),
  o: (page) => page.toggleErrors(),
  s: (page) => page.share(),
  t: (page) => page.time(),
  w: (page) => page.toggleWrap(),
  c: (page) => page.copyAll(),
  '?': (page) => page.help(),
};

/** Listens for the keys of the page. Where text is typed or a dialog is open, only those that cannot be meant for it count. */
export function listenForKeys(actions: KeyActions): void {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') return act(event, (page) => page.find());
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'text';
    if (event.key === 'Escape') return actions.escape();
    if (isTyping || isForControl(event)) return;
    const action = ACTIONS[event.key];
    if (action !== undefined) act(event, action);
  });

  function act(event: KeyboardEvent, action: Action): void {
    event.preventDefault();
    action(actions);
  }
}

/** Space presses a button, arrows move a choice: those keys belong to the control that has the focus. */
function isForControl({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (key === ' ') return target.closest('button, a, input, summary') !== null;
  if (key === 'Enter') return target.closest('button, a, input, summary, [role="button"]') !== null;
  return key.startsWith('Arrow') && target.closest('input, [popover]') !== null;
}
