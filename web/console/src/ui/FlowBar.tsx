import { t } from '../strings'

const share = (n: number, total: number) => (total > 0 ? Math.min(100, Math.max(0, (n / total) * 100)) : 0)

// Scaled, not laid out anew: that costs the page nothing while it moves.
const grown = (percent: number) => ({ transform: `scaleX(${percent / 100})` })

/** Pale is received, solid is checked, red ticks are bad lines at their place (0 to 1) in the file. */
export function FlowBar({ label, received, checked, total, marks, live }: { label: string; received: number; checked: number; total: number; marks?: number[]; live: boolean }) {
  const r = share(received, total)
  const c = Math.min(r, share(checked, total))
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(r)}
      aria-valuetext={t.transfers.valueText(Math.floor(r), Math.floor(c))}
      className="relative h-2 rounded-full bg-sunken"
    >
      <div className="absolute inset-0 overflow-hidden rounded-full">
        <div data-flow="received" className="bar absolute inset-0 bg-flow" style={grown(r)} />
        <div data-flow="checked" className={`bar absolute inset-0 ${live ? 'bg-accent' : 'bg-control'}`} style={grown(c)} />
      </div>
      {marks?.map((m) => (
        <i key={m} data-mark className="absolute -inset-y-0.5 -ml-px w-[3px] rounded-full bg-red ring-2 ring-surface" style={{ left: `${m * 100}%` }} />
      ))}
    </div>
  )
}

const most = 96

/** Parts in flight, a cell each: '.' not sent, 'a' active, 'd' done. Of very many, neighbours share a cell. */
export function Chunks({ parts }: { parts: string }) {
  return (
    <div className="flex h-1.5 gap-px" aria-hidden data-chunks={parts}>
      {[...squeeze(parts)].map((c, i) => (
        <i key={i} className={`min-w-0 flex-1 rounded-[1px] ${c === 'd' ? 'bg-flow' : c === 'a' ? 'pulse bg-blue' : 'bg-sunken'}`} />
      ))}
    </div>
  )
}

function squeeze(parts: string): string {
  if (parts.length <= most) return parts
  let out = ''
  for (let i = 0; i < most; i++) {
    const group = parts.slice(Math.floor((i * parts.length) / most), Math.floor(((i + 1) * parts.length) / most))
    out += group.includes('a') ? 'a' : group.includes('.') ? '.' : 'd'
  }
  return out
}
