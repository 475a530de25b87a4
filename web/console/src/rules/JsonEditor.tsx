import { useId, useRef } from 'react'
import { num } from '../format'
import { t } from '../strings'
import { faultLine, type Fault } from './draft'

const most = 40

/** The rules as JSON text, with line numbers; the line at fault is marked. */
export function JsonEditor({ text, onChange, why, fault }: { text: string; onChange: (text: string) => void; why: string | undefined; fault: Fault | null }) {
  const numbers = useRef<HTMLDivElement>(null)
  const id = useId()
  const lines = text.split('\n').length
  const bad = why === undefined && fault ? faultLine(text, fault) : null
  const wrong = why === undefined ? (fault ? t.rules.faultAt(bad ? num(bad) : null, fault.path, fault.text) : '') : why ? t.detail.check.notJSON(why) : t.rules.notObject
  return (
    <div>
      <div className={`flex overflow-hidden rounded-lg border ${wrong ? 'border-red' : 'border-control'}`}>
        <div ref={numbers} aria-hidden className="num shrink-0 overflow-hidden bg-sunken py-2 pr-2 pl-3 text-right font-mono text-xs leading-[18px] text-ink3 select-none" style={{ height: Math.min(most, Math.max(12, lines)) * 18 + 18 }}>
          {Array.from({ length: lines }, (_, i) => (
            <div key={i} className={i + 1 === bad ? 'font-medium text-red' : ''}>
              {i + 1}
            </div>
          ))}
        </div>
        <textarea
          aria-label={t.rules.json}
          aria-invalid={!!wrong}
          aria-describedby={wrong ? id : undefined}
          wrap="off"
          spellCheck={false}
          className="min-w-0 flex-1 resize-none bg-surface px-3 py-2 font-mono text-xs leading-[18px] -outline-offset-2"
          style={{ height: Math.min(most, Math.max(12, lines)) * 18 + 18 }}
          value={text}
          onChange={(e) => onChange(e.target.value)}
          onScroll={(e) => {
            numbers.current!.scrollTop = e.currentTarget.scrollTop
          }}
        />
      </div>
      <p id={id} role="status" className="mt-1.5 min-h-4 text-xs text-red">
        {wrong}
      </p>
    </div>
  )
}
