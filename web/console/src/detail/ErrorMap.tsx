import type { FindingsMap } from '@freshet/client'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../strings'
import { Failed } from '../ui/State'
import { axis, gathered, sentence, stretches, words, type Range, type Stretch } from './map'

interface Props {
  map: UseQueryResult<FindingsMap>
  rule: string | undefined
  /** How many findings there are. */
  of: number
  picked: Range | undefined
  onPick: (r: Range | undefined) => void
}

/** The whole file from left to right, with a bar where something was found. */
export function ErrorMap({ map, rule, of, picked, onPick }: Props) {
  if (!map.data) return map.error ? <div className="card"><Failed what={t.detail.map.what} error={map.error} again={() => void map.refetch()} /></div> : <div className="card h-36" aria-busy />
  return <Map key={rule ?? ''} map={map.data} of={of} picked={picked} onPick={onPick} />
}

const height = 56

function Map({ map, of, picked, onPick }: { map: FindingsMap; of: number; picked: Range | undefined; onPick: (r: Range | undefined) => void }) {
  const [at, setAt] = useState<number | null>(null)
  const all = stretches(map)
  const anyError = all.some((s) => s.errors > 0)
  const count = (s: Stretch) => (anyError ? s.errors : s.warnings)
  const most = Math.max(1, ...all.map(count))
  if (!all.length) return null
  const here = at === null ? null : all[Math.min(at, all.length - 1)]!
  const cluster = gathered(all, count)
  const width = 1200 / all.length
  const choose = (i: number) => onPick(count(all[i]!) || all[i]!.warnings ? { unit: map.unit, from: all[i]!.from, to: all[i]!.to } : undefined)

  const onKeyDown = (e: React.KeyboardEvent) => {
    const last = all.length - 1
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -last, End: last }
    const step = steps[e.key]
    if (step !== undefined) setAt(Math.min(last, Math.max(0, (at ?? (step > 0 ? -1 : 1)) + step)))
    else if ((e.key === 'Enter' || e.key === ' ') && at !== null) choose(at)
    else if (e.key === 'Escape' && (at !== null || picked)) {
      setAt(null)
      onPick(undefined)
    } else return
    e.preventDefault()
    e.stopPropagation()
  }

  const place = (e: React.MouseEvent) => {
    const box = e.currentTarget.getBoundingClientRect()
    return Math.min(all.length - 1, Math.max(0, Math.floor(((e.clientX - box.left) / box.width) * all.length)))
  }
  const rest = cluster ? t.detail.map.gathered(words(cluster)) : t.detail.map.hint
  return (
    <figure className="card px-4 pt-3 pb-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <figcaption>
          <h2 className="font-semibold">{anyError ? t.detail.map.errors : t.detail.map.warnings}</h2>
        </figcaption>
        <p className="num text-xs text-ink2">
          {here ? sentence(here) : rest}
        </p>
      </div>
      <div
        role="slider"
        tabIndex={0}
        aria-label={t.detail.map.label}
        aria-valuemin={1}
        aria-valuemax={all.length}
        aria-valuenow={(at ?? 0) + 1}
        aria-valuetext={here ? sentence(here) : rest}
        className="mt-2 cursor-pointer"
        onKeyDown={onKeyDown}
        onBlur={() => setAt(null)}
        onMouseMove={(e) => setAt(place(e))}
        onMouseLeave={() => setAt(null)}
        onClick={(e) => choose(place(e))}
      >
        <svg viewBox={`0 0 1200 ${height}`} preserveAspectRatio="none" className="block h-14 w-full" aria-hidden>
          <rect width="1200" height={height} fill="var(--sunken)" />
          {all.map((s, i) => {
            const n = count(s)
            const h = n ? Math.max(5, Math.sqrt(n / most) * (height - 6)) : 0
            const isPicked = picked && picked.unit === s.unit && picked.from <= s.from && s.to <= picked.to
            return (
              <g key={s.from}>
                {(at === i || isPicked) && <rect x={i * width} width={width} height={height} fill={isPicked ? 'var(--accentsoft)' : 'var(--line)'} />}
                {n > 0 && <rect x={i * width + width * 0.15} width={width * 0.7} y={height - h} height={h} fill={anyError ? 'var(--red)' : 'var(--amberfill)'} opacity={n > most / 50 ? 1 : 0.7} />}
              </g>
            )
          })}
        </svg>
      </div>
      <div className="num mt-1 flex justify-between text-xs text-ink3" aria-hidden>
        {axis(map).map((label, i) => (
          <span key={i} className={i % 2 ? 'max-md:hidden' : ''}>
            {label}
          </span>
        ))}
      </div>
      {map.partial && <p className="mt-1 text-xs text-ink2">{[map.unit === 'byte' && t.detail.map.soFar, map.counted < of && t.detail.map.partial(map.counted)].filter(Boolean).join(' ')}</p>}
    </figure>
  )
}
