import type {
  Activity, AuditLog, CleanedUp, Deleted, DeletionCertificate, FileList, FindingsMap, Health, History, Key, KeyRequest, Limits, Metrics, NamedFiles, NewKey, Processed, Progress, Project, ProjectSettings, RecordOverlap, Records, Report,
  Retained, Retention, Rule, RulePreview, RulePreviewed, Rules, RuleSet, RuleSetVersion, Session, StoredFile,
} from './types.ts'
import { addressOf, json, send, type QueryValue, type RequestOptions, type Server } from './http.ts'

export interface ClientOptions {
  /** Where the server is, '' for the page's own origin. */
  baseUrl?: string
  /** An API key. Without one the page's session cookie counts. */
  key?: string
  /** The project to ask in, or what tells it at each request. Without one it is the only project of the key, or the default one. */
  project?: string | (() => string | undefined)
  fetch?: typeof fetch
}

export interface ListQuery {
  /** One, or several with commas between. */
  status?: string
  verdict?: string
  dataType?: string
  q?: string
  sort?: string
  limit?: number
  /** The row to begin with; not together with cursor. */
  offset?: number
  cursor?: string
  /** Instead of the client's. */
  project?: string
}

/** Which rows of the audit log; times as 2026-11-28T09:30:00Z. */
export interface AuditQuery {
  actor?: string
  action?: string
  object?: string
  /** ok, or the code of a refusal. */
  result?: string
  since?: string
  until?: string
  limit?: number
  cursor?: string
  /** Instead of the client's; '' for all of them, which takes an administrator of everywhere. */
  project?: string
}

/** What a file is checked with: rules, or none for those of before. */
export type RulesInput = Partial<Rules>

export interface Client {
  readonly baseUrl: string
  readonly key: string | undefined
  /** The project that it asks in now, if one was said. */
  readonly project: string | undefined
  /** Asks for path under /data/efficient and gives the JSON of the answer, undefined for 204. */
  request<T>(method: string, path: string, o?: RequestOptions): Promise<T>
  /** The same, but gives the answer itself, its body not read yet. */
  open(method: string, path: string, o?: RequestOptions): Promise<Response>
  /** The address of path under /data/efficient. */
  url(path: string, query?: Record<string, QueryValue>): string

