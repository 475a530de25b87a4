const first = 1000
const most = 30_000

/**
 * How long to wait after the nth failure in a row, n from 1, in milliseconds: twice
 * as long each time, shortened by up to half by chance, so that many pages do not
 * come back at once. What the server asks for is the least.
 */
export function backoff(n: number, retryAfter: number | null, chance: () => number = Math.random): number {
  const full = Math.min(most, first * 2 ** (n - 1))
  const wait = full * (1 - chance() / 2)
  return retryAfter === null ? wait : Math.max(wait, retryAfter * 1000)
}

const passingStatus = new Set([0, 408, 423, 425, 429])
/** Of 5xx all others pass: not what a server cannot do, nor a full disk. */
const lastingStatus = new Set([501, 505, 507])
const passingCode = new Set(['checksum-mismatch', 'taken-over', 'changed-meanwhile', 'body-cut-off'])
const lastingCode = new Set(['file-unreadable'])

/** Tells whether trying again may help. */
export function passes(e: { status: number; code: string }): boolean {
  const mistake = e.status >= 500 && !lastingStatus.has(e.status)
  return !lastingCode.has(e.code) && (mistake || passingStatus.has(e.status) || passingCode.has(e.code))
}

/** A server that makes mistakes is tried this often in a row; one that is away, for as long as it takes. */
export const mostMistakes = 8
