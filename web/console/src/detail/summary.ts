import type { Field, Finding, Report } from '@freshet/client'
import type { Bar } from '../ui/Bars'
import { bytes, num, percent, short, value } from '../format'
import { steps } from '../ui/json'
import { t } from '../strings'

const words = t.detail.fields

/** Findings after which the rest of a record is not read, so that it is in no statistics. */
const unread = new Set(['json-syntax', 'json-depth', 'not-an-object', 'invalid-utf8', 'nul-byte', 'record-too-long', 'csv-column-count', 'csv-unclosed-quote'])

export type Chart =
  | { kind: 'bars'; bars: Omit<Bar, 'label'>[] }
  | { kind: 'hist'; values: number[]; from: string; to: string }
  | { kind: 'span'; min: number; max: number; mean: number; at: number }
  | { kind: 'none' }

/** What a card shows of a field. */
export interface Summary {
  path: string
  types: string
  empty: string
  /** Above a twentieth. */
  oftenEmpty: boolean
  chart: Chart
  /** The chart in a sentence. */
  sentence: string
  stats: [label: string, value: string][]
}

/** How many records, or objects that a field belongs to, might have had the field. */
function owners(field: Field, report: Report, byPath: Map<string, Field>): number {
  const dot = field.path.lastIndexOf('.')
  const parent = dot > 0 ? byPath.get(field.path.slice(0, dot)) : undefined
  if (parent) return parent.types.object ?? 0
  if (field.path.includes('[')) return 0
  const lost = report.by_rule.reduce((n, r) => n + (unread.has(r.rule) ? r.count : 0), 0)
  return Math.max(0, report.records - lost)
}

const either = new Intl.ListFormat('en', { type: 'disjunction' })

const kinds = (field: Field) => Object.entries(field.types).filter(([k, n]) => k !== 'null' && n > 0).sort((a, b) => b[1] - a[1])

function typeWords(field: Field): string {
  const all = kinds(field)
  if (all.length === 0) return field.null ? words.onlyNull : ''
  const [main] = all[0]!
  const names = either.format(all.map(([k]) => words.types[k] ?? k))
  if (all.length > 1 || main === 'object' || main === 'array' || main === 'boolean' || !field.distinct) return names
  // from a thousand values on it is an estimate, that may come out above what there is
  const some = Math.min(field.distinct, field.present)
  return `${names}, ${field.top ? words.values(some) : words.aboutValues(short(some))}`
}

const mostBars = 5

function bars(field: Field): Chart {
  const top = field.top ?? []
  const shown = top.slice(0, top.length === mostBars + 1 ? mostBars + 1 : mostBars)
  const rest = field.present - field.null - shown.reduce((n, v) => n + v.count, 0)
  const out: Omit<Bar, 'label'>[] = shown.map((v) => ({ key: v.value, share: v.count / field.present, value: percent(v.count, field.present), quiet: v.value === '' ? 'empty' : undefined }))
  if (rest > 0 && field.distinct > shown.length) out.push({ key: words.more(field.distinct - shown.length), share: rest / field.present, value: percent(rest, field.present), quiet: 'rest' })
  return { kind: 'bars', bars: out }
}

/** Counts by powers of two, with those between that have none. */
function lengths(field: Field): number[] {
  const found = field.length!.histogram
  const out: number[] = []
  for (let from = found[0]!.from, i = 0; i < found.length; from = from === 0 ? 1 : from * 2) {
    const here = found[i]!.from === from
    out.push(here ? found[i]!.count : 0)
    if (here) i++
  }
  return out
}

/** The most values of which every bar is told. */
const told = 20

function chart(field: Field): Chart {
  const [main] = kinds(field)[0] ?? ['']
  const top = field.top ?? []
  if (main === 'number' && field.min !== null && field.max !== null && field.mean !== null && !(top.length && field.distinct <= mostBars + 1)) {
    if (top.length && field.distinct <= Math.min(told, top.length)) {
      const sorted = top.toSorted((a, b) => Number(a.value) - Number(b.value))
      return { kind: 'hist', values: sorted.map((v) => v.count), from: value(field.min), to: value(field.max) }
    }
    const wide = field.max - field.min
    return { kind: 'span', min: field.min, max: field.max, mean: field.mean, at: wide > 0 ? (field.mean - field.min) / wide : 0.5 }
  }
  const oneLength = (field.length?.histogram.length ?? 0) <= 1
  const few = top.length > 0 && (oneLength || field.distinct <= told || top.slice(0, mostBars).reduce((n, v) => n + v.count, 0) * 2 >= field.present)
  if (few) return bars(field)
  if (field.length && !oneLength) return { kind: 'hist', values: lengths(field), from: num(field.length.min), to: size(field, field.length.max) }
  return { kind: 'none' }
}

const isList = (field: Field) => (kinds(field)[0] ?? [''])[0] === 'array'
const size = (field: Field, n: number) => (isList(field) ? words.items(n) : n < 1000 ? words.bytes(n) : bytes(n))

function stats(field: Field, missing: number): [string, string][] {
  const out: [string, string][] = []
  if (field.min !== null && field.max !== null) {
    out.push([words.min, value(field.min)])
    if (field.mean !== null) out.push([words.mean, value(field.mean)])
    out.push([words.max, value(field.max)])
  } else if (field.length) {
    out.push([words.median, size(field, field.length.p50)], [words.p95, size(field, field.length.p95)], [words.longest, size(field, field.length.max)])
  }
  if (field.distinct) out.push([words.distinct, field.top ? num(field.distinct) : `≈ ${short(Math.min(field.distinct, field.present))}`])
  if (missing) out.push([words.missing, num(missing)])
  return out.length ? out : [[words.present, num(field.present)]]
}

function inWords(field: Field, c: Chart): string {
  switch (c.kind) {
    case 'bars':
      return words.topValues
    case 'hist':
      return field.length && !field.min && field.min !== 0 ? words.lengths(size(field, field.length.min), size(field, field.length.max), size(field, field.length.p50), size(field, field.length.p95)) : words.spread(c.from, c.to)
    case 'span':
      return words.span(value(c.min), value(c.max), value(c.mean))
    case 'none':
      return ''
  }
}

export function summary(field: Field, report: Report, byPath: Map<string, Field>): Summary {
  const all = owners(field, report, byPath)
  const missing = report.format === 'csv' || report.format === 'tsv' ? 0 : Math.max(0, all - field.present)
  const hollow = field.null + field.empty + missing
  const base = field.present + missing
  const c = chart(field)
  return {
    path: field.path,
    types: typeWords(field),
    empty: base === 0 ? '' : hollow === 0 ? words.neverEmpty : words.empty(percent(hollow, base)),
    oftenEmpty: base > 0 && hollow / base > 0.05,
    chart: c,
    sentence: inWords(field, c),
    stats: stats(field, missing),
  }
}

/** The path of a field, of the JSON pointer or the column that a finding tells. */
export function fieldOf(path: string): string {
  if (!path.startsWith('/')) return path
  return steps(path).reduce((all, s) => (/^\d+$/.test(s) ? `${all}[]` : all ? `${all}.${s}` : s), '')
}

/** How many of the lines that are listed failed on each field. */
export function failedOn(findings: Finding[]): Map<string, number> {
  const lines = new Map<string, Set<number>>()
  for (const f of findings) {
    if (f.severity !== 'error' || !f.path) continue
    const field = fieldOf(f.path)
    lines.set(field, (lines.get(field) ?? new Set()).add(f.line))
  }
  return new Map([...lines].map(([field, set]) => [field, set.size]))
}
