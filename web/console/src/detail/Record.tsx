import type { Finding, StoredRecord } from '@freshet/client'
import { bytes, num } from '../format'
import { t } from '../strings'
import { members } from '../ui/json'
import { Lines } from '../ui/Lines'
import { Text } from '../ui/Text'
import { row } from './parse'
import { Severity } from './Severity'
import { Values } from './Values'

interface Props {
  record: StoredRecord
  /** The header of a file of columns. */
  names: string[] | null
  delimiter: string | undefined
  isHeader: boolean
  pretty: boolean
  findings: Finding[]
}

/** One record with its line, and what was found in it. */
export function Record({ record: r, names, delimiter, isHeader, pretty, findings }: Props) {
  const bad = findings.some((f) => f.severity === 'error')
  const values = pretty && !r.truncated && !isHeader ? (names && delimiter ? row(r.text, names, delimiter) : members(r.text)) : null
  return (
    <li
      data-line={r.line}
      className={`grid gap-x-4 gap-y-1 border-b border-l-2 border-b-line px-4 py-2.5 last:border-b-0 md:grid-cols-[96px_minmax(0,1fr)] ${bad ? 'border-l-red' : findings.length ? 'border-l-amberfill' : 'border-l-transparent'}`}
    >
      <p className="num font-mono text-xs leading-5 text-ink2">
        <span className="sr-only">{t.detail.records.line} </span>
        {num(r.line)}
        {isHeader && <span className="ml-2 font-sans text-ink3 md:ml-0 md:block">{t.detail.records.header}</span>}
      </p>
      <div className="min-w-0">
        {values ? (
          <Values values={values} json={!names} />
        ) : (
          <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">
            <Lines>{r.text}</Lines>
          </pre>
        )}
        {r.truncated && <p className="mt-1 text-xs text-ink2">{t.detail.records.cut(bytes(r.size))}</p>}
        {findings.map((f, i) => (
          <p key={i} className={`mt-1 flex items-start gap-1.5 text-xs ${f.severity === 'error' ? 'text-red' : 'text-amber'}`}>
            <Severity of={f.severity} />
            <span>
              <Text>{f.message}</Text>
              {f.path && (
                <code className="ml-1.5 font-mono">
                  <Text>{f.path}</Text>
                </code>
              )}
            </span>
          </p>
        ))}
      </div>
    </li>
  )
}
