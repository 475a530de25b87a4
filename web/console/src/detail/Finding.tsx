import type { Finding as Found } from '@freshet/client'
import { Lightbulb } from 'lucide-react'
import { num } from '../format'
import { t } from '../strings'
import { Marked } from '../ui/Marked'
import { plain, Text } from '../ui/Text'
import { Severity } from './Severity'

interface Props {
  finding: Found
  title: string
  open: boolean
  onOpen: () => void
  /** What the line number leads to. */
  place: (label: string) => React.ReactNode
}

/** One finding: where, what, the text around it, and what to do. */
export function Finding({ finding: f, title, open, onOpen, place }: Props) {
  return (
    <li className={`grid gap-x-4 gap-y-0.5 border-b border-line px-4 py-2 last:border-0 @lg:grid-cols-[96px_minmax(0,1fr)] ${open ? 'bg-sunken/60' : 'hover:bg-sunken/60'}`}>
      <span className="num font-mono text-xs leading-6 text-ink2">{f.line > 0 ? place(num(f.line)) : t.detail.findings.noLine}</span>
      <button className="block w-full min-w-0 rounded-md text-left" aria-expanded={open} onClick={onOpen} data-finding={f.line}>
        <span className="flex items-start gap-2">
          <Severity of={f.severity} />
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            <span className="text-sm font-medium">
              <Text>{sentence(f.message)}</Text>
            </span>
            {f.path && (
              <code className="max-w-full truncate font-mono text-xs text-ink3" title={plain(f.path)}>
                <Text>{f.path}</Text>
              </code>
            )}
          </span>
        </span>
        {f.excerpt && (
          <code className={`mt-0.5 block font-mono text-xs text-ink2 ${open ? 'whitespace-pre-wrap' : 'truncate'}`}>
            <Marked excerpt={f.excerpt} mark={f.mark} />
          </code>
        )}
        {open && (
          <span className="mt-1.5 block space-y-1 text-xs text-ink2">
            {f.hint && (
              <span className="flex items-start gap-1.5">
                <Lightbulb size={14} className="mt-px shrink-0 text-amber" aria-hidden />
                <span>
                  <Text>{sentence(f.hint)}</Text>
                </span>
              </span>
            )}
            <span className="num block text-ink3">{[title, f.column > 0 && t.detail.findings.column(num(f.column)), t.detail.findings.offset(num(f.byte_offset))].filter(Boolean).join(' · ')}</span>
          </span>
        )}
      </button>
    </li>
  )
}

const sentence = (s: string) => s.charAt(0).toUpperCase() + s.slice(1)
