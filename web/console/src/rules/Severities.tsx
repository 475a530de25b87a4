import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { rulesQuery } from '../state/queries'
import { useTitles } from '../detail/titles'
import { t } from '../strings'
import { severities } from './draft'

const f = t.rules.form
const levels = ['error', 'warning', 'off'] as const

/** Rules that count for more or less than they would by themselves. */
export function Severities({ value, onChange, wrong }: { value: unknown; onChange: (v: { [rule: string]: string }) => void; wrong?: string }) {
  const all = useQuery(rulesQuery).data ?? []
  const title = useTitles()
  const set = severities(value)
  const now = Object.fromEntries(set)
  // what could not be read is an error whatever is asked for
  const rest = all.filter((r) => !r.fixed && !(r.rule in now))
  return (
    <fieldset>
      <legend className="text-sm font-medium">{f.severity}</legend>
      <p className={`mb-2 text-xs ${wrong ? 'text-red' : 'text-ink2'}`}>{wrong ?? f.severityHint}</p>
      <ul className="space-y-1">
        {set.map(([rule, level]) => (
          <li key={rule} className="flex items-center gap-2">
            <span className="min-w-0 flex-1 text-sm">
              {title(rule)} <code className="block truncate font-mono text-xs text-ink3">{rule}</code>
            </span>
            <select className="field" aria-label={f.severityOf(title(rule))} value={level} onChange={(e) => onChange({ ...now, [rule]: e.target.value })}>
              {levels.map((l) => (
                <option key={l} value={l}>
                  {f.levels[l]}
                </option>
              ))}
            </select>
            <button className="ib" type="button" aria-label={f.asBefore(title(rule))} onClick={() => onChange(Object.fromEntries(set.filter(([r]) => r !== rule)))}>
              <X size={15} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <select className="field mt-1 w-full" aria-label={f.addSeverity} value="" onChange={(e) => e.target.value && onChange({ ...now, [e.target.value]: other(all.find((r) => r.rule === e.target.value)?.severity) })}>
        <option value="">{f.addSeverity}</option>
        {rest.map((r) => (
          <option key={r.rule} value={r.rule}>
            {r.title} ({r.rule}, {f.levels[r.severity]})
          </option>
        ))}
      </select>
    </fieldset>
  )
}

/** What is likely wanted of a rule whose severity is to be another. */
const other = (level: string | undefined) => (level === 'error' ? 'warning' : 'error')
