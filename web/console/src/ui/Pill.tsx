import { Archive, ArrowUpFromLine, BookOpenCheck, CircleCheck, CircleDashed, CirclePause, CircleSlash, CircleX, FileQuestion, Inbox, KeyRound, RotateCw, ScanSearch, ShieldAlert, TriangleAlert, WifiOff, type LucideIcon } from 'lucide-react'
import type { Look } from '../state/status'
import { t } from '../strings'

const looks: Record<Look, { color: string; Icon: LucideIcon }> = {
  receiving: { color: 'text-blue bg-bluesoft', Icon: ArrowUpFromLine },
  received: { color: 'text-blue bg-bluesoft', Icon: Inbox },
  waiting: { color: 'text-ink2 bg-sunken', Icon: CircleDashed },
  paused: { color: 'text-ink2 bg-sunken', Icon: CirclePause },
  offline: { color: 'text-amber bg-ambersoft', Icon: WifiOff },
  retrying: { color: 'text-amber bg-ambersoft', Icon: RotateCw },
  needsFile: { color: 'text-amber bg-ambersoft', Icon: FileQuestion },
  signedOut: { color: 'text-amber bg-ambersoft', Icon: KeyRound },
  checking: { color: 'text-violet bg-violetsoft', Icon: ScanSearch },
  ready: { color: 'text-amber bg-ambersoft', Icon: Inbox },
  fresh: { color: 'text-green bg-greensoft', Icon: CircleCheck },
  used: { color: 'text-green bg-greensoft', Icon: BookOpenCheck },
  archived: { color: 'text-ink2 bg-sunken', Icon: Archive },
  deprecated: { color: 'text-ink2 bg-sunken', Icon: CircleSlash },
  failed: { color: 'text-red bg-redsoft', Icon: CircleX },
  broke: { color: 'text-red bg-redsoft', Icon: TriangleAlert },
  quarantined: { color: 'text-red bg-redsoft', Icon: ShieldAlert },
  ended: { color: 'text-red bg-redsoft', Icon: CircleSlash },
}

/** A state as icon, word and colour: never colour alone. */
export function Pill({ look }: { look: Look }) {
  const { color, Icon } = looks[look]
  return (
    <span className={`inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${color}`}>
      <Icon size={13} strokeWidth={2.2} aria-hidden />
      {t.status[look]}
    </span>
  )
}
