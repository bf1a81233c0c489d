/** Module hooks that replace a text in a module's source. A text that is not there exactly once is an error: mutants do not rot. */

let edits = [];

export function initialize(data) {
  edits = data.edits;
}

export async function load(url, context, next) {
  const own = edits.filter(({ file }) => url.split('?')[0].endsWith(`/${file}`));
  const loaded = await next(url, context);
  if (own.length === 0) return loaded;
  return { ...loaded, source: own.reduce(edited, String(Buffer.from(loaded.source))) };
}

function edited(source, { file, find, replace }) {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`mutant: ${file} has ${parts.length - 1} times what is to be replaced: ${find}`);
  return parts.join(replace);
}
