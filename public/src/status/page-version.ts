/** Which page this is: the version of livefeed that it came with, and a mark of its content. */
export interface PageVersion {
  readonly version: string;
  readonly content: string;
}

/** How the service stands to this page: `other`: the same version with other content, as while livefeed is worked on. */
export type ServiceAge = 'same' | 'newer' | 'older' | 'other';

const META = /<meta name="livefeed" content="([\w.+-]+) (\w+)"/;

/** What the document says of itself; undefined where it does not. */
export function parsePageVersion(html: string): PageVersion | undefined {
  const [, version, content] = META.exec(html) ?? [];
  return version === undefined || content === undefined ? undefined : { version, content };
}

export function compareVersions(page: PageVersion, service: PageVersion): ServiceAge {
  if (page.content === service.content && page.version === service.version) return 'same';
  const [own, its] = [numbersOf(page.version), numbersOf(service.version)];
  for (const [index, number] of its.entries()) {
    if (number !== own[index]) return number > (own[index] ?? 0) ? 'newer' : 'older';
  }
  return 'other';
}

/** The document that the service gives now, which a page that was opened before its restart may not be. */
export async function fetchPageVersion(): Promise<PageVersion | undefined> {
  try {
    const response = await fetch('/', { cache: 'no-store', headers: { Accept: 'text/html' } });
    return response.ok ? parsePageVersion(await response.text()) : undefined;
  } catch {
    return undefined;
  }
}

function numbersOf(version: string): number[] {
  return version.split(/[.+-]/).slice(0, 3).map(Number);
}
