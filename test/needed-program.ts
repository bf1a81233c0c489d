import { spawnSync } from 'node:child_process';

/** Programs that tests drive and not every machine has, with the Debian package that `.ci/run` installs. */
const PACKAGES = { curl: 'curl', haproxy: 'haproxy', nginx: 'nginx', python3: 'python3' } as const;

/**
 * What a test that drives a program says as its `skip`: false where the program is there, else why not. With `REQUIRE_ALL=1`, as in CI, a
 * missing program is an error: a green run is to mean that everything ran.
 */
export function needs(program: keyof typeof PACKAGES): false | string {
  if (isThere(program)) return false;
  const words = `NOT TESTED: ${program} is not there (apt-get install ${PACKAGES[program]})`;
  if (process.env.REQUIRE_ALL === '1') throw new Error(`${words}, and REQUIRE_ALL asks for all`);
  return words;
}

/** Administrators' programs are not always on a user's path. */
export function withSbin(path = process.env.PATH ?? ''): string {
  return `${path}:/usr/sbin:/sbin`;
}

function isThere(program: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'command -v "$0"', program], { env: { ...process.env, PATH: withSbin() } });
  return status === 0;
}
