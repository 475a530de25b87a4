import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import { useDark } from '../state/theme'
import { t } from '../strings'

const height = 72

/** Bytes a second over the last while. */
export default function Throughput({ speeds }: { speeds: number[] }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const dark = useDark()
  useEffect(() => {
    const on = box.current!
    const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const p = new uPlot(
      {
        width: on.clientWidth,
        height,
        cursor: { show: false },
        legend: { show: false },
        padding: [6, 0, 0, 0],
        scales: { x: { time: false }, y: { range: (_, __, high) => [0, high * 1.15 || 1] } },
        axes: [{ show: false }, { show: false }],
        series: [{}, { stroke: color('--accent'), width: 1.75, fill: color('--accentsoft'), points: { show: false } }],
      },
      [[], []],
      on,
    )
    plot.current = p
    const resized = new ResizeObserver(() => p.setSize({ width: on.clientWidth, height }))
    resized.observe(on)
    return () => {
      resized.disconnect()
      p.destroy()
      plot.current = null
    }
  }, [dark])
  useEffect(() => {
    plot.current?.setData([speeds.map((_, i) => i), speeds])
  }, [speeds, dark])
  return <div ref={box} role="img" aria-label={t.transfers.throughput(Math.round((speeds.at(-1) ?? 0) / 1e6))} className="w-full overflow-hidden" />
}
