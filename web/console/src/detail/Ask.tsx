import type { StoredFile } from '@freshet/client'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { archive, deprecate, hold, recheck, release, remove } from '../state/actions'
import { cache, client } from '../state/app'
import { t } from '../strings'
import { Confirm } from '../ui/Confirm'
import { Buttons, Dialog } from '../ui/Dialog'
import { plain } from '../ui/Text'
import { say } from '../ui/Say'
import { CheckAgain } from './CheckAgain'

/** What is asked before something is done to the file. */
export type Ask = 'check' | 'rescan' | 'use' | 'archive' | 'deprecate' | 'hold' | 'release' | 'remove'

export interface Asked {
  file: StoredFile
  onClose: () => void
}

export const dialogs: Record<Ask, (p: Asked) => React.ReactNode> = {
  check: CheckAgain,
  rescan: (p) => <Sure {...p} words={t.detail.quarantine.rescan} run={recheck} harmless />,
  use: Use,
  archive: (p) => <Sure {...p} words={t.detail.archive} run={archive} />,
  deprecate: (p) => <Sure {...p} words={t.detail.deprecate} run={deprecate} />,
  hold: Hold,
  release: (p) => <Sure {...p} words={t.detail.hold.end} run={release} harmless />,
  remove: Remove,
}

function Sure({ file, onClose, words, run, harmless }: Asked & { harmless?: boolean; words: { title: string; text: (name: string) => string; go: string }; run: (f: StoredFile) => Promise<boolean> }) {
  return <Confirm title={words.title} text={words.text(plain(file.original_name))} go={words.go} run={() => void run(file)} onClose={onClose} harmless={harmless} />
}

function Remove({ file, onClose }: Asked) {
  const navigate = useNavigate()
  const go = async () => {
    if (await remove(file)) void navigate({ to: '/' })
  }
  return <Confirm title={t.files.removeTitle} text={t.files.removeText(plain(file.original_name))} go={t.common.remove} run={() => void go()} onClose={onClose} />
}

function Hold({ file, onClose }: Asked) {
  const [reason, setReason] = useState('')
  const [wrong, setWrong] = useState('')
  const go = async (e: React.FormEvent) => {
    e.preventDefault()
    if (!reason.trim()) return setWrong(t.detail.hold.needed)
    if (await hold(file, reason.trim())) onClose()
  }
  return (
    <Dialog title={t.detail.hold.title} onClose={onClose}>
      <form onSubmit={(e) => void go(e)}>
        <p className="mb-3 text-ink2">{t.detail.hold.text}</p>
        <label className="block text-sm font-medium">
          {t.detail.hold.reason}
          <input className="field mt-1 w-full font-normal" value={reason} onChange={(e) => (setReason(e.target.value), setWrong(''))} maxLength={1000} aria-invalid={!!wrong} aria-describedby="hold-wrong" autoFocus />
        </label>
        <p id="hold-wrong" role="alert" className="mt-2 text-sm text-red empty:hidden">
          {wrong}
        </p>
        <Buttons>
          <button type="button" className="btn" onClick={onClose}>
            {t.common.cancel}
          </button>
          <button className="btn btn-p">{t.detail.hold.go}</button>
        </Buttons>
      </form>
    </Dialog>
  )
}

function Use({ file, onClose }: Asked) {
  const [job, setJob] = useState('')
  const [wrong, setWrong] = useState('')
  const go = async (e: React.FormEvent) => {
    e.preventDefault()
    try {
      await client.actions.markUsed(file.file_id, job.trim() || undefined)
      say(t.detail.use.done(plain(file.original_name)))
      onClose()
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    } finally {
      void cache.invalidateQueries()
    }
  }
  return (
    <Dialog title={t.detail.use.title} onClose={onClose}>
      <form onSubmit={(e) => void go(e)}>
        <p className="mb-3 text-ink2">{t.detail.use.text}</p>
        <label className="block text-sm font-medium">
          {t.detail.use.job}
          <input className="field mt-1 w-full font-normal" value={job} onChange={(e) => setJob(e.target.value)} maxLength={1000} autoFocus />
        </label>
        {wrong && (
          <p role="alert" className="mt-2 text-sm text-red">
            {wrong}
          </p>
        )}
        <Buttons>
          <button type="button" className="btn" onClick={onClose}>
            {t.common.cancel}
          </button>
          <button className="btn btn-p">{t.detail.use.go}</button>
        </Buttons>
      </form>
    </Dialog>
  )
}
