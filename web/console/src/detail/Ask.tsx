import type { StoredFile } from '@freshet/client'
import { useNavigate } from '@tanstack/react-router'
import { archive, deprecate, hold, recheck, release, remove, use } from '../state/actions'
import { t } from '../strings'
import { Confirm } from '../ui/Confirm'
import { OneField, type Words } from '../ui/OneField'
import { plain } from '../ui/Text'
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
  use: (p) => <Line {...p} words={t.detail.use} run={use} />,
  archive: (p) => <Sure {...p} words={t.detail.archive} run={archive} />,
  deprecate: (p) => <Sure {...p} words={t.detail.deprecate} run={deprecate} />,
  hold: (p) => <Line {...p} words={t.detail.hold} run={hold} />,
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

function Line({ file, onClose, words, run }: Asked & { words: Words; run: (f: StoredFile, line: string) => Promise<unknown> }) {
  return <OneField words={words} run={(line) => run(file, line)} onClose={onClose} />
}
