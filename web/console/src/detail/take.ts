import type { Finding } from '@freshet/client'
import { within, type Range } from './map'

export interface Found {
  findings: Finding[]
  /** There are more than these. */
  more: boolean
}

const past = (f: Finding, r: Range) => (r.unit === 'line' ? f.line > r.to : f.byte_offset >= r.to)

/** Takes findings from lines of JSON in file order, and ends the stream as soon as it has enough. */
export async function take(stream: ReadableStream<BufferSource>, most: number, range?: Range): Promise<Found> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  const findings: Finding[] = []
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    const lines = (rest + (value ?? '')).split('\n')
    rest = done ? '' : lines.pop()!
    for (const line of lines) {
      if (!line) continue
      const f = JSON.parse(line) as Finding
      if (range && past(f, range)) {
        await reader.cancel()
        return { findings, more: false }
      }
      if (range && !within(f, range)) continue
      if (findings.length === most) {
        await reader.cancel()
        return { findings, more: true }
      }
      findings.push(f)
    }
    if (done) return { findings, more: false }
  }
}
