import type { StoredFile } from '@freshet/client'
import { t } from '../strings'
import { plain } from '../ui/Text'

/** What a file or a transfer is doing, as it is shown: an icon, a word and a colour. */
export type Look =
  | 'receiving' | 'received' | 'paused' | 'waiting' | 'retrying' | 'offline' | 'needsFile' | 'signedOut'
  | 'checking' | 'ready' | 'fresh' | 'used' | 'archived' | 'deprecated'
  | 'failed' | 'broke' | 'ended' | 'quarantined'

export function look(f: Pick<StoredFile, 'status' | 'verdict' | 'failure_kind' | 'rechecking'>): Look {
  if (f.rechecking) return 'checking'
  switch (f.status) {
    case 'uploading':
      return 'receiving'
    case 'uploaded':
      return f.verdict === 'passed' ? 'ready' : 'received'
    case 'processing':
      return 'checking'
    case 'failed':
      return f.failure_kind === 'upload' ? 'ended' : f.failure_kind === 'system' ? 'broke' : 'failed'
    default:
      return f.status as Look
  }
}

/** Steps that a person may ask for, each with the reason why not, if there is one. */
export function mayPromote(f: StoredFile): string | undefined {
  switch (look(f)) {
    case 'ready':
      return undefined
    case 'fresh':
    case 'used':
      return t.why.already
    case 'failed':
      return t.why.checksFailed
    case 'quarantined':
      return t.why.quarantined
    case 'broke':
      return t.why.unfinished
    case 'ended':
      return t.why.cutOff
    case 'archived':
    case 'deprecated':
      return t.why.outOfUse
    default:
      return t.why.notYet
  }
}

export function mayCheck(f: StoredFile): string | undefined {
  switch (look(f)) {
    case 'receiving':
      return t.why.arriving
    case 'checking':
      return t.why.beingChecked
    case 'ended':
      return t.why.noBytes
    case 'archived':
    case 'deprecated':
      return t.why.outOfUse
    default:
      return undefined
  }
}

export function mayDownload(f: StoredFile): string | undefined {
  if (f.status === 'uploading') return t.why.arriving
  if (f.failure_kind === 'upload') return t.why.noBytes
  if (f.status === 'quarantined') return t.why.quarantined
  return undefined
}

export function mayDelete(f: StoredFile): string | undefined {
  if (f.hold !== null) return t.why.held(plain(f.hold))
  if (f.status === 'uploading') return t.why.cancelFirst
  if (f.status === 'processing' || f.rechecking) return t.why.beingChecked
  return undefined
}

/** What was found in a file that is kept away; the reason as the server has it where that is not one of the scanner's. */
export function foundIn(f: StoredFile): string {
  const name = /^the scanner found (.+)$/.exec(f.processing_error)?.[1]
  return name ? t.detail.quarantine.found(plain(name)) : plain(f.processing_error)
}
