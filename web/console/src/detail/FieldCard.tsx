import type { Field } from '@freshet/client'
import { TriangleAlert } from 'lucide-react'
import { value } from '../format'
import { t } from '../strings'
import { Bars } from '../ui/Bars'
import { Hist } from '../ui/Hist'
import { plain, Text } from '../ui/Text'
import type { Chart, Summary } from './summary'

/** A field's name, type, how often it is empty, and how its values lie. */
export function FieldCard({ field, of, small, failed, failedIsPart }: { field: Field; of: Summary; small?: boolean; failed?: number; failedIsPart?: boolean }) {
  return (
    <article className={small ? 'px-4 py-3' : 'card flex flex-col p-4'} data-field={plain(of.path)}>
      <header className="flex items-baseline gap-2">
        <h3 className="max-w-[55%] min-w-0 shrink-0 truncate font-mono text-sm font-medium" title={plain(of.path)}>
          <Text>{of.path}</Text>
        </h3>
        <span className="min-w-0 flex-1 truncate text-xs text-ink3">{of.types}</span>
        <span className={`num shrink-0 text-xs ${of.oftenEmpty ? 'font-medium text-amber' : 'text-ink2'}`}>{of.empty}</span>
      </header>
      {of.chart.kind !== 'none' && (
        <div className="mt-2.5">
          <Picture chart={of.chart} field={field} sentence={of.sentence} small={small} />
        </div>
      )}
      {!small && of.stats.length > 0 && (
        <dl className="num mt-3 grid grid-cols-[repeat(auto-fit,minmax(72px,1fr))] gap-2 border-t border-line pt-2.5">
          {of.stats.map(([label, text]) => (
            <div key={label} className="min-w-0">
              <dt className="truncate text-xs text-ink2">{label}</dt>
              <dd className="truncate text-sm font-medium">{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {!small && failed ? (
        <p className="num mt-2.5 flex items-center gap-1.5 text-xs font-medium text-red">
          <TriangleAlert size={13} className="shrink-0" aria-hidden />
          {failedIsPart ? t.detail.fields.failedAtLeast(failed) : t.detail.fields.failed(failed)}
        </p>
      ) : null}
    </article>
  )
}

function Picture({ chart, field, sentence, small }: { chart: Chart; field: Field; sentence: string; small?: boolean }) {
  const label = t.detail.fields.of(plain(field.path), sentence)
  switch (chart.kind) {
    case 'hist':
      return <Hist values={chart.values} from={chart.from} to={chart.to} label={label} height={small ? 34 : 72} />
    case 'bars':
      return <Bars bars={(small ? chart.bars.slice(0, 3) : chart.bars).map((b) => ({ ...b, label: b.quiet === 'empty' ? t.detail.fields.emptyValue : <Text>{b.key}</Text> }))} label={label} />
    case 'span':
      return <Span chart={chart} label={label} />
    default:
      return null
  }
}

/** From the smallest to the largest number, with the mean between. */
function Span({ chart, label }: { chart: Extract<Chart, { kind: 'span' }>; label: string }) {
  return (
    <div role="img" aria-label={label}>
      <div className="relative h-2 rounded-full bg-accentsoft">
        <i className="absolute -top-1 -ml-0.5 h-4 w-1 rounded-full bg-accent" style={{ left: `${chart.at * 100}%` }} />
      </div>
      <div className="num mt-2 flex justify-between gap-2 text-xs text-ink3" aria-hidden>
        <span>{value(chart.min)}</span>
        <span>{t.detail.fields.meanOf(value(chart.mean))}</span>
        <span>{value(chart.max)}</span>
      </div>
    </div>
  )
}
