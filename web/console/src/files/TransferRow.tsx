import { isOver, type FindingsMap } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FolderOpen, Pause, Play, RotateCw, TriangleAlert, X } from 'lucide-react'
import { memo, useEffect, useRef, useState, type ReactNode } from 'react'
import { bytes, duration, percent, short } from '../format'
import { uploads } from '../state/app'
import { fileQuery, mapQuery } from '../state/queries'
import { foundIn, look } from '../state/status'
import { t } from '../strings'
import { Buttons, Dialog } from '../ui/Dialog'
import { Chunks, FlowBar } from '../ui/FlowBar'
import { Pill } from '../ui/Pill'
import { complain } from '../ui/Say'
import { plain, Text } from '../ui/Text'
import { fromList, pick } from './gather'
import type { Row } from './rows'

interface Props {
  row: Row
  index: number
  count: number
  top: number
  measure: (li: HTMLLIElement | null) => void
}

/** Rows are made anew at each change; most of them say what they said before. */
function same(a: Props, b: Props): boolean {
  const keys = Object.keys(a.row) as (keyof Row)[]
  return a.top === b.top && a.index === b.index && a.count === b.count && keys.every((k) => a.row[k] === b.row[k])
}

/** One upload: how much is received and checked, where it is wrong, and what can be done. */
export const TransferRow = memo(function TransferRow({ row, index, count, top, measure }: Props) {
  const tr = row.transfer
  const done = tr?.state === 'done'
  const file = useQuery({ ...fileQuery(row.fileId ?? ''), enabled: done && row.fileId !== null })
  const marks = useMarks(row)
  const shownLook = done && file.data ? look(file.data) : row.look
  return (
    <li ref={measure} data-index={index} aria-posinset={index + 1} aria-setsize={count} style={{ transform: `translateY(${top}px)` }} className="absolute inset-x-0 top-0 grid grid-cols-[minmax(0,1fr)_auto] gap-x-5 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,260px)_minmax(0,1fr)_156px] md:items-center border-b border-line" data-transfer={row.name} data-state={tr?.state ?? 'receiving'}>
      <div className="min-w-0">
        <p className="truncate font-medium" title={plain(row.name)}>
          <Text>{row.name}</Text>
        </p>
        <p className="num mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-ink2">
          {row.live && row.look === 'receiving' ? row.speed > 0 ? t.transfers.rate(bytes(row.speed), row.eta === null ? null : duration(row.eta)) : t.transfers.starting : <Pill look={shownLook} />}
          {tr?.elsewhere && <span>{t.transfers.elsewhere}</span>}
          {!tr && <span>{t.transfers.other}</span>}
        </p>
      </div>
      <div className="min-w-0 space-y-1.5 max-md:order-3 max-md:col-span-2">
        <FlowBar label={t.transfers.label(plain(row.name))} received={row.received} checked={row.checked} total={row.size} marks={marks} live={row.live || done} />
        {row.live && row.parts.length > 1 && <Chunks parts={row.parts} />}
        <div className="num text-xs text-ink2">
          <Line row={row} />
        </div>
      </div>
      <div className="flex items-center justify-end gap-1 max-md:-mt-1 max-md:-mr-2 max-md:self-start">{tr ? <Controls row={row} /> : null}</div>
    </li>
  )
}, same)

/** Where the bad lines are, from 0 to 1; asked again, once a second at most, while they are fewer than counted. */
function useMarks(row: Row): number[] {
  const lacks = (map: FindingsMap | undefined) => row.errors > (map?.errors.reduce((sum, n) => sum + n, 0) ?? 0)
  const map = useQuery({
    ...mapQuery(row.fileId ?? ''),
    enabled: row.errors > 0 && row.fileId !== null,
    refetchInterval: (query) => row.live && lacks(query.state.data) && 1000,
  })
  const { refetch } = map
  const last = !row.live && row.fileId !== null && lacks(map.data)
  useEffect(() => {
    if (last) void refetch()
  }, [last, refetch])
  if (!row.errors || !map.data) return []
  const n = map.data.errors.length
  return map.data.errors.flatMap((count, i) => (count > 0 ? [(i + 0.5) / n] : []))
}

function Line({ row }: { row: Row }): ReactNode {
  const tr = row.transfer
  const at = percent(row.received, row.size, 0)
  switch (tr?.state) {
    case 'needs_file':
      if (tr.error) return <span className="text-amber">{[tr.error.message, tr.error.hint].filter(Boolean).join('. ')}</span>
      return tr.canContinue ? t.transfers.canContinue(at) : t.transfers.needsFile(at)
    case 'signed_out':
      return <span className="text-amber">{[tr.error?.message, tr.error?.hint].filter(Boolean).join('. ')}</span>
    case 'offline':
      return t.transfers.offline(at)
    case 'retrying':
      return <Countdown row={row} at={at} />
    case 'failed':
    case 'canceled':
      return <span className="text-red">{[tr.error?.message, tr.error?.hint].filter(Boolean).join('. ')}</span>
    case 'done':
      return <Verdict row={row} />
  }
  return (
    <p className="flex flex-wrap gap-x-4">
      <span>
        <b className="font-semibold text-ink" data-percent>
          {at}
        </b>{' '}
        · <span data-bytes>{t.transfers.of(bytes(row.received), bytes(row.size))}</span>
      </span>
      <span>{t.transfers.checked(short(row.records))}</span>
      <Errors n={row.errors} />
    </p>
  )
}

