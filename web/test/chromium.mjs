// The Chromium that browser tests drive.
import { existsSync } from 'node:fs'

/** CHROMIUM, or where Debian and others have it. */
export function chromiumPath() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(p => p && existsSync(p))
  if (!found) throw new Error('no Chromium; scripts/test-deps.sh installs it, CHROMIUM names another')
  return found
}

/** What it needs where there is no display, no GPU, and who runs it is root. NAME.test is this machine by a name that is not a loopback one. */
export const chromiumFlags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.test 127.0.0.1']
