/** Bars over an axis, with the first and the last value under it. `label` is the whole of it in a sentence. */
export function Hist({ values, from, to, label, height = 48 }: { values: number[]; from: string; to: string; label: string; height?: number }) {
  const most = Math.max(...values, 1)
  const width = 100 / values.length
  return (
    <div>
      <svg role="img" aria-label={label} viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" className="block w-full" style={{ height }}>
        {values.map((v, i) => {
          const h = v ? Math.max(1.5, (v / most) * (height - 1)) : 0
          return <rect key={i} x={i * width + width * 0.06} width={width * 0.88} y={height - h} height={h} fill="var(--accent)" opacity={0.82} />
        })}
        <line x1={0} x2={100} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
      </svg>
      <div className="num mt-1 flex justify-between text-xs text-ink3" aria-hidden>
        <span>{from}</span>
        <span>{to}</span>
      </div>
    </div>
  )
}
