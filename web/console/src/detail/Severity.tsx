import { CircleX, TriangleAlert } from 'lucide-react'
import { t } from '../strings'

/** Error or warning, by sign, word and colour. */
export function Severity({ of }: { of: 'error' | 'warning' }) {
  const Icon = of === 'error' ? CircleX : TriangleAlert
  return (
    <span className={`inline-flex h-[18px] shrink-0 items-center ${of === 'error' ? 'text-red' : 'text-amber'}`}>
      <Icon size={14} aria-hidden />
      <span className="sr-only">{t.detail.findings.severity[of]}</span>
    </span>
  )
}
