import type { RulesInput } from './client.ts'
import type { Uploaded } from './types.ts'

export type TransferState = 'waiting' | 'sending' | 'paused' | 'offline' | 'retrying' | 'needs_file' | 'signed_out' | 'finishing' | 'done' | 'failed' | 'canceled'

/** Nothing happens to it any more by itself. */
export function isOver(state: TransferState): boolean {
  return state === 'done' || state === 'failed' || state === 'canceled'
}

export interface TransferError {
  status: number
  code: string
  message: string
  hint: string
}

/** A file on its way. An object never changes; there is a new one at each change. */
export interface Transfer {
  readonly id: string
  readonly name: string
  /** Where the file lay within what was added, or its name. */
  readonly path: string
  readonly size: number
  readonly dataType: string
  /** The project that it is sent to; undefined: the key's own. */
  readonly project: string | undefined
  readonly uploadId: string | null
  readonly fileId: string | null
  readonly state: TransferState
  /** Bytes on the wire or acknowledged: from committed to size. */
  readonly sent: number
  /** Bytes that are safe. */
  readonly committed: number
  readonly partSize: number
  readonly partCount: number
  /** One character a part: '.' not sent, 'a' active, 'd' done. */
  readonly parts: string
  /** Bytes a second, smoothed. */
  readonly speed: number
  /** Seconds, smoothed; null: cannot be told. */
  readonly eta: number | null
  /** When the next try is, in epoch milliseconds. */
  readonly retryAt: number | null
  /** Tries that failed in a row. */
  readonly attempt: number
  readonly error: TransferError | null
  readonly result: Uploaded | null
  /** A stored handle leads to the file: resume() is enough. */
  readonly canContinue: boolean
  /** The file can be chosen again, by choose(): to go on, or because it changed while it was sent. */
  readonly canChoose: boolean
  /** Another tab sends it. */
  readonly elsewhere: boolean
}

/** What is said of files when they are added. */
export interface AddOptions {
  /** custom unless said. */
  dataType?: string
  description?: string
  metadata?: Record<string, unknown>
  rules?: RulesInput
  /** NAME or NAME@VERSION. */
  ruleSet?: string
  /** The client's when it is added, unless said. */
  project?: string
}
