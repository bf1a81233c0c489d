/** What the reader chose in the View menu; kept in this browser. */
export interface Preferences {
  readonly wrap: boolean;
  readonly numbers: boolean;
  /** Stack traces show what they are of, and their frames at a click. */
  readonly fold: boolean;
  /** JSON and logfmt: the message first, then names and values; or the lines as they are. */
  readonly fields: 'compact' | 'written';
  /** `clock` and `ago`: a column of times, cut from the lines; `written`: lines as they are; `none`: neither. */
  readonly times: 'clock' | 'ago' | 'written' | 'none';
  readonly zone: 'local' | 'utc';
  readonly size: 'small' | 'normal' | 'large';
  readonly density: 'normal' | 'dense';
  readonly theme: 'system' | 'dark' | 'light';
  /** How many bytes of lines are kept in memory, in MB: what is beyond is fetched again when somebody goes there. */
  readonly memory: '16' | '64' | '192' | '512';
}

const KEY = 'livefeed.view';
const CHOICES = {
  fields: ['compact', 'written'],
  times: ['clock', 'ago', 'written', 'none'],
  zone: ['local', 'utc'],
  size: ['small', 'normal', 'large'],
  density: ['normal', 'dense'],
  theme: ['system', 'dark', 'light'],
  memory: ['16', '64', '192', '512'],
} as const;

/** What was stored, as far as it is valid; anything else is the default. On a narrow screen lines wrap unless told otherwise. */
export function parsePreferences(stored: string | null, isNarrow: boolean): Preferences {
  const value = asRecord(stored);
  const choose = <K extends keyof typeof CHOICES>(key: K): (typeof CHOICES)[K][number] =>
    CHOICES[key].find((choice) => choice === value[key]) ?? DEFAULTS[key];
  return {
    wrap: typeof value.wrap === 'boolean' ? value.wrap : isNarrow,
    numbers: value.numbers === true,
    fold: value.fold !== false,
    fields: choose('fields'),
    times: choose('times'),
    zone: choose('zone'),
    size: choose('size'),
    density: choose('density'),
    theme: choose('theme'),
    memory: choose('memory'),
  };
}

/** Storage can be forbidden; then a choice lasts as long as the page. */
export function loadPreferences(isNarrow: boolean): Preferences {
  try {
    return parsePreferences(localStorage.getItem(KEY), isNarrow);
  } catch {
    return parsePreferences(null, isNarrow);
  }
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // As above.
  }
}

const DEFAULTS: { readonly [K in keyof typeof CHOICES]: (typeof CHOICES)[K][number] } = {
  fields: 'compact',
  times: 'clock',
  zone: 'local',
  size: 'normal',
  density: 'normal',
  theme: 'system',
  memory: '192',
};

function asRecord(stored: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    return typeof value === 'object' && value !== null ? migrated(value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Size and density were one choice once. */
function migrated(value: Record<string, unknown>): Record<string, unknown> {
  return value.size === 'compact' ? { ...value, size: 'small', density: 'dense' } : value;
}

export function memoryBytes({ memory }: Preferences): number {
  return Number(memory) * 1_000_000;
}
