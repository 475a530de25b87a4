const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** 1,234 bytes, 12.3 MB: by thousands, as disks are sold. */
export function formatBytes(n: number): string {
  let unit = 0
  let value = n
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`
}

/** 40 s, 3 min, 2 h 5 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Whole percent, 100 only for all. */
export function formatShare(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((part / whole) * 100)}%`
}
