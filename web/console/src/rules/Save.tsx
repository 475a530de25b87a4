import type { RulesInput, RuleSet } from '@freshet/client'
import { useId, useState } from 'react'
import { num } from '../format'
import { t } from '../strings'
import { at, type Fault } from './draft'

const nameForm = /^[a-z0-9][a-z0-9_-]{0,63}$/

interface SaveProps {
  base: RuleSet | undefined
  /** The number that is next. */
  next: number
  name: string
  onName: (name: string) => void
  dirty: boolean
  rules: RulesInput | undefined
  fault: Fault | null
  run: (rules: RulesInput) => Promise<void>
}

/** The name of a new set, and the button that keeps what is written. */
export function Save({ base, next, name, onName, dirty, rules, fault, run }: SaveProps) {
  const [wrongName, setWrongName] = useState(false)
  const [busy, setBusy] = useState(false)
  const id = useId()
  const why = !rules ? t.rules.mendFirst : base && !dirty ? t.rules.nothingToSave : undefined
  const submit = async (e: React.FormEvent) => {
    e.preventDefault()
    if (busy || !rules || why) return
    if (!base && !nameForm.test(name)) {
      setWrongName(true)
      return
    }
    setBusy(true)
    await run(rules)
    setBusy(false)
  }
  return (
    <form className="mt-4 border-t border-line pt-3" onSubmit={(e) => void submit(e)}>
      {at(fault, '') !== undefined && (
        <p role="alert" className="mb-2 text-sm text-red">
          {fault!.path && <code className="mr-1.5 font-mono text-xs">{fault!.path}</code>}
          {fault!.text}
        </p>
      )}
      <div className="flex flex-wrap items-end gap-3">
        {!base && (
          <label className="min-w-0 flex-1 basis-48 text-sm font-medium">
            {t.rules.name}
            <input
              className="field mt-1 w-full font-mono font-normal"
              value={name}
              aria-invalid={wrongName}
              aria-describedby={`${id}-name`}
              spellCheck={false}
              onChange={(e) => {
                onName(e.target.value)
                setWrongName(false)
              }}
            />
          </label>
        )}
        <button className="btn btn-p" aria-disabled={!!why || busy} aria-describedby={why ? id : undefined}>
          {base ? t.rules.save(num(next)) : t.rules.saveNew}
        </button>
      </div>
      {why && (
        <p id={id} className="mt-1.5 text-xs text-ink2">
          {why}
        </p>
      )}
      {!base && (
        <p id={`${id}-name`} className={`mt-1.5 text-xs ${wrongName ? 'text-red' : 'text-ink2'}`}>
          {t.rules.nameHint}
        </p>
      )}
    </form>
  )
}
