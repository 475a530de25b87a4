import { isOver } from '@freshet/client'
import { Pause, Play } from 'lucide-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { bytes, duration } from '../format'
import { uploads } from '../state/app'
import { useLive } from '../state/live'
import { project } from '../state/project'
import { t } from '../strings'
import { rowsOf, waits, type Row } from './rows'
import { TransferRow } from './TransferRow'
import { useTransfers } from './transfers'

const Throughput = lazy(() => import('./Throughput'))

/** What is being received, from wherever it comes. */
export function Transfers() {
  const here = project.use()
  const rows = rowsOf(
    useTransfers().filter((tr) => (tr.project ?? '') === here),
    useLive(),
  )
  const speeds = useRef<number[]>([])
  const moving = rows.filter((r) => r.live)
  const speed = moving.reduce((n, r) => n + r.speed, 0)
  const left = moving.reduce((n, r) => n + r.size - r.received, 0)
  useSamples(speeds, speed, moving.length > 0)
  if (!rows.length) return null
  const [rate, unit] = bytes(speed).split(' ')
  const [time, ...ofTime] = duration(left / speed).split(' ')
  const mine = rows.filter((r) => r.transfer && !r.transfer.elsewhere)
  const pausable = mine.some((r) => ['waiting', 'sending', 'retrying', 'offline'].includes(r.transfer!.state))
  const paused = mine.some((r) => r.transfer!.state === 'paused')
  const over = mine.filter((r) => isOver(r.transfer!.state))
  return (
    <section aria-labelledby="transfers" className="card shrink-0 overflow-hidden">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line py-2 pr-3 pl-4 md:min-h-[72px] md:py-0">
        <div>
          <h2 id="transfers" tabIndex={-1} className="font-semibold outline-none">
            {t.transfers.title}
          </h2>
          <p className="num text-xs text-ink2">{t.transfers.summary(moving.length, rows.filter(waits).length)}</p>
        </div>
        {moving.length > 0 && (
          <div className="num flex gap-6">
            <p>
              <span className="text-xl font-semibold tracking-tight">{rate}</span> <span className="text-xs text-ink2">{unit}/s</span>
            </p>
            {speed > 0 && (
              <p>
                <span className="text-xl font-semibold tracking-tight">{time}</span>{' '}
                <span className="text-xs text-ink2">
                  {ofTime.join(' ')} {t.transfers.left}
                </span>
              </p>
            )}
          </div>
        )}
        <div className="ml-auto hidden h-[72px] max-w-md min-w-40 flex-1 self-end md:block">
          {moving.length > 0 && (
            <Suspense>
              <Throughput speeds={speeds.current} />
            </Suspense>
          )}
        </div>
        <div className="flex gap-2 max-md:w-full">
          {pausable && (
            <button className="btn" onClick={() => uploads.pause()}>
              <Pause size={15} aria-hidden />
              {t.transfers.pauseAll}
            </button>
          )}
          {paused && (
            <button className="btn" onClick={() => uploads.resume()}>
              <Play size={15} aria-hidden />
              {t.transfers.resumeAll}
            </button>
          )}
          {over.length > 0 && (
            <button className="btn" onClick={() => over.forEach((r) => uploads.dismiss(r.key))}>
              {t.transfers.clear}
            </button>
          )}
        </div>
      </div>
      <Rows rows={rows} />
    </section>
  )
}

/** There may be a folder of thousands: rows that are out of sight are not there. */
function Rows({ rows }: { rows: Row[] }) {
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => 68, overscan: 4, getItemKey: (i) => rows[i]!.key })
  return (
    <div ref={box} className="max-h-[45vh] overflow-y-auto" tabIndex={rows.length > 4 ? 0 : undefined} role={rows.length > 4 ? 'group' : undefined} aria-label={rows.length > 4 ? t.transfers.title : undefined}>
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((i) => (
          <TransferRow key={i.key} row={rows[i.index]!} index={i.index} count={rows.length} top={i.start} measure={virtual.measureElement} />
        ))}
      </ul>
    </div>
  )
}

const shown = 80

/** Keeps the speeds of the last 20 seconds, one a quarter of a second. */
function useSamples(speeds: { current: number[] }, speed: number, on: boolean) {
  const now = useRef(speed)
  now.current = speed
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => {
      speeds.current = [...speeds.current, now.current].slice(-shown)
    }, 250)
    return () => clearInterval(timer)
  }, [on, speeds])
}
