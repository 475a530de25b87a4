import { isOver, type FreshetError, type Progress, type StoredFile, type Transfer } from '@freshet/client'
import { useState, type ReactNode } from 'react'
import { formatBytes, formatSeconds, formatShare } from './format.ts'
import { useCountdown } from './use-countdown.ts'
import type { Upload } from './use-upload.ts'

export interface TransferRowProps {
  transfer: Transfer
  upload: Upload
  /** What the server tells of its checks, once it does. */
  progress: Progress | undefined
  file: StoredFile | undefined
}

/** One file on its way. */
export function TransferRow({ transfer: t, upload, progress, file }: TransferRowProps): ReactNode {
  const [refused, setRefused] = useState<string | null>(null)
  const wait = useCountdown(t.retryAt)
  const say = (error: unknown) => setRefused((error as FreshetError).message)
  const choose = (chosen: File | undefined) => {
    setRefused(null)
    if (chosen) upload.choose(t.id, chosen).catch(say)
  }
  const cancel = () => {
    setRefused(null)
    upload.cancel(t.id).catch(say)
  }
  const over = isOver(t.state)
  return (
    <li className={`freshet-transfer freshet-transfer-${t.state}`}>
      <p className="freshet-name">{t.path}</p>
      <p className="freshet-state">{stateOf(t, file, wait)}</p>
      {t.state !== 'canceled' && (
        <progress className="freshet-progress" max={Math.max(1, t.size)} value={t.sent} aria-label={`${t.name}: sent`}>{formatShare(t.sent, t.size)}</progress>
      )}
      <p className="freshet-figures">{figuresOf(t)}</p>
      {progress && t.state !== 'canceled' && <p className="freshet-checked">{checkedOf(progress)}</p>}
      {t.error && t.state !== 'done' && <p className="freshet-error">{t.error.message}. {t.error.hint}</p>}
      {refused && <p className="freshet-error" role="alert">{refused}</p>}
      <p className="freshet-actions">
        {['waiting', 'sending', 'retrying', 'offline'].includes(t.state) && <button type="button" onClick={() => upload.pause(t.id)}>Pause<Of t={t} /></button>}
        {t.state === 'paused' && <button type="button" onClick={() => upload.resume(t.id)}>Resume<Of t={t} /></button>}
        {(t.state === 'retrying' || t.state === 'signed_out') && <button type="button" onClick={() => upload.resume(t.id)}>Try now<Of t={t} /></button>}
        {t.state === 'needs_file' && t.canContinue && <button type="button" onClick={() => upload.resume(t.id)}>Continue<Of t={t} /></button>}
        {t.canChoose && (
          <label className="freshet-choose">Choose {t.name} again <input type="file" onChange={e => choose(e.target.files?.[0])} /></label>
        )}
        {(t.state === 'failed' || t.state === 'canceled') && !t.canChoose && <button type="button" onClick={() => upload.retry(t.id)}>Try again<Of t={t} /></button>}
        {!over && t.state !== 'finishing' && <button type="button" onClick={cancel}>Cancel<Of t={t} /></button>}
        {over && <button type="button" onClick={() => upload.dismiss(t.id)}>Remove from this list<Of t={t} /></button>}
      </p>
    </li>
  )
}

/** Buttons of several rows must differ to those who hear them. */
function Of({ t }: { t: Transfer }): ReactNode {
  return <span className="freshet-hidden"> {t.name}</span>
}

export function stateOf(t: Transfer, file: StoredFile | undefined, wait: number | null): string {
  const where = t.elsewhere ? ' in another tab' : ''
  switch (t.state) {
    case 'waiting': return 'Waiting'
    case 'sending': return `Sending${where}`
    case 'paused': return `Paused${where}`
    case 'offline': return 'No network. It goes on when it is back'
    case 'retrying': return wait === null ? 'Trying again' : `Trying again in ${formatSeconds(wait)}. Nothing is lost`
    case 'needs_file': return 'Not finished. Choose the file again to go on'
    case 'signed_out': return 'Waiting for you to sign in'
    case 'finishing': return 'Finishing'
    case 'failed': return 'Not sent'
    case 'canceled': return 'Canceled'
    case 'done': return afterwards(t, file)
  }
}

function afterwards(t: Transfer, file: StoredFile | undefined): string {
  if (t.result?.is_duplicate) return 'This content is here already'
  const status = file?.status ?? t.result?.file_status
  const verdict = file?.verdict ?? t.result?.verdict
  const errors = file?.errors_found ?? t.result?.errors_found ?? 0
  if (status === 'fresh' || status === 'used') return 'Received and checked'
  if (status === 'quarantined') return 'Received. Something was found in it, and it is kept away'
  if (status === 'failed') return errors > 0 ? `Received. The checks found ${errors === 1 ? '1 error' : `${errors.toLocaleString('en')} errors`}` : 'Received. The checks failed'
  if (verdict === 'passed') return 'Received and checked. Waits to be promoted'
  return 'Received. Checking'
}

function figuresOf(t: Transfer): string {
  const parts = [`${formatShare(t.sent, t.size)} of ${formatBytes(t.size)}`]
  if (t.state === 'sending' && t.speed > 0) parts.push(`${formatBytes(t.speed)} a second`)
  if (t.eta !== null) parts.push(`${formatSeconds(t.eta)} left`)
  return parts.join(', ')
}

function checkedOf(p: Progress): string {
  const found = p.errors_found === 0 ? 'no errors found' : p.errors_found === 1 ? '1 error found' : `${p.errors_found.toLocaleString('en')} errors found`
  return `${formatShare(p.bytes_checked, p.file_size)} checked, ${p.records_checked.toLocaleString('en')} records, ${found}`
}
