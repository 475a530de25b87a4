import { Check, X } from 'lucide-react'
import { clock, date } from '../format'
import { t } from '../strings'
import type { Stop } from './stops'

const today = (iso: string) => new Date(iso).toDateString() === new Date().toDateString()
const when = (iso: string) => (today(iso) ? clock(iso) : `${date(iso)}, ${clock(iso)}`)

/** The four stops of a file's way. On a phone only the one it is at is told in full. */
export function Rail({ stops }: { stops: Stop[] }) {
  const at = Math.max(0, stops.findLastIndex((s) => s.state !== 'todo'))
  const now = stops[at]!
  return (
    <>
      <ol className="grid grid-cols-4" aria-label={t.detail.rail.label}>
        {stops.map((s, i) => (
          <li key={s.name} className="relative min-w-0 pt-6 pr-2 md:pr-4" aria-current={i === at ? 'step' : undefined}>
            {i < stops.length - 1 && <i className={`absolute top-[7px] right-1 left-5 h-0.5 ${s.state === 'done' && stops[i + 1]!.state !== 'todo' ? 'bg-green' : 'bg-line'}`} aria-hidden />}
            <Dot state={s.state} />
            <p className={`text-sm font-medium max-[359px]:text-xs ${s.state === 'todo' ? 'text-ink2' : ''}`}>
              {s.name} <span className="sr-only">{t.detail.rail.states[s.state]}</span>
              {s.at && (
                <time dateTime={s.at} className="num font-normal text-ink3 max-md:hidden">
                  {when(s.at)}
                </time>
              )}
            </p>
            <p className={`num text-xs max-md:hidden ${s.state === 'failed' ? 'text-red' : 'text-ink2'}`}>{s.text}</p>
          </li>
        ))}
      </ol>
      <p className={`num mt-2 text-xs md:hidden ${now.state === 'failed' ? 'text-red' : 'text-ink2'}`}>
        {t.detail.rail.at(now.name, now.text)}
        {now.at && ` · ${when(now.at)}`}
      </p>
    </>
  )
}

const dots: Record<Stop['state'], string> = {
  done: 'bg-green text-surface',
  failed: 'bg-red text-surface',
  now: 'border-2 border-accent bg-accentsoft',
  todo: 'border-2 border-control bg-surface',
}

function Dot({ state }: { state: Stop['state'] }) {
  return (
    <span className={`absolute top-0 left-0 grid size-4 place-items-center rounded-full ${dots[state]}`} aria-hidden>
      {state === 'done' && <Check size={11} strokeWidth={3.4} />}
      {state === 'failed' && <X size={11} strokeWidth={3.4} />}
      {state === 'now' && <i className="pulse size-1.5 rounded-full bg-accent" />}
    </span>
  )
}
