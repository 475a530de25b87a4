/** How numbers, sizes, times and durations are written. Units are decimal. */
import { time } from './strings'

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

export function bytes(n: number): string {
  let i = 0
  while (n >= 999.5 && i < units.length - 1) {
    n /= 1000
    i++
  }
  return `${i && n < 99.95 ? n.toFixed(1) : Math.round(n)} ${units[i]}`
}

/** A limit as it was set: 16 MiB where it is whole, else as other sizes. */
export function limit(n: number): string {
  const names = ['KiB', 'MiB', 'GiB', 'TiB']
  for (let i = names.length; i > 0; i--) {
    const unit = 1024 ** i
    if (n >= unit && n % unit === 0) return `${num(n / unit)} ${names[i - 1]}`
  }
  return bytes(n)
}

const whole = new Intl.NumberFormat('en-US')
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

export const num = (n: number) => whole.format(n)
/** 12.5M, for where there is no room. */
export const short = (n: number) => compact.format(n)

/** A number of a record's field: as it is while it is short, else to 4 digits. */
export const value = (n: number) => (Number.isInteger(n) && Math.abs(n) < 1e15 ? num(n) : Number(n.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 6 }))

/** A part of a whole; never 0 % of something, nor 100 % of less than all. */
export function percent(part: number, all: number, digits = 1): string {
  if (all <= 0) return '0%'
  const least = 1 / 10 ** digits
  const p = (part / all) * 100
  if (part > 0 && p < least) return `<${least}%`
  if (part < all && p > 100 - least) return `${(100 - least).toFixed(digits)}%`
  return `${p.toFixed(p === 0 || p === 100 ? 0 : digits)}%`
}

export function duration(seconds: number): string {
  if (!isFinite(seconds)) return '–'
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  const h = Math.floor(seconds / 3600)
  const min = Math.round((seconds % 3600) / 60)
  return h >= 48 ? `${Math.round(h / 24)} days` : min ? `${h} h ${min} min` : `${h} h`
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long ago; past a week the date. */
export function ago(iso: string, now = Date.now()): string {
  const d = now - Date.parse(iso)
  if (d < minute) return time.now
  if (d < hour) return time.minutes(Math.round(d / minute))
  if (d < day) return time.hours(Math.round(d / hour))
  if (d < 7 * day) return time.days(Math.round(d / day))
  return date(iso)
}

export const date = (iso: string) => new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
export const clock = (iso: string) => new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
export const moment = (iso: string) => `${date(iso)}, ${new Date(iso).toLocaleTimeString('en-GB')}`
