import { plainText } from '../log/ansi.ts';
import { fieldTerm } from '../log/field-term.ts';
import { type Fields, valueText } from '../log/fields.ts';
import { NO_FILTER } from '../log/filter.ts';
import type { JsonNode } from '../log/json-node.ts';
import { styledSpans } from '../log/spans.ts';
import { countOf, formatCount } from '../units.ts';
import { create, createButton } from './element.ts';
import { createSpans } from './line-pieces.ts';

/** Of a list so many are shown at first; a button shows as many again. */
const SHOWN_ENTRIES = 100;
const SHOWN_CHARACTERS = 2_000;
/** Lists within are open at first where they are no longer than this. */
const OPEN_ENTRIES = 8;

type Named = readonly [name: string, path: string, node: JsonNode];

/** The names and values of a line, each with what can be done with it. What lies within is made when it is opened. */
export function createFieldTree({ form, before, root }: Fields): HTMLElement {
  const element = create('div', 'fields');
  const named = root.entries.map(([key, node]): Named => [key, form === 'json' ? pathStep('', key) : key, node]);
  if (before !== '') element.append(create('p', 'before', plainText(before)));
  element.append(createList(named));
  return element;
}

/** As jq names it: `.user.id`, `.items[0]`, `."odd name"`. */
export function pathStep(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path === '' ? '.' : path}[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}.${JSON.stringify(key)}`;
}

function createList(named: readonly Named[]): HTMLElement {
  const list = create('ul');
  const show = (from: number) => {
    list.append(...named.slice(from, from + SHOWN_ENTRIES).map(createField));
    const left = named.length - from - SHOWN_ENTRIES;
    if (left <= 0) return;
    const item = create('li');
    const more = createButton('act', `Show ${formatCount(Math.min(left, SHOWN_ENTRIES))} of ${formatCount(left)} more`);
    more.addEventListener('click', () => {
      item.remove();
      show(from + SHOWN_ENTRIES);
    });
    item.append(more);
    list.append(item);
  };
  show(0);
  return list;
}

function createField([name, path, node]: Named): HTMLElement {
  const item = create('li');
  const children = childrenOf(node, path);
  if (children.length === 0) item.append(...createLeaf(name, node), createActs(name, path, node));
  else appendBranch(item, name, node, children, createActs(name, path, node));
  return item;
}

function childrenOf(node: JsonNode, path: string): Named[] {
  if (node.kind === 'object') return node.entries.map(([key, child]) => [key, pathStep(path, key), child]);
  if (node.kind === 'array') return node.items.map((child, index) => [String(index), pathStep(path, index), child]);
  return [];
}

function createLeaf(name: string, node: JsonNode): HTMLElement[] {
  const text = valueText(node);
  const plain = plainText(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
  const value = create('span', `value ${node.kind}`);
  value.append(...createSpans(styledSpans(plain, [], NO_FILTER)));
  return [create('span', 'key', plainText(name)), value];
}

function appendBranch(item: HTMLElement, name: string, node: JsonNode, children: readonly Named[], acts: HTMLElement): void {
  const button = createButton('branch', '');
  button.append(create('span', 'key', plainText(name)), ' ', countOf(children.length, node.kind === 'array' ? 'item' : 'field'));
  let list: HTMLElement | undefined;
  const open = (isOpen: boolean) => {
    button.ariaExpanded = String(isOpen);
    if (isOpen) list ??= createList(children);
    if (isOpen && list !== undefined) item.append(list);
    else list?.remove();
  };
  button.addEventListener('click', () => open(button.ariaExpanded === 'false'));
  item.append(button, acts);
  open(children.length <= OPEN_ENTRIES);
}

function createActs(name: string, path: string, node: JsonNode): HTMLElement {
  const acts = create('span', 'acts');
  // What is in a list has a place, but no name to filter by.
  const isNamed = !path.endsWith(']') && (node.kind === 'string' || node.kind === 'literal');
  const term = isNamed ? fieldTerm(name, valueText(node)) : undefined;
  if (term !== undefined) {
    acts.append(
      labelled(createButton('act', 'Only', { only: term }), `Only lines with ${term}`),
      labelled(createButton('act', 'Hide', { hide: term }), `Hide lines with ${term}`),
    );
  }
  acts.append(
    labelled(createButton('act', 'Copy path', { copy: path }), `Copy path ${path}`),
    labelled(createButton('act', 'Copy value', { copy: valueText(node) }), `Copy value of ${path}`),
  );
  return acts;
}

function labelled(button: HTMLElement, label: string): HTMLElement {
  button.ariaLabel = plainText(label);
  button.title = plainText(label);
  return button;
}
