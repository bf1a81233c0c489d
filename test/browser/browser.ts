import { type Browser, chromium } from 'playwright-core';
import { findChromium } from './chromium.ts';

/** Never the arguments that @sparticuz/chromium names: --disable-web-security would make every test of origins worthless. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--lang=en-US',
];

/** A real Chromium without a window. Give each page `{ locale: 'en-US' }`, or `navigator.language` follows LANG. */
export async function launchBrowser(): Promise<Browser> {
  const { path, env } = await findChromium();
  return chromium.launch({ executablePath: path, args: ARGUMENTS, env: { ...definedEnvironment(), ...env } });
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
