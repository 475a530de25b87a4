import type { components } from './openapi.ts'

type Schemas = components['schemas']

/** The server writes [] for an empty list, never null. Only `top` and `mark` may be. */
type Lists<T> = T extends readonly (infer I)[] ? Lists<I>[]
  : T extends object ? { [K in keyof T]: K extends 'top' | 'mark' ? T[K] : Lists<NonNullable<T[K]> extends readonly unknown[] ? Exclude<T[K], null> : T[K]> }
  : T

type Schema<K extends keyof Schemas> = Lists<Schemas[K]>

export type StoredFile = Omit<Schema<'File'>, 'status'> & { status: Schema<'File'>['status'] | 'quarantined' }
export type FileStatus = StoredFile['status']
export type Verdict = StoredFile['verdict']
export type FileList = Omit<Schema<'FileList'>, 'files'> & { files: StoredFile[] }
export type NamedFiles = Omit<Schema<'NamedFiles'>, 'files'> & { files: StoredFile[] }
export type Report = Omit<Schema<'Report'>, 'findings'> & { findings: Finding[] }
export type RuleCount = Schema<'RuleCount'>
export type Field = Schema<'Field'>
export type Bucket = Schema<'Bucket'>
/** source: the address that a step came from, where the server tells it. */
export type Event = Schema<'Event'> & { source?: string }
export type History = Omit<Schema<'History'>, 'events'> & { events: Event[] }
export type StoredRecord = Schema<'Record'>
export type Records = Schema<'Records'>
export type RecordOverlap = Schema<'RecordOverlap'>
export type Rules = Schema<'Rules'>
export type Expression = Schema<'Expression'>
export type RuleSet = Schema<'RuleSet'>
export type RuleSetVersion = Schema<'RuleSetVersion'>
export type RulePreview = Schema<'RulePreview'>
export type RulePreviewed = Omit<Schema<'RulePreviewed'>, 'report'> & { report: Report }
export type Health = Schema<'Health'>
export type Metrics = Schema<'Metrics'>
export type Problem = Schema<'Problem'>
export type Uploaded = Schema<'Uploaded'>
export type UploadCreated = Schema<'UploadCreated'>
export type UploadStatus = Schema<'UploadStatus'>
export type PartReceived = Schema<'PartReceived'>
export type Processed = Schema<'Processed'>
export type CleanedUp = Schema<'CleanedUp'>
export type Deleted = Schema<'Deleted'>
export type Finding = Omit<Schema<'Finding'>, 'mark'> & { mark: [from: number, to: number] | null }
export type Progress = Schema<'Progress'>
export type Limits = Schema<'Limits'>
export type Session = Schema<'Session'>
export type Key = Schema<'Key'>
export type NewKey = Schema<'KeyMade'>
export type KeyRequest = Schema<'NewKey'>
export type Project = Schema<'Project'>
export type ProjectSettings = Schema<'ProjectSettings'>
export type Retention = Schema<'Retention'>
export type Retained = Schema<'Retained'>
export type RetainedFile = Schema<'RetainedFile'>
export type ActivityEvent = Schema<'ActivityEvent'> & { source?: string }
export type Activity = Omit<Schema<'Activity'>, 'events'> & { events: ActivityEvent[] }
export type Rule = Schema<'Rule'>
export type FindingsMap = Schema<'FindingsMap'>

/** Something that was done, or refused. */
export interface AuditRow {
  /** From 1, without gaps. */
  number: number
  at: string
  actor: string
  /** Address that it came from; empty for what the server did by itself. */
  source: string
  request_id: string
  project: string
  action: string
  /** What it was done to: an id, a name, a route. */
  object: string
  /** ok, or the code of the refusal. */
  result: string
  detail: string
  hash: string
}

export interface AuditLog {
  rows: AuditRow[]
  next_cursor: string | null
  /** The public key that heads are checked with. */
  verifier: string
  head: { size: number; at: string; note: string } | null
}
