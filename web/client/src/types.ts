import type { components } from './openapi.ts'

type Schemas = components['schemas']

/** The server writes [] for an empty list, never null. Only `top` and `mark` may be. */
type Lists<T> = T extends readonly (infer I)[] ? Lists<I>[]
  : T extends object ? { [K in keyof T]: K extends 'top' | 'mark' ? T[K] : Lists<NonNullable<T[K]> extends readonly unknown[] ? Exclude<T[K], null> : T[K]> }
  : T

type Schema<K extends keyof Schemas> = Lists<Schemas[K]>

export type StoredFile = Schema<'File'>
export type FileStatus = StoredFile['status']
export type Verdict = StoredFile['verdict']
export type FileList = Schema<'FileList'>
export type NamedFiles = Schema<'NamedFiles'>
export type Report = Omit<Schema<'Report'>, 'findings'> & { findings: Finding[] }
export type RuleCount = Schema<'RuleCount'>
export type Field = Schema<'Field'>
export type Bucket = Schema<'Bucket'>
export type Event = Schema<'Event'>
export type History = Schema<'History'>
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
export type DeletionCertificate = Omit<Schema<'DeletionCertificate'>, 'audit_row'> & { audit_row: Schema<'AuditRow'> | null }
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
export type AuditRow = Schema<'AuditRow'>
export type AuditLog = Omit<Schema<'AuditLog'>, 'head'> & { head: Schema<'AuditHead'> | null }
export type ActivityEvent = Schema<'ActivityEvent'>
export type Activity = Schema<'Activity'>
export type Rule = Schema<'Rule'>
export type FindingsMap = Schema<'FindingsMap'>
