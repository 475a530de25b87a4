import type { Progress, Transfer } from '@freshet/client'
import type { Look } from '../state/status'

/** A line of "Uploads in progress": ours, another tab's, or one that comes from elsewhere. */
export interface Row {
  key: string
  /** What the bar belongs to: an upload that begins anew begins at the left. */
  bar: string
  name: string
  size: number
  look: Look
  received: number
  checked: number
  records: number
  errors: number
  speed: number
  eta: number | null
  parts: string
  fileId: string | null
  transfer: Transfer | null
  live: boolean
}

const looks: Record<Transfer['state'], Look> = {
  waiting: 'waiting',
  sending: 'receiving',
  paused: 'paused',
  offline: 'offline',
  retrying: 'retrying',
  needs_file: 'needsFile',
  signed_out: 'signedOut',
  finishing: 'checking',
  done: 'fresh',
  failed: 'ended',
  canceled: 'ended',
}

// What was shown once is not taken back: a part that is sent again moves nothing.
const furthest = new Map<string, number>()

function forward(key: string, n: number, size: number): number {
  const to = Math.min(size, Math.max(n, furthest.get(key) ?? 0))
  furthest.set(key, to)
  return to
}

/** Puts together what this browser sends and what the server tells. */
export function rowsOf(transfers: readonly Transfer[], live: ReadonlyMap<string, Progress>): Row[] {
  const ours = new Set(transfers.map((tr) => tr.fileId))
  const rows = transfers.map((tr) => rowOf(tr, tr.fileId ? live.get(tr.fileId) : undefined))
  for (const p of live.values()) {
    if (p.status === 'uploading' && !ours.has(p.file_id)) rows.push(foreign(p))
  }
  const there = new Set(rows.map((r) => r.bar))
  for (const bar of furthest.keys()) if (!there.has(bar)) furthest.delete(bar)
  return rows
}

function rowOf(tr: Transfer, p: Progress | undefined): Row {
  const bar = tr.uploadId ?? tr.id
  const whole = tr.state === 'sending' && tr.committed >= tr.size && tr.size > 0
  // bytes that left here are not all there before the server says so
  const there = tr.state === 'sending' && !whole ? Math.min(tr.sent, Math.max(0, tr.size - 1)) : tr.sent
  const received = tr.state === 'done' ? tr.size : forward(bar, there, tr.size)
  return {
    key: tr.id,
    bar,
    name: tr.name,
    size: tr.size,
    look: whole ? 'checking' : looks[tr.state],
    received,
    checked: tr.state === 'done' ? tr.size : Math.min(received, p?.bytes_checked ?? 0),
    records: p?.records_checked ?? 0,
    errors: p?.errors_found ?? tr.result?.errors_found ?? 0,
    speed: tr.speed,
    eta: tr.eta,
    parts: tr.parts,
    fileId: tr.fileId,
    transfer: tr,
    live: tr.state === 'sending' || tr.state === 'finishing',
  }
}

function foreign(p: Progress): Row {
  const received = forward(p.file_id, p.bytes_received, p.file_size || p.bytes_received)
  return {
    key: p.file_id,
    bar: p.file_id,
    name: p.original_name,
    size: p.file_size,
    look: p.stage === 'receiving' ? 'receiving' : 'checking',
    received,
    checked: Math.min(received, p.bytes_checked),
    records: p.records_checked,
    errors: p.errors_found,
    speed: p.bytes_per_second,
    eta: p.eta_seconds,
    parts: '',
    fileId: p.file_id,
    transfer: null,
    live: true,
  }
}

/** Rows that wait for a person. */
export const waits = (r: Row) => r.look === 'needsFile' || r.look === 'paused'
