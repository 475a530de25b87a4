import type { Finding, FindingsMap } from '@freshet/client'
import { bytes, num, short } from '../format'
import { t } from '../strings'

/** A stretch of the file: lines, or bytes while their lines are not known, both from 1. */
export interface Range {
  unit: 'line' | 'byte'
  from: number
  to: number
}

export interface Stretch extends Range {
  errors: number
  warnings: number
}

/** The stretches that a map is made of. A short file has fewer units than the map has places; those without one are left out. */
export function stretches(map: FindingsMap): Stretch[] {
  const n = map.errors.length
  return map.errors
    .map((errors, i) => ({ unit: map.unit, from: Math.floor((i * map.total) / n) + 1, to: Math.floor(((i + 1) * map.total) / n), errors, warnings: map.warnings[i] ?? 0 }))
    .filter((s) => s.from <= s.to)
}

export const within = (f: Finding, r: Range) => {
  const at = r.unit === 'line' ? f.line : f.byte_offset + 1
  return r.from <= at && at <= r.to
}

/** A range in words. */
export function words(r: Range): string {
  if (r.unit === 'byte') return t.detail.map.bytes(bytes(r.from - 1), bytes(r.to))
  return r.from === r.to ? t.detail.map.line(num(r.from)) : t.detail.map.lines(num(r.from), num(r.to))
}

export const sentence = (s: Stretch) => t.detail.map.found(words(s), s.errors, s.warnings)

/** What stands under the axis, at quarters. */
export function axis(map: FindingsMap): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((q) => {
    const at = Math.round(map.total * q)
    if (map.unit === 'byte') return bytes(at)
    if (q === 0) return t.detail.map.line('1')
    return q === 1 ? num(at) : short(at)
  })
}

/** Where most of them are: the fewest neighbours that hold two thirds, if that is at most a quarter of the file. */
export function gathered(all: Stretch[], count: (s: Stretch) => number): Range | null {
  const total = all.reduce((sum, s) => sum + count(s), 0)
  if (total < 3) return null
  let best: [number, number] | null = null
  let held = 0
  let from = 0
  for (let to = 0; to < all.length; to++) {
    held += count(all[to]!)
    while ((held - count(all[from]!)) * 3 >= total * 2) held -= count(all[from++]!)
    if (held * 3 >= total * 2 && (!best || to - from < best[1] - best[0])) best = [from, to]
  }
  if (!best || (best[1] - best[0] + 1) * 4 > all.length) return null
  return { unit: all[0]!.unit, from: all[best[0]]!.from, to: all[best[1]]!.to }
}
