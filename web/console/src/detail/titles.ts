import { useQuery } from '@tanstack/react-query'
import { rulesQuery } from '../state/queries'
import { t } from '../strings'

const own = 'expression:'

/** What a rule is called. Until the list is here, and of expressions, its own name. */
export function useTitles(): (rule: string) => string {
  const rules = useQuery(rulesQuery).data
  return (rule) => (rule.startsWith(own) ? t.detail.findings.expression(rule.slice(own.length)) : (rules?.find((r) => r.rule === rule)?.title ?? rule))
}
