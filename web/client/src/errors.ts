import type { Problem } from './types.ts'

/** What went wrong, as the server put it. Status 0: no server answered. */
export class FreshetError extends Error {
  override readonly name = 'FreshetError'
  readonly status: number
  readonly code: string
  readonly hint: string
  readonly requestId: string
  /** Seconds that the server asks to wait before the next try; null: it did not say. */
  readonly retryAfter: number | null
  /** The whole answer, where it came from Freshet. */
  readonly problem: Problem | null

  constructor(message: string, o: { status: number; code: string; hint?: string; requestId?: string; retryAfter?: number | null; problem?: Problem | null; cause?: unknown }) {
    super(message, { cause: o.cause })
    this.status = o.status
    this.code = o.code
    this.hint = o.hint ?? ''
    this.requestId = o.requestId ?? ''
    this.retryAfter = o.retryAfter ?? null
    this.problem = o.problem ?? null
  }
}

/** What was thrown, as an error of ours: of another kind only where the page itself is at fault. */
export function asError(thrown: unknown): FreshetError {
  if (thrown instanceof FreshetError) return thrown
  return new FreshetError(thrown instanceof Error ? thrown.message : String(thrown), { status: 0, code: 'broken', hint: 'This is a fault of the page. Reload it and go on.', cause: thrown })
}
