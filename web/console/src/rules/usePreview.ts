import type { RulePreview } from '@freshet/client'
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { client } from '../state/app'
import type { Draft } from './draft'

/** The part of a file that rules are tried on. */
export const parts = ['front', 'far', 'sample'] as const
export type Part = (typeof parts)[number]

const asked: Record<Part, Partial<RulePreview>> = {
  front: { first_bytes: 4 << 20 },
  far: { first_bytes: 64 << 20 },
  sample: { sample: { records: 10_000, seed: 1 } },
}

const calm = 400

/** The text once it has not changed for a moment. */
function useCalm(value: string): string {
  const [kept, setKept] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setKept(value), calm)
    return () => clearTimeout(timer)
  }, [value])
  return kept
}

/** What rules would find in the file that is chosen, asked again as they change. A question that is out of date is ended before the next is put. */
export function usePreview(rules: Draft | undefined) {
  const { file } = useSearch({ from: '/rules' })
  const [part, setPart] = useState<Part>('front')
  // while the JSON is in pieces the last rules that could be read stand
  const [last, setLast] = useState(rules ?? {})
  const text = JSON.stringify(rules ?? last)
  if (rules && JSON.stringify(last) !== text) setLast(rules)
  const calmed = useCalm(text)
  const body = file ? ({ file_id: file, validation_rules: JSON.parse(calmed) as Draft, ...asked[part] } as RulePreview) : undefined
  const result = useQuery({
    queryKey: ['preview', file, part, calmed],
    queryFn: body ? ({ signal }) => client.preview(body, signal) : skipToken,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  })
  return { file, part, setPart, result, settling: calmed !== text }
}

export type PreviewState = ReturnType<typeof usePreview>