function Errors({ n }: { n: number }) {
  if (!n) return <span>{t.transfers.clean}</span>
  return (
    <span className="inline-flex items-center gap-1 font-medium text-red">
      <TriangleAlert size={12} aria-hidden />
      {t.transfers.bad(n)}
    </span>
  )
}

function Countdown({ row, at }: { row: Row; at: string }) {
  const until = row.transfer!.retryAt
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 250)
    return () => clearInterval(timer)
  }, [until])
  const left = until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000))
  const error = row.transfer!.error
  if (error && error.status >= 500 && left > 0) return t.transfers.retryWhy(`${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`, left)
  return left > 0 ? t.transfers.retryIn(at, left) : t.transfers.retryNow(at)
}

function Verdict({ row }: { row: Row }) {
  const file = useQuery({ ...fileQuery(row.fileId ?? ''), enabled: row.fileId !== null })
  const f = file.data
  return (
    <p className="flex flex-wrap gap-x-4">
      {row.transfer!.result?.is_duplicate && <span>{t.transfers.duplicate}</span>}
      {f && (f.status === 'quarantined' ? <span className="font-medium text-red">{t.detail.quarantine.title(foundIn(f))}</span> : f.errors_found > 0 ? <span className="font-medium text-red">{t.transfers.failedChecks(f.errors_found)}</span> : f.verdict === 'passed' && <span>{t.transfers.done(t.common.records(f.record_count))}</span>)}
      {row.fileId && (
        <Link to="/files/$id" params={{ id: row.fileId }} className="link">
          {t.transfers.report}
        </Link>
      )}
    </p>
  )
}

const askFrom = 1e9 // bytes sent: what has cost that much is not thrown away by a slip

function Controls({ row }: { row: Row }) {
  const tr = row.transfer!
  const name = plain(row.name)
  const [asking, setAsking] = useState(false)
  const cancel = () => {
    setAsking(false)
    uploads
      .cancel(tr.id)
      .then(() => tr.elsewhere || dismiss()) // the tab that sends it takes it off its list itself
      .catch(complain)
  }
  const over = isOver(tr.state)
  const pausable = tr.state === 'waiting' || tr.state === 'sending' || tr.state === 'retrying' || tr.state === 'offline'
  const dismiss = () => {
    uploads.dismiss(tr.id)
    // the button is gone: go on from the head of the list, or of the page
    requestAnimationFrame(() => (document.getElementById('transfers') ?? document.getElementById('main'))?.focus())
  }
  return (
    <>
      {tr.canChoose && <Choose row={row} />}
      {(pausable || tr.state === 'paused') && (
        // one button, so that the focus stays on it
        <button className="ib" aria-label={pausable ? t.transfers.pause(name) : t.transfers.resume(name)} onClick={() => (pausable ? uploads.pause(tr.id) : uploads.resume(tr.id))}>
          {pausable ? <Pause size={17} aria-hidden /> : <Play size={17} aria-hidden />}
        </button>
      )}
      {(tr.state === 'failed' || tr.state === 'signed_out') && !tr.canChoose && (
        <button className="ib" aria-label={t.transfers.retry(name)} onClick={() => uploads.retry(tr.id)}>
          <RotateCw size={17} aria-hidden />
        </button>
      )}
      <button
        className="ib"
        aria-label={over ? t.transfers.dismiss(name) : t.transfers.cancel(name)}
        onClick={() => (over ? dismiss() : tr.sent > askFrom ? setAsking(true) : cancel())}
      >
        <X size={17} aria-hidden />
      </button>
      {asking && (
        <Dialog title={t.transfers.cancelTitle} onClose={() => setAsking(false)}>
          <p>{t.transfers.cancelText(bytes(tr.sent), name)}</p>
          <Buttons>
            <button className="btn" onClick={() => setAsking(false)}>
              {t.transfers.cancelKeep}
            </button>
            <button className="btn btn-danger" onClick={cancel}>
              {t.transfers.cancelGo}
            </button>
          </Buttons>
        </Dialog>
      )}
    </>
  )
}

/** Asks for the file again after the page was loaded anew, or goes on by the handle that was kept. */
function Choose({ row }: { row: Row }) {
  const input = useRef<HTMLInputElement>(null)
  const tr = row.transfer!
  const take = (file: File | FileSystemFileHandle | undefined) => {
    if (file) uploads.choose(tr.id, file).catch(complain)
  }
  const again = t.transfers.chooseAgain(plain(row.name))
  return (
    <>
      {tr.canContinue && (
        <button className="btn" onClick={() => uploads.resume(tr.id)}>
          <Play size={15} aria-hidden />
          {t.transfers.continue}
        </button>
      )}
      <button
        className={tr.canContinue ? 'ib' : 'btn'}
        aria-label={again}
        onClick={() =>
          pick(input.current)
            .then((chosen) => take(chosen?.[0]?.handle))
            .catch(complain)
        }
      >
        <FolderOpen size={15} aria-hidden />
        {!tr.canContinue && t.transfers.choose}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={again}
        onChange={(e) => {
          take(fromList(e.target.files)[0]?.file)
          e.target.value = ''
        }}
      />
    </>
  )
}
