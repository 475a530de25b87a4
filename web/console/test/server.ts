/** A real server for tests, and what is asked of it besides the pages. */
import { spawnSync } from 'node:child_process'
import * as own from '../../test/server.mjs'

/** FRESHET_URL names servers that run already, such as two nodes behind a proxy; tests that must stop one are left out then. */
export const shared = process.env.FRESHET_URL

export interface Server {
  url: string
  /** Its data directory; empty where it runs already. */
  dir: string
  stop(): Promise<void>
  kill(): Promise<void>
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>
}

export async function startServer(...args: string[]): Promise<Server> {
  if (shared) return { url: shared, dir: '', stop: async () => {}, kill: never, start: never }
  const s = await own.startServer(args)
  return { url: s.url, dir: s.data, stop: s.stop, kill: s.kill, start: s.again }
}

const never = (): never => {
  throw new Error('these servers are not the test’s own')
}

/** Runs a command of the binary on the server's data, such as keys create, and gives what it prints. */
export function freshet(s: Server, ...args: string[]): string {
  const r = spawnSync(own.binary, [...args, '--data-dir', s.dir], { encoding: 'utf8' })
  if (r.status !== 0) throw new Error(`freshet ${args.join(' ')}: ${r.stderr}`)
  return r.stdout.trim()
}

/** Sends a file as a form and gives the answer. */
export async function send(s: Server, name: string, data: string | Buffer, fields: Record<string, string> = {}): Promise<{ file_id: string; file_status: string; errors_found: number }> {
  const form = new FormData()
  form.append('file', new Blob([data as BlobPart]), name)
  for (const [k, v] of Object.entries(fields)) form.append(k, v)
  const r = await fetch(`${s.url}/data/efficient/upload-large-file`, { method: 'POST', body: form })
  if (!r.ok) throw new Error(`${name}: ${r.status} ${await r.text()}`)
  return (await r.json()) as { file_id: string; file_status: string; errors_found: number }
}

/** GET of a path under /data/efficient, as JSON. */
export async function get<T>(s: Server, path: string): Promise<T> {
  const r = await fetch(`${s.url}/data/efficient${path}`)
  if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`)
  return (await r.json()) as T
}

/** Waits for a condition that no event tells the test of. */
export async function until<T>(what: string, f: () => Promise<T | undefined | false> | T | undefined | false, ms = 20_000): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const v = await f()
    if (v) return v
    if (Date.now() > end) throw new Error(`after ${ms / 1000} s: not ${what}`)
    await new Promise((r) => setTimeout(r, 25))
  }
}
