import { Files, History, KeyRound, ScrollText, Settings, ShieldCheck, type LucideIcon } from 'lucide-react'
import type { Right } from '../state/rights'
import { t } from '../strings'

export interface Page {
  to: '/' | '/rules' | '/activity' | '/audit' | '/keys' | '/settings'
  name: string
  Icon: LucideIcon
  /** What it takes to see it. */
  right?: Right
}

/** The pages, as they stand beside and below what is shown. */
export const pages: readonly Page[] = [
  { to: '/', name: t.shell.files, Icon: Files },
  { to: '/rules', name: t.shell.rules, Icon: ShieldCheck },
  { to: '/activity', name: t.shell.activity, Icon: History },
  { to: '/audit', name: t.shell.audit, Icon: ScrollText, right: 'admin' },
  { to: '/keys', name: t.shell.keys, Icon: KeyRound, right: 'admin' },
  { to: '/settings', name: t.shell.settings, Icon: Settings },
]
