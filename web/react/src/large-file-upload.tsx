import { filesIn, type Client, type FreshetError, type StoredFile, type Transfer, type Uploaded } from '@freshet/client'
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { formatBytes } from './format.ts'
import { FreshetProvider, useFreshet } from './provider.tsx'
import { Spoken } from './spoken.tsx'
import { TransferRow } from './transfer-row.tsx'
import { useProgress } from './use-progress.ts'
import { useStagedFiles } from './use-staged-files.ts'
import { useUpload } from './use-upload.ts'

export interface LargeFileUploadProps {
  /** Unless given, that of the provider, or one of the page's own origin. */
  client?: Client
  /** custom unless said. */
  dataType?: string
  /** Called when a file is safe on the server; its checks may still run. */
  onDone?: (result: Uploaded) => void
}

/** A place to send files from, and the list of those that are staged. */
export function LargeFileUpload({ client, ...rest }: LargeFileUploadProps): ReactNode {
  return client ? <FreshetProvider client={client}><Panel {...rest} /></FreshetProvider> : <Panel {...rest} />
}

function Panel({ dataType = 'custom', onDone }: Omit<LargeFileUploadProps, 'client'>): ReactNode {
  const upload = useUpload()
  const staged = useStagedFiles()
  const progress = useProgress(upload.transfers.map(t => t.fileId))
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const files = new Map(staged.files.map(f => [f.file_id, f]))

  useDone(upload.transfers, onDone)
  useLeaveWarning(upload.moving)

  const drop = (e: DragEvent) => {
    e.preventDefault()
    setOver(false)
    setRefused(null)
    void filesIn(e.dataTransfer).then(({ files, unreadable }) => {
      upload.add(files, { dataType })
      if (unreadable.length > 0) setRefused(`The browser cannot read ${unreadable.length === 1 ? '' : `${unreadable.length.toLocaleString('en')} of what was dropped: `}${unreadable.join(', ')}`)
    })
  }
  const fileOf = (t: Transfer) => files.get(t.result?.file_id ?? t.fileId ?? '')

  return (
    <div className="freshet">
      <section aria-label="Upload">
        <div
          className={`freshet-drop${over ? ' freshet-drop-over' : ''}`}
          onDragOver={e => {
            e.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <label>
            Choose files to upload, or drop them here{' '}
            <input
              type="file"
              multiple
              onChange={e => {
                upload.add([...e.target.files ?? []], { dataType })
                e.target.value = '' // so that the same file can be chosen again
              }}
            />
          </label>
        </div>
        {refused && <p className="freshet-error" role="alert">{refused}</p>}
        {upload.transfers.length > 0 && (
          <ul className="freshet-transfers" aria-label="Files on their way">
            {upload.transfers.map(t => <TransferRow key={t.id} transfer={t} upload={upload} progress={t.fileId ? progress.get(t.fileId) : undefined} file={fileOf(t)} />)}
          </ul>
        )}
        <Spoken transfers={upload.transfers} fileOf={fileOf} />
      </section>
      <section aria-label="Staged files" className="freshet-staged">
        <h3>Staged files</h3>
        {staged.error && <p className="freshet-error" role="alert">{staged.error.message}. {staged.error.hint} <button type="button" onClick={staged.reload}>Try again</button></p>}
        {!staged.error && staged.files.length === 0 && <p>{staged.loading ? 'Loading' : 'There are no files yet. Choose one above.'}</p>}
        <ul className="freshet-files" aria-busy={staged.loading}>
          {staged.files.map(f => <StagedFile key={f.file_id} file={f} changed={staged.reload} />)}
        </ul>
        {staged.more && <button type="button" onClick={staged.more}>Show more of {staged.total.toLocaleString('en')}</button>}
      </section>
    </div>
  )
}

function StagedFile({ file, changed }: { file: StoredFile; changed: () => void }): ReactNode {
  const { client } = useFreshet()
  const [refused, setRefused] = useState<string | null>(null)
  const retry = () => {
    setRefused(null)
    client.actions.retry(file.file_id).then(changed, (error: FreshetError) => setRefused(error.message))
  }
  return (
    <li className={`freshet-file freshet-file-${file.status}`}>
      <span className="freshet-name">{file.original_name}</span> <span className="freshet-status">{file.status}</span> <span className="freshet-size">{formatBytes(file.file_size)}</span>
      {file.status === 'failed' && (
        <>
          {' '}<span className="freshet-error">{file.processing_error}</span>{' '}
          {file.failure_kind !== 'upload' && <button type="button" onClick={retry}>Retry<span className="freshet-hidden"> {file.original_name}</span></button>}
        </>
      )}
      {refused && <span className="freshet-error" role="alert"> {refused}</span>}
    </li>
  )
}

/** Tells of each file once. */
function useDone(transfers: readonly Transfer[], onDone: ((result: Uploaded) => void) | undefined): void {
  const told = useRef<Set<string>>(null)
  told.current ??= new Set(transfers.filter(t => t.state === 'done').map(t => t.id)) // those of before are known
  useEffect(() => {
    for (const t of transfers) {
      if (t.state !== 'done' || t.elsewhere || !t.result || told.current!.has(t.id)) continue
      told.current!.add(t.id)
      onDone?.(t.result)
    }
  }, [transfers, onDone])
}

/** Asks before the page is left while bytes move: they would stop. */
function useLeaveWarning(moving: boolean): void {
  useEffect(() => {
    if (!moving) return
    const ask = (e: BeforeUnloadEvent) => e.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [moving])
}
