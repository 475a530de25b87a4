import type { Finding, Report } from '@freshet/client'
import { queryOptions, skipToken, useQuery } from '@tanstack/react-query'
import { client } from '../state/app'
import { within, type Range } from './map'
import { take, type Found } from './take'

/** So many are listed at once; the server's files have all. */
export const most = 1000

/** What of the findings is meant: those of a severity, of a rule by its name, or all. */
export type Which = 'all' | 'error' | 'warning' | (string & {})

/** What is listed until something else is asked for: what has to be mended, where there is other. */
export const first = (report: Report): Which => (report.errors && report.warnings ? 'error' : 'all')

/** The parameters by which the server is asked for them. */
export const asked = (which: Which) => (which === 'all' ? {} : which === 'error' || which === 'warning' ? { severity: which } : { rule: which })

/** Reads some findings from the stream of all. */
async function read(id: string, which: Which, range: Range | undefined, signal: AbortSignal): Promise<Found> {
  const answer = await client.open('GET', `/validation-findings/${id}`, { query: { ...asked(which), format: 'ndjson' }, signal })
  return take(answer.body!, most, range)
}

/** The findings that a report lists, with their marks. */
export const listed = (report: Report) => report.findings as Finding[]

const is = (f: { rule: string; severity: string }, which: Which) => which === 'all' || f.severity === which || f.rule === which

/** How many there are. */
export const countOf = (report: Report, which: Which) => report.by_rule.reduce((n, r) => n + (is(r, which) ? r.count : 0), 0)

/**
 * What is found, in a range or anywhere. The report's own list has it all, or is
 * cut off; only then the server is asked.
 */
export function useFindings(report: Report | undefined, which: Which, range?: Range) {
  const asks = report && report.truncated && report.verdict !== 'in_progress' && (which !== 'all' || range)
  const answer = useQuery(
    queryOptions({
      queryKey: ['findings', report?.file_id, report?.finished, which, range ?? null],
      queryFn: asks ? ({ signal }) => read(report.file_id, which, range, signal) : skipToken,
      staleTime: Infinity,
      gcTime: 60_000,
    }),
  )
  if (!report) return { findings: [], more: false, loading: false, error: null, again: answer.refetch }
  if (!asks) return { findings: listed(report).filter((f) => is(f, which) && (!range || within(f, range))), more: report.truncated, loading: false, error: null, again: answer.refetch }
  return { findings: answer.data?.findings ?? [], more: answer.data?.more ?? false, loading: answer.isPending, error: answer.error, again: answer.refetch }
}
