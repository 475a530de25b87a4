import { useEffect, useState } from 'react'

/** Seconds until a time in epoch milliseconds, counted down; null: there is none, or it is past. */
export function useCountdown(at: number | null): number | null {
  const [, setNow] = useState(0)
  useEffect(() => {
    if (at === null) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [at])
  if (at === null) return null
  const left = Math.ceil((at - Date.now()) / 1000)
  return left > 0 ? left : null
}
