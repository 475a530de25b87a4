// A real server for tests: on a free port, with a data directory of its own.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The binary: FRESHET_BIN, or bin/freshet of this repository. */
export const binary = process.env.FRESHET_BIN ?? join(import.meta.dirname, '../../bin/freshet')

/** @returns {Promise<number>} a port that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer()
    s.on('error', reject)
    s.listen(0, '127.0.0.1', () => {
      const address = s.address()
      s.close(() => resolve(address && typeof address === 'object' ? address.port : 0))
    })
  })
}

/**
 * Starts a server and waits until it is ready.
 * @param {string[]} flags
 * @param {{ port?: number, env?: Record<string, string> }} [o]
 */
export async function startServer(flags = [], o = {}) {
  if (!existsSync(binary)) throw new Error(`There is no server at ${binary}: run "make build", or set FRESHET_BIN`)
  const data = mkdtempSync(join(tmpdir(), 'freshet-web-'))
  const port = o.port ?? await freePort()
  /** @type {string[]} */
  const log = []
  let child = await run(data, port, flags, log, o.env)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    /** Where it keeps all it has. */
    data: join(data, 'data'),
    /** What it logged, in pieces. */
    log,
    /** Kills the process at once and starts another on the same data. */
    async kill() {
      child.kill('SIGKILL')
      await gone(child)
    },
    async again() {
      child = await run(data, port, flags, log, o.env)
    },
    async stop() {
      child.kill('SIGKILL')
      await gone(child)
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function gone(child) {
  return child.exitCode !== null || child.signalCode !== null ? undefined : new Promise(resolve => child.once('exit', resolve))
}

/**
 * @param {string} data @param {number} port @param {string[]} flags
 * @param {string[]} log @param {Record<string, string>} [env]
 * @returns {Promise<import('node:child_process').ChildProcess>}
 */
function run(data, port, flags, log, env = {}) {
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', join(data, 'data'), '--disk-reserve', '64MiB', ...flags]
  const child = spawn(binary, args, { env: { PATH: process.env.PATH, HOME: data, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  return new Promise((resolve, reject) => {
    let ready = false
    child.stderr.on('data', chunk => {
      log.push(String(chunk))
      if (ready || !log.slice(-4).join('').includes('"msg":"ready"')) return
      ready = true
      resolve(child)
    })
    child.on('error', reject)
    child.on('exit', code => { if (!ready) reject(new Error(`freshet serve ended with ${code}: ${log.join('')}`)) })
  })
}
