import { Check, Copy as Icon } from 'lucide-react'
import { useState } from 'react'
import { t } from '../strings'

/** A button that copies a text. Without https a browser may refuse: then it is said how else. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid(t.common.copied)
    } catch {
      setSaid(t.common.notCopied)
    }
  }
  return (
    <span className="inline-flex items-center gap-1">
      <button className="ib !size-7" aria-label={label} onClick={() => void copy()} onBlur={() => setSaid('')}>
        {said === t.common.copied ? <Check size={14} aria-hidden /> : <Icon size={14} aria-hidden />}
      </button>
      <span role="status" className={said === t.common.notCopied ? 'text-xs text-red' : 'sr-only'}>
        {said}
      </span>
    </span>
  )
}
