import { execFileSync } from 'node:child_process';

/** The tests of this folder run the built server, so it is built before the first of them. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
