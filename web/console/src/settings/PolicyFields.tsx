import { useQuery } from '@tanstack/react-query'
import { rulesQuery } from '../state/queries'
import { t } from '../strings'
import { Card, Fact } from './Card'
import { actionOf, actions, stricter, withAction, type Action, type Policy } from './policy'

const s = t.settings.policy

/** The rules that look into what is said in records. */
const useContentRules = () => useQuery(rulesQuery).data?.filter((r) => r.content) ?? []

/** What is done about what each content rule finds, and where that is the server's word. */
export function PolicyCard({ own, server }: { own: Policy; server: Policy }) {
  return (
    <Card title={s.title}>
      {useContentRules().map(({ rule, title }) => {
        const [mine, floor] = [actionOf(own, rule), actionOf(server, rule)]
        const fixed = floor !== 'off' && stricter(floor, mine) === floor
        return (
          <Fact key={rule} name={title}>
            {fixed ? <>{s.actions[floor]} <span className="font-normal text-ink2">{s.byServer}</span></> : s.actions[mine]}
          </Fact>
        )
      })}
    </Card>
  )
}

/** Sets a project's own policy. What the server asks for at least stands fixed: a project may be stricter, never laxer. */
export function PolicyFields({ own, server, change }: { own: Policy; server: Policy; change: (p: Record<string, string>) => void }) {
  const rules = useContentRules()
  if (!rules.length) return null
  return (
    <fieldset>
      <legend className="font-medium">{s.title}</legend>
      <p className="text-xs text-ink2">{s.hint}</p>
      <div className="mt-2 grid grid-cols-1 gap-3 sm:grid-cols-2">
        {rules.map(({ rule, title }) => {
          const floor = actionOf(server, rule)
          // of its own it has none where it asks for no more than the server does
          const set = (a: Action) => change(withAction(own, rule, a === floor ? 'off' : a))
          return <Choice key={rule} title={title} floor={floor} value={stricter(floor, actionOf(own, rule))} set={set} />
        })}
      </div>
    </fieldset>
  )
}

function Choice({ title, floor, value, set }: { title: string; floor: Action; value: Action; set: (a: Action) => void }) {
  const offered = actions.slice(actions.indexOf(floor))
  const name = (a: Action) => (a === floor && floor !== 'off' ? `${s.actions[a]}, ${s.byServer}` : s.actions[a])
  if (offered.length === 1)
    return (
      <p className="text-sm text-ink2">
        {title}
        <span className="mt-1 flex min-h-[34px] items-center font-medium text-ink">{name(floor)}</span>
      </p>
    )
  return (
    <label className="block text-sm text-ink2">
      {title}
      <select className="field mt-1 block w-full text-ink" value={value} onChange={(e) => set(e.target.value as Action)}>
        {offered.map((a) => (
          <option key={a} value={a}>
            {name(a)}
          </option>
        ))}
      </select>
    </label>
  )
}
