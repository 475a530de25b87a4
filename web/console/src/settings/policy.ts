/** What may be done about what content rules find, the mildest first. */
export const actions = ['off', 'warn', 'quarantine', 'refuse'] as const
export type Action = (typeof actions)[number]

/** What is done about a rule's findings, by rule; what is not named is off. */
export type Policy = Readonly<Record<string, string>>

export const actionOf = (p: Policy, rule: string): Action => actions.find((a) => a === p[rule]) ?? 'off'

export const stricter = (a: Action, b: Action): Action => (actions.indexOf(b) > actions.indexOf(a) ? b : a)

/** The policy with another action for a rule. */
export function withAction(p: Policy, rule: string, action: Action): Record<string, string> {
  const { [rule]: _, ...rest } = p
  return action === 'off' ? rest : { ...rest, [rule]: action }
}