  readonly files: {
    list(q?: ListQuery, signal?: AbortSignal): Promise<FileList>
    info(id: string, signal?: AbortSignal): Promise<StoredFile>
    /** Of each name the newest file that has it and is here; names that are free are left out. */
    named(names: readonly string[], signal?: AbortSignal): Promise<StoredFile[]>
  }
  progress(id: string, signal?: AbortSignal): Promise<Progress>
  report(id: string, signal?: AbortSignal): Promise<Report>
  records(id: string, o?: { line?: number; limit?: number }, signal?: AbortSignal): Promise<Records>
  history(id: string, signal?: AbortSignal): Promise<History>
  /** Of a file that is deleted: what it was, when its bytes were gone, by whom and why, signed. */
  deletionCertificate(id: string, signal?: AbortSignal): Promise<DeletionCertificate>
  recordOverlap(id: string, signal?: AbortSignal): Promise<RecordOverlap>
  findingsMap(id: string, o?: { buckets?: number; rule?: string }, signal?: AbortSignal): Promise<FindingsMap>
  activity(o?: { before?: number; limit?: number }, signal?: AbortSignal): Promise<Activity>
  readonly keys: {
    list(signal?: AbortSignal): Promise<Key[]>
    /** The key itself is in this answer only. */
    create(key: string | KeyRequest): Promise<NewKey>
    revoke(id: string): Promise<void>
  }
  readonly projects: {
    /** Those that the caller has a role in. */
    list(signal?: AbortSignal): Promise<Project[]>
    get(name: string, signal?: AbortSignal): Promise<Project>
    /** Makes one, and leaves one that is there as it is: that is refused with 412 `project-exists`. */
    create(name: string, settings?: ProjectSettings): Promise<Project>
    /** Makes one, or sets one anew: what is left out is as by default. */
    put(name: string, settings: ProjectSettings): Promise<Project>
    /** Ends one that owns nothing. */
    delete(name: string): Promise<void>
  }
  /** Rows of the audit log, the newest first. */
  audit(q?: AuditQuery, signal?: AbortSignal): Promise<AuditLog>
  readonly session: {
    get(signal?: AbortSignal): Promise<Session>
    /** By a key, or a token of the identity provider. */
    signIn(key: string): Promise<Session>
    signOut(): Promise<void>
  }
  limits(signal?: AbortSignal): Promise<Limits>
  health(signal?: AbortSignal): Promise<Health>
  metrics(signal?: AbortSignal): Promise<Metrics>
  rules(signal?: AbortSignal): Promise<Rule[]>
  readonly ruleSets: {
    list(signal?: AbortSignal): Promise<RuleSetVersion[]>
    /** name is NAME or NAME@VERSION. */
    get(name: string, signal?: AbortSignal): Promise<RuleSet>
    put(name: string, rules: RulesInput): Promise<RuleSet>
    delete(name: string): Promise<void>
  }
  preview(body: RulePreview, signal?: AbortSignal): Promise<RulePreviewed>
  readonly actions: {
    /** wait, such as '30s': answers once there is a verdict, or then. */
    process(id: string, rules?: RulesInput, o?: { wait?: string }): Promise<Processed>
    retry(id: string, o?: { wait?: string }): Promise<Processed>
    promote(id: string): Promise<StoredFile>
    markUsed(id: string, trainingJob?: string): Promise<StoredFile>
    archive(id: string): Promise<StoredFile>
    deprecate(id: string): Promise<StoredFile>
    delete(id: string): Promise<Deleted>
    cleanup(o?: { hoursOld?: number; dryRun?: boolean }): Promise<CleanedUp>
    /** Keeps a file from being deleted, whatever asks for it. */
    hold(id: string, reason: string): Promise<StoredFile>
    release(id: string): Promise<StoredFile>
    /** Deletes what the project's rules do not keep any longer. With dryRun it only tells, and tries other rules where they are given. */
    applyRetention(o?: { dryRun?: boolean; rules?: readonly Retention[]; project?: string }): Promise<Retained>
  }
  // Addresses for links. They carry no key: with one, use open().
  downloadUrl(id: string): string
  findingsUrl(id: string, o?: { rule?: string; format?: 'ndjson' | 'csv' }): string
  rejectedUrl(id: string): string
  cleanUrl(id: string): string
  /** The certificate as JSON, as deletionCertificate gives it. */
  certificateUrl(id: string): string
  /** All rows that are asked for, the oldest first, as NDJSON. */
  auditUrl(q?: AuditQuery): string
}

