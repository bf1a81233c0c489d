const COMPRESSED = /\.(?:gz|tgz|bz2|xz|zst|lz4|zip|Z)$/;
const DATE = String.raw`(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`[T_.-]?\d\d(?:[-:_.]?\d\d){0,2}(?:[.,]\d{1,9})?Z?`;
const MARK = String.raw`[-._](?:${DATE}(?:${TIME})?|\d{1,14})`;
/** A number or date after the extension (logrotate), with at most one more behind it (a date and the count of that day). */
const AFTER = new RegExp(`^(.+?)(?:${MARK}){1,2}$`);
/** A number or date before the extension (logback, log4j, winston). */
const BEFORE = new RegExp(String.raw`^(.+?)(?:${MARK}){1,2}(\.[A-Za-z][A-Za-z0-9]{0,15})$`);

const EVERY_DATE = new RegExp(DATE, 'g');
const DATE_AND_TIME = new RegExp(`[-._](${DATE}(?:${TIME})?)(?![0-9])`);
/** rotatelogs without a format: seconds since the epoch (since 2001; others write milliseconds). */
const EPOCH = /[-._](1\d{9})(\d{3})?(?![0-9])/;

/** svlogd and multilog write `current` and name what is full by TAI64N time. */
const BY_SVLOGD = /^@[0-9a-f]{24}\.[su]$/;

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
  if (BY_SVLOGD.test(plain)) return ['current'];
  const names = [after, before === null ? undefined : `${before[1]}${before[2]}`, plain === name ? undefined : plain];
  return names.filter((live) => live !== undefined);
}

/** The number of a rotation: 2 for `access.log.2.gz` and `app.2.log`; undefined where none of at most four digits tells. */
export function rotationNumber(name: string): number | undefined {
  const plain = plainName(name).replace(EVERY_DATE, '');
  const digits = /[-._](\d{1,4})(?:\.[A-Za-z]\w*)?$/.exec(plain)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The date and time in a name, so that a later one is greater as text; undefined where there is none. */
export function rotationDate(name: string): string | undefined {
  const plain = plainName(name);
  if (BY_SVLOGD.test(plain)) return name.slice(1, 25);
  const date = DATE_AND_TIME.exec(plain)?.[1]?.replace(/\D/g, '');
  if (date !== undefined) return date;
  const [, seconds, millis = ''] = EPOCH.exec(plain) ?? [];
  return seconds === undefined ? undefined : digitsOf(new Date(Number(seconds) * 1_000)) + millis;
}

/** `20261122000000`. */
function digitsOf(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/\D/g, '');
}

/** Whether both may be names of one rotator: alike but for their numbers. A name without a number may be followed by any. */
export function mayFollow(name: string, earlier: string): boolean {
  const shape = shapeOf(earlier);
  return shape === plainName(earlier) || shapeOf(name) === shape;
}

function shapeOf(name: string): string {
  return plainName(name).replace(/[0-9a-f]*\d[0-9a-f]*/gi, '#');
}

/** Whether `name` is an older part of one of the files beside it, or an archive. `siblings` holds names of files in the same folder. */
export function isRotatedSibling(name: string, siblings: ReadonlySet<string>): boolean {
  return isCompressedName(name) || liveNamesOf(name).some((live) => siblings.has(live));
}
