import { FreshetError, type RulesInput } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { cache, client } from '../state/app'
import { ruleSetsQuery } from '../state/queries'
import { t } from '../strings'
import { Dialog, FormEnd } from '../ui/Dialog'
import { say } from '../ui/Say'
import { plain } from '../ui/Text'
import type { Asked } from './Ask'

const words = t.detail.check

type Choice = 'same' | 'set' | 'own'

/** Checks a file again: by the rules of before, a rule set, or rules written here. */
export function CheckAgain({ file, onClose }: Asked) {
  const sets = useQuery(ruleSetsQuery)
  const [choice, setChoice] = useState<Choice>('same')
  const [set, setSet] = useState('')
  const [own, setOwn] = useState('{\n  \n}')
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)
  const hint = useId()
  const chosen = set || sets.data?.[0]?.name || ''

  const go = async (e: React.FormEvent) => {
    e.preventDefault()
    if (busy) return
    setWrong('')
    let rules: RulesInput | undefined
    try {
      if (choice === 'set') rules = { rule_set: chosen }
      if (choice === 'own') rules = JSON.parse(own) as RulesInput
    } catch (error) {
      setWrong(words.notJSON((error as Error).message))
      return
    }
    setBusy(true)
    try {
      await client.actions.process(file.file_id, rules)
      say(t.files.rechecking(plain(file.original_name)))
      onClose()
    } catch (error) {
      setBusy(false)
      setWrong(error instanceof FreshetError ? error.message : String(error))
    } finally {
      void cache.invalidateQueries()
    }
  }

  const pick = (value: Choice, label: string, none?: boolean) => (
    <label className={`flex min-h-8 items-center gap-2 text-sm ${none ? 'text-ink3' : ''}`}>
      <input type="radio" name="rules" className="size-4 accent-accent" checked={choice === value} onChange={() => setChoice(value)} disabled={none} />
      {label}
    </label>
  )
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form onSubmit={(e) => void go(e)}>
        <fieldset>
          <legend className="mb-1 text-sm text-ink2">{words.text}</legend>
          {pick('same', words.same)}
          {pick('set', sets.data?.length === 0 ? words.noSets : words.set, sets.data?.length === 0)}
          {choice === 'set' && (
            <select className="field mb-1 ml-6 w-[calc(100%-24px)]" aria-label={words.set} value={chosen} onChange={(e) => setSet(e.target.value)}>
              {sets.data?.map((s) => (
                <option key={s.name} value={s.name}>
                  {words.version(s.name, s.version)}
                </option>
              ))}
            </select>
          )}
          {sets.error && <p className="ml-6 text-sm text-red">{t.common.failed(t.rules.what)}</p>}
          {pick('own', words.own)}
          {choice === 'own' && (
            <textarea className="field ml-6 w-[calc(100%-24px)] font-mono" rows={8} aria-label={words.own} aria-describedby={hint} aria-invalid={!!wrong} spellCheck={false} value={own} onChange={(e) => setOwn(e.target.value)} />
          )}
        </fieldset>
        <p id={hint} className="mt-2 text-xs text-ink2">
          {words.hint}{' '}
          <Link to="/rules" search={{ file: file.file_id }} className="link">
            {words.tryFirst}
          </Link>
        </p>
        <FormEnd go={words.go} wrong={wrong} busy={busy} onClose={onClose} />
      </form>
    </Dialog>
  )
}
