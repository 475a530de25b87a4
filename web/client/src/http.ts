import { FreshetError } from './errors.ts'
import type { Problem } from './types.ts'

/** Where the API lies on a server. */
export const prefix = '/data/efficient'

export type QueryValue = string | number | boolean | null | undefined

export interface RequestOptions {
  query?: Record<string, QueryValue>
  /** Sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** The project to ask in, instead of the client's; '' for none. */
  project?: string
  signal?: AbortSignal
}

export interface Server {
  baseUrl: string
  key: string | undefined
  /** Asked at each request. */
  project: () => string | undefined
  fetch: typeof fetch | undefined
}

export function addressOf(s: Server, path: string, query: Record<string, QueryValue> = {}): string {
  const q = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') q.set(name, String(value))
  }
  const tail = q.toString()
  return s.baseUrl + prefix + path + (tail && `?${tail}`)
}

/** Sends a request and gives the answer, its body not read yet. Refusals are thrown. */
export async function send(s: Server, method: string, path: string, o: RequestOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { ...o.headers }
  if (o.body !== undefined) headers['Content-Type'] = 'application/json'
  const project = o.project ?? s.project()
  if (project) headers['X-Project'] = project
  if (s.key) headers['Authorization'] = `Bearer ${s.key}`
  const ask = s.fetch ?? globalThis.fetch
  let answer: Response
  try {
    answer = await ask(addressOf(s, path, o.query), {
      method,
      headers,
      credentials: s.key ? 'omit' : 'same-origin',
      cache: 'no-store',
      ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }),
      ...(o.signal ? { signal: o.signal } : {}),
    })
  } catch (cause) {
    if (o.signal?.aborted) throw o.signal.reason
    throw unreachable(cause)
  }
  if (answer.ok) return answer
  let text: string
  try {
    text = await answer.text()
  } catch (cause) {
    if (o.signal?.aborted) throw o.signal.reason
    throw unreachable(cause)
  }
  throw refusal(answer.status, text, name => answer.headers.get(name))
}

/** Reads the JSON of an answer; undefined where there is no body. */
export async function json<T>(answer: Response, signal?: AbortSignal): Promise<T> {
  let text: string
  try {
    text = await answer.text()
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw unreachable(cause)
  }
  return parse<T>(text, answer.status)
}

export function parse<T>(text: string, status: number): T {
  if (text === '') return undefined as T
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new FreshetError('The server answered with something that is not JSON', { status, code: 'not-freshet', hint: 'Is it a Freshet server, and is there a proxy in between?', cause })
  }
}

export function unreachable(cause?: unknown): FreshetError {
  return new FreshetError('The server cannot be reached', { status: 0, code: 'unreachable', hint: 'Look whether the server runs and the network is there.', cause })
}

/** Makes an error of an answer of 400 or more. */
export function refusal(status: number, text: string, header: (name: string) => string | null): FreshetError {
  const problem = problemIn(text, header('Content-Type'))
  const requestId = problem?.request_id ?? header('X-Request-Id') ?? ''
  const retryAfter = waitOf(header('Retry-After'))
  if (problem) return new FreshetError(problem.detail || problem.title, { status, code: problem.code, hint: problem.hint ?? '', requestId, retryAfter, problem })
  return new FreshetError(`The server answered with status ${status}`, { status, code: 'not-freshet', hint: 'Is it a Freshet server, and is there a proxy in between?', requestId, retryAfter })
}

function problemIn(text: string, type: string | null): Problem | null {
  if (!type?.startsWith('application/problem+json')) return null
  try {
    return JSON.parse(text) as Problem
  } catch {
    return null // a proxy cut it: the status is what is left
  }
}

/** Seconds that a Retry-After asks for: a number, or a date. */
export function waitOf(value: string | null, now = Date.now()): number | null {
  if (value === null || value.trim() === '') return null
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000)
}
