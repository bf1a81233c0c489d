const COMPRESSED = /\.(?:gz|tgz|bz2|xz|zst|lz4|zip|Z)$/;
const DATE = String.raw`(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`[T_.-]?\d\d(?:[-:_.]?\d\d){0,2}(?:[.,]\d{1,9})?Z?`;
const MARK = String.raw`[-._](?:${DATE}(?:${TIME})?|\d{1,14})`;
/** A number or date after the extension (logrotate), with at most one more behind it (a date and the count of that day). */
const AFTER = new RegExp(`^(.+?)(?:${MARK}){1,2}$`);
/** A number or date before the extension (logback, log4j, winston). */
const BEFORE = new RegExp(String.raw`^(.+?)(?:${MARK}){1,2}(\.[A-Za-z][A-Za-z0-9]{0,15})$`);

/** Compressed logs are archives of what was: never feeds. */
export function isCompressedName(name: string): boolean {
  return COMPRESSED.test(name);
}

/** The name without its compression: `a.log.2` of `a.log.2.gz`. */
export function plainName(name: string): string {
  return name.replace(COMPRESSED, '');
}

/** The names under which the file that `name` was rotated away from may still be written: `access.log.2.gz` has `access.log`. */
export function liveNamesOf(name: string): string[] {
  const plain = plainName(name);
  const after = AFTER.exec(plain)?.[1];
  const before = BEFORE.exec(plain);
  const names = [after, before === null ? undefined : `${before[1]}${before[2]}`, plain === name ? undefined : plain];
  return names.filter((live) => live !== undefined);
}

/** How many rotations ago: 2 for `access.log.2.gz` and `app.2.log`; 0 where only a date tells. */
export function rotationNumber(name: string): number {
  const plain = plainName(name).replace(new RegExp(DATE, 'g'), '');
  return Number(/[-._](\d{1,4})(?:\.[A-Za-z]\w*)?$/.exec(plain)?.[1] ?? 0);
}

/** Whether `name` is an older part of one of the files beside it, or an archive. `siblings` holds names of files in the same folder. */
export function isRotatedSibling(name: string, siblings: ReadonlySet<string>): boolean {
  return isCompressedName(name) || liveNamesOf(name).some((live) => siblings.has(live));
}