/** Makes a client of a server. It holds nothing open. */
export function createClient(o: ClientOptions = {}): Client {
  const project = () => (typeof o.project === 'function' ? o.project() : o.project) || undefined
  const server: Server = { baseUrl: (o.baseUrl ?? '').replace(/\/+$/, ''), key: o.key || undefined, project, fetch: o.fetch }
  const open = (method: string, path: string, options?: RequestOptions) => send(server, method, path, options)
  const request = async <T>(method: string, path: string, options?: RequestOptions) => json<T>(await open(method, path, options), options?.signal)
  const url = (path: string, query?: Record<string, QueryValue>) => addressOf(server, path, query)
  const get = <T>(path: string, signal?: AbortSignal, query: Record<string, QueryValue> = {}) => request<T>('GET', path, { query, ...(signal ? { signal } : {}) })
  const post = <T>(path: string, body?: unknown, query: Record<string, QueryValue> = {}) => request<T>('POST', path, { query, body })
  const within = (project: string | undefined, signal: AbortSignal | undefined) => ({ ...(project === undefined ? {} : { project }), ...(signal ? { signal } : {}) })
  const at = (call: string, id: string) => `/${call}/${encodeURIComponent(id)}`

  return {
    baseUrl: server.baseUrl,
    key: server.key,
    get project() { return project() },
    request,
    open,
    url,
    files: {
      list: ({ dataType, project: of, ...q } = {}, signal) => request('GET', '/staged-files', { query: { ...q, data_type: dataType }, ...within(of, signal) }),
      info: (id, signal) => get(at('file-info', id), signal),
      named: async (names, signal) => (await request<NamedFiles>('POST', '/named-files', { body: { names }, ...(signal ? { signal } : {}) })).files,
    },
    progress: (id, signal) => get(at('upload-progress', id), signal),
    report: (id, signal) => get(at('validation-report', id), signal),
    records: (id, { line, limit } = {}, signal) => get(at('records', id), signal, { line, limit }),
    history: (id, signal) => get(at('history', id), signal),
    deletionCertificate: (id, signal) => get(at('deletion-certificate', id), signal),
    recordOverlap: (id, signal) => get(at('record-overlap', id), signal),
    findingsMap: (id, { buckets, rule } = {}, signal) => get(at('findings-map', id), signal, { buckets, rule }),
    activity: ({ before, limit } = {}, signal) => get('/activity', signal, { before, limit }),
    keys: {
      list: async signal => (await get<{ keys: Key[] }>('/keys', signal)).keys,
      create: key => post('/keys', typeof key === 'string' ? { name: key } : key),
      revoke: id => request('DELETE', at('keys', id)),
    },
    projects: {
      // of all projects: the one that was said may be gone
      list: async signal => (await request<{ projects: Project[] }>('GET', '/projects', within('', signal))).projects,
      get: (name, signal) => request('GET', at('projects', name), within('', signal)),
      create: (name, settings = {}) => request('PUT', at('projects', name), { project: '', body: settings, headers: { 'If-None-Match': '*' } }),
      put: (name, settings) => request('PUT', at('projects', name), { project: '', body: settings }),
      delete: name => request('DELETE', at('projects', name), { project: '' }),
    },
    audit: ({ project: of, ...query } = {}, signal) => request('GET', '/audit-log', { query, ...within(of, signal) }),
    session: {
      get: signal => get('/session', signal),
      signIn: key => post('/session', { key }),
      signOut: () => request('DELETE', '/session'),
    },
    limits: signal => get('/limits', signal),
    health: signal => get('/health', signal),
    metrics: signal => get('/metrics', signal),
    rules: async signal => (await get<{ rules: Rule[] }>('/rules', signal)).rules,
    ruleSets: {
      list: async signal => (await get<{ rule_sets: RuleSetVersion[] }>('/rule-sets', signal)).rule_sets,
      get: (name, signal) => {
        const [set = '', version] = name.split('@')
        return get(at('rule-sets', set), signal, { version })
      },
      put: (name, rules) => request('PUT', at('rule-sets', name), { body: rules }),
      delete: name => request('DELETE', at('rule-sets', name)),
    },
    preview: (body, signal) => request('POST', '/rule-preview', { body, ...(signal ? { signal } : {}) }),
    actions: {
      process: (id, rules, { wait } = {}) => post(at('process-file', id), rules, { wait }),
      retry: (id, { wait } = {}) => post(at('retry-failed-file', id), undefined, { wait }),
      promote: id => post(at('promote-file', id)),
      markUsed: (id, trainingJob) => post(at('mark-used', id), trainingJob === undefined ? {} : { training_job: trainingJob }),
      archive: id => post(at('archive-file', id)),
      deprecate: id => post(at('deprecate-file', id)),
      delete: id => request('DELETE', at('file', id)),
      cleanup: ({ hoursOld, dryRun } = {}) => request('DELETE', '/cleanup-failed-uploads', { query: { hours_old: hoursOld, dry_run: dryRun } }),
      hold: (id, reason) => post(at('hold-file', id), { reason }),
      release: id => request('DELETE', at('hold-file', id)),
      applyRetention: ({ dryRun, rules, project: of } = {}) =>
        request('POST', '/apply-retention', { query: { dry_run: dryRun }, ...(rules ? { body: { retention: rules } } : {}), ...within(of, undefined) }),
    },
    downloadUrl: id => url(at('download-file', id)),
    findingsUrl: (id, { rule, format } = {}) => url(at('validation-findings', id), { rule, format }),
    rejectedUrl: id => url(at('rejected-records', id)),
    cleanUrl: id => url(at('clean-records', id)),
    certificateUrl: id => url(at('deletion-certificate', id)),
    auditUrl: (q = {}) => url('/audit-log', { ...q, project: q.project ?? project(), format: 'ndjson' }),
  }
}
