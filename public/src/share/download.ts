/** So long the browser may take to begin with it. */
const HELD_MS = 60_000;

/** Gives text to the browser as a file to be saved. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), HELD_MS);
}

/** `web/access.log` as a name for a file: `access-2026-11-23-143102.log`. */
export function fileName(feed: string, date: Date): string {
  const short = feed.slice(feed.lastIndexOf('/') + 1);
  const dot = short.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [short.slice(0, dot), short.slice(dot)] : [short, '.log'];
  const at = date.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  return `${stem}-${at}${ending}`;
}
