import type { RulesInput, RuleSet } from '@freshet/client'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { num } from '../format'
import { cache, client } from '../state/app'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Confirm } from '../ui/Confirm'
import { complain, say } from '../ui/Say'
import { Panel, Tabs } from '../ui/Tabs'
import { faultOf, parse, write, type Fault } from './draft'
import { Form } from './Form'
import { JsonEditor } from './JsonEditor'
import { Preview } from './Preview'
import { Save } from './Save'
import { useLeaving } from './useLeaving'
import { usePreview } from './usePreview'
import { Versions } from './Versions'

const empty = '{\n  "schema": "auto"\n}'

/** A rule set as a form and as JSON, with what it would find beside it. The JSON text is what counts; the form rewrites it. */
export function Editor({ stored }: { stored?: RuleSet }) {
  const [base, setBase] = useState(stored)
  const saved = base ? write(base.rules as RulesInput) : empty
  const [text, setText] = useState(saved)
  const [name, setName] = useState('')
  const [view, setView] = useState('form')
  const [refused, setRefused] = useState<Fault | null>(null)
  const [removing, setRemoving] = useState(false)
  const navigate = useNavigate({ from: '/rules' })
  const parsed = parse(text)
  const preview = usePreview(parsed.rules)
  const fault = refused ?? faultOf(preview.result.error)
  const mayChange = useMay('rules')
  const mayTry = useMay('download')
  const dirty = text !== saved
  const leaving = useLeaving(dirty && mayChange)
  const newer = stored && stored.version !== base?.version

  const begin = (set: RuleSet) => {
    setBase(set)
    setText(write(set.rules as RulesInput))
  }
  // a version that came meanwhile is taken on; what is being written is not lost to it
  if (newer && !dirty) begin(stored)

  const edit = (next: string) => {
    setText(next)
    setRefused(null)
  }
  const save = async (rules: RulesInput) => {
    const to = base?.name ?? name
    try {
      const set = await client.ruleSets.put(to, rules)
      if (!base) leaving.allow()
      say(set.version === base?.version ? t.rules.same(set.name, num(set.version)) : t.rules.saved(set.name, num(set.version)))
      begin(set)
      cache.setQueryData(['rule-set', set.name], set)
      void cache.invalidateQueries({ queryKey: ['rule-sets'] })
      void navigate({ search: (s) => ({ ...s, set: set.name }) })
    } catch (error) {
      const why = faultOf(error)
      if (why) setRefused(why)
      else complain(error)
    }
  }
  const remove = async () => {
    try {
      await client.ruleSets.delete(base!.name)
      leaving.allow()
      say(t.rules.removed(base!.name))
      void navigate({ search: (s) => ({ ...s, set: undefined }) })
    } catch (error) {
      complain(error)
    } finally {
      void cache.invalidateQueries({ queryKey: ['rule-sets'] })
    }
  }

  return (
    <>
      <section className="card min-w-0" aria-labelledby="editor">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-3">
          <h2 id="editor" className="min-w-0 flex-1 basis-40 truncate font-semibold">
            {base ? base.name : t.rules.newSet}
            {base && <span className="num ml-2 text-xs font-normal text-ink2">{t.rules.version(num(base.version))}</span>}
          </h2>
          {dirty && <span className="text-xs text-ink2">{newer ? t.rules.newer(num(stored.version)) : t.rules.unsaved}</span>}
          {base && mayChange && (
            <button className="btn" onClick={() => setRemoving(true)}>
              {t.common.remove}
            </button>
          )}
        </header>
        <div className="px-4 pt-2 pb-4">
          <Tabs
            label={t.rules.views.label}
            value={view}
            onChange={setView}
            tabs={[
              { id: 'form', label: t.rules.views.form },
              { id: 'json', label: t.rules.views.json },
              ...(base ? [{ id: 'versions', label: t.rules.views.versions, count: num(base.versions.length) }] : []),
            ]}
          >
            <Panel id="form">{parsed.rules ? <Form rules={parsed.rules} onChange={(rules) => edit(write(rules))} fault={fault} /> : <p className="text-sm text-ink2">{t.rules.mendFirst}</p>}</Panel>
            <Panel id="json">
              <JsonEditor text={text} onChange={edit} why={parsed.why} fault={fault} />
            </Panel>
            {base && (
              <Panel id="versions">
                <Versions set={base} onUse={mayChange ? (rules) => void save(rules) : undefined} />
              </Panel>
            )}
          </Tabs>
          {view !== 'versions' && !mayChange && <p className="mt-4 border-t border-line pt-3 text-xs text-ink2">{t.rules.readOnly}</p>}
          {view !== 'versions' && mayChange && <Save base={base} next={(stored?.versions[0]?.version ?? 0) + 1} name={name} onName={setName} dirty={dirty} rules={parsed.rules as RulesInput | undefined} fault={view === 'form' ? fault : null} run={save} />}
        </div>
      </section>
      {mayTry && <Preview preview={preview} broken={!parsed.rules} />}
      {removing && <Confirm title={t.rules.removeTitle} text={t.rules.removeText(base!.name)} go={t.common.remove} run={() => void remove()} onClose={() => setRemoving(false)} />}
      {leaving.asks && <Confirm title={t.rules.leaveTitle} text={t.rules.leaveText} go={t.rules.leave} run={leaving.go} onClose={leaving.stay} />}
    </>
  )
}
