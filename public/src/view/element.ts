/** An element of index.html. */
export function element<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found as Kind;
}

/** A new element. Its text goes in as text only: a log line can never be markup. */
export function create(tag: string, className = '', text?: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A button that does what `data` says: who listens is told by view/row-opening.ts. */
export function createButton(className: string, text: string, data: Readonly<Record<string, string>> = {}): HTMLElement {
  const button = create('button', className, text);
  button.setAttribute('type', 'button');
  Object.assign(button.dataset, data);
  return button;
}
