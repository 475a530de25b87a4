import { Check, Copy as Icon } from 'lucide-react'
import { useState } from 'react'
import { t } from '../strings'
import { say } from './Say'

/** A button that copies a text. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false)
  return (
    <button
      className="ib !size-7"
      aria-label={label}
      onClick={async () => {
        await navigator.clipboard.writeText(text)
        setDone(true)
        say(t.common.copied)
      }}
      onBlur={() => setDone(false)}
    >
      {done ? <Check size={14} aria-hidden /> : <Icon size={14} aria-hidden />}
    </button>
  )
}
