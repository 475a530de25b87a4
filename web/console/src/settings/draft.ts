import type { Project, ProjectSettings, Retention } from '@freshet/client'
import { t } from '../strings'

const s = t.settings.edit

/** A project's settings as they are written in the fields of a form; an empty one sets no limit. */
export interface Draft {
  files: string
  gigabytes: string
  open: string
  policy: Record<string, string>
  rules: { id: number; status: Retention['status']; dataType: string; days: string; last: string }[]
}

const GB = 1_000_000_000
let ids = 0

const text = (n: number | undefined) => (n ? String(n) : '')

export const fromProject = (p: Project): Draft => ({
  files: text(p.max_files),
  gigabytes: text(p.max_bytes && p.max_bytes / GB),
  open: text(p.max_open_uploads),
  rules: (p.retention ?? []).map(ruleOf),
  policy: p.content_policy ?? {},
})

export const ruleOf = (r: Retention): Draft['rules'][number] => ({ id: ++ids, status: r.status, dataType: r.data_type ?? '', days: text(r.keep_days), last: text(r.keep_last) })

/** What a form says, or what is wrong with it. */
export function settings(d: Draft): { settings?: ProjectSettings; why?: string } {
  const whole = (v: string) => (/^\d*$/.test(v.trim()) ? Number(v) : NaN)
  const max_files = whole(d.files)
  const max_open_uploads = whole(d.open)
  const max_bytes = Math.round(Number(d.gigabytes) * GB)
  if (![max_files, max_open_uploads, max_bytes].every((n) => Number.isSafeInteger(n) && n >= 0)) return { why: s.notNumber }
  const retention: Retention[] = []
  for (const [i, r] of d.rules.entries()) {
    const [keep_days, keep_last] = [whole(r.days), whole(r.last)]
    if (Number.isNaN(keep_days) || Number.isNaN(keep_last)) return { why: s.notNumber }
    if (!keep_days && !keep_last) return { why: s.keepsNothing(i + 1) }
    retention.push({ status: r.status, ...(r.dataType.trim() ? { data_type: r.dataType.trim() } : {}), ...(keep_days ? { keep_days } : {}), ...(keep_last ? { keep_last } : {}) })
  }
  return { settings: { content_policy: d.policy, ...(max_files ? { max_files } : {}), ...(max_bytes ? { max_bytes } : {}), ...(max_open_uploads ? { max_open_uploads } : {}), retention } }
}
