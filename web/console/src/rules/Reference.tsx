import type { Rule } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Lightbulb, Search } from 'lucide-react'
import { useState } from 'react'
import { num } from '../format'
import { rulesQuery } from '../state/queries'
import { t } from '../strings'
import { Failed, Instead, Waiting } from '../ui/State'

const r = t.rules.reference

/** All rules that there are, and what they mean. */
export function Reference() {
  const rules = useQuery(rulesQuery)
  const [search, setSearch] = useState('')
  const found = rules.data?.filter((rule) => matches(rule, search)) ?? []
  return (
    <section className="card overflow-hidden" aria-labelledby="reference">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <h2 id="reference" className="font-semibold">
          {r.title}
        </h2>
        <span className="relative w-full max-w-72 sm:ml-auto">
          <Search size={15} className="absolute top-1/2 left-3 -translate-y-1/2 text-ink3" aria-hidden />
          <input type="search" className="field w-full pl-9" aria-label={r.search} placeholder={r.search} value={search} onChange={(e) => setSearch(e.target.value)} />
        </span>
        <span className="num text-xs text-ink2" role="status">
          {rules.data ? r.count(found.length, num(rules.data.length)) : ''}
        </span>
      </div>
      {!rules.data ? (
        rules.error ? <Failed what={r.what} error={rules.error} again={() => void rules.refetch()} /> : <Waiting />
      ) : found.length === 0 ? (
        <Instead action={{ label: t.files.clear, run: () => setSearch('') }}>{r.noMatch}</Instead>
      ) : (
        [...new Set(found.map((rule) => rule.scope))].map((scope) => (
          <section key={scope} aria-label={scope}>
            <h3 className="border-b border-line bg-sunken px-4 py-1.5 text-xs font-medium text-ink2">{scope.charAt(0).toUpperCase() + scope.slice(1)}</h3>
            <ul className="grid grid-cols-1 md:grid-cols-2">
              {found.filter((rule) => rule.scope === scope).map((rule) => (
                <Meaning key={rule.rule} rule={rule} />
              ))}
            </ul>
          </section>
        ))
      )}
    </section>
  )
}

function matches(rule: Rule, search: string): boolean {
  const text = `${rule.rule} ${rule.title} ${rule.severity} ${rule.description} ${rule.hint ?? ''}`.toLowerCase()
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}

const colors = { error: 'bg-redsoft text-red', warning: 'bg-ambersoft text-amber', off: 'bg-sunken text-ink2' }

function Meaning({ rule }: { rule: Rule }) {
  return (
    <li className="-mb-px border-b border-line px-4 py-3" data-rule={rule.rule}>
      <p className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <span className="text-sm font-medium">{rule.title}</span>
        <code className="font-mono text-xs text-ink3">{rule.rule}</code>
        <span className={`rounded-full px-2 text-xs font-medium ${colors[rule.severity]}`}>{t.rules.form.levels[rule.severity]}</span>
      </p>
      {rule.description.split('\n\n').map((part, i) => (
        <p key={i} className="mt-0.5 text-xs text-ink2">
          <Code>{part}</Code>
        </p>
      ))}
      {rule.hint && (
        <p className="mt-1 flex items-start gap-1.5 text-xs text-ink2">
          <Lightbulb size={14} className="mt-px shrink-0 text-amber" aria-hidden />
          <span>
            <Code>{rule.hint.charAt(0).toUpperCase() + rule.hint.slice(1)}</Code>
          </span>
        </p>
      )}
    </li>
  )
}

/** Text with code between backticks. */
function Code({ children }: { children: string }) {
  return children.split('`').map((part, i) =>
    i % 2 ? (
      <code key={i} className="font-mono">
        {part}
      </code>
    ) : (
      part
    ),
  )
}
