/** As many as the service reads on one connection. */
export const MAX_TOGETHER = 32;

/** What no name of a feed has in it. */
const DIVIDER = ',';
const NAME = /^[\w./-]+$/;

/** Feeds that are shown together have one name, `web/access.log,deploys`: so they are a feed like any other. */
export function nameTogether(names: Iterable<string>): string {
  return [...new Set(names)].filter((name) => NAME.test(name)).join(DIVIDER);
}

export function namesIn(name: string): string[] {
  return name.split(DIVIDER);
}

export function isTogether(name: string | undefined): name is string {
  return name?.includes(DIVIDER) === true;
}

/** With another one, or without it; undefined where that would be too many. The last one stays. */
export function toggled(name: string | undefined, other: string): string | undefined {
  const names = name === undefined ? [] : namesIn(name);
  if (!names.includes(other)) return names.length >= MAX_TOGETHER ? undefined : nameTogether([...names, other]);
  return names.length === 1 ? name : nameTogether(names.filter((each) => each !== other));
}

/** The shortest ends of the names that tell them apart: `access.log`, or `web/access.log` where there is another. */
export function shortNames(names: readonly string[]): string[] {
  return names.map((name) => {
    const segments = name.split('/');
    for (let count = 1; count < segments.length; count += 1) {
      const end = segments.slice(-count).join('/');
      if (names.every((other) => other === name || (other !== end && !other.endsWith(`/${end}`)))) return end;
    }
    return name;
  });
}

/** As short as they can be in a row: without the ending that all have, such as `.log`. */
export function rowNames(names: readonly string[]): string[] {
  const short = shortNames(names);
  const [ending = ''] = /\.\w+$/.exec(short[0] ?? '') ?? [];
  const isOfAll = short.every((name) => name.endsWith(ending) && name.length > ending.length && !name.endsWith(`/${ending}`));
  return isOfAll ? short.map((name) => name.slice(0, name.length - ending.length)) : short;
}

const NAMED = 3;

/** For people: `access.log + app.log`, or `5 feeds`. */
export function titleOf(name: string): string {
  if (!isTogether(name)) return name;
  const names = shortNames(namesIn(name));
  return names.length > NAMED ? `${names.length} feeds` : names.join(' + ');
}
