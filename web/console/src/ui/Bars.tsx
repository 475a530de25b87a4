import type { ReactNode } from 'react'

export interface Bar {
  key: string
  label: ReactNode
  /** 0 to 1. */
  share: number
  value: string
  /** Of what is left over, or empty. */
  quiet?: 'rest' | 'empty'
}

/** Labelled bars of shares. */
export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  return (
    <ul className="space-y-1" aria-label={label}>
      {bars.map((b) => (
        <li key={b.key} className="num grid grid-cols-[minmax(64px,36%)_1fr_48px] items-center gap-2 text-xs">
          <span className={`truncate ${b.quiet ? 'text-ink3' : ''}`}>{b.label}</span>
          <span className="h-2 rounded-sm bg-sunken" aria-hidden>
            <i
              className={`block h-full rounded-sm ${b.quiet === 'empty' ? 'bg-control' : 'bg-accent'}`}
              style={{ width: `${Math.min(100, b.share * 100)}%`, opacity: b.quiet === 'rest' ? 0.45 : 0.82 }}
            />
          </span>
          <span className="text-right text-ink2">{b.value}</span>
        </li>
      ))}
    </ul>
  )
}
