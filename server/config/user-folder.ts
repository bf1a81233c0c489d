/**
 * Where the user stood. `npm start` runs us in the package's folder and leaves the user's in INIT_CWD; but the variable is inherited
 * by everything that a script starts, so it counts only where npm runs this package's own start script.
 */
export function userFolder(env: NodeJS.ProcessEnv, cwd: string): string {
  const startedByNpm = env.npm_package_name === 'livefeed' && env.npm_lifecycle_event === 'start';
  return (startedByNpm && env.INIT_CWD) || cwd;
}
