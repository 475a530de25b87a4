import type { ListQuery } from '@freshet/client'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from './app'

/** What is asked of the server, and under which key the answer is kept. */
export const pageSize = 100

export const listQuery = (q: ListQuery, page: number) =>
  queryOptions({
    queryKey: ['files', q, page] as const,
    queryFn: ({ signal }) => client.files.list({ ...q, offset: page * pageSize, limit: pageSize }, signal),
    placeholderData: keepPreviousData,
  })

export const fileQuery = (id: string) => queryOptions({ queryKey: ['file', id], queryFn: ({ signal }) => client.files.info(id, signal) })
export const reportQuery = (id: string) => queryOptions({ queryKey: ['report', id], queryFn: ({ signal }) => client.report(id, signal), placeholderData: keepPreviousData })
export const historyQuery = (id: string) => queryOptions({ queryKey: ['history', id], queryFn: ({ signal }) => client.history(id, signal) })
/** It does not change any more. */
export const certificateQuery = (id: string) => queryOptions({ queryKey: ['certificate', id], queryFn: ({ signal }) => client.deletionCertificate(id, signal), staleTime: Infinity })
export const mapQuery = (id: string, rule?: string) =>
  queryOptions({ queryKey: ['findings-map', id, rule ?? ''], queryFn: ({ signal }) => client.findingsMap(id, { buckets: 120, rule }, signal), placeholderData: keepPreviousData })
export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => client.session.get(signal), staleTime: 60_000 })
export const projectsQuery = queryOptions({ queryKey: ['projects'], queryFn: ({ signal }) => client.projects.list(signal), staleTime: 60_000 })
export const limitsQuery = queryOptions({ queryKey: ['limits'], queryFn: ({ signal }) => client.limits(signal), staleTime: 60_000 })
export const storageQuery = queryOptions({ queryKey: ['storage'], queryFn: ({ signal }) => client.limits(signal), staleTime: 30_000 })
export const healthQuery = queryOptions({ queryKey: ['health'], queryFn: ({ signal }) => client.health(signal), refetchInterval: 30_000 })
export const rulesQuery = queryOptions({ queryKey: ['rules'], queryFn: ({ signal }) => client.rules(signal), staleTime: Infinity })
export const ruleSetsQuery = queryOptions({ queryKey: ['rule-sets'], queryFn: ({ signal }) => client.ruleSets.list(signal) })
export const progressQuery = (id: string) => queryOptions({ queryKey: ['progress', id], queryFn: ({ signal }) => client.progress(id, signal), staleTime: 0 })
export const overlapQuery = (id: string) => queryOptions({ queryKey: ['overlap', id], queryFn: ({ signal }) => client.recordOverlap(id, signal), staleTime: 60_000 })
export const recordsQuery = (id: string, line: number, limit: number) =>
  queryOptions({ queryKey: ['records', id, line, limit], queryFn: ({ signal }) => client.records(id, { line, limit }, signal), staleTime: Infinity, gcTime: 60_000 })
/** name is NAME or NAME@VERSION. */
export const ruleSetQuery = (name: string) => queryOptions({ queryKey: ['rule-set', name], queryFn: ({ signal }) => client.ruleSets.get(name, signal) })
