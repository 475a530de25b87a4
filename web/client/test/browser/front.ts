import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { Transform } from 'node:stream'

/** What happens to a request instead of being passed on; or after so many bytes of its body. */
export type Fault = { status: number; headers?: Record<string, string> } | { cutAfter: number } | { damaged: true } | undefined

export interface Seen {
  method: string
  path: string
  status: number
  /** When it came, epoch milliseconds. */
  at: number
}

const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' }

/** The policy of the console's own pages: what works under it works there. */
export const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Serves built pages, and passes /data on to a server: slowly, or with faults, as a test likes. */
export class Front {
  url = ''
  /** Bytes a second of all bodies that go to the server; 0: as fast as they come. */
  rate = 0
  fault: (r: { method: string; path: string }) => Fault = () => undefined
  seen: Seen[] = []
  private readonly server
  private readonly sockets = new Set<Socket>()
  private free = 0 // when the line is free again, for rate
  private readonly pages: string
  private readonly target: () => string

  private readonly strict: boolean

  /** strict: pages come with the policy. */
  constructor(pages: string, target: () => string, strict = true) {
    this.pages = pages
    this.target = target
    this.strict = strict
    this.server = createServer((req, res) => this.answer(req, res))
    this.server.on('connection', s => {
      this.sockets.add(s)
      s.on('close', () => this.sockets.delete(s))
    })
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>(resolve => this.server.listen(port, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return this
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise(resolve => this.server.close(resolve))
  }

  /** Cuts every connection. */
  cut(): void {
    for (const s of this.sockets) s.destroy()
  }

  /** The requests that brought parts. */
  get parts(): Seen[] {
    return this.seen.filter(s => s.method === 'PUT')
  }

  private answer(req: IncomingMessage, res: ServerResponse): void {
    const path = (req.url ?? '/').split('?')[0]!
    if (!path.startsWith('/data/')) {
      this.file(path, res)
      return
    }
    const one: Seen = { method: req.method!, path, status: 0, at: Date.now() }
    this.seen.push(one)
    const fault = this.fault(one)
    if (fault && 'status' in fault) {
      one.status = fault.status
      req.resume()
      req.on('end', () => res.writeHead(fault.status, { 'Content-Length': 0, ...fault.headers }).end())
      return
    }
    const out = request(this.target() + req.url, { method: req.method!, headers: this.headers(req) }, answer => {
      one.status = answer.statusCode!
      res.writeHead(answer.statusCode!, answer.headers)
      res.flushHeaders()
      answer.pipe(res)
      answer.on('error', () => res.destroy())
    })
    out.on('error', () => res.headersSent ? res.destroy() : res.writeHead(502, { 'Content-Length': 0 }).end())
    res.on('close', () => out.destroy())
    const damaged = fault !== undefined && 'damaged' in fault
    req.pipe(this.body(fault && 'cutAfter' in fault ? fault.cutAfter : Infinity, damaged, req.socket)).pipe(out)
  }

  /** The server hears of itself by its own name, whatever the page calls it. */
  private headers(req: IncomingMessage): IncomingMessage['headers'] {
    const { host, origin } = req.headers
    const own = origin === `http://${host}` ? { origin: this.target() } : {}
    return { ...req.headers, host: new URL(this.target()).host, ...own }
  }

  private body(cutAfter: number, damaged: boolean, socket: Socket): Transform {
    let gone = 0
    return new Transform({
      transform: (chunk: Buffer, _, next) => {
        if (damaged && gone === 0) chunk[chunk.length >> 1]! ^= 1
        gone += chunk.length
        if (gone > cutAfter) {
          socket.destroy()
          return
        }
        if (this.rate === 0) {
          next(null, chunk)
          return
        }
        const now = Date.now()
        this.free = Math.max(this.free, now) + (chunk.length / this.rate) * 1000
        setTimeout(next, this.free - now, null, chunk)
      },
    })
  }

  private file(path: string, res: ServerResponse): void {
    const file = join(this.pages, normalize(path === '/' ? '/index.html' : path))
    if (!existsSync(file) || !statSync(file).isFile()) {
      res.writeHead(404).end()
      return
    }
    res.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', ...(this.strict ? { 'Content-Security-Policy': policy } : {}), 'Cache-Control': 'no-store' })
    createReadStream(file).pipe(res)
  }
}
