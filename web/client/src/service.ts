import type { RulesInput } from './client.ts'
import { prefix } from './http.ts'
import type {
  CleanedUp, Deleted, FileList, FindingsMap, Health, History, Limits, Metrics, Processed, Progress, RecordOverlap, Records, Report, RulePreview, RulePreviewed, StoredFile, Uploaded,
} from './types.ts'

/** What is needed of axios, or of anything with its shape. */
export interface Api {
  get(url: string, config?: Record<string, unknown>): Promise<Answer<any>>
  post(url: string, data?: any, config?: Record<string, unknown>): Promise<Answer<any>>
  delete(url: string, config?: Record<string, unknown>): Promise<Answer<any>>
}

export interface Answer<T> {
  data: T
  status: number
}

/** More for axios: onUploadProgress, signal, a timeout. */
export type UploadConfig = Record<string, unknown>

/** The calls of the guide, with the same names and arguments, and the later ones. */
export interface EfficientDataService {
  uploadLargeFile(file: File, dataType: string, description?: string, config?: UploadConfig): Promise<Answer<Uploaded>>
  getUploadProgress(fileId: string): Promise<Answer<Progress>>
  getStagedFiles(status?: string, query?: Record<string, string | number>): Promise<Answer<FileList>>
  processFile(fileId: string, validationRules?: RulesInput): Promise<Answer<Processed>>
  downloadFile(fileId: string): Promise<Answer<Blob>>
  getFileInfo(fileId: string): Promise<Answer<StoredFile>>
  retryFailedFile(fileId: string): Promise<Answer<Processed>>
  cleanupFailedUploads(hoursOld?: number, dryRun?: boolean): Promise<Answer<CleanedUp>>

  getReport(fileId: string): Promise<Answer<Report>>
  getFindings(fileId: string, rule?: string, format?: 'ndjson' | 'csv'): Promise<Answer<string>>
  getFindingsMap(fileId: string, buckets?: number, rule?: string): Promise<Answer<FindingsMap>>
  getRecords(fileId: string, line?: number, limit?: number): Promise<Answer<Records>>
  getRecordOverlap(fileId: string): Promise<Answer<RecordOverlap>>
  getHistory(fileId: string): Promise<Answer<History>>
  previewRules(preview: RulePreview): Promise<Answer<RulePreviewed>>
  promoteFile(fileId: string): Promise<Answer<StoredFile>>
  markUsed(fileId: string, trainingJob?: string): Promise<Answer<StoredFile>>
  archiveFile(fileId: string): Promise<Answer<StoredFile>>
  deprecateFile(fileId: string): Promise<Answer<StoredFile>>
  deleteFile(fileId: string): Promise<Answer<Deleted>>
  getLimits(): Promise<Answer<Limits>>
  getHealth(): Promise<Answer<Health>>
  getMetrics(): Promise<Answer<Metrics>>
}

/**
 * Makes the guide's efficientDataService of an axios instance, or of anything that
 * has its get, post and delete.
 */
export function createEfficientDataService(api: Api, base: string = prefix): EfficientDataService {
  const at = (call: string, id: string) => `${base}/${call}/${encodeURIComponent(id)}`
  return {
    uploadLargeFile: (file, dataType, description, config = {}) => {
      const form = new FormData()
      // Before the file, so that the server knows them while the bytes come.
      form.append('data_type', dataType)
      form.append('description', description ?? '')
      form.append('file', file)
      // No time limit: a large file takes as long as it takes.
      return api.post(`${base}/upload-large-file`, form, { timeout: 0, ...config, headers: { 'Content-Type': 'multipart/form-data', ...(config['headers'] as object | undefined) } })
    },
    getUploadProgress: id => api.get(at('upload-progress', id)),
    getStagedFiles: (status, query = {}) => api.get(`${base}/staged-files`, { params: { status, ...query } }),
    processFile: (id, rules) => api.post(at('process-file', id), rules),
    downloadFile: id => api.get(at('download-file', id), { responseType: 'blob' }),
    getFileInfo: id => api.get(at('file-info', id)),
    retryFailedFile: id => api.post(at('retry-failed-file', id)),
    cleanupFailedUploads: (hoursOld = 24, dryRun) => api.delete(`${base}/cleanup-failed-uploads`, { params: { hours_old: hoursOld, dry_run: dryRun } }),

    getReport: id => api.get(at('validation-report', id)),
    getFindings: (id, rule, format) => api.get(at('validation-findings', id), { params: { rule, format }, responseType: 'text' }),
    getFindingsMap: (id, buckets, rule) => api.get(at('findings-map', id), { params: { buckets, rule } }),
    getRecords: (id, line, limit) => api.get(at('records', id), { params: { line, limit } }),
    getRecordOverlap: id => api.get(at('record-overlap', id)),
    getHistory: id => api.get(at('history', id)),
    previewRules: preview => api.post(`${base}/rule-preview`, preview),
    promoteFile: id => api.post(at('promote-file', id)),
    markUsed: (id, trainingJob) => api.post(at('mark-used', id), trainingJob === undefined ? {} : { training_job: trainingJob }),
    archiveFile: id => api.post(at('archive-file', id)),
    deprecateFile: id => api.post(at('deprecate-file', id)),
    deleteFile: id => api.delete(at('file', id)),
    getLimits: () => api.get(`${base}/limits`),
    getHealth: () => api.get(`${base}/health`),
    getMetrics: () => api.get(`${base}/metrics`),
  }
}
