import type { Field, Report } from '@freshet/client'
import { num } from '../format'
import { t } from '../strings'
import { FieldCard } from './FieldCard'
import { listed } from './found'
import { failedOn, summary, type Summary } from './summary'

const most = 6

/** A field that so small a part of the records has is not what a reader looks for first. */
const rare = 0.01

/** The few fields that tell most, beside the checks on a wide screen: those with failed lines first. */
export function Glance({ report, onAll }: { report: Report; onAll: () => void }) {
  if (!report.fields.length) return null
  const byPath = new Map(report.fields.map((f) => [f.path, f]))
  const all: [Field, Summary][] = report.fields.map((f) => [f, summary(f, report, byPath)])
  const failed = failedOn(listed(report))
  const rank = (f: Field) => (failed.get(f.path) ? 2 : f.present >= report.records * rare ? 1 : 0)
  const shown = all.filter(([, s]) => s.chart.kind !== 'none').sort(([a], [b]) => rank(b) - rank(a)).slice(0, most)
  return (
    <aside className="card h-fit overflow-hidden max-lg:hidden" aria-labelledby="glance">
      <div className="flex items-baseline justify-between border-b border-line px-4 py-3">
        <h2 id="glance" className="font-semibold">
          {t.detail.fields.glance}
        </h2>
        <button className="min-h-6 text-sm font-medium text-accent hover:underline" onClick={onAll}>
          {t.detail.fields.all(num(report.fields.length))}
        </button>
      </div>
      {report.verdict === 'in_progress' && <p className="num border-b border-line px-4 py-2 text-xs text-ink2">{t.detail.fields.soFar(report.records)}</p>}
      <div className="divide-y divide-line">
        {shown.map(([f, s]) => (
          <FieldCard key={f.path} field={f} of={s} small />
        ))}
      </div>
    </aside>
  )
}
